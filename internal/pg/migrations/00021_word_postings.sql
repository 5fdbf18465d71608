-- +goose Up
-- The words of a generation the other way round: for each term, the chunks that
-- hold it and what it weighs in each. A question has some ten terms and reads ten
-- rows of this, where the nearest by words were found by multiplying the question
-- with the words of every chunk; chunk_words stays for the texts that are found.
-- Lists of numbers are not packed: they would have to be unpacked in every search.
CREATE TABLE word_postings (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    dim        int      NOT NULL, -- of terms: a term's place in the vectors of words, from 0
    audience   smallint NOT NULL,
    chunks     int[]    NOT NULL, -- ascending
    weights    real[]   NOT NULL, -- beside chunks: as in chunk_words
    PRIMARY KEY (site_id, generation, dim, audience)
) WITH (vacuum_truncate = off);
ALTER TABLE word_postings ALTER COLUMN chunks SET STORAGE EXTERNAL, ALTER COLUMN weights SET STORAGE EXTERNAL,
    ALTER COLUMN chunks SET STATISTICS 0, ALTER COLUMN weights SET STATISTICS 0;

INSERT INTO word_postings (site_id, generation, dim, audience, chunks, weights)
SELECT site_id, generation, split_part(word, ':', 1)::int - 1, audience,
  array_agg(chunk ORDER BY chunk), array_agg(split_part(word, ':', 2)::real ORDER BY chunk)
FROM chunk_words, LATERAL unnest(string_to_array(trim(BOTH '{}' FROM split_part(words::text, '/', 1)), ',')) AS word
GROUP BY 1, 2, 3, 4;
