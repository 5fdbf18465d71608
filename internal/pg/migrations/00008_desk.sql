-- +goose Up
-- The desk: people, queues, routes, presence, a case's whole life with its own
-- log, and what the consoles' streams read.

CREATE TABLE desk_sites (
    site_id int    PRIMARY KEY REFERENCES sites ON DELETE CASCADE,
    version bigint NOT NULL DEFAULT 1, -- moves with every change of rules, queues and routes: whoever keeps them in memory looks at this
    rules   jsonb  NOT NULL DEFAULT '{}'
);

CREATE TABLE queues (
    site_id      int      NOT NULL REFERENCES sites ON DELETE CASCADE,
    queue        text     NOT NULL CHECK (queue ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    name         text     NOT NULL,
    desk         text     NOT NULL DEFAULT '' CHECK (desk IN ('', 'service', 'support', 'both')),
    product      text     NOT NULL DEFAULT '',
    tier         int      NOT NULL DEFAULT 0,
    languages    text[]   NOT NULL DEFAULT '{}',
    skills       text[]   NOT NULL DEFAULT '{}',
    hours        jsonb,   -- null: always open
    overflow     text[]   NOT NULL DEFAULT '{}',
    first_reply_s int     NOT NULL DEFAULT 0, -- seconds; 0: the default, like those below
    resolve_s    int      NOT NULL DEFAULT 0,
    reopen_s     int      NOT NULL DEFAULT 0,
    offer_s      int      NOT NULL DEFAULT 0,
    away_s       int      NOT NULL DEFAULT 0,
    weight       int      NOT NULL DEFAULT 1,
    distribution text     NOT NULL DEFAULT 'claim' CHECK (distribution IN ('claim', 'push')),
    notify       jsonb,
    closed       boolean  NOT NULL DEFAULT false,
    place        int      NOT NULL DEFAULT 0, -- order in which people see them
    PRIMARY KEY (site_id, queue)
);

CREATE TABLE routes (
    site_id  int   NOT NULL REFERENCES sites ON DELETE CASCADE,
    position int   NOT NULL CHECK (position > 0),
    queue    text  NOT NULL,
    priority smallint NOT NULL DEFAULT 0,
    conditions jsonb NOT NULL DEFAULT '{}', -- desk, topic, product, language, group, reason, mood_below, urgency_above, hours, triaged
    PRIMARY KEY (site_id, position),
    FOREIGN KEY (site_id, queue) REFERENCES queues
);

CREATE TABLE agents (
    site_id    int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    agent_id   uuid        NOT NULL,
    email      text        NOT NULL CHECK (email = lower(email)),
    name       text        NOT NULL,
    role       text        NOT NULL CHECK (role IN ('admin', 'lead', 'agent', 'read_only')),
    languages  text[]      NOT NULL DEFAULT '{}',
    skills     text[]      NOT NULL DEFAULT '{}',
    capacity   int         NOT NULL DEFAULT 5 CHECK (capacity BETWEEN 0 AND 1000),
    state      text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, agent_id),
    CONSTRAINT agents_email UNIQUE (site_id, email)
);

-- A lease: whoever does not renew it is away, without anybody's doing.
CREATE TABLE presence (
    site_id     int         NOT NULL,
    agent_id    uuid        NOT NULL,
    lease_until timestamptz NOT NULL,
    status      text        NOT NULL CHECK (status IN ('online', 'finishing', 'break')),
    since       timestamptz NOT NULL,
    PRIMARY KEY (site_id, agent_id),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE
) WITH (fillfactor = 50); -- renewed every few seconds, in the same page

CREATE TABLE blocked_visitors (
    site_id    int         NOT NULL,
    visitor_id uuid        NOT NULL,
    by_name    text        NOT NULL,
    why        text        NOT NULL DEFAULT '',
    at         timestamptz NOT NULL,
    until      timestamptz, -- null: for good
    PRIMARY KEY (site_id, visitor_id),
    FOREIGN KEY (site_id, visitor_id) REFERENCES visitors ON DELETE CASCADE
);

-- Cases -----------------------------------------------------------------------

ALTER TABLE cases
    ADD COLUMN priority smallint NOT NULL DEFAULT 0,
    ADD COLUMN product  text     NOT NULL DEFAULT '',
    ADD COLUMN language text     NOT NULL DEFAULT '',
    ADD COLUMN mood     real     NOT NULL DEFAULT 0,
    ADD COLUMN urgency  real     NOT NULL DEFAULT 0,
    ADD COLUMN triaged  boolean  NOT NULL DEFAULT false,
    ADD COLUMN aside    boolean  NOT NULL DEFAULT false, -- the customer talks to the assistant meanwhile
    ADD COLUMN agent_id uuid,
    ADD COLUMN offered_to    uuid,
    ADD COLUMN offered_until timestamptz,
    ADD COLUMN passed        uuid[] NOT NULL DEFAULT '{}', -- whom it was offered to in vain, this time round
    ADD COLUMN claimed_at     timestamptz,
    ADD COLUMN first_reply_at timestamptz,
    ADD COLUMN customer_waits_since timestamptz, -- first message that no person has answered; nothing the service says moves it
    ADD COLUMN customer_at    timestamptz,
    ADD COLUMN agent_at       timestamptz,
    ADD COLUMN reply_s        int         NOT NULL DEFAULT 600, -- target for an answer, at the case's priority
    ADD COLUMN due_first      timestamptz, -- null: nobody waits
    ADD COLUMN due_rough      boolean     NOT NULL DEFAULT false, -- due_first was set by the clock: business hours are yet to be counted
    ADD COLUMN due_resolve    timestamptz,
    ADD COLUMN snoozed_until  timestamptz,
    ADD COLUMN closed_at      timestamptz,
    ADD COLUMN ended       text  NOT NULL DEFAULT '',
    ADD COLUMN memo        text  NOT NULL DEFAULT '',
    ADD COLUMN topic_final text  NOT NULL DEFAULT '',
    ADD COLUMN linked_to   uuid,
    ADD COLUMN link        text  NOT NULL DEFAULT '' CHECK (link IN ('', 'second', 'after', 'merged')),
    ADD COLUMN moves       int   NOT NULL DEFAULT 0, -- times it was passed on since somebody last answered
    ADD COLUMN version     bigint NOT NULL DEFAULT 1,
    ADD COLUMN last_n      bigint NOT NULL DEFAULT 0, -- of its own log
    ADD COLUMN packet      json,
    ADD COLUMN packet_seq  bigint NOT NULL DEFAULT 0,
    ADD COLUMN problem     text   NOT NULL DEFAULT '';

UPDATE cases SET customer_waits_since = opened_at, customer_at = opened_at, due_first = opened_at + interval '600 s', triaged = desk <> ''
WHERE state <> 'closed';
-- Nothing could claim or close a case before, but whatever else stands there
-- has to keep the rules below.
UPDATE cases SET closed_at = opened_at, ended = 'other' WHERE state = 'closed';
UPDATE cases SET state = 'waiting' WHERE state = 'claimed';

-- The order of a line: who is due first. It is one key, so that a page of it
-- is one index scan, and time alone moves everybody forward.
ALTER TABLE cases ADD COLUMN rank_at timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(due_first, 'infinity'::timestamptz)) STORED;

ALTER TABLE cases
    ADD CONSTRAINT cases_held CHECK ((state = 'claimed') = (agent_id IS NOT NULL) OR state = 'closed'),
    ADD CONSTRAINT cases_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    ADD CONSTRAINT cases_asleep CHECK (state = 'claimed' OR snoozed_until IS NULL);

DROP INDEX cases_one_open;
DROP INDEX cases_waiting;
DROP INDEX cases_by_conversation;
CREATE INDEX cases_by_conversation ON cases (site_id, conversation_id, opened_at);
-- A second matter is a case of its own beside the first.
CREATE UNIQUE INDEX cases_one_open ON cases (site_id, conversation_id) WHERE state <> 'closed' AND link <> 'second';
CREATE INDEX cases_in_line ON cases (site_id, queue, rank_at, case_id) WHERE state = 'waiting';
-- Its condition is another word for state <> 'closed', so that a query for who
-- waits never takes it for the line above and reads past all who are helped.
CREATE INDEX cases_unclosed ON cases (site_id, rank_at, case_id) WHERE closed_at IS NULL;
CREATE INDEX cases_of_agent ON cases (site_id, agent_id, rank_at, case_id) WHERE state = 'claimed';
CREATE INDEX cases_ended ON cases (site_id, closed_at DESC, case_id DESC) WHERE state = 'closed';
CREATE INDEX cases_untriaged ON cases (site_id, opened_at) WHERE state = 'waiting' AND NOT triaged;
CREATE INDEX cases_rough ON cases (site_id) WHERE due_rough;
ALTER TABLE cases SET (fillfactor = 70);
ALTER TABLE cases ALTER COLUMN packet SET STATISTICS 0, ALTER COLUMN memo SET STATISTICS 0, ALTER COLUMN note SET STATISTICS 0;

-- A case's own log, which customers never see.
CREATE TABLE case_events (
    site_id         int         NOT NULL,
    case_id         uuid        NOT NULL,
    n               bigint      NOT NULL, -- given out under the case's row lock
    conversation_id uuid        NOT NULL, -- whose words these are about: export and erase find them by it
    kind            text        NOT NULL,
    agent_id        uuid,
    actor           text        NOT NULL,
    client_msg_id   text,       -- of a reply: sending twice says it once
    body            json        NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (site_id, case_id, n),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE
);
CREATE UNIQUE INDEX case_events_client_msg_id ON case_events (site_id, case_id, client_msg_id) WHERE client_msg_id IS NOT NULL;

CREATE TABLE case_mentions (
    site_id  int         NOT NULL,
    agent_id uuid        NOT NULL,
    case_id  uuid        NOT NULL,
    n        bigint      NOT NULL, -- of the note
    at       timestamptz NOT NULL,
    PRIMARY KEY (site_id, agent_id, case_id, n),
    FOREIGN KEY (site_id, case_id) REFERENCES cases ON DELETE CASCADE,
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE
);
CREATE INDEX case_mentions_by_case ON case_mentions (site_id, case_id);

-- What the consoles' streams read. Who reads keeps the snapshot of its last
-- read and asks for the rows that it could not see: exact whatever the order of
-- commits, with no lock that writers would stand in line for. A number given
-- out under a lock would make all changes of a site wait for one another's
-- commit, and a bare sequence skips what commits late.
CREATE TABLE desk_changes (
    site_id    int         NOT NULL,
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    change_id  bigint      GENERATED ALWAYS AS IDENTITY,
    case_id    uuid,
    queue      text        NOT NULL DEFAULT '',
    from_queue text        NOT NULL DEFAULT '',
    agent_id   uuid,
    kind       text        NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (site_id, xid, change_id)
);
CREATE INDEX desk_changes_by_age ON desk_changes USING brin (at); -- written in order of time, read by whoever prunes

-- A customer wrote while people own the conversation: whoever relayed it, the
-- case knows within the same transaction. The clock of the answer begins with
-- the first such message and is moved by none after it.
-- +goose StatementBegin
CREATE FUNCTION desk_customer_wrote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH c AS (
        UPDATE cases
        SET customer_at = NEW.started_at,
            customer_waits_since = coalesce(customer_waits_since, NEW.started_at),
            due_first = coalesce(due_first, NEW.started_at + make_interval(secs => reply_s)),
            due_rough = due_rough OR due_first IS NULL,
            version = version + CASE WHEN snoozed_until IS NULL THEN 0 ELSE 1 END,
            snoozed_until = NULL
        WHERE site_id = NEW.site_id AND conversation_id = NEW.conversation_id
          AND state <> 'closed' AND link <> 'second'
        RETURNING case_id, queue, agent_id
    )
    INSERT INTO desk_changes (site_id, case_id, queue, agent_id, kind, at)
    SELECT NEW.site_id, case_id, queue, agent_id, 'message', NEW.started_at FROM c;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER desk_customer_wrote AFTER INSERT ON turns
FOR EACH ROW WHEN (NEW.outcome = 'relayed') EXECUTE FUNCTION desk_customer_wrote();

-- Queues that cases wait in already.
INSERT INTO queues (site_id, queue, name)
SELECT DISTINCT site_id, queue, initcap(replace(queue, '-', ' ')) FROM cases
WHERE state <> 'closed' AND queue ~ '^[a-z0-9][a-z0-9._-]{0,62}$';
