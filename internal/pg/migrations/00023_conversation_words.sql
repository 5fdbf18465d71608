-- +goose Up
-- The desk finds what the assistant handled alone, too: the words of every
-- conversation without a case.

-- As case_words, by conversation. One that a person gets keeps its row until its
-- words are read anew, as the case's; a search leaves it out at once.
CREATE TABLE conversation_words (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    opened_at       timestamptz NOT NULL, -- the order of what is found
    seq             bigint      NOT NULL, -- last event that was read
    words           tsvector    NOT NULL,
    PRIMARY KEY (site_id, conversation_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
) WITH (fillfactor = 80, toast_tuple_target = 256);
CREATE INDEX conversation_words_by_age ON conversation_words (site_id, opened_at DESC, conversation_id DESC);
CREATE INDEX conversation_words_by_word ON conversation_words USING gin (words);

-- Conversations that go on, or did a while ago: they are looked at now and then,
-- less often the longer nothing was said, and leave when they have been quiet
-- for an hour. A turn writes nothing here: only the first message does, and one
-- after a pause, by which time the row may have gone. The pause is shorter than
-- any that lets a row go, by more than the clocks of two machines differ.
CREATE TABLE conversation_words_due (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    due_id          bigint      GENERATED ALWAYS AS IDENTITY,
    due_at          timestamptz NOT NULL DEFAULT now() + interval '2 seconds', -- the first reply has come by then
    seq             bigint      NOT NULL DEFAULT 0, -- last event that was read
    pause           interval    NOT NULL DEFAULT '30 seconds', -- until it is looked at again
    PRIMARY KEY (site_id, conversation_id, due_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX conversation_words_due_in_order ON conversation_words_due (due_at);

-- +goose StatementBegin
CREATE FUNCTION conversation_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO conversation_words_due (site_id, conversation_id) VALUES (NEW.site_id, NEW.conversation_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER conversation_goes_on AFTER UPDATE OF last_seq ON conversations
FOR EACH ROW WHEN (OLD.last_seq = 0 OR NEW.last_at > OLD.last_at + interval '10 minutes') EXECUTE FUNCTION conversation_goes_on();

-- Whose a conversation is stands among its words: who they are may be said
-- later, and a conversation may become another visitor's.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION desk_visitor_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_words_due (site_id, conversation_id)
    SELECT k.site_id, k.conversation_id FROM conversations k
    WHERE k.site_id = NEW.site_id AND k.visitor_id = NEW.visitor_id
      AND EXISTS (SELECT 1 FROM cases c WHERE c.site_id = k.site_id AND c.conversation_id = k.conversation_id);
    INSERT INTO conversation_words_due (site_id, conversation_id)
    SELECT k.site_id, k.conversation_id FROM conversations k
    WHERE k.site_id = NEW.site_id AND k.visitor_id = NEW.visitor_id AND k.last_seq > 0
      AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.site_id = k.site_id AND c.conversation_id = k.conversation_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION conversation_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cases WHERE site_id = NEW.site_id AND conversation_id = NEW.conversation_id) THEN
        INSERT INTO case_words_due (site_id, conversation_id) VALUES (NEW.site_id, NEW.conversation_id);
    ELSE
        INSERT INTO conversation_words_due (site_id, conversation_id) VALUES (NEW.site_id, NEW.conversation_id);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER conversation_moved AFTER UPDATE OF visitor_id ON conversations
FOR EACH ROW WHEN (NEW.visitor_id <> OLD.visitor_id) EXECUTE FUNCTION conversation_moved();

INSERT INTO conversation_words_due (site_id, conversation_id)
SELECT k.site_id, k.conversation_id FROM conversations k
WHERE k.last_seq > 0 AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.site_id = k.site_id AND c.conversation_id = k.conversation_id);

-- Who looked at a conversation that is nobody's case. Its id stays in the log
-- when the conversation is erased, as a case's does.
ALTER TABLE desk_audit ADD COLUMN seen_conversation uuid;
CREATE INDEX desk_audit_by_conversation ON desk_audit (site_id, seen_conversation, audit_id DESC) WHERE seen_conversation IS NOT NULL;
