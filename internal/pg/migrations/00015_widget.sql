-- +goose Up
-- What a site chose for its widget and help pages, and what their readers said
-- and did: without a word of who they are.

CREATE TABLE site_widgets (
    site_id    int         PRIMARY KEY REFERENCES sites ON DELETE CASCADE,
    settings   jsonb       NOT NULL DEFAULT '{}',
    version    int         NOT NULL DEFAULT 1, -- moves with every change
    changed_at timestamptz NOT NULL
);
-- An address leads to one site's help pages.
CREATE UNIQUE INDEX site_widgets_place ON site_widgets ((settings #>> '{help,domain}'), (coalesce(settings #>> '{help,path}', '')))
WHERE settings #>> '{help,domain}' <> '';

-- How often a rule spoke first, and what came of it, by day.
CREATE TABLE rule_counts (
    site_id  int    NOT NULL REFERENCES sites ON DELETE CASCADE,
    rule     text   NOT NULL,
    day      date   NOT NULL,
    shown    bigint NOT NULL DEFAULT 0,
    taken    bigint NOT NULL DEFAULT 0,
    declined bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, rule, day)
) WITH (fillfactor = 70);

-- How often an article's page was opened, by day: what is popular.
CREATE TABLE article_counts (
    site_id    int    NOT NULL REFERENCES sites ON DELETE CASCADE,
    article_id text   NOT NULL,
    day        date   NOT NULL,
    opened     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, day, article_id)
) WITH (fillfactor = 70);

-- "Was this helpful?", and what was missing: a reader's words, of nobody in
-- particular. They go when the site's retention says so.
CREATE TABLE article_ratings (
    site_id    int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    rating_id  uuid        NOT NULL,
    article_id text        NOT NULL,
    generation int         NOT NULL,
    helpful    boolean     NOT NULL,
    missing    text        NOT NULL DEFAULT '',
    at         timestamptz NOT NULL,
    PRIMARY KEY (site_id, rating_id)
);
CREATE INDEX article_ratings_by_age ON article_ratings (site_id, at);

-- What was searched for on the help pages and not found; personal data and cards
-- are masked before it gets here. Retention as above, by the last time.
CREATE TABLE help_gaps (
    site_id  int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    asked_key text       NOT NULL, -- in lower case, signs and spaces made even
    asked    text        NOT NULL, -- as it was first written
    language text        NOT NULL DEFAULT '',
    nearest  text        NOT NULL DEFAULT '', -- id of the article that came first all the same
    p        real,                 -- how sure the search was of that, the last time
    times    bigint      NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (site_id, asked_key)
) WITH (fillfactor = 80);
CREATE INDEX help_gaps_by_age ON help_gaps (site_id, last_at);
