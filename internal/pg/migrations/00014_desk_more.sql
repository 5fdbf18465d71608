-- +goose Up
-- The last event of a conversation that was settled when its case was closed:
-- what was said up to it is people's business and done with. The assistant
-- counts anew from there. 0: no case of it was closed yet.
ALTER TABLE conversations ADD COLUMN settled_seq bigint NOT NULL DEFAULT 0;
