-- +goose Up
-- What a turn writes, with less beside it.

-- A message of a case is to be read for the desk's search. The log's trigger
-- asked for every message of everybody whether there is a case, which took a
-- tenth of a turn's time in the database. Whoever appends to the log moves
-- last_seq, in the same transaction; and no case is opened without the
-- conversation's owner moving, so that a conversation which the assistant has
-- had all along is told by its own row, and nothing is called for it.
DROP TRIGGER desk_message_said ON events;
CREATE TRIGGER desk_message_said AFTER UPDATE OF last_seq ON conversations
FOR EACH ROW WHEN (NEW.owner_version > 1) EXECUTE FUNCTION desk_message_said();

-- A conversation's log, turns and open turn become leaf tables like those of the
-- knowledge: six checks of a foreign key a turn, each of them a query by itself,
-- for rows that are written under the lock of the very row they look for. They go
-- with their conversation as before.
ALTER TABLE events DROP CONSTRAINT events_site_id_conversation_id_fkey;
ALTER TABLE turns DROP CONSTRAINT turns_site_id_conversation_id_fkey;
ALTER TABLE open_turns DROP CONSTRAINT open_turns_site_id_conversation_id_fkey;

-- +goose StatementBegin
CREATE FUNCTION conversations_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM events x USING gone g WHERE x.site_id = g.site_id AND x.conversation_id = g.conversation_id;
    DELETE FROM turns x USING gone g WHERE x.site_id = g.site_id AND x.conversation_id = g.conversation_id;
    DELETE FROM open_turns x USING gone g WHERE x.site_id = g.site_id AND x.conversation_id = g.conversation_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER conversations_gone AFTER DELETE ON conversations
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION conversations_gone();
