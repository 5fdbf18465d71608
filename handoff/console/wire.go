package console

import (
	"encoding/json"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// row is a case as a list shows it, and as the stream brings it.
type row struct {
	ID         convo.ID         `json:"id"`
	Reference  string           `json:"reference"`
	Queue      string           `json:"queue"`
	State      handoff.State    `json:"state"`
	Reason     handoff.Reason   `json:"reason"`
	Desk       string           `json:"desk,omitempty"`
	Topic      string           `json:"topic,omitempty"`
	Product    string           `json:"product,omitempty"`
	Language   string           `json:"language,omitempty"`
	Priority   handoff.Priority `json:"priority"`
	Mood       float64          `json:"mood"`
	Urgency    float64          `json:"urgency"`
	Triaged    bool             `json:"triaged"`
	Aside      bool             `json:"aside,omitempty"` // the customer talks to the assistant meanwhile
	Problem    string           `json:"problem"`
	Note       string           `json:"note,omitempty"`
	Contact    string           `json:"contact,omitempty"`
	Visitor    convo.ID         `json:"visitor"`
	Name       string           `json:"name,omitempty"` // the visitor's
	Agent      *convo.ID        `json:"agent,omitempty"`
	AgentName  string           `json:"agent_name,omitempty"`
	OfferedTo  *convo.ID        `json:"offered_to,omitempty"`
	OfferUntil time.Time        `json:"offered_until,omitzero"`
	OpenedAt   time.Time        `json:"opened_at"`
	ClaimedAt  time.Time        `json:"claimed_at,omitzero"`
	FirstReply time.Time        `json:"first_reply_at,omitzero"`
	WaitsSince time.Time        `json:"waits_since,omitzero"`
	CustomerAt time.Time        `json:"customer_at,omitzero"`
	AgentAt    time.Time        `json:"agent_at,omitzero"`
	DueFirst   time.Time        `json:"due_first,omitzero"`
	DueResolve time.Time        `json:"due_resolve,omitzero"`
	Snoozed    time.Time        `json:"snoozed_until,omitzero"`
	ClosedAt   time.Time        `json:"closed_at,omitzero"`
	Ended      handoff.Ended    `json:"ended,omitempty"`
	Memo       string           `json:"memo,omitempty"`
	TopicFinal string           `json:"topic_final,omitempty"`
	LinkedTo   *convo.ID        `json:"linked_to,omitempty"`
	Link       handoff.Link     `json:"link,omitempty"`
	Version    int64            `json:"version"`
}

func rowOf(e handoff.Entry) row {
	r := caseRow(e.Case)
	r.Visitor, r.Name = e.Visitor, e.Name
	return r
}

func caseRow(c handoff.Case) row {
	return row{
		ID: c.ID, Reference: c.Reference, Queue: c.Queue, State: c.State, Reason: c.Reason, Desk: c.Desk, Topic: c.Topic,
		Product: c.Product, Language: c.Language, Priority: c.Priority, Mood: c.Mood, Urgency: c.Urgency, Triaged: c.Triaged,
		Aside: c.Aside, Problem: c.Problem, Note: c.Note, Contact: c.Contact,
		Agent: some(c.Agent), AgentName: c.AgentName, OfferedTo: some(c.OfferedTo), OfferUntil: c.OfferedUntil,
		OpenedAt: c.OpenedAt, ClaimedAt: c.ClaimedAt, FirstReply: c.FirstReplyAt, WaitsSince: c.WaitsSince,
		CustomerAt: c.CustomerAt, AgentAt: c.AgentAt, DueFirst: c.DueFirst, DueResolve: c.DueResolve,
		Snoozed: c.SnoozedUntil, ClosedAt: c.ClosedAt, Ended: c.Ended, Memo: c.Memo, TopicFinal: c.TopicFinal,
		LinkedTo: some(c.LinkedTo), Link: c.Link, Version: c.Version,
	}
}

func some(id convo.ID) *convo.ID {
	if id == (convo.ID{}) {
		return nil
	}
	return &id
}

// line is an event of a conversation as the desk shows it.
type line struct {
	Seq  int64           `json:"seq"`
	Kind convo.EventKind `json:"kind"`
	At   time.Time       `json:"at"`
	Body json.RawMessage `json:"body"`
}

// lines are the events that people read: what was said and who had the
// conversation.
func lines(events []convo.Event) []line {
	out := make([]line, 0, len(events))
	for _, e := range events {
		if e.Kind == convo.KindMessage || e.Kind == convo.KindOwner {
			out = append(out, line{Seq: e.Seq, Kind: e.Kind, At: e.At, Body: e.Body})
		}
	}
	return out
}

// messagePage is a page of a conversation.
type messagePage struct {
	Lines []line `json:"lines"`
	More  bool   `json:"more"` // there are earlier ones
}

// opened is a case with all that is beside it on the page.
type opened struct {
	Case     row                 `json:"case"`
	Packet   json.RawMessage     `json:"packet,omitempty"`
	Messages messagePage         `json:"messages"`
	Log      []handoff.CaseEvent `json:"log"`
	Looking  []Looker            `json:"looking"`
	Draft    *Draft              `json:"draft,omitempty"`
}
