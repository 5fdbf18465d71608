package pgdesk

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// caseColumns are those of a case as c with its agent as a, in the order in
// which caseTargets takes them. The packet is not among them: lists do without.
const caseColumns = `c.case_id, c.reference, c.site_id, c.conversation_id, c.queue, c.reason, c.desk, c.topic, c.state, c.note, c.contact, c.opened_at,
  c.priority, c.product, c.language, c.mood, c.urgency, c.triaged, c.aside, c.agent_id, coalesce(a.name, ''), c.offered_to, c.offered_until,
  c.claimed_at, c.first_reply_at, c.customer_waits_since, c.customer_at, c.agent_at, c.due_first, c.due_resolve, c.snoozed_until, c.closed_at,
  c.ended, c.memo, c.topic_final, c.linked_to, c.link, c.moves, c.version, c.packet_seq, c.problem`

const caseFrom = `
FROM cases c
LEFT JOIN agents a ON a.site_id = c.site_id AND a.agent_id = c.agent_id`

// caseTargets are where caseColumns are scanned to.
func caseTargets(c *handoff.Case) []any {
	return []any{
		&c.ID, &c.Reference, &c.Conversation.Site, &c.Conversation.ID, &c.Queue, &c.Reason, &c.Desk, &c.Topic, &c.State, &c.Note, &c.Contact, &c.OpenedAt,
		&c.Priority, &c.Product, &c.Language, &c.Mood, &c.Urgency, &c.Triaged, &c.Aside,
		nullID{&c.Agent},
		&c.AgentName,
		nullID{&c.OfferedTo},
		nullTime{&c.OfferedUntil},
		nullTime{&c.ClaimedAt},
		nullTime{&c.FirstReplyAt},
		nullTime{&c.WaitsSince},
		nullTime{&c.CustomerAt},
		nullTime{&c.AgentAt},
		nullTime{&c.DueFirst},
		nullTime{&c.DueResolve},
		nullTime{&c.SnoozedUntil},
		nullTime{&c.ClosedAt},
		&c.Ended, &c.Memo, &c.TopicFinal,
		nullID{&c.LinkedTo},
		&c.Link, &c.Moves, &c.Version, &c.PacketSeq, &c.Problem,
	}
}

// nullTime scans a moment that may be NULL: the zero time.
type nullTime struct{ t *time.Time }

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (a nullTime) ScanTimestamptz(v pgtype.Timestamptz) error {
	*a.t = time.Time{}
	if v.Valid {
		*a.t = v.Time.UTC()
	}
	return nil
}

// nullID scans an id that may be NULL: the zero id.
type nullID struct{ id *convo.ID }

// ScanUUID implements pgtype.UUIDScanner.
func (i nullID) ScanUUID(v pgtype.UUID) error {
	*i.id = convo.ID{}
	if v.Valid {
		*i.id = v.Bytes
	}
	return nil
}

// orNull is a moment as it is stored.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func idOrNull(v convo.ID) *convo.ID {
	if v == (convo.ID{}) {
		return nil
	}
	return &v
}
