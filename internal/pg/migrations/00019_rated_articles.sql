-- +goose Up
-- What a rated quote stood on: the models that took part in finding it, and the
-- article it came from as it read then. A rating says nothing of other models or
-- of an article that has changed since.
ALTER TABLE feedback
    ADD COLUMN models       text[], -- null: not a quote the bot was sure of
    ADD COLUMN article_id   text,
    ADD COLUMN content_hash bytea;
