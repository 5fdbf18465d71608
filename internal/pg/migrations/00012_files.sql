-- +goose Up
-- Files that customers and agents send: what each is, and its bytes in pieces,
-- so that neither an upload nor a download ever stands whole in a request.

CREATE TABLE files (
    site_id         int         NOT NULL,
    file_id         uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    by_agent        boolean     NOT NULL, -- of the desk, else of the visitor
    upload          text        NOT NULL, -- the name its sender gave the upload, so that a piece sent twice counts once
    state           text        NOT NULL CHECK (state IN ('coming', 'kept')),
    total           bigint      NOT NULL CHECK (total > 0), -- bytes as it is, or will be, sent
    received        bigint      NOT NULL DEFAULT 0,         -- of a coming one: bytes that are here
    hash            bytea,                -- SHA-256 of what was sent: the same bytes are kept once a conversation
    name            text        NOT NULL,
    type            text        NOT NULL DEFAULT '',
    size            bigint      NOT NULL DEFAULT 0, -- bytes that are kept
    width           int         NOT NULL DEFAULT 0,
    height          int         NOT NULL DEFAULT 0,
    small_type      text        NOT NULL DEFAULT '', -- of the small picture; empty: there is none
    small_size      int         NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    attached_at     timestamptz,          -- with the first message it was sent with; NULL for a day: it goes
    PRIMARY KEY (site_id, file_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE,
    CHECK (state = 'coming' OR hash IS NOT NULL AND type <> '')
);
CREATE UNIQUE INDEX files_upload ON files (site_id, conversation_id, by_agent, upload);
CREATE UNIQUE INDEX files_hash ON files (site_id, conversation_id, by_agent, hash) WHERE state = 'kept';
CREATE INDEX files_loose ON files (site_id, created_at) WHERE attached_at IS NULL;

CREATE TABLE file_pieces (
    site_id         int      NOT NULL,
    file_id         uuid     NOT NULL,
    part            smallint NOT NULL, -- 0 as it comes in, 1 the file, 2 the small picture
    n               int      NOT NULL, -- from 0
    conversation_id uuid     NOT NULL, -- whose it is: export finds it by this
    bytes           bytea    NOT NULL,
    PRIMARY KEY (site_id, file_id, part, n),
    FOREIGN KEY (site_id, file_id) REFERENCES files ON DELETE CASCADE
);
-- Pictures are packed already: trying to pack them again is time for nothing.
ALTER TABLE file_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL, ALTER COLUMN bytes SET STATISTICS 0;
