-- +goose Up
-- Texts become a leaf table like vectors and words: whoever removes a generation
-- or a site removes their rows first. The check of each chunk's article was
-- planned on an empty table and then read the whole generation for every chunk:
-- 50,000 chunks took longer than a statement may.
ALTER TABLE chunks DROP CONSTRAINT chunks_site_id_generation_article_fkey;

-- The models whose vectors of a large generation have an index of their own,
-- in a table that is named for site, generation and model; its words have one
-- too. NULL: the generation is searched exactly, without any.
ALTER TABLE generations ADD COLUMN indexed smallint[];
