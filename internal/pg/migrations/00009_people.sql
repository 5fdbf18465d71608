-- +goose Up
-- People and access: which queues somebody works in, passwords, sessions,
-- invitations, what holds back guesses, and who saw or did what.

-- Which queues a person works in. No row, or null: all of the site's; an empty
-- list: none. It is a list and not rows of its own so that taking the last
-- queue away can never be read as "all".
CREATE TABLE agent_queues (
    site_id  int    NOT NULL,
    agent_id uuid   NOT NULL,
    queues   text[],
    PRIMARY KEY (site_id, agent_id),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE
);

CREATE TABLE agent_passwords (
    site_id  int         NOT NULL,
    agent_id uuid        NOT NULL,
    hash     text        NOT NULL, -- argon2id with its parameters and salt, in the PHC string form
    password_id uuid     NOT NULL DEFAULT gen_random_uuid(), -- another with each password; the same when it is only hashed anew
    set_at   timestamptz NOT NULL,
    PRIMARY KEY (site_id, agent_id),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE
);
ALTER TABLE agent_passwords ALTER COLUMN hash SET STATISTICS 0;

-- A session is found by the hash of its token; the token itself is kept
-- nowhere. Ended ones stay for a while, so that a person can see them.
CREATE TABLE agent_sessions (
    site_id    int         NOT NULL,
    session_id uuid        NOT NULL,
    agent_id   uuid        NOT NULL,
    token_hash bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL, -- within a minute
    expires_at timestamptz NOT NULL, -- moves with use, never past ends_at
    ends_at    timestamptz NOT NULL,
    address    text        NOT NULL DEFAULT '', -- of the last use, like the next
    user_agent text        NOT NULL DEFAULT '',
    ended_at   timestamptz,
    ended_why  text        NOT NULL DEFAULT '', -- logout, revoked, replaced, password, disabled, many
    PRIMARY KEY (site_id, session_id),
    CONSTRAINT agent_sessions_token UNIQUE (site_id, token_hash),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE,
    CHECK (expires_at <= ends_at)
) WITH (fillfactor = 80);
CREATE INDEX agent_sessions_live ON agent_sessions (site_id, agent_id, seen_at) WHERE ended_at IS NULL;
CREATE INDEX agent_sessions_by_agent ON agent_sessions (site_id, agent_id, created_at DESC);
CREATE INDEX agent_sessions_by_end ON agent_sessions (ends_at);

-- An invitation lets somebody in who is not there yet (agent_id null until it
-- is taken up), or lets somebody who is there choose a password anew.
CREATE TABLE agent_invitations (
    site_id       int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    invitation_id uuid        NOT NULL,
    token_hash    bytea       NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('join', 'password')),
    agent_id      uuid,
    email         text        NOT NULL CHECK (email = lower(email)),
    name          text        NOT NULL DEFAULT '',
    role          text        NOT NULL CHECK (role IN ('admin', 'lead', 'agent', 'read_only')),
    queues        text[],     -- as in agent_queues
    languages     text[]      NOT NULL DEFAULT '{}',
    skills        text[]      NOT NULL DEFAULT '{}',
    capacity      int         NOT NULL DEFAULT 5 CHECK (capacity BETWEEN 0 AND 1000),
    by_name       text        NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    revoked_at    timestamptz,
    PRIMARY KEY (site_id, invitation_id),
    CONSTRAINT agent_invitations_token UNIQUE (site_id, token_hash),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE,
    CHECK (kind = 'join' OR agent_id IS NOT NULL)
);
-- One that is open for an address: a newer one takes the place of an older.
CREATE UNIQUE INDEX agent_invitations_open ON agent_invitations (site_id, email) WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX agent_invitations_by_agent ON agent_invitations (site_id, agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX agent_invitations_by_end ON agent_invitations (expires_at);

-- What holds back guesses: for a key (a hash of an account, an address, or
-- both) the moment at which its allowance would be whole again. No reference to
-- sites: a login names one that may not be there, and is held back as well (0).
CREATE TABLE login_tries (
    site_id int         NOT NULL,
    key     bytea       NOT NULL,
    full_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, key)
) WITH (fillfactor = 70);
CREATE INDEX login_tries_by_end ON login_tries (full_at);

-- Where a person has signed in from (a hash of the address): guesses made
-- elsewhere do not keep them out there.
CREATE TABLE login_places (
    site_id  int         NOT NULL,
    agent_id uuid        NOT NULL,
    place    bytea       NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (site_id, agent_id, place),
    FOREIGN KEY (site_id, agent_id) REFERENCES agents ON DELETE CASCADE
);
CREATE INDEX login_places_by_age ON login_places (at);

-- Who saw or did what. Ids and fixed words only, never what anybody wrote; no
-- references to people and cases, whose rows may go while this stays.
CREATE TABLE desk_audit (
    site_id    int         NOT NULL REFERENCES sites ON DELETE CASCADE,
    audit_id   bigint      GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL,
    agent_id   uuid,       -- null: the service, the terminal, or nobody known
    actor      text        NOT NULL, -- the name at that time
    action     text        NOT NULL,
    case_id    uuid,
    person_id  uuid,       -- to whom it was done
    session_id uuid,
    address    text        NOT NULL DEFAULT '',
    detail     jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (site_id, audit_id)
);
CREATE INDEX desk_audit_by_case ON desk_audit (site_id, case_id, audit_id DESC) WHERE case_id IS NOT NULL;
CREATE INDEX desk_audit_by_agent ON desk_audit (site_id, agent_id, audit_id DESC) WHERE agent_id IS NOT NULL;
CREATE INDEX desk_audit_by_person ON desk_audit (site_id, person_id, audit_id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX desk_audit_by_age ON desk_audit (at);
ALTER TABLE desk_audit ALTER COLUMN detail SET STATISTICS 0;

-- Whoever disables a person, by whatever way: the sessions end in the same
-- transaction, and stay ended when the person is let in again.
-- +goose StatementBegin
CREATE FUNCTION people_disabled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE agent_sessions SET ended_at = now(), ended_why = 'disabled'
    WHERE site_id = NEW.site_id AND agent_id = NEW.agent_id AND ended_at IS NULL;
    UPDATE agent_invitations SET revoked_at = now()
    WHERE site_id = NEW.site_id AND agent_id = NEW.agent_id AND used_at IS NULL AND revoked_at IS NULL;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER people_disabled AFTER UPDATE OF state ON agents
FOR EACH ROW WHEN (NEW.state = 'disabled' AND OLD.state <> 'disabled') EXECUTE FUNCTION people_disabled();

-- A site that somebody administers keeps somebody who can sign in and do so:
-- the last one is neither disabled nor made less. The lock makes two who take
-- the right from each other stand in line.
-- +goose StatementBegin
CREATE FUNCTION people_last_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('frontdesk people_last_admin'), OLD.site_id);
    IF EXISTS (SELECT 1 FROM agent_passwords WHERE site_id = OLD.site_id AND agent_id = OLD.agent_id)
       AND NOT EXISTS (
           SELECT 1 FROM agents a JOIN agent_passwords p USING (site_id, agent_id)
           WHERE a.site_id = OLD.site_id AND a.agent_id <> OLD.agent_id AND a.role = 'admin' AND a.state = 'active')
    THEN
        RAISE EXCEPTION 'the last admin of a site who can sign in has to stay one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'agents_last_admin', TABLE = 'agents';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER people_last_admin AFTER UPDATE OF role, state ON agents
FOR EACH ROW WHEN (OLD.role = 'admin' AND OLD.state = 'active' AND (NEW.role <> 'admin' OR NEW.state <> 'active'))
EXECUTE FUNCTION people_last_admin();

-- A queue that is removed leaves the lists of who works in it: another one of
-- the same name, later, is another one.
-- +goose StatementBegin
CREATE FUNCTION people_queue_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE agent_queues SET queues = array_remove(queues, OLD.queue)
    WHERE site_id = OLD.site_id AND OLD.queue = ANY (queues);
    UPDATE agent_invitations SET queues = array_remove(queues, OLD.queue)
    WHERE site_id = OLD.site_id AND used_at IS NULL AND OLD.queue = ANY (queues);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER people_queue_removed AFTER DELETE ON queues
FOR EACH ROW EXECUTE FUNCTION people_queue_removed();
