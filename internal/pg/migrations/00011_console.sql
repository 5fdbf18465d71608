-- +goose Up
-- What the desk's page keeps beside the cases: drafts, canned replies, and who
-- has a case open.

CREATE TABLE desk_drafts (
    site_id  int         NOT NULL,
    agent_id uuid        NOT NULL,
    case_id  uuid        NOT NULL,
    body     text        NOT NULL DEFAULT '', -- of a reply
    note     text        NOT NULL DEFAULT '', -- of an internal note
    at       timestamptz NOT NULL,
    PRIMARY KEY (site_id, agent_id, case_id),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE,
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX desk_drafts_by_case ON desk_drafts (site_id, case_id);

CREATE TABLE canned_replies (
    site_id   int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    canned_id uuid        NOT NULL,
    short     text        NOT NULL, -- what to type for it
    title     text        NOT NULL,
    body      text        NOT NULL,
    language  text        NOT NULL DEFAULT '',
    queues    text[]      NOT NULL DEFAULT '{}', -- where it is offered first; empty: everywhere
    by_name   text        NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (site_id, canned_id)
);
CREATE UNIQUE INDEX canned_replies_short ON canned_replies (site_id, lower(short), language);

-- Worth nothing after half a minute, and so not worth a log.
CREATE UNLOGGED TABLE desk_looking (
    site_id      int         NOT NULL,
    case_id      uuid        NOT NULL,
    agent_id     uuid        NOT NULL,
    until        timestamptz NOT NULL,
    typing_until timestamptz,
    PRIMARY KEY (site_id, case_id, agent_id),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
) WITH (fillfactor = 50);
CREATE INDEX desk_looking_by_end ON desk_looking (until);
