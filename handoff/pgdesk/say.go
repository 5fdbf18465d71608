package pgdesk

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

const (
	// maxText is four times what a customer may write at once: agents paste.
	maxText        = 8000
	maxClientMsgID = 64

	selectSaid = `SELECT body FROM case_events WHERE site_id = $1 AND case_id = $2 AND client_msg_id = $3`
	selectSeq  = `SELECT body FROM events WHERE site_id = $1 AND conversation_id = $2 AND seq = $3`
)

// storedText trims a text and refuses what cannot be kept or shown.
func storedText(s string, most int) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || utf8.RuneCountInString(s) > most || strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return "", handoff.ErrText
	}
	return s, nil
}

// reasonOf is a reason that may be left out.
func reasonOf(why string) (string, error) {
	if strings.TrimSpace(why) == "" {
		return "", nil
	}
	why, err := storedText(why, maxWhy)
	if err != nil {
		return "", handoff.ErrLongWhy
	}
	return why, nil
}

// Reply says something to the customer: see handoff.Desk.
func (d *Desk) Reply(ctx context.Context, a handoff.Actor, t handoff.Target, r handoff.Reply) (out handoff.Replied, err error) {
	var text string
	if len(r.Files) == 0 || strings.TrimSpace(r.Text) != "" {
		if text, err = storedText(r.Text, maxText); err != nil {
			return out, wrap("reply", err)
		}
	}
	if r.ClientMsgID == "" || len(r.ClientMsgID) > maxClientMsgID || strings.ContainsFunc(r.ClientMsgID, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsGraphic(c) }) {
		return out, wrap("reply", handoff.ErrText)
	}
	r.Text = text
	out.Case, err = d.change(ctx, "reply", a, t, func(ctx context.Context, w *work) error {
		said, err := w.said(ctx, r, &out)
		if err != nil || said {
			return err
		}
		return w.reply(ctx, r, &out)
	})
	if err != nil {
		return handoff.Replied{}, err
	}
	return out, nil
}

// said finds what this client_msg_id said before.
func (w *work) said(ctx context.Context, r handoff.Reply, out *handoff.Replied) (bool, error) {
	var raw []byte
	err := w.tx.QueryRow(ctx, selectSaid, w.key.Site, w.c.ID, r.ClientMsgID).Scan(&raw)
	if noRows(err) {
		return false, nil
	}
	var body handoff.EventBody
	if err == nil {
		err = json.Unmarshal(raw, &body)
	}
	if err == nil {
		err = w.tx.QueryRow(ctx, selectSeq, w.key.Site, w.key.ID, body.Seq).Scan(&raw)
	}
	if err == nil {
		err = json.Unmarshal(raw, &out.Message)
	}
	if err != nil {
		return false, err
	}
	same := slices.EqualFunc(out.Message.Files, r.Files, func(f convo.File, id convo.ID) bool { return f.ID == id })
	if out.Message.Text != r.Text || !same {
		return false, handoff.ErrReused
	}
	out.Seq, out.Repeat = body.Seq, true
	return true, nil
}

// reply is fenced by the owner: it is said only while the conversation belongs
// to this case and the case to the actor, under the lock that every change of
// either takes.
func (w *work) reply(ctx context.Context, r handoff.Reply, out *handoff.Replied) error {
	switch {
	case w.c.State == handoff.Closed:
		return handoff.ErrClosed
	case w.c.State == handoff.Waiting:
		return handoff.ErrNotMine
	case w.c.Agent != w.actor.Agent:
		return handoff.Taken(w.c.AgentName)
	case w.c.Link == handoff.Second:
		return handoff.ErrSecond
	case w.st.Owner != convo.OwnerAgent:
		return handoff.ErrNotMine
	}
	sent, err := w.d.Conversations.AttachFiles(ctx, w.tx, w.key, true, r.Files, w.now)
	if err != nil {
		return err
	}
	out.Message = convo.Message{
		Files: sent,
		ID:    w.d.NewID(), ClientMsgID: r.ClientMsgID, Author: convo.Agent, Name: w.actor.Name, Text: r.Text, Citations: r.Citations, At: w.now,
	}
	out.Seq = w.st.LastSeq + 1
	w.say.Events = append(w.say.Events, convo.Draft{Kind: convo.KindMessage, Body: out.Message})
	if err := w.takeSaid(ctx); err != nil {
		return err
	}
	w.c.Answered(w.now)
	w.c.Moves = 0
	body := handoff.EventBody{Message: &out.Message.ID, Seq: out.Seq}
	if r.Suggested != "" {
		far := distance(r.Suggested, r.Text)
		body.Edited, body.Article = &far, r.Article
	}
	w.log(handoff.CaseReplied, body)
	w.logs[len(w.logs)-1].clientMsgID = r.ClientMsgID
	w.promises = append(w.promises, handoff.Promise{
		Site: w.key.Site, Case: w.c.ID, Kind: handoff.PromiseReminder, Version: w.c.Version, Since: w.now, Message: out.Message.ID,
	})
	if w.c.Contact != "" {
		w.promises = append(w.promises, handoff.Promise{
			Site: w.key.Site, Case: w.c.ID, Kind: handoff.PromiseMail, Version: w.c.Version, Since: w.now, Message: out.Message.ID,
		})
	}
	return nil
}

// distance is how much of a suggestion is left in what was sent, by words: 0 as
// it stood, 1 nothing of it. Words in common, as a multiset, over the larger text.
func distance(suggested, sent string) float64 {
	a, b := strings.Fields(suggested), strings.Fields(sent)
	if len(a) == 0 && len(b) == 0 {
		return 0
	}
	count := map[string]int{}
	for _, w := range a {
		count[w]++
	}
	same := 0
	for _, w := range b {
		if count[w] > 0 {
			count[w]--
			same++
		}
	}
	if same == len(a) && same == len(b) && !slices.Equal(a, b) { // the same words in another order
		return 0.1
	}
	return 1 - float64(same)/float64(max(len(a), len(b)))
}

// Note writes what only the desk sees: see handoff.Desk.
func (d *Desk) Note(ctx context.Context, a handoff.Actor, t handoff.Target, text string, mentions []convo.ID) (handoff.CaseEvent, error) {
	text, err := storedText(text, maxText)
	if err != nil {
		return handoff.CaseEvent{}, wrap("note", err)
	}
	var out handoff.CaseEvent
	_, err = d.change(ctx, "note", a, handoff.Target{Case: t.Case}, func(ctx context.Context, w *work) error {
		slices.SortFunc(mentions, func(x, y convo.ID) int { return slices.Compare(x[:], y[:]) })
		mentions = slices.Compact(mentions)
		body := handoff.EventBody{Text: text, Mentions: mentions}
		w.log(handoff.CaseNoted, body)
		raw, err := json.Marshal(body)
		out = handoff.CaseEvent{Case: w.c.ID, N: w.lastN + 1, Kind: handoff.CaseNoted, Agent: a.Agent, Actor: a.Name, Body: raw, At: w.now}
		if err != nil || len(mentions) == 0 {
			return err
		}
		return w.mention(ctx, mentions)
	})
	return out, err
}

func (w *work) mention(ctx context.Context, agents []convo.ID) error {
	scopes, err := w.d.scopes(ctx, w.tx, w.key.Site)
	if err != nil {
		return err
	}
	for _, id := range agents {
		g, err := w.agent(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case g.Disabled:
			return handoff.ErrNoAgent
		case id != w.c.Agent && !worksIn(scopes, id, w.c.Queue):
			return handoff.ErrUnseen
		}
		w.changes = append(w.changes, handoff.Change{Case: w.c.ID, Queue: w.c.Queue, Agent: id, Kind: handoff.CaseMentioned, At: w.now})
		w.promise(handoff.PromiseMention, time.Time{})
		w.promises[len(w.promises)-1].Agent = id
	}
	batch := &pgx.Batch{}
	for _, id := range agents {
		batch.Queue(`INSERT INTO case_mentions (site_id, agent_id, case_id, n, at) VALUES ($1, $2, $3, $4, $5)`, w.key.Site, id, w.c.ID, w.lastN+1, w.now)
	}
	return w.tx.SendBatch(ctx, batch).Close()
}

// Snooze lets a case sleep: see handoff.Desk.
func (d *Desk) Snooze(ctx context.Context, a handoff.Actor, t handoff.Target, until time.Time) (handoff.Case, error) {
	return d.change(ctx, "snooze a case", a, t, func(_ context.Context, w *work) error {
		if w.c.State == handoff.Claimed {
			if err := w.c.Held(a); err != nil {
				return err
			}
		}
		if until.IsZero() && w.c.SnoozedUntil.IsZero() {
			return nil
		}
		until = until.UTC().Truncate(time.Microsecond)
		if err := w.c.Sleep(until, w.now); err != nil {
			return err
		}
		if until.IsZero() {
			w.log(handoff.CaseWoken, handoff.EventBody{})
			return nil
		}
		w.log(handoff.CaseSnoozed, handoff.EventBody{Until: &until})
		w.promise(handoff.PromiseWake, until)
		return nil
	})
}
