-- +goose Up
-- Where in its text each token begins, two bytes a token, counted from the
-- text's end: what is quoted is picked by sentences, steps and rows. NULL: the
-- rows are from before; the next ingest makes both anew.
ALTER TABLE token_rows ADD COLUMN places bytea;
ALTER TABLE token_rows ALTER COLUMN places SET STATISTICS 0;
