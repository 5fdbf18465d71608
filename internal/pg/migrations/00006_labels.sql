-- +goose Up
-- What a site settled about triage, and what is suggested to it. None of it
-- belongs to a generation: an ingest leaves it as it is.

CREATE TABLE triage_sites (
    site_id int    PRIMARY KEY REFERENCES sites ON DELETE CASCADE,
    version bigint NOT NULL DEFAULT 1, -- moves with every change below: whoever keeps it in memory looks at this
    policy  jsonb  NOT NULL DEFAULT '{}'
);

-- By the owner's id of an article, which is stable; an article that is gone
-- keeps its labels for when it comes back. What is empty is not settled.
CREATE TABLE article_labels (
    site_id    int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    article_id text        NOT NULL,
    desk       text        NOT NULL DEFAULT '' CHECK (desk IN ('', 'service', 'support', 'both', 'none')),
    topic      text        NOT NULL DEFAULT '',
    product    text        NOT NULL DEFAULT '',
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, article_id)
);

CREATE TABLE label_suggestions (
    site_id      int    NOT NULL REFERENCES sites ON DELETE CASCADE,
    article_id   text   NOT NULL,
    desk_p       real[] NOT NULL CHECK (cardinality(desk_p) = 4), -- service, support, both, none
    topic        text   NOT NULL DEFAULT '',
    topic_p      real   NOT NULL DEFAULT 0,
    product      text   NOT NULL DEFAULT '',
    why          text   NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, article_id)
);

-- Messages that a site labelled: entries of their own.
CREATE TABLE triage_examples (
    site_id    int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    example_id text        NOT NULL,
    body       text        NOT NULL,
    desk       text        NOT NULL DEFAULT '' CHECK (desk IN ('', 'service', 'support', 'both', 'none')),
    topic      text        NOT NULL DEFAULT '',
    article_id text        NOT NULL DEFAULT '',
    product    text        NOT NULL DEFAULT '',
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (site_id, example_id)
);

CREATE TABLE triage_example_vectors (
    site_id    int      NOT NULL,
    model_id   smallint NOT NULL, -- of models
    example_id text     NOT NULL,
    vec        vector   NOT NULL, -- of unit length
    PRIMARY KEY (site_id, model_id, example_id),
    FOREIGN KEY (site_id, example_id) REFERENCES triage_examples ON DELETE CASCADE
);
ALTER TABLE triage_example_vectors ALTER COLUMN vec SET STORAGE MAIN, ALTER COLUMN vec SET STATISTICS 0;

-- What was learned of a site whose entries have example questions, under a hash
-- of these: derived, and learned again where it is missing.
CREATE TABLE triage_lists (
    site_id int   PRIMARY KEY REFERENCES sites ON DELETE CASCADE,
    key     bytea NOT NULL,
    list    bytea NOT NULL
);
ALTER TABLE triage_lists ALTER COLUMN list SET STORAGE EXTERNAL, ALTER COLUMN list SET STATISTICS 0;

-- What a case is about, as far as triage told when it was opened.
ALTER TABLE cases ADD COLUMN desk text NOT NULL DEFAULT '', ADD COLUMN topic text NOT NULL DEFAULT '';
