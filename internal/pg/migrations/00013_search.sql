-- +goose Up
-- What the desk finds: the words of every case, and the searches that people
-- keep under a name.

-- The words of a case: those of its whole conversation, of the notes and the
-- memo in its own log, and of whose it is. Made by the desk's processes, which
-- know how words of every language are cut; a word carries its site in front
-- ('7:refund'), so that a word of one site is another word than that of the
-- next one, and no search reads past its own.
CREATE TABLE case_words (
    site_id         int         NOT NULL,
    case_id         uuid        NOT NULL,
    conversation_id uuid        NOT NULL, -- whose words these are: export and erase find them by it
    opened_at       timestamptz NOT NULL, -- of the case: the order of what is found
    seq             bigint      NOT NULL, -- last event that was read
    n               bigint      NOT NULL, -- last entry of the case's log that was read
    words           tsvector    NOT NULL,
    PRIMARY KEY (site_id, case_id),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
) WITH (fillfactor = 80, toast_tuple_target = 256); -- the words beside the rows: a page of the table holds a hundred rows that an index found
CREATE INDEX case_words_by_age ON case_words (site_id, opened_at DESC, case_id DESC);
CREATE INDEX case_words_by_word ON case_words USING gin (words);
CREATE INDEX case_words_by_conversation ON case_words (site_id, conversation_id);

-- For filters alone: the order in which cases are looked through.
CREATE INDEX cases_by_age ON cases (site_id, opened_at DESC, case_id DESC);

-- Conversations whose words are to be read. Appended to and taken from, never
-- changed: who writes waits for nobody who reads. Several rows of one
-- conversation are one reading.
CREATE TABLE case_words_due (
    site_id         int    NOT NULL,
    conversation_id uuid   NOT NULL,
    due_id          bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (site_id, conversation_id, due_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX case_words_due_in_order ON case_words_due (due_id);

-- +goose StatementBegin
CREATE FUNCTION desk_message_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cases WHERE site_id = NEW.site_id AND conversation_id = NEW.conversation_id) THEN
        INSERT INTO case_words_due (site_id, conversation_id) VALUES (NEW.site_id, NEW.conversation_id);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER desk_message_said AFTER INSERT ON events
FOR EACH ROW WHEN (NEW.kind = 'message') EXECUTE FUNCTION desk_message_said();

-- +goose StatementBegin
CREATE FUNCTION desk_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_words_due (site_id, conversation_id) VALUES (NEW.site_id, NEW.conversation_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER desk_words_opened AFTER INSERT ON cases
FOR EACH ROW EXECUTE FUNCTION desk_words_changed();
CREATE TRIGGER desk_words_changed AFTER UPDATE OF memo, note, contact ON cases
FOR EACH ROW WHEN ((OLD.memo, OLD.note, OLD.contact) IS DISTINCT FROM (NEW.memo, NEW.note, NEW.contact)) EXECUTE FUNCTION desk_words_changed();
CREATE TRIGGER desk_words_noted AFTER INSERT ON case_events
FOR EACH ROW WHEN (NEW.kind = 'note') EXECUTE FUNCTION desk_words_changed();

-- +goose StatementBegin
CREATE FUNCTION desk_visitor_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_words_due (site_id, conversation_id)
    SELECT k.site_id, k.conversation_id FROM conversations k
    WHERE k.site_id = NEW.site_id AND k.visitor_id = NEW.visitor_id
      AND EXISTS (SELECT 1 FROM cases c WHERE c.site_id = k.site_id AND c.conversation_id = k.conversation_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER desk_visitor_named AFTER UPDATE OF name, email ON visitors
FOR EACH ROW WHEN ((OLD.name, OLD.email) IS DISTINCT FROM (NEW.name, NEW.email)) EXECUTE FUNCTION desk_visitor_named();

INSERT INTO case_words_due (site_id, conversation_id)
SELECT DISTINCT site_id, conversation_id FROM cases;

-- Searches under a name: somebody's own, or, without an agent, everybody's.
CREATE TABLE saved_views (
    site_id  int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    view_id  uuid        NOT NULL,
    agent_id uuid,       -- null: shared
    name     text        NOT NULL,
    query    text        NOT NULL, -- as it is typed
    place    int         NOT NULL DEFAULT 0,
    by_name  text        NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (site_id, view_id),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE
);
CREATE INDEX saved_views_of_agent ON saved_views (site_id, agent_id, place);

-- Who settled an article's labels at the desk. It counts for as long as nobody
-- settled them again elsewhere: the moment says so.
CREATE TABLE article_label_setters (
    site_id    int         NOT NULL,
    article_id text        NOT NULL,
    by_name    text        NOT NULL,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, article_id),
    FOREIGN KEY (site_id, article_id) REFERENCES article_labels ON DELETE CASCADE
);
