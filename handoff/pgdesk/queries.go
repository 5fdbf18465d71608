package pgdesk

// statements are the guarded writes. They are fields so that a test can cut a
// guard out and show that its property then fails; nothing else sets them.
type statements struct {
	updateCase string
	lockAgents string
	claim      string
	claimNext  string
	unseen     string
	log        string
}

func defaultStatements() statements {
	return statements{updateCase: updateCase + guardCase, lockAgents: lockAgents, claim: claim, claimNext: claimNext, unseen: selectUnseen, log: selectLog + guardWhisper + logOrder}
}

// updateCase writes all of a case that can change. Whoever uses it holds the
// conversation's lock and the case's; the guard is what makes a mistake in that
// harmless.
const (
	updateCase = `
UPDATE cases
SET queue = $5, desk = $6, topic = $7, state = $8, contact = $9, priority = $10, product = $11, language = $12, mood = $13, urgency = $14,
    triaged = $15, aside = $16, agent_id = $17, offered_to = $18, offered_until = $19,
    passed = CASE WHEN $18::uuid IS NULL THEN '{}' ELSE passed END,
    claimed_at = $20, first_reply_at = $21, customer_waits_since = $22, customer_at = $23, agent_at = $24, due_first = $25, due_rough = due_rough AND due_first IS NOT DISTINCT FROM $25,
    due_resolve = $26, snoozed_until = $27, closed_at = $28, ended = $29, memo = $30, topic_final = $31, linked_to = $32, link = $33,
    moves = $34, version = $35, last_n = $36, packet = coalesce($37::json, packet), packet_seq = $38, problem = $39, reply_s = $40
WHERE site_id = $1 AND case_id = $2`

	guardCase = ` AND version = $3 AND state = $4`
)

// lockAgents has those who claim at the same instant stand in line, so that each
// sees what the other has taken. It is a statement of its own: one that waits for
// a row counts everything else as it stood before it waited. Always in the order
// of ids; whoever has a conversation and then takes an agent cannot be waited for
// here, as claims pass over conversations that are taken. Leads are not bounded.
//
// Here and in what follows lists are handed over by queries of their own: a
// statement that sees them is planned anew for each list, which costs more than
// claiming does.
const lockAgents = `
SELECT agent_id
FROM agents
WHERE site_id = $1 AND agent_id = ANY ((SELECT $2::uuid[])::uuid[])
ORDER BY agent_id
FOR NO KEY UPDATE`

// claim takes cases out of their lines, each for who asks, the usual way: the
// conversation waits in its queue (or its customer talks to the assistant
// meanwhile) and is this case's, nobody else is asked, and there is room. What is
// not usual is left out, and Claim finds out why; so is what somebody is just
// changing, so that nobody waits here with a lock in hand.
//
// The conversation is locked first, as everywhere, and its own row says that
// nobody has it. Where it belongs to another case by now a row without a case
// comes back, and whoever asked rolls back. Capacity holds because lockAgents goes
// before it in the transaction: what is counted here is seen only then.
const claim = `
WITH r AS (
    SELECT r.*, g.capacity - (` + loadOf + `) AS room
    FROM unnest((SELECT $2::uuid[]), (SELECT $3::uuid[]), (SELECT $4::text[]), (SELECT $5::text[]), (SELECT $6::boolean[]), (SELECT $7::bigint[]))
        AS r (case_id, agent_id, name, queues, leads, version)
    JOIN agents g ON g.site_id = $1 AND g.agent_id = r.agent_id AND g.state = 'active' AND g.role <> 'read_only'
), w AS (
    SELECT s.case_id, s.conversation_id, r.agent_id, r.name
    FROM r
    JOIN cases s ON s.site_id = $1 AND s.case_id = r.case_id
    JOIN conversations k ON k.site_id = s.site_id AND k.conversation_id = s.conversation_id AND k.owner = CASE WHEN s.aside THEN 'bot' ELSE 'queue' END
    LEFT JOIN queues q ON q.site_id = s.site_id AND q.queue = s.queue
    WHERE s.state = 'waiting' AND s.link <> 'second'
      AND (r.queues IS NULL OR s.queue = ANY (string_to_array(r.queues, ',')))
      AND (r.version = 0 OR s.version = r.version)
      AND (r.leads OR ((s.offered_to IS NULL OR s.offered_to = r.agent_id OR s.offered_until <= $9) AND r.room >= coalesce(q.weight, 1)))
    FOR UPDATE OF k SKIP LOCKED
), ` + claimRest

// selectHolders is who has or had cases, of those that were asked for. Their state
// is no condition: an index of all that is claimed would then look shorter than a
// few lookups by id.
const selectHolders = `
SELECT c.case_id, c.site_id, c.queue, c.state, c.agent_id, a.name
FROM cases c
JOIN agents a ON a.site_id = c.site_id AND a.agent_id = c.agent_id
WHERE c.site_id = $1 AND c.case_id = ANY ((SELECT $2::uuid[])::uuid[])`

// claimNext takes whose answer is due first, of one queue's line. A
// conversation that somebody is just changing is passed over.
const claimNext = `
WITH r AS (
    SELECT r.*, g.capacity - (` + loadOf + `) AS room
    FROM unnest((SELECT $3::uuid[]), (SELECT $4::text[]), (SELECT $6::boolean[])) AS r (agent_id, name, leads)
    JOIN agents g ON g.site_id = $1 AND g.agent_id = r.agent_id AND g.state = 'active' AND g.role <> 'read_only'
    WHERE $2::uuid[] IS NOT NULL AND $7::bigint[] IS NOT NULL
), w AS (
    SELECT s.case_id, s.conversation_id, r.agent_id, r.name
    FROM r, cases s
    JOIN conversations k ON k.site_id = s.site_id AND k.conversation_id = s.conversation_id AND k.owner = CASE WHEN s.aside THEN 'bot' ELSE 'queue' END
    LEFT JOIN queues q ON q.site_id = s.site_id AND q.queue = s.queue
    WHERE s.site_id = $1 AND s.queue = ($5::text[])[1] AND s.state = 'waiting' AND s.link <> 'second'
      AND (r.leads OR ((s.offered_to IS NULL OR s.offered_to = r.agent_id OR s.offered_until <= $9) AND r.room >= coalesce(q.weight, 1)))
    ORDER BY s.rank_at, s.case_id
    LIMIT 1
    FOR UPDATE OF k SKIP LOCKED
), ` + claimRest

const claimRest = `k AS (
    UPDATE conversations k
    SET owner = 'agent', owner_version = owner_version + 1, queue = '', last_seq = last_seq + 1, last_at = $9
    FROM w
    WHERE k.site_id = $1 AND k.conversation_id = w.conversation_id AND k.owner IN ('queue', 'bot')
    RETURNING k.last_seq, w.case_id, w.agent_id, w.name
), c AS (
    UPDATE cases c
    SET state = 'claimed', agent_id = k.agent_id, claimed_at = $9, aside = false, snoozed_until = NULL, offered_to = NULL, offered_until = NULL, passed = '{}',
        version = c.version + 1, last_n = c.last_n + 1
    FROM k
    WHERE c.site_id = $1 AND c.case_id = k.case_id AND c.state = 'waiting'
    RETURNING c.*, k.name AS agent_name, k.last_seq AS seq,
        json_build_object('owner', 'agent', 'name', k.name, 'case', c.case_id, 'reference', c.reference) AS said
), e AS (
    INSERT INTO events (site_id, conversation_id, seq, kind, body, at)
    SELECT $1, c.conversation_id, c.seq, 'owner', c.said, $9 FROM c
), l AS (
    INSERT INTO case_events (site_id, case_id, n, conversation_id, kind, agent_id, actor, body, at)
    SELECT $1, c.case_id, c.last_n, c.conversation_id, 'claimed', c.agent_id, c.agent_name, json_build_object('to', c.queue), $9 FROM c
), d AS (
    INSERT INTO desk_changes (site_id, case_id, queue, agent_id, kind, at)
    SELECT $1, c.case_id, c.queue, c.agent_id, 'claimed', $9 FROM c
)
SELECT c.seq, c.said, ` + caseColumns + `
FROM k
LEFT JOIN c ON c.case_id = k.case_id, LATERAL (SELECT c.agent_name AS name) a`

// loadOf is the weight of what needs the agent g now: what neither sleeps nor
// has been quiet since $8.
const loadOf = `
              SELECT coalesce(sum(coalesce(lq.weight, 1)), 0)
              FROM cases l
              LEFT JOIN queues lq ON lq.site_id = l.site_id AND lq.queue = l.queue
              WHERE l.site_id = g.site_id AND l.agent_id = g.agent_id AND l.state = 'claimed' AND l.snoozed_until IS NULL
                AND (l.customer_waits_since IS NOT NULL OR greatest(l.claimed_at, l.agent_at, l.customer_at) > $8)`

// selectUnseen reads the changes that a reader's last snapshot could not see.
// Rows far below the oldest transaction of that snapshot ($5) were all seen.
//
// A Postgres that is killed gives the numbers of transactions out again that
// were rolled back just before: to an older snapshot they look long over. What
// is written after it is known by its own number, which is past all that the
// reader was given ($4): those never come again.
const selectUnseen = `
SELECT case_id, queue, from_queue, agent_id, kind, at, change_id
FROM desk_changes
WHERE site_id = $1 AND xid >= $5::text::xid8 AND (NOT pg_visible_in_snapshot(xid, $2::pg_snapshot) OR change_id > $4)
ORDER BY xid, change_id
LIMIT $3`
