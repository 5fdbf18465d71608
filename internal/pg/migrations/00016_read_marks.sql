-- +goose Up
-- How far each side of a conversation has read, as they said themselves: the
-- number of the last event they had in front of them. No words, and nobody's
-- name. A row of its own rather than columns of the conversation: that one is
-- the lock of every turn, and reading must wait for none.
CREATE TABLE read_marks (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    reader          text        NOT NULL CHECK (reader IN ('customer', 'agent')),
    seq             bigint      NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (site_id, conversation_id, reader),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
) WITH (fillfactor = 70);
