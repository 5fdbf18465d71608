package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
)

// player plays cases at a site of its own, through the engine that serves
// customers; nothing of a case is there any more when the next one begins.
type player struct {
	front *front
	site  *bot.Site
	rig   *rig         // nil: the front's own parts
	gold  *stages.Gold // told which turn comes next; nil: nobody is
	known *published   // of the site; nil: made with the first case
}

// hitsKept is how many of the articles that were found an output names.
const hitsKept = 10

// Play plays a case.
func (p *player) Play(ctx context.Context, c cases.Case) (o grade.Output, took []runner.Took, err error) {
	t, err := openTalk(ctx, p.front, p.site)
	if err != nil {
		return o, nil, err
	}
	defer t.forget(ctx)
	if p.known == nil {
		p.known = newPublished(p.front.convs, p.site)
	}
	s := scene{talk: t, on: p.rig, known: p.known}
	if s.on == nil {
		s.on = plainRig(p.front)
	}
	for i, turn := range c.Turns {
		if p.gold != nil {
			p.gold.Turn(i)
		}
		began := time.Now() // never the clock of the day, which may be set while a reply is under way
		s.replied = time.Time{}
		s.on.spent.begin(p.site.ID)
		r, err := s.turn(ctx, turn)
		if errors.Is(err, errNothingToPress) {
			break // what is expected of this turn and later ones fails, as it should
		}
		if err != nil {
			return o, nil, fmt.Errorf("turn %d: %w", i+1, err)
		}
		if s.replied.IsZero() {
			s.replied = time.Now()
		}
		cost := s.on.spent.cost(p.site.ID)
		if s.on.spent != nil {
			r.Spent = &grade.Spent{Searches: cost.Searches, Trips: cost.Queries}
		}
		took = append(took, runner.Took{Time: s.replied.Sub(began), Cost: cost})
		o.Replies = append(o.Replies, r)
		o.Degraded = o.Degraded || len(r.Missing) > 0 || r.Reason == string(handoff.Failure)
	}
	return o, took, nil
}

// errNothingToPress says that what a turn presses is not there.
var errNothingToPress = errors.New("there is nothing to press")

// scene is a conversation under way.
type scene struct {
	*talk
	on    *rig
	known *published
	last  []convo.Message // of the last reply
	said  []string        // by the customer
	refer string          // of the case that is open: chance, so it is not kept
	refs  []string        // of all cases
	trace bot.Trace       // of the last turn that said something
	// replied is when the customer has the reply; zero: when the turn is over. What
	// the run itself looks up of it afterwards is nobody's waiting.
	replied time.Time
}

func (s *scene) turn(ctx context.Context, t cases.Turn) (grade.Reply, error) {
	n, isChoice := t.Choice()
	switch {
	case t.Say != "":
		s.said = append(s.said, t.Said()...)
		return s.messages(ctx, t.Said())
	case isChoice:
		return s.choose(ctx, n)
	case t.Press == cases.PressHuman:
		return s.human(ctx)
	case t.Press == cases.PressClosed:
		return s.closed(ctx)
	default:
		return s.rate(ctx, t.Press == cases.PressHelped)
	}
}

// messages says several things, each before there is a reply to the one before,
// and gives the reply to all.
func (s *scene) messages(ctx context.Context, texts []string) (grade.Reply, error) {
	last := len(texts) - 1
	for _, text := range texts[:last] {
		turn, err := s.send(ctx, bot.Say{Text: text})
		if err != nil {
			return grade.Reply{}, err
		}
		defer func() { _, _ = turn.Run() }() // what came after it has ended it
	}
	return s.reply(ctx, bot.Say{Text: texts[last]}, strings.Join(texts, "\n"))
}

// send records a message.
func (s *scene) send(ctx context.Context, say bot.Say) (*bot.Turn, error) {
	s.talk.said++
	say.Site, say.Key, say.Visitor, say.ClientMsgID = s.site, s.key, s.visitor, strconv.Itoa(s.talk.said)
	s.on.looked.begin(s.site.ID)
	return s.on.engine.Say(ctx, s.on.sent(say))
}

// reply sends a message and gives the reply; text is all that it answers.
func (s *scene) reply(ctx context.Context, say bot.Say, text string) (grade.Reply, error) {
	turn, err := s.send(ctx, say)
	if err != nil {
		return grade.Reply{}, err
	}
	reply, err := turn.Run()
	s.replied = time.Now()
	if err != nil {
		return grade.Reply{}, err
	}
	if reply.Messages, err = committed(reply); err != nil {
		return grade.Reply{}, err
	}
	s.last = reply.Messages
	out := replyOf(askTurnOf(reply))
	if s.refer == "" {
		s.opened(referenceOf(reply.Events))
	}
	out.Text = s.withoutChance(out.Text)
	if err := s.check(ctx, &out, reply, text); err != nil {
		return out, err
	}
	trace, err := s.front.convs.Trace(ctx, s.key, reply.Turn)
	if err != nil {
		return out, err
	}
	s.trace = trace
	h := s.on.looked.hearing(s.site.ID, text)
	out.Heard, out.Lang, out.Messages = h.text, h.lang, len(reply.Messages)
	out.Personal = s.on.looked.personal(s.site.ID)
	if q := s.on.looked.first(s.site.ID); q != strings.TrimSpace(text) {
		out.Query = q
	}
	out.Rule, out.Sure, out.Maybe, out.Near = trace.Rule, trace.Threshold, trace.Maybe, cmp.Or(trace.Near, trace.P)
	for _, p := range trace.Passages {
		if len(out.Hits) < hitsKept && !slices.Contains(out.Hits, p.Article) {
			out.Hits, out.Arms = append(out.Hits, p.Article), append(out.Arms, armsOf(p.Signals))
			out.Quoted = append(out.Quoted, bytesOf(p.Pieces))
		}
	}
	switch {
	case out.Action == "handoff":
		s.first(ctx, &out, text)
		err = s.pack(ctx, &out)
	case out.Action == "relay" && s.refer != "":
		err = s.packed(ctx, &out)
	}
	return out, err
}

// committed is what was said back as it was committed: what those who watch the
// conversation get, and what is there when it is opened again.
func committed(reply bot.Reply) ([]convo.Message, error) {
	var out []convo.Message
	for _, e := range reply.Events {
		if e.Kind != convo.KindMessage {
			continue
		}
		var m convo.Message
		if err := json.Unmarshal(e.Body, &m); err != nil {
			return nil, fmt.Errorf("a message that was committed: %w", err)
		}
		if m.Author != convo.Customer {
			out = append(out, m)
		}
	}
	return out, nil
}

// choose presses a choice of the last reply.
func (s *scene) choose(ctx context.Context, n int) (grade.Reply, error) {
	for _, m := range s.last {
		if n <= len(m.Choices) {
			c := m.Choices[n-1]
			s.said = append(s.said, c.Title)
			return s.reply(ctx, bot.Say{Text: c.Title, Choice: &convo.Chosen{Message: m.ID, Article: c.Article}}, c.Title)
		}
		n -= len(m.Choices)
	}
	return grade.Reply{}, errNothingToPress
}

// human presses the button, and lets triage route the case once it has seen it,
// which the service does within a second.
func (s *scene) human(ctx context.Context) (grade.Reply, error) {
	opened, err := s.on.desk.Open(ctx, handoff.Request{
		Key: s.key, Visitor: s.visitor, Queue: s.site.Settings.Queue, Reason: handoff.Asked, Fallback: s.site.Settings.Language,
	})
	if err != nil {
		return grade.Reply{}, err
	}
	s.replied = time.Now()
	s.opened(opened.Case.Reference)
	out := grade.Reply{Action: "handoff", Reason: string(handoff.Asked), Queue: opened.Case.Queue}
	for _, e := range opened.Events {
		var m convo.Message
		if e.Kind == convo.KindMessage && json.Unmarshal(e.Body, &m) == nil {
			out.Text = strings.TrimSpace(out.Text + "\n\n" + m.Text)
		}
	}
	out.Text = s.withoutChance(out.Text)
	if opened.Repeat {
		out.Action = "relay"
		return out, nil
	}
	if err := s.front.routeBy(ctx, s.key, s.on.decide, s.on.finder, s.on.desk); err != nil {
		return out, err
	}
	return out, s.pack(ctx, &out)
}

// closed has people close the case; where there is none there is nothing to close.
func (s *scene) closed(ctx context.Context) (grade.Reply, error) {
	me := handoff.System(s.key.Site, "eval")
	if s.refer == "" {
		return grade.Reply{}, errNothingToPress
	}
	c, err := s.on.desk.Find(ctx, me, s.refer)
	if errors.Is(err, handoff.ErrNoCase) {
		return grade.Reply{}, errNothingToPress
	}
	if err != nil {
		return grade.Reply{}, err
	}
	_, err = s.on.desk.Close(ctx, me, handoff.Target{Case: c.ID}, handoff.WrapUp{Ended: handoff.Solved})
	s.refer = "" // another case gets another one
	return grade.Reply{Action: grade.Closed}, err
}

// rate presses a thumb under the last answer; where nothing was answered there
// is none, and the conversation goes on.
func (s *scene) rate(ctx context.Context, helpful bool) (grade.Reply, error) {
	for _, m := range slices.Backward(s.last) {
		if len(m.Citations) == 0 {
			continue
		}
		err := bot.TakeFeedback(ctx, s.front.convs, bot.Feedback{Key: s.key, Visitor: s.visitor, Message: m.ID, Helpful: helpful, At: s.front.deps.Now().UTC()})
		return grade.Reply{Action: "ack"}, err
	}
	return grade.Reply{Action: "ack"}, nil
}

// pack adds what the agent is given, and where the case is.
func (s *scene) pack(ctx context.Context, out *grade.Reply) error {
	me := handoff.System(s.key.Site, "eval")
	c, err := s.on.desk.Find(ctx, me, s.refer)
	if errors.Is(err, handoff.ErrNoCase) {
		out.Unfounded = append(out.Unfounded, stages.NoCase)
		return nil
	}
	if err != nil {
		return err
	}
	out.Queue = c.Queue
	if out.Desk == "" {
		out.Desk, out.Topic = c.Desk, c.Topic
	}
	return s.facts(c, out)
}

// packed adds what the agent has of a customer who waits: the packet that was
// made when the case was opened holds in later turns too.
func (s *scene) packed(ctx context.Context, out *grade.Reply) error {
	c, err := s.on.desk.Find(ctx, handoff.System(s.key.Site, "eval"), s.refer)
	if errors.Is(err, handoff.ErrNoCase) { // said where it was to be opened
		return nil
	}
	if err != nil {
		return err
	}
	return s.facts(c, out)
}

// facts are what the packet says.
func (s *scene) facts(c handoff.Case, out *grade.Reply) error {
	out.Packet = append(out.Packet, grade.Fact{Label: grade.Priority, Value: c.Priority.String()})
	var p packet.Packet
	if len(c.Packet) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.Packet, &p); err != nil {
		return fmt.Errorf("the case's packet: %w", err)
	}
	if p.Problem != nil {
		out.Packet = append(out.Packet, grade.Fact{Label: "problem", Value: p.Problem.Text})
	}
	if p.Mood != nil {
		out.Packet = append(out.Packet, grade.Fact{Label: "mood", Value: p.Mood.Word + " " + p.Mood.Trend})
	}
	for _, a := range p.Answers {
		out.Packet = append(out.Packet, grade.Fact{Label: "received", Value: a.Article + " " + a.Received})
	}
	for _, f := range p.Facts {
		if !f.Superseded { // what was taken back does not hold
			out.Packet = append(out.Packet, grade.Fact{Label: f.Label, Value: f.Value})
		}
		if !slices.ContainsFunc(s.said, func(text string) bool { return strings.Contains(text, f.Value) }) {
			out.Invented = append(out.Invented, f.Label+" "+f.Value)
		}
	}
	return nil
}

// withoutChance leaves out what chance made, so that two runs give the same.
func (s *scene) withoutChance(text string) string {
	for _, r := range s.refs {
		text = strings.ReplaceAll(text, r, "REFERENCE")
	}
	return text
}

// opened keeps the reference of a case; empty: none was opened.
func (s *scene) opened(reference string) {
	if s.refer = reference; reference != "" {
		s.refs = append(s.refs, reference)
	}
}

func referenceOf(events []convo.Event) string {
	for _, e := range events {
		var o convo.OwnerChange
		if e.Kind == convo.KindOwner && json.Unmarshal(e.Body, &o) == nil && o.Reference != "" {
			return o.Reference
		}
	}
	return ""
}

func replyOf(t askTurn) grade.Reply {
	r := grade.Reply{
		Action: t.Action, Text: t.Text, Desk: t.Desk, Topic: t.Topic, Reason: t.Reason, Queue: t.Queue, P: t.Answerable, Missing: t.Degraded,
	}
	for _, c := range t.Citations {
		r.Citations = append(r.Citations, grade.Citation{Article: c.Article, Title: c.Title, Quote: c.Quote})
	}
	for _, c := range t.Choices {
		quote := c.Quote
		if c.Header != "" {
			quote = c.Header + "\n" + quote
		}
		r.Choices = append(r.Choices, grade.Choice{Article: c.Article, Title: c.Title, Quote: quote})
	}
	return r
}
