-- +goose Up
-- The words of a text as a sparse vector: a question's BM25 is then its inner
-- product with each, read in one pass of bounded cost, where lists by term had
-- to be unnested, grouped and joined for every question.

CREATE TABLE terms (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    term       text     COLLATE "C" NOT NULL,
    audience   smallint NOT NULL,
    df         int      NOT NULL, -- sections of this audience that hold the term
    dim        int      NOT NULL, -- its place in the vectors of words, from 0; the same for every audience
    PRIMARY KEY (site_id, generation, term, audience)
) WITH (vacuum_truncate = off);

-- What a term weighs in a text: BM25's saturated frequency over length, all of
-- the score but the rarity, which depends on who asks. Terms that are in most
-- sections are left out.
CREATE TABLE chunk_words (
    site_id    int       NOT NULL,
    generation int       NOT NULL,
    audience   smallint  NOT NULL,
    chunk      int       NOT NULL,
    words      sparsevec NOT NULL,
    PRIMARY KEY (site_id, generation, audience, chunk)
) WITH (vacuum_truncate = off);
ALTER TABLE chunk_words ALTER COLUMN words SET STORAGE MAIN, ALTER COLUMN words SET STATISTICS 0;

-- Likewise of an article as a whole.
CREATE TABLE article_words (
    site_id    int       NOT NULL,
    generation int       NOT NULL,
    article    int       NOT NULL,
    words      sparsevec NOT NULL,
    PRIMARY KEY (site_id, generation, article)
) WITH (vacuum_truncate = off);
ALTER TABLE article_words ALTER COLUMN words SET STORAGE MAIN, ALTER COLUMN words SET STATISTICS 0;

INSERT INTO terms (site_id, generation, term, audience, df, dim)
SELECT site_id, generation, term, audience, df,
  (dense_rank() OVER (PARTITION BY site_id, generation ORDER BY term)) - 1
FROM postings;

WITH listed AS (
  SELECT p.site_id, p.generation, p.audience, unnest(p.docs) AS doc, unnest(p.weights) AS weight, t.dim
  FROM postings p JOIN terms t USING (site_id, generation, term, audience)
), texts AS (
  SELECT site_id, generation, audience, doc,
    ('{' || string_agg((dim + 1) || ':' || weight, ',' ORDER BY dim) || '}/16777216')::sparsevec AS words
  FROM (SELECT *, row_number() OVER (PARTITION BY site_id, generation, doc ORDER BY weight DESC, dim) AS place FROM listed) l
  WHERE place <= 16000 -- as many as such a vector can hold
  GROUP BY site_id, generation, audience, doc
), chunks AS (
  INSERT INTO chunk_words SELECT site_id, generation, audience, doc, words FROM texts WHERE doc > 0
)
INSERT INTO article_words SELECT site_id, generation, -doc, words FROM texts WHERE doc < 0;

DROP TABLE postings;
