-- +goose Up
-- A conversation that no person ever had goes to its customer, too: such a mail
-- hangs on no case, and goes with its conversation.
ALTER TABLE mails ALTER COLUMN case_id DROP NOT NULL;
ALTER TABLE mails ADD FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE;
CREATE INDEX mails_by_conversation ON mails (site_id, conversation_id);
