package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

const (
	// unseenAtATime is a second's work at most: a decision takes some tens of
	// milliseconds, nearly all of it the embedder's.
	unseenAtATime = 10
	// unseenAgain is when a case that could not be decided about is tried again.
	unseenAgain = 30 * time.Second
	// unseenWords is how many of the customer's last messages say what it is about.
	unseenWords = 3
)

// routeUnseen routes cases once more that were opened before triage had seen
// them, until ctx ends: a press of the button waits for no model.
func (f *front) routeUnseen(ctx context.Context, a *app) {
	tried := map[convo.Key]time.Time{}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for key, at := range tried {
				if now.Sub(at) > unseenAgain {
					delete(tried, key)
				}
			}
		}
		if f.engine.Degraded() {
			continue // when the embedder is back
		}
		keys, err := f.desk.Unseen(ctx, unseenAtATime+len(tried))
		if err != nil {
			continue // the database is away, as everything else says
		}
		for _, key := range keys {
			if _, again := tried[key]; again {
				continue
			}
			tried[key] = time.Now()
			if err := f.routeOne(ctx, key); err != nil && ctx.Err() == nil {
				a.log.Warn("a case stays where it is", "conversation", key.ID, "cause", err.Error())
			}
		}
	}
}

func (f *front) routeOne(ctx context.Context, key convo.Key) error {
	return f.routeBy(ctx, key, f.decide, f.finder, f.desk)
}

// caseDecider decides about cases, and caseRouter routes them once more.
type (
	caseDecider interface {
		Read(ctx context.Context, m triage.Message) triage.Reading
		Decide(ctx context.Context, r triage.Reading, ev retrieval.Evidence, look triage.Look) (triage.Decision, error)
	}
	caseRouter interface {
		Retriage(ctx context.Context, key convo.Key, t handoff.Triage) (c handoff.Case, done bool, err error)
	}
)

// routeBy is routeOne with parts that may be others than the front's.
func (f *front) routeBy(ctx context.Context, key convo.Key, decide caseDecider, finder retrieval.Finder, desk caseRouter) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text, history, err := f.asked(ctx, key)
	if err != nil || text == "" {
		return err
	}
	r := decide.Read(ctx, triage.Message{Site: retrieval.SiteID(key.Site), Text: text, Query: text, History: history})
	ev, err := finder.Search(ctx, retrieval.Query{Site: retrieval.SiteID(key.Site), Text: text, Audience: retrieval.Public, K: 10, Around: true})
	if err != nil {
		return err
	}
	d, err := decide.Decide(ctx, r, ev, nil)
	if err != nil {
		return err
	}
	_, _, err = desk.Retriage(ctx, key, bot.Known(d))
	return err
}

// asked is what the customer wrote last, and what was said before it.
func (f *front) asked(ctx context.Context, key convo.Key) (text string, history []triage.Said, err error) {
	events, _, err := f.convs.Messages(ctx, key, 0, 20)
	if err != nil {
		return "", nil, err
	}
	var words []string
	for i := len(events) - 1; i >= 0 && len(words) < unseenWords; i-- {
		var m convo.Message
		if err := json.Unmarshal(events[i].Body, &m); err != nil {
			return "", nil, err
		}
		switch m.Author {
		case convo.Customer:
			words = append([]string{m.Text}, words...)
		case convo.Bot:
			history = append([]triage.Said{{Role: triage.RoleBot, Text: m.Text}}, history...)
		case convo.Agent, convo.System:
		}
	}
	return strings.Join(words, "\n"), history, nil
}
