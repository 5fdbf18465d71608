-- +goose Up
-- The whole of version 1. Every key begins with site_id, so that a site can be
-- moved, replicated or sharded without a rewrite; the two tables without one
-- (settings of the installation, embedding models) hold nothing of any site.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE installation (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE models (
    model_id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     text     NOT NULL UNIQUE,
    dims     int      NOT NULL CHECK (dims BETWEEN 1 AND 16000)
);

CREATE TABLE sites (
    site_id    int         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text        NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    settings   jsonb       NOT NULL DEFAULT '{}',
    is_default boolean     NOT NULL DEFAULT false,
    published  int         NOT NULL DEFAULT 0, -- generation that readers see; 0: none yet
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX sites_one_default ON sites (is_default) WHERE is_default;

-- Knowledge -----------------------------------------------------------------

CREATE TABLE generations (
    site_id      int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    generation   int         NOT NULL CHECK (generation > 0),
    state        text        NOT NULL CHECK (state IN ('building', 'published', 'retired', 'failed')),
    source_hash  bytea       NOT NULL, -- of articles, splitter and models: equal means nothing changed
    articles     int         NOT NULL DEFAULT 0,
    chunks       int         NOT NULL DEFAULT 0,
    stats        jsonb       NOT NULL DEFAULT '{}', -- BM25's k1, b, average length; per model centre
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    PRIMARY KEY (site_id, generation)
);

CREATE TABLE articles (
    site_id       int      NOT NULL,
    generation    int      NOT NULL,
    article       int      NOT NULL, -- number within the generation
    article_id    text     NOT NULL, -- the owner's id, stable over generations
    title         text     NOT NULL,
    url           text     NOT NULL DEFAULT '',
    desk          text     NOT NULL DEFAULT '',
    topic         text     NOT NULL DEFAULT '',
    product       text     NOT NULL DEFAULT '',
    lang          text     NOT NULL DEFAULT '',
    audience      smallint NOT NULL DEFAULT 0, -- 0 public, 1 agents only
    updated       date,
    superseded_by text     NOT NULL DEFAULT '',
    attributes    jsonb    NOT NULL DEFAULT '{}',
    source        text     NOT NULL DEFAULT '', -- which of the given paths it came from
    body          text     NOT NULL, -- citations are byte spans of exactly this
    content_hash  bytea    NOT NULL,
    PRIMARY KEY (site_id, generation, article),
    UNIQUE (site_id, generation, article_id),
    FOREIGN KEY (site_id, generation) REFERENCES generations ON DELETE CASCADE
);

CREATE TABLE chunks (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    chunk      int      NOT NULL, -- number within the generation
    article    int      NOT NULL,
    kind       smallint NOT NULL, -- 0 section, 1 a way customers ask
    section    int      NOT NULL, -- the section chunk to show: itself, or the lead one for a question
    heading    text[]   NOT NULL DEFAULT '{}',
    span_from  int      NOT NULL, -- bytes of articles.body
    span_to    int      NOT NULL,
    body       text     NOT NULL,
    words      int      NOT NULL,
    embed_hash bytea    NOT NULL, -- sha256 of the text that was embedded
    PRIMARY KEY (site_id, generation, chunk),
    FOREIGN KEY (site_id, generation, article) REFERENCES articles ON DELETE CASCADE
);
CREATE INDEX chunks_by_article ON chunks (site_id, generation, article);

-- Vectors lie in a table of their own, inline in their rows: a vector in the
-- row of its text is toasted, and an exact scan is then five times as slow.
CREATE TABLE chunk_vectors (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    model_id   smallint NOT NULL REFERENCES models,
    audience   smallint NOT NULL,
    chunk      int      NOT NULL,
    vec        vector   NOT NULL,
    PRIMARY KEY (site_id, generation, model_id, audience, chunk),
    FOREIGN KEY (site_id, generation, chunk) REFERENCES chunks ON DELETE CASCADE
);
ALTER TABLE chunk_vectors ALTER COLUMN vec SET STORAGE MAIN;

-- BM25, scored at ingest: the score of a question is the sum over its terms.
CREATE TABLE postings (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    audience   smallint NOT NULL,
    term       text     COLLATE "C" NOT NULL,
    chunk      int      NOT NULL,
    weight     real     NOT NULL,
    PRIMARY KEY (site_id, generation, audience, term, chunk) INCLUDE (weight),
    FOREIGN KEY (site_id, generation, chunk) REFERENCES chunks ON DELETE CASCADE
);

CREATE TABLE terms (
    site_id    int  NOT NULL,
    generation int  NOT NULL,
    term       text COLLATE "C" NOT NULL,
    df         int  NOT NULL, -- chunks that hold it
    PRIMARY KEY (site_id, generation, term) INCLUDE (df),
    FOREIGN KEY (site_id, generation) REFERENCES generations ON DELETE CASCADE
);

-- Conversations ---------------------------------------------------------------

CREATE TABLE visitors (
    site_id     int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    visitor_id  uuid        NOT NULL,
    subject     text,       -- who the shop's server says it is
    name        text        NOT NULL DEFAULT '',
    email       text        NOT NULL DEFAULT '',
    attributes  jsonb       NOT NULL DEFAULT '{}',
    verified_at timestamptz,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (site_id, visitor_id)
);
CREATE UNIQUE INDEX visitors_by_subject ON visitors (site_id, subject) WHERE subject IS NOT NULL;
CREATE INDEX visitors_by_age ON visitors (site_id, created_at);

CREATE TABLE identity_jtis (
    site_id    int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    jti        text        NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, jti)
);

CREATE TABLE conversations (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    visitor_id      uuid        NOT NULL,
    owner           text        NOT NULL DEFAULT 'bot' CHECK (owner IN ('bot', 'queue', 'agent', 'nobody')),
    owner_version   bigint      NOT NULL DEFAULT 1, -- fencing token: moves with every change of owner
    queue           text        NOT NULL DEFAULT '',
    language        text        NOT NULL DEFAULT '',
    page            jsonb       NOT NULL DEFAULT '{}',
    last_seq        bigint      NOT NULL DEFAULT 0, -- events are numbered under this row's lock
    open_turn       uuid,       -- at most one turn at a time
    created_at      timestamptz NOT NULL,
    last_at         timestamptz NOT NULL,
    PRIMARY KEY (site_id, conversation_id),
    FOREIGN KEY (site_id, visitor_id) REFERENCES visitors ON DELETE CASCADE
) WITH (fillfactor = 70); -- room for in-page updates: no index holds what a turn changes
CREATE INDEX conversations_by_visitor ON conversations (site_id, visitor_id, created_at);
CREATE INDEX conversations_by_age ON conversations (site_id, created_at);

-- One process of the service; its advisory lock says that it is alive.
CREATE TABLE instances (
    instance_id int         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host        text        NOT NULL,
    pid         int         NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE turns (
    site_id         int         NOT NULL,
    turn_id         uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    client_msg_id   text        NOT NULL,
    text_hash       bytea       NOT NULL, -- tells a repeat from a reused id with other words
    input           text        NOT NULL, -- all that is to be answered: this message and those merged into it
    outcome         text        NOT NULL DEFAULT '', -- empty while open
    instance_id     int         NOT NULL,
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    PRIMARY KEY (site_id, turn_id),
    CONSTRAINT turns_client_msg_id UNIQUE (site_id, conversation_id, client_msg_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX turns_open ON turns (instance_id, site_id, turn_id) WHERE outcome = '';

-- Everything that happened in a conversation, in order; messages are events.
CREATE TABLE events (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    seq             bigint      NOT NULL,
    kind            text        NOT NULL CHECK (kind IN ('message', 'owner', 'decision', 'done', 'error')),
    turn_id         uuid,
    message_id      uuid,       -- of kind message
    author          text        NOT NULL DEFAULT '',
    body            jsonb       NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (site_id, conversation_id, seq),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX events_by_time ON events (at);
CREATE UNIQUE INDEX events_by_message ON events (site_id, message_id) WHERE message_id IS NOT NULL;

CREATE TABLE traces (
    site_id  int         NOT NULL,
    turn_id  uuid        NOT NULL,
    body     jsonb       NOT NULL,
    PRIMARY KEY (site_id, turn_id),
    FOREIGN KEY (site_id, turn_id) REFERENCES turns ON DELETE CASCADE
);

CREATE TABLE feedback (
    site_id         int         NOT NULL,
    message_id      uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    helpful         boolean     NOT NULL,
    comment         text        NOT NULL DEFAULT '',
    at              timestamptz NOT NULL,
    PRIMARY KEY (site_id, message_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX feedback_by_conversation ON feedback (site_id, conversation_id);

-- Handoff ---------------------------------------------------------------------

CREATE TABLE cases (
    site_id         int         NOT NULL,
    case_id         uuid        NOT NULL,
    reference       text        NOT NULL,
    conversation_id uuid        NOT NULL,
    queue           text        NOT NULL,
    reason          text        NOT NULL,
    state           text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'closed')),
    note            text        NOT NULL DEFAULT '', -- what the customer wrote when asking
    contact         text        NOT NULL DEFAULT '',
    opened_at       timestamptz NOT NULL,
    PRIMARY KEY (site_id, case_id),
    CONSTRAINT cases_reference UNIQUE (site_id, reference),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE UNIQUE INDEX cases_one_open ON cases (site_id, conversation_id) WHERE state <> 'closed';
CREATE INDEX cases_waiting ON cases (site_id, queue, opened_at) WHERE state = 'waiting';
