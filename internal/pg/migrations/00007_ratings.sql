-- +goose Up
-- What customers say of quotes moves the site's threshold: p is how sure the
-- bot was of the quote that the feedback is about, null for any other message.
ALTER TABLE feedback ADD COLUMN p double precision;
CREATE INDEX feedback_ratings ON feedback (site_id, at DESC) WHERE p IS NOT NULL;

ALTER TABLE sites
    ADD COLUMN learned_shift   double precision NOT NULL DEFAULT 0, -- in log-odds
    ADD COLUMN learned_ratings int              NOT NULL DEFAULT 0; -- that it comes from
