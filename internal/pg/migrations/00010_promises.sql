-- +goose Up
-- What is promised for later, beside the job queue's own tables: how far a
-- waiting case has climbed, who fell silent, what was mailed, whose address is
-- confirmed, and how customers rated what was done.

-- The ladder of a case that waits. The newest chain of jobs is the one that
-- carries the row's version; an older one finds that and ends.
CREATE TABLE case_ladders (
    site_id    int         NOT NULL,
    case_id    uuid        NOT NULL,
    version    bigint      NOT NULL,              -- the case's when this chain of jobs began
    since      timestamptz NOT NULL,              -- when the customer began to wait: another wait begins at the bottom
    queue      text        NOT NULL,
    entered_at timestamptz NOT NULL,              -- when it came into that queue
    position   int         NOT NULL DEFAULT 0,    -- its place in line then, and who was there:
    agents     int         NOT NULL DEFAULT 0,    -- later estimates are made from these
    visited    text[]      NOT NULL DEFAULT '{}', -- queues it stood in during this wait
    updates    int         NOT NULL DEFAULT 0,    -- words said to the customer in this wait
    called_back boolean    NOT NULL DEFAULT false,
    alarms     int         NOT NULL DEFAULT 0,    -- times leads were told in this wait
    alarmed_at timestamptz,                       -- the last time
    next_at    timestamptz,                       -- when the next step is due; null: the case does not wait
    PRIMARY KEY (site_id, case_id),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
) WITH (fillfactor = 70);

-- A customer whom an agent has answered: reminded once, then closed as silent.
CREATE TABLE case_silences (
    site_id     int         NOT NULL,
    case_id     uuid        NOT NULL,
    reminded_at timestamptz, -- of the agent's word in asked_at; null: not yet
    asked_at    timestamptz NOT NULL,
    PRIMARY KEY (site_id, case_id),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
);

-- E-mails, as what they are made of: they are written out when they are sent.
CREATE TABLE mails (
    site_id         int         NOT NULL,
    mail_id         uuid        NOT NULL,
    case_id         uuid        NOT NULL,
    conversation_id uuid        NOT NULL, -- whose words these are about: export and erase find them by it
    kind            text        NOT NULL,
    address         text        NOT NULL,
    agent_id        uuid,                 -- to somebody of the desk
    language        text        NOT NULL DEFAULT '',
    quotes          json,                 -- of a reply: what the agent said
    name            text        NOT NULL DEFAULT '', -- the agent's, as it was
    covers          bigint      NOT NULL DEFAULT 0,  -- of a reply: the last event of the conversation that is in it
    message_id      text        NOT NULL DEFAULT '', -- as it was sent
    state           text        NOT NULL CHECK (state IN ('queued', 'held', 'sent', 'failed', 'not_sent', 'void')),
    reason          text        NOT NULL DEFAULT '', -- why it is not sent, or not yet
    tries           int         NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    tried_at        timestamptz,
    PRIMARY KEY (site_id, mail_id),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
);
CREATE INDEX mails_by_case ON mails (site_id, case_id, created_at);
CREATE INDEX mails_by_address ON mails (site_id, address, created_at) WHERE kind IN ('confirm', 'lead');
CREATE INDEX mails_held ON mails (site_id, conversation_id) WHERE state = 'held';

-- An address that a visitor typed is anybody's until somebody who reads its
-- mail has said yes, for this visitor.
CREATE TABLE confirmed_addresses (
    site_id      int         NOT NULL,
    visitor_id   uuid        NOT NULL,
    address      text        NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, visitor_id, address),
    FOREIGN KEY (site_id, visitor_id) REFERENCES visitors ON DELETE CASCADE
);

-- Codes of links in mails: only the hash is kept, each has one purpose and an
-- end. Opening a link changes nothing; pressing the button on its page does.
CREATE TABLE mail_codes (
    site_id         int         NOT NULL,
    code_hash       bytea       NOT NULL,
    purpose         text        NOT NULL CHECK (purpose IN ('confirm', 'rating')),
    case_id         uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    address         text        NOT NULL DEFAULT '',
    language        text        NOT NULL DEFAULT '',
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz,
    PRIMARY KEY (site_id, code_hash),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
);
CREATE INDEX mail_codes_by_end ON mail_codes (expires_at);

-- How it was: asked once after a case was closed, by whom, where and what about
-- as they stood then.
CREATE TABLE case_ratings (
    site_id         int         NOT NULL,
    case_id         uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    agent_id        uuid,
    agent_name      text        NOT NULL DEFAULT '',
    queue           text        NOT NULL,
    topic           text        NOT NULL DEFAULT '',
    asked_by        text        NOT NULL CHECK (asked_by IN ('page', 'mail')),
    asked_at        timestamptz NOT NULL,
    satisfaction    smallint    CHECK (satisfaction BETWEEN 1 AND 5), -- CSAT: 5 is very happy
    ease            smallint    CHECK (ease BETWEEN 1 AND 5),         -- CES: 5 is very easy
    comment         text        NOT NULL DEFAULT '',
    rated_at        timestamptz,
    PRIMARY KEY (site_id, case_id),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
);
CREATE INDEX case_ratings_by_time ON case_ratings (site_id, asked_at DESC);
