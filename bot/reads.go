package bot

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/bot/convo"
)

// readStore keeps how far each side of a conversation has read.
type readStore interface {
	MarkRead(ctx context.Context, key convo.Key, r convo.Read, at time.Time) (moved bool, err error)
	ReadMarks(ctx context.Context, key convo.Key) ([]convo.Read, error)
}

// Reads notes how far customer and agent have read, and tells the other side.
// What is kept is a number for each side; it never goes back.
type Reads struct {
	store readStore
	hub   *Hub
	now   func() time.Time
}

// NewReads makes a Reads.
func NewReads(store readStore, hub *Hub, now func() time.Time) *Reads {
	return &Reads{store: store, hub: hub, now: now}
}

// Mark notes that a side has had everything up to an event in front of it. What
// it said before, or a number beyond the conversation's end, tells nobody anything.
// Error: ErrNoConversation.
func (r *Reads) Mark(ctx context.Context, key convo.Key, read convo.Read) error {
	moved, err := r.store.MarkRead(ctx, key, read, r.now().UTC())
	if err == nil && moved {
		r.hub.PublishRead(key, read)
	}
	return err
}

// Events are the marks as a stream that begins now is told them. A database
// that cannot say leaves them out: they are no reason to refuse a stream.
func (r *Reads) Events(ctx context.Context, key convo.Key) []convo.Event {
	marks, err := r.store.ReadMarks(ctx, key)
	if err != nil {
		return nil
	}
	out := make([]convo.Event, 0, len(marks))
	for _, m := range marks {
		if body, err := json.Marshal(m); err == nil {
			out = append(out, convo.Event{Kind: convo.KindRead, Body: body})
		}
	}
	return out
}
