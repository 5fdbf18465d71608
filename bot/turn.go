package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// run decides, acts and writes the end of a turn of the bot's own.
func (t *Turn) run() (Reply, error) {
	e := t.e
	ctx, leave := e.enter(t.ID)
	defer leave()

	policy := PolicyOf(e.Calibration, *t.say.Site)
	t.trace.policy(policy)
	plan, evidence, err := t.decide(ctx, policy)
	if err != nil {
		return t.fail(ctx, err)
	}
	t.trace.Action, t.trace.Reason, t.trace.Band = plan.Action, plan.Reason, plan.Band
	if plan.Action == ActHandoff {
		lang := evidence.Lang
		if wordless(t.rec.Input) {
			lang = ""
		}
		return t.handOff(ctx, plan, lang)
	}
	return t.finish(ctx, plan, evidence)
}

// decide finds out what the turn is to do: what the words say by themselves
// goes first, then the answer to choices, then the search.
func (t *Turn) decide(ctx context.Context, policy Policy) (Plan, retrieval.Evidence, error) {
	e := t.e
	if plan, ok := t.byFiles(); ok {
		if back, ok := t.byReturn(ctx); ok {
			plan = back
		}
		return plan, retrieval.Evidence{}, nil
	}
	follow := ReadFollow(e.Triage, t.rec.Input, withAbout(t.rec))
	reading := t.read(ctx, follow)
	if t.pressed == nil {
		t.trace.Rule = reading.Rule
		if plan, ok := policy.ByWords(reading); ok {
			plan.First = e.Decider.Safety(reading, plan.Rule)
			return plan, t.subjectOf(ctx, reading), nil
		}
	}
	if offer, offered := personOffered(t.rec.Past); offered && t.pressed == nil {
		if plan, ok := policy.ByAnswer(e.Triage.Pick(t.rec.Input)); ok {
			ev := t.subjectOf(ctx, reading)
			ev.Lang = offer.Lang // a "no" is one in five languages
			return plan, ev, nil
		}
	}
	if plan, ok := t.byReturn(ctx); ok {
		return plan, retrieval.Evidence{Lang: reading.Lang}, nil
	}
	if plan, ok := t.byMemo(ctx); ok {
		return plan, retrieval.Evidence{Lang: reading.Lang}, nil
	}
	if plan, ev, ok, err := t.answerChoices(ctx); ok || err != nil {
		return plan, ev, err
	}
	if t.pressed == nil && answeredLast(t.rec.Past) && e.Triage.Nods(t.rec.Input) {
		return Plan{Action: ActAnswer, Reason: ReasonSmalltalk, Small: triage.Thanks}, retrieval.Evidence{Lang: t.rec.Language}, nil
	}
	before := t.standing()
	plan, ev, err := t.lookUp(ctx, policy, follow, reading)
	if err != nil || follow.Rule != ruleNarrows || plan.Action != ActNone || plan.Own {
		return plan, ev, err
	}
	// A few words after choices that say nothing more about what was asked before:
	// a subject of their own, such as "invoice".
	narrowed := t.standing()
	t.put(before)
	alone := Follow{Text: t.rec.Input}
	other, found, failed := t.lookUp(ctx, policy, alone, t.read(ctx, alone))
	if failed == nil && other.Action != ActNone {
		return other, found, nil
	}
	t.put(narrowed)
	return plan, ev, nil // what was found before holds, whatever the second search ran into
}

// lookUp searches for what the message means in its conversation and decides by
// what was found.
func (t *Turn) lookUp(ctx context.Context, policy Policy, follow Follow, reading triage.Reading) (Plan, retrieval.Evidence, error) {
	e := t.e
	if follow.Kind != triage.NoLean {
		t.newest, t.earlier = t.rec.Input, follow.Earlier
		t.trace.Follow = &TraceFollow{Rule: follow.Rule, Of: follow.Of}
	}
	go t.readAhead(reading)
	// Without quoted old mail and without orders to triage, where it has read so.
	query := cmp.Or(reading.Query, follow.Text)
	ev, err := t.look(ctx, query)
	if err != nil {
		return Plan{}, ev, err
	}
	t.trace.evidence(ev)
	plan := policy.AfterSearch(ev)
	if plan.Reason == ReasonVariant {
		plan, ev = t.knownWhich(ctx, policy, query, plan, ev)
	}
	if follow.Kind == triage.NoLean {
		plan = t.both(ctx, policy, plan, ev)
	}
	if follow.Kind == triage.LeanOn && len(plan.Offers) > 1 {
		plan.Offers = notJustSaid(t.rec.Past, plan.Offers)
	}
	if follow.Kind == triage.LeanFail {
		fresh := ev
		fresh.Hits = notShown(t.rec.Past, ev.Hits)
		t.trace.Follow.Left = len(ev.Hits) - len(fresh.Hits)
		plan = policy.AfterFailure(ev, fresh)
	}
	if d, ok := t.triage(ctx, reading, ev); ok {
		plan = policy.ByTriage(plan, d, follow.Kind != triage.NoLean, askedLast(t.rec.Past))
		plan.First = e.Decider.Safety(reading, plan.Rule)
	}
	if plan.Own && plan.Action == ActClarify {
		plan = e.aside(plan, t.rec.Input)
	}
	if len(plan.Offers) > 0 {
		plan.Choices = e.choicesOf(plan, follow.Text, ev)
		if follow.Kind == triage.LeanFail {
			plan = plan.unsaid(t.rec.Past)
		}
		t.trace.offered(plan.Choices)
	}
	return t.apart(ctx, policy, plan), ev, nil
}

// search asks the finder; a panic in it is an error like any other.
func (t *Turn) search(ctx context.Context, text string) (ev retrieval.Evidence, err error) {
	e := t.e
	began := e.Now()
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("panic in a search", "turn", t.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "search_failed", "The search failed.")
		}
		took := e.Now().Sub(began)
		t.trace.Micros.Search = took.Microseconds()
		e.Meter.Stage("search", took)
	}()
	q := query(t.say.Site.ID, text)
	q.Newest, q.Earlier = t.newest, t.earlier
	begun := false
	if q.Newest == "" && len(q.Earlier) == 0 {
		ev, begun = t.early.take(ctx, text)
	}
	if begun {
		t.early = nil // what was found goes to one alone
	} else {
		ev, err = e.Finder.Search(ctx, q)
	}
	if errors.Is(err, retrieval.ErrQuestion) { // only emoji or signs: there is nothing to look for
		return retrieval.Evidence{}, nil
	}
	if err == nil {
		e.NoteEmbedder(slices.Contains(ev.Degraded, "embedder"))
	}
	return ev, err
}

// finish writes the reply, if the conversation is still the bot's.
func (t *Turn) finish(ctx context.Context, plan Plan, ev retrieval.Evidence) (Reply, error) {
	e := t.e
	now := e.Now()
	guess := "" // where it is good enough, it stays with the conversation
	if plan.Small != triage.NoSmall && !wordless(t.rec.Input) || sureOf(t.rec.Input, ev.Lang) {
		guess = ev.Lang
	}
	words, lang := e.Texts.In(guess, t.rec.Language, t.say.Site.Settings.Language)
	msg := t.message(plan, ev, words, now)
	if plan.Memo != nil {
		msg = t.memoMessage(*plan.Memo, lang, now)
	}
	if plan.Hit == nil {
		msg.Lang = lang
	}
	first, more := msg, []convo.Message{}
	if plan.Second != nil {
		more = append(more, t.quoted(*plan.Second, ev.Generation, now))
	}
	switch {
	case !plan.Own || plan.Action == ActNone:
	case plan.Action == ActClarify: // what cannot be seen goes first, the pages are an aside
		first, more = t.ownWords(words, lang, now), append([]convo.Message{msg}, more...)
	default:
		more = append(more, t.ownWords(words, lang, now))
	}
	if t.each {
		each := t.eachMessage(words, lang, now)
		first, more = each[0], each[1:]
	}
	more = t.beside(plan, words, lang, now, more)
	outcome := convo.Outcome(plan.Action)
	events := []convo.Draft{
		{Kind: convo.KindDecision, Turn: t.ID, Body: t.decision(plan, ev)},
		{Kind: convo.KindMessage, Turn: t.ID, Body: first},
	}
	for _, m := range more {
		events = append(events, convo.Draft{Kind: convo.KindMessage, Turn: t.ID, Body: m})
	}
	events = append(events, convo.Draft{Kind: convo.KindDone, Turn: t.ID, Body: convo.Done{Turn: t.ID, Outcome: outcome, Reason: plan.Reason}})
	return t.write(ctx, End{
		Key: t.Key, Turn: t.ID, Fence: t.rec.Fence, Outcome: outcome, Language: guess,
		Events: events,
		Trace:  t.trace.json(now.Sub(t.started)), Started: t.started, At: now.UTC(),
	}, plan.Reason)
}

// fail ends the turn honestly after a part failed: words that offer a person,
// then an error event.
func (t *Turn) fail(ctx context.Context, cause error) (Reply, error) {
	e := t.e
	code := "search_failed"
	switch {
	case errors.Is(cause, context.DeadlineExceeded) || fault.KindOf(cause) == fault.Timeout:
		code = "turn_timeout"
	case fault.KindOf(cause) == fault.Unavailable:
		code = "part_unavailable"
	}
	if !errors.Is(cause, context.Canceled) { // cancelled: merged or handed on, which the write finds out
		e.Log.Error("turn failed", "turn", t.ID, "conversation", t.Key.ID, "request", t.say.Request, "code", code, "cause", cause.Error())
	}
	now := e.Now()
	words, lang := e.Texts.In(t.rec.Language, t.say.Site.Settings.Language)
	t.trace.Error = code
	return t.write(ctx, End{
		Key: t.Key, Turn: t.ID, Fence: t.rec.Fence, Outcome: convo.Failed,
		Events: []convo.Draft{
			{Kind: convo.KindMessage, Turn: t.ID, Body: convo.Message{
				ID: e.NewID(), Turn: &t.ID, Author: convo.System, Text: words.Failed, OfferPerson: true, Lang: lang, At: now.UTC(),
			}},
			{Kind: convo.KindError, Turn: t.ID, Body: convo.Failure{Turn: t.ID, Code: code, Text: words.Failed}},
		},
		Trace: t.trace.json(now.Sub(t.started)), Started: t.started, At: now.UTC(),
	}, code)
}

// handOff gives the conversation to people; the desk writes the turn's end in
// the transaction that opens the case.
func (t *Turn) handOff(ctx context.Context, plan Plan, lang string) (Reply, error) {
	e := t.e
	wctx, cancel := e.write(ctx)
	defer cancel()
	opened, err := e.Desk.Open(wctx, handoff.Request{
		Key: t.Key, Queue: t.say.Site.Settings.Queue, Reason: handoff.Reason(plan.Reason), Language: lang,
		Fallback: t.say.Site.Settings.Language,
		Turn:     t.ID, Fence: t.rec.Fence,
		Triage: t.known(), Second: t.otherMatter(),
		Decision: t.decision(plan, retrieval.Evidence{}), First: plan.First,
		Trace: t.trace.json(e.Now().Sub(t.started)), Started: t.started,
	})
	if errors.Is(err, ErrFenced) {
		return t.overtaken(ctx)
	}
	if err != nil {
		return Reply{}, err
	}
	e.Meter.TurnEnded(convo.Queued, plan.Reason, e.Now().Sub(t.started))
	return reply(t.ID, opened.Events)
}

// write commits an end and tells the watchers.
func (t *Turn) write(ctx context.Context, end End, reason string) (Reply, error) {
	e := t.e
	began := e.Now()
	wctx, cancel := e.write(ctx)
	defer cancel()
	events, err := e.Store.Finish(wctx, end)
	if errors.Is(err, ErrFenced) {
		return t.overtaken(ctx)
	}
	if err != nil {
		return Reply{}, err
	}
	now := e.Now()
	e.Meter.Stage("finish", now.Sub(began))
	e.Meter.TurnEnded(end.Outcome, reason, now.Sub(t.started))
	e.Hub.Publish(t.Key, events)
	return replyOf(t.ID, end, events), nil
}

// replyOf is reply without reading back what was just written.
func replyOf(turn convo.ID, end End, events []convo.Event) Reply {
	r := Reply{Turn: turn, Outcome: end.Outcome, Events: events}
	for _, d := range end.Events {
		if m, ok := d.Body.(convo.Message); ok {
			r.Messages = append(r.Messages, m)
		}
	}
	return r
}

// overtaken is what becomes of a turn whose end was refused: somebody merged or
// ended it, or a person took over and the reply is dropped.
func (t *Turn) overtaken(ctx context.Context) (Reply, error) {
	e := t.e
	wctx, cancel := e.write(ctx)
	defer cancel()
	log, err := e.Store.Turn(wctx, t.Key, t.ID)
	if err != nil {
		return Reply{}, err
	}
	if outcome, ended := log.Outcome(); ended {
		e.Meter.TurnEnded(outcome, "", e.Now().Sub(t.started))
		return reply(t.ID, log.Events)
	}
	now := e.Now()
	t.trace.Owner = string(log.Owner)
	end := End{
		Key: t.Key, Turn: t.ID, Outcome: convo.Queued,
		Events: []convo.Draft{{Kind: convo.KindDone, Turn: t.ID, Body: convo.Done{Turn: t.ID, Outcome: convo.Queued, Reason: "taken_over"}}},
		Trace:  t.trace.json(now.Sub(t.started)), Started: t.started, At: now.UTC(),
	}
	events, err := e.Store.Finish(wctx, end)
	if errors.Is(err, ErrFenced) { // ended between the two: read how
		if log, err = e.Store.Turn(wctx, t.Key, t.ID); err != nil {
			return Reply{}, err
		}
		return reply(t.ID, log.Events)
	}
	if err != nil {
		return Reply{}, err
	}
	e.Meter.TurnEnded(convo.Queued, "taken_over", e.Now().Sub(t.started))
	e.Hub.Publish(t.Key, events)
	return replyOf(t.ID, end, events), nil
}
