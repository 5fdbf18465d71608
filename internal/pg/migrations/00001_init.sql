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
    last_generation int    NOT NULL DEFAULT 0, -- numbers are never given twice: old citations name them
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX sites_one_default ON sites (is_default) WHERE is_default;

-- Knowledge -----------------------------------------------------------------
-- The big leaf tables (vectors, postings) have no foreign keys: their checks
-- cost more than the COPY itself. Whoever removes a generation or
-- a site removes their rows first. No knowledge table is truncated by vacuum,
-- since that takes a lock which readers wait for. Wide columns that no plan
-- depends on are left out of ANALYZE, which would spend its time on them.

CREATE TABLE generations (
    site_id         int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    generation      int         NOT NULL CHECK (generation > 0),
    state           text        NOT NULL CHECK (state IN ('building', 'published', 'retired', 'failed')),
    source_hash     bytea       NOT NULL, -- of articles, splitter and models: equal means nothing changed
    articles        int         NOT NULL DEFAULT 0,
    chunks          int         NOT NULL DEFAULT 0,
    sections        int         NOT NULL DEFAULT 0, -- chunks of kind section: what idf counts for agents
    public_sections int         NOT NULL DEFAULT 0, -- those of public articles: what idf counts for visitors
    stats           jsonb       NOT NULL DEFAULT '{}', -- languages, models, BM25's parameters
    created_at      timestamptz NOT NULL DEFAULT now(),
    published_at    timestamptz,
    PRIMARY KEY (site_id, generation)
);

CREATE TABLE articles (
    site_id       int      NOT NULL,
    generation    int      NOT NULL,
    article       int      NOT NULL, -- number within the generation, from 1
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
) WITH (vacuum_truncate = off);

CREATE TABLE chunks (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    chunk      int      NOT NULL, -- number within the generation, from 1
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
) WITH (vacuum_truncate = off);
CREATE INDEX chunks_by_article ON chunks (site_id, generation, article);
ALTER TABLE articles ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN attributes SET STATISTICS 0, ALTER COLUMN content_hash SET STATISTICS 0;
ALTER TABLE chunks ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN heading SET STATISTICS 0, ALTER COLUMN embed_hash SET STATISTICS 0;

-- Vectors lie in a table of their own, inline in their rows: a vector in the
-- row of its text is toasted, and an exact scan is then five times as slow.
CREATE TABLE chunk_vectors (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    model_id   smallint NOT NULL, -- of models
    audience   smallint NOT NULL,
    chunk      int      NOT NULL,
    vec        vector   NOT NULL, -- of unit length
    PRIMARY KEY (site_id, generation, model_id, audience, chunk)
) WITH (vacuum_truncate = off);
ALTER TABLE chunk_vectors ALTER COLUMN vec SET STORAGE MAIN, ALTER COLUMN vec SET STATISTICS 0;

-- An article's middle: the mean direction of its sections. It tells an article
-- that is about the question from one that mentions it.
CREATE TABLE article_vectors (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    model_id   smallint NOT NULL, -- of models
    article    int      NOT NULL,
    vec        vector   NOT NULL, -- of unit length
    PRIMARY KEY (site_id, generation, model_id, article)
) WITH (vacuum_truncate = off);
ALTER TABLE article_vectors ALTER COLUMN vec SET STORAGE MAIN, ALTER COLUMN vec SET STATISTICS 0;

-- BM25, scored at ingest but for the rarity, which depends on who asks. One row
-- a term: a row a posting is twelve times as large and no faster. A doc is a
-- chunk's number, or minus an article's for the article as a whole.
CREATE TABLE postings (
    site_id    int      NOT NULL,
    generation int      NOT NULL,
    term       text     COLLATE "C" NOT NULL,
    audience   smallint NOT NULL,
    df         int      NOT NULL, -- sections of this audience that hold the term
    docs       int[]    NOT NULL, -- empty for a term that is in most sections
    weights    real[]   NOT NULL, -- beside docs: saturated frequency over length
    PRIMARY KEY (site_id, generation, term, audience)
) WITH (vacuum_truncate = off);
ALTER TABLE postings ALTER COLUMN docs SET STATISTICS 0, ALTER COLUMN weights SET STATISTICS 0;

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

-- One process of the service; a session advisory lock of this number, held on
-- its listening connection, says that it is alive.
CREATE TABLE instances (
    instance_id int         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host        text        NOT NULL,
    pid         int         NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now()
);

-- A turn lies here while it runs, and in turns once it has ended. The split
-- keeps both small: a turn's end is one delete and one insert instead of an
-- update that would have to touch every index of a wide row.
CREATE TABLE open_turns (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    turn_id         uuid        NOT NULL,
    input           text        NOT NULL, -- all that is to be answered: this message and those merged into it
    instance_id     int         NOT NULL, -- who runs it
    started_at      timestamptz NOT NULL,
    PRIMARY KEY (site_id, conversation_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);

CREATE TABLE turns (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    turn_id         uuid        NOT NULL,
    outcome         text        NOT NULL CHECK (outcome IN ('answer', 'clarify', 'none', 'queued', 'relayed', 'merged', 'error')),
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz NOT NULL,
    trace           json        NOT NULL, -- passages with scores, thresholds, models, timings
    PRIMARY KEY (site_id, conversation_id, turn_id), -- and so no turn ends twice
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);

-- Everything that happened in a conversation, in order; messages are events.
-- Bodies are json, not jsonb: they are sent to clients exactly as written.
CREATE TABLE events (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    seq             bigint      NOT NULL,
    kind            text        NOT NULL CHECK (kind IN ('message', 'owner', 'decision', 'done', 'error')),
    turn_id         uuid,
    client_msg_id   text,       -- of a customer's message
    body            json        NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (site_id, conversation_id, seq),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE UNIQUE INDEX events_client_msg_id ON events (site_id, conversation_id, client_msg_id) WHERE client_msg_id IS NOT NULL;

CREATE TABLE feedback (
    site_id         int         NOT NULL,
    conversation_id uuid        NOT NULL,
    message_id      uuid        NOT NULL,
    helpful         boolean     NOT NULL,
    comment         text        NOT NULL DEFAULT '',
    at              timestamptz NOT NULL,
    PRIMARY KEY (site_id, conversation_id, message_id),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);

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
    contact         text        NOT NULL DEFAULT '', -- how to reach them later, in their words
    opened_at       timestamptz NOT NULL,
    PRIMARY KEY (site_id, case_id),
    CONSTRAINT cases_reference UNIQUE (site_id, reference),
    FOREIGN KEY (site_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX cases_by_conversation ON cases (site_id, conversation_id);
CREATE UNIQUE INDEX cases_one_open ON cases (site_id, conversation_id) WHERE state <> 'closed';
CREATE INDEX cases_waiting ON cases (site_id, queue, opened_at) WHERE state = 'waiting';
