-- +goose Up
-- Vectors of single tokens, for late interaction: of a text rather than of a
-- chunk, so that equal texts share them over generations. Rows of int8, one
-- token after another; too random to be worth compressing.
CREATE TABLE token_rows (
    site_id  int      NOT NULL,
    model_id smallint NOT NULL, -- of models
    hash     bytea    NOT NULL, -- sha256 of the embedded text
    rows     bytea    NOT NULL,
    PRIMARY KEY (site_id, model_id, hash)
) WITH (vacuum_truncate = off);
ALTER TABLE token_rows ALTER COLUMN rows SET STORAGE EXTERNAL, ALTER COLUMN rows SET STATISTICS 0;
