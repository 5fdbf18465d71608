package stages

import (
	"context"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Seams are what is put around the parts of an engine when it is made. A field
// that is nil leaves its part as it is.
type Seams struct {
	Knowledge  func([]retrieval.Article) []retrieval.Article // before it is published
	Index      func(*retrieval.BM25)                         // of the words of what is published
	Current    func(retrieval.Generation) retrieval.Generation
	Readers    func(triage.Readers) triage.Readers         // of what is said, without the knowledge
	Embedder   func(retrieval.Embedder) retrieval.Embedder // of questions
	Ranking    func(*retrieval.Ranking)
	Terms      func(retrieval.TermsFunc) retrieval.TermsFunc   // of questions and of what is compared with them
	Detect     func(retrieval.DetectFunc) retrieval.DetectFunc // of questions
	Finds      func(Finds) Finds                               // the search's trip to the database
	Finder     func(retrieval.Finder) retrieval.Finder         // all of the search
	Decider    func(Decider) Decider
	Thresholds func(Thresholds) Thresholds
	Lines      func(bot.LineFunc) bot.LineFunc
	Store      func(Store) Store
	Desk       func(Desk) Desk
	Packer     func(Packer) Packer
	Append     func(convo.Append) convo.Append       // what the desk writes into a conversation
	Routes     func([]handoff.Route) []handoff.Route // of the site
	Say        func(bot.Say) bot.Say                 // what a customer's client sends
}

// Finds is the search's one trip to the database.
type Finds func(context.Context, retrieval.Needle) (retrieval.Candidates, error)

// Thresholds gives a risk its thresholds.
type Thresholds func(risk float64) (sure, maybe float64)

// Decider says what messages are; *triage.Engine is the one that serves.
type Decider interface {
	Read(ctx context.Context, m triage.Message) triage.Reading
	Decide(ctx context.Context, r triage.Reading, ev retrieval.Evidence, look triage.Look) (triage.Decision, error)
	Safety(r triage.Reading, rule string) string
}

// Store keeps conversations; *pgconvo.Store is the one that serves.
type Store interface {
	Record(ctx context.Context, r bot.Record) (bot.Recorded, error)
	Finish(ctx context.Context, e bot.End) ([]convo.Event, error)
	Turn(ctx context.Context, key convo.Key, turn convo.ID) (bot.TurnLog, error)
	Abandoned(ctx context.Context, instance int32, limit int) ([]bot.OpenTurn, error)
	Choices(ctx context.Context, key convo.Key, visitor, message convo.ID) ([]convo.Choice, error)
	Settled(ctx context.Context, key convo.Key) ([]bot.Settled, error)
	Sections(ctx context.Context, site int32, article string) (generation int, sections []retrieval.Passage, err error)
}

// Desk is the part of the desk that a run works with.
type Desk interface {
	Open(ctx context.Context, r handoff.Request) (handoff.Opened, error)
	Returns(ctx context.Context, key convo.Key) (bool, error)
	Find(ctx context.Context, a handoff.Actor, reference string) (handoff.Case, error)
	Retriage(ctx context.Context, key convo.Key, t handoff.Triage) (c handoff.Case, done bool, err error)
	Close(ctx context.Context, a handoff.Actor, t handoff.Target, w handoff.WrapUp) (handoff.Case, error)
}

// Packer makes what agents are given.
type Packer interface {
	Make(in packet.Input) packet.Packet
}

// Put puts something around a part; nil leaves it as it is.
func Put[T any](around func(T) T, part T) T {
	if around == nil {
		return part
	}
	return around(part)
}

// FinderFunc is a Finder.
type FinderFunc func(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error)

// Search asks.
func (f FinderFunc) Search(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	return f(ctx, q)
}

// PackerFunc is a Packer.
type PackerFunc func(in packet.Input) packet.Packet

// Make makes a packet.
func (f PackerFunc) Make(in packet.Input) packet.Packet { return f(in) }

// Around is a Decider of which a reading, a decision or the first words for a
// rule are changed; nil leaves them as they are.
type Around struct {
	Decider
	AsRead  func(triage.Message, triage.Reading) triage.Reading
	Decided func(triage.Reading, triage.Decision) triage.Decision
	First   func(words string) string
}

// Read reads.
func (a Around) Read(ctx context.Context, m triage.Message) triage.Reading {
	r := a.Decider.Read(ctx, m)
	if a.AsRead != nil {
		r = a.AsRead(m, r)
	}
	return r
}

// Decide decides.
func (a Around) Decide(ctx context.Context, r triage.Reading, ev retrieval.Evidence, look triage.Look) (triage.Decision, error) {
	d, err := a.Decider.Decide(ctx, r, ev, look)
	if err == nil && a.Decided != nil {
		d = a.Decided(r, d)
	}
	return d, err
}

// Safety gives the first words.
func (a Around) Safety(r triage.Reading, rule string) string {
	s := a.Decider.Safety(r, rule)
	if a.First != nil {
		s = a.First(s)
	}
	return s
}

// AroundStore is a Store of which what goes in or comes out is changed; nil
// leaves it as it is.
type AroundStore struct {
	Store
	Recording func(bot.Record) bot.Record
	Recorded  func(bot.Recorded) bot.Recorded
	Ending    func(bot.End) bot.End
	Article   func(article string, sections []retrieval.Passage) []retrieval.Passage
}

// Record records.
func (a AroundStore) Record(ctx context.Context, r bot.Record) (bot.Recorded, error) {
	if a.Recording != nil {
		r = a.Recording(r)
	}
	out, err := a.Store.Record(ctx, r)
	if err == nil && a.Recorded != nil {
		out = a.Recorded(out)
	}
	return out, err
}

// Finish ends a turn.
func (a AroundStore) Finish(ctx context.Context, e bot.End) ([]convo.Event, error) {
	if a.Ending != nil {
		e = a.Ending(e)
	}
	return a.Store.Finish(ctx, e)
}

// Sections reads an article.
func (a AroundStore) Sections(ctx context.Context, site int32, article string) (int, []retrieval.Passage, error) {
	generation, list, err := a.Store.Sections(ctx, site, article)
	if err == nil && a.Article != nil {
		list = a.Article(article, list)
	}
	return generation, list, err
}

// AroundDesk is a Desk of which what goes in or comes out is changed.
type AroundDesk struct {
	Desk
	Opening func(handoff.Request) handoff.Request
	Routing func(handoff.Triage) handoff.Triage
	Opened  func(handoff.Opened) handoff.Opened
}

// Open opens a case.
func (a AroundDesk) Open(ctx context.Context, r handoff.Request) (handoff.Opened, error) {
	if a.Opening != nil {
		r = a.Opening(r)
	}
	o, err := a.Desk.Open(ctx, r)
	if err == nil && a.Opened != nil {
		o = a.Opened(o)
	}
	return o, err
}

// Retriage routes a case once more.
func (a AroundDesk) Retriage(ctx context.Context, key convo.Key, t handoff.Triage) (handoff.Case, bool, error) {
	if a.Routing != nil {
		t = a.Routing(t)
	}
	return a.Desk.Retriage(ctx, key, t)
}
