package triage

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"frontdesk/retrieval"
	"frontdesk/triage/model"
)

// siteSource gives what a site has settled; *Sites is one.
type siteSource interface {
	Site(ctx context.Context, id retrieval.SiteID) (*Site, error)
}

// recipe turns what lies around a message into probabilities.
type recipe interface {
	weigh(c *circumstances) verdict
}

// circumstances are all that a recipe goes by.
type circumstances struct {
	reading  Reading
	site     *Site
	evidence retrieval.Evidence
	around   retrieval.Around
	vec      []float32 // under the multilingual model; nil without
	votes    tally
	list     *listReading       // nil: the site's entries have no example questions
	features map[string]float64 // of the learned recipe

	rules    []Fired
	ownWhy   string
	feelings []string // what mood and urgency are from
	parts    string   // what became of its parts
}

// verdict is what a recipe says.
type verdict struct {
	desks   Desks
	inScope float64
	moves   []string // in words and numbers; only where it was asked for
}

// Deps are what an Engine works with.
type Deps struct {
	Reader  *Reader
	Readers Readers
	Sites   siteSource     // nil: no site has settled anything
	Model   *model.Learned // nil: plain votes
}

// Config tunes an Engine; the zero value is ready to use.
type Config struct {
	// Sure is the probability from which a field is meant; below it the decision
	// states a doubt. 0: 0.5, even odds.
	Sure float64
	// Go is the probability from which a must-go rule fires. 0: 0.3: one that is
	// missed costs more than a person asked in vain, and on the open halves of
	// evals/triage no more decoys fire there than at 0.5.
	Go float64
	// Apart is the probability of being in scope from which a part of a message
	// is a matter of its own. 0: 0.4.
	Apart float64
}

// Engine decides what messages are; safe for concurrent use. It asks nobody but
// its Sites, which keep what they know in memory.
type Engine struct {
	deps    Deps
	cfg     Config
	recipe  recipe
	learned *learned // nil: nothing is
	tellers tellers
	shipped Policy
	earlier *earlier
}

// New returns an Engine, or an error that names what is missing.
func New(d Deps, cfg Config) (*Engine, error) {
	if d.Reader == nil {
		return nil, errors.New("triage: Reader is required")
	}
	cfg.Sure, cfg.Go, cfg.Apart = cmp.Or(cfg.Sure, 0.5), cmp.Or(cfg.Go, 0.3), cmp.Or(cfg.Apart, 0.4)
	for _, p := range []float64{cfg.Sure, cfg.Go, cfg.Apart} {
		if !(p > 0 && p <= 1) {
			return nil, errors.New("triage config: Sure, Go and Apart lie above 0 and at most at 1")
		}
	}
	e := &Engine{deps: d, cfg: cfg, recipe: plainVotes{}, earlier: newEarlier()}
	if d.Model != nil {
		e.learned = &learned{model: d.Model}
		e.recipe = e.learned
	}
	var err error
	if e.tellers, err = readTellers(); err != nil {
		return nil, err
	}
	e.shipped, err = DefaultPolicy()
	return e, err
}

// Reading is what a message says by itself, before anything is looked up.
type Reading struct {
	Message Message
	Text    string // what the customer says now: cut, without quoted mail and told labels
	Query   string // what to search for; empty: there is nothing
	Small   Small
	Wish    Wish
	Rules   []Fired // that fire by the words alone, the surest first
	Rule    string  // of phrases that decided, for a trace
	Lang    string

	site      *Site
	told      bool
	whole     bool
	unknown   bool // the history has a role that does not exist
	unsettled bool // what the site settled could not be read
	conduct   Conduct
	past      []string // what the customer said before, oldest first
	wishOf    func(vec []float32) Wish
	rulesOf   func(vec []float32) []Fired
	heard     func() heard
}

// Read reads a message by itself. Where what the site settled cannot be read,
// the shipped policy stands in, and the decision says so.
func (e *Engine) Read(ctx context.Context, m Message) Reading {
	r := e.read(ctx, m)
	r.heard = sync.OnceValue(func() heard { return e.hear(r) })
	return r
}

func (e *Engine) read(ctx context.Context, m Message) Reading {
	r := Reading{Message: m, site: &Site{ID: m.Site, shipped: e.shipped}}
	if e.deps.Sites != nil {
		s, err := e.deps.Sites.Site(ctx, m.Site)
		if err != nil {
			r.unsettled = true
		} else {
			r.site = s
		}
	}
	r.past, r.unknown = m.past()
	text, whole := e.speech(m.Text)
	r.whole = whole
	r.Text, r.told = e.tellers.strip(text)
	r.Query = r.Text
	if m.Query != "" {
		r.Query, _ = e.tellers.strip(e.query(m))
	}
	if !speaks(r.Text) {
		return r
	}
	signals := e.deps.Reader.Read(r.Text)
	r.Small, r.Rule, r.Lang = signals.Small, signals.Rule, signals.Lang
	r.Wish = Wish{Outright: signals.WantsPerson, Rule: signals.Rule}
	if signals.WantsPerson {
		r.Wish.P = outright
	}
	if f := e.deps.Readers.Wish; f != nil {
		r.wishOf = f(r.Text)
		r.Wish = r.wishOf(nil)
		if r.Wish.Outright && (r.Small == Chat || r.Small == Ending) {
			r.Small = NoSmall // "are you a robot? a person, please": the wish is what counts
		}
		if r.Rule = r.Wish.Rule; r.Small != NoSmall {
			r.Rule = signals.Rule
		}
	}
	if f := e.deps.Readers.Language; f != nil && r.Lang == "" {
		r.Lang, _ = f(r.Text, m.Lang)
	}
	r.rulesOf = e.rules(r, r.Text)
	r.Rules = atOnce(r.rulesOf(nil))
	if len(r.Rules) == 0 && r.told { // nobody talks a danger away by telling a label beside it
		r.Rules = e.rules(r, text)(nil)
	}
	r.conduct = e.conduct(r)
	return r
}

// speech is what a customer says in a text now, cut, and whether it is whole:
// old mail below a message is not said again.
func (e *Engine) speech(s string) (said string, whole bool) {
	said, whole = cut(strings.ToValidUTF8(s, "�"))
	if f := e.deps.Readers.Speech; f != nil {
		said = f(said)
	}
	return said, whole
}

// query is what a message's Query says now. What was said before it and the
// message itself are read apart: old mail below the first would else go on to
// the end of the second.
func (e *Engine) query(m Message) string {
	before, own := strings.CutSuffix(m.Query, m.Text)
	said, _ := e.speech(before)
	if own {
		now, _ := e.speech(m.Text)
		said += now
	}
	said, _ = cut(said)
	return said
}

// outright is the probability that a message that says so wants a person.
const outright = 0.98

// rules are those that fire of a text, as the site has them, given its vector.
func (e *Engine) rules(r Reading, text string) func(vec []float32) []Fired {
	f := e.deps.Readers.Rules
	if r.site.reads != nil {
		f = r.site.reads.Rules
	}
	if f == nil {
		return func([]float32) []Fired { return nil }
	}
	heard := f(text)
	return func(vec []float32) []Fired {
		return slices.DeleteFunc(heard(vec), func(x Fired) bool { return x.P < e.cfg.Go })
	}
}

// atOnce are the rules that need not wait for the message's vector.
func atOnce(list []Fired) []Fired {
	return slices.DeleteFunc(list, func(x Fired) bool { return x.Doubt })
}

// conduct is how the customer has behaved so far.
func (e *Engine) conduct(r Reading) Conduct {
	c := Conduct{Waited: r.Message.Waited}
	now := e.earlier.hash(plainly(r.Text))
	for _, s := range r.past {
		s, _ := cut(s)
		if e.earlier.plain(s) == now {
			c.Repeats++
		}
		if e.earlier.failed(s, func() bool { return e.deps.Reader.Lean(s).Kind == LeanFail }) {
			c.FailedAnswers++
		}
	}
	if e.deps.Reader.Lean(r.Text).Kind == LeanFail {
		c.FailedAnswers++
	}
	return c
}

// Look searches for a part of a message; nil evidence fields are fine.
type Look func(ctx context.Context, query string) (retrieval.Evidence, error)

// topicRule is what a rule begins with that is a topic of the site's.
const topicRule = "topic:"

// Decide decides what a message is, by what was read from it and by what a
// search for its Query found on its way (Query.Around). look is asked for each
// part of a message that seems to be about several things, and for nothing
// else; nil: parts are told apart by what was found for the whole.
func (e *Engine) Decide(ctx context.Context, r Reading, ev retrieval.Evidence, look Look) (Decision, error) {
	c := &circumstances{reading: r, site: r.site, evidence: ev}
	if ev.Around != nil {
		c.around = *ev.Around
	}
	c.vec = e.local(c.around.Vectors)
	d := Decision{Matters: []Matter{}}
	e.readText(r, c, &d)
	e.vote(c, r.Message.Shown)
	e.gather(c)
	if p, ok := e.account(c); ok {
		d.OwnDataP = round(max(p, d.OwnDataP)) // see account
	}
	v := e.recipe.weigh(c)
	d.DeskP, d.InScopeP = v.desks.normal().rounded(), round(min(max(v.inScope, 0), 1))
	d.Desk, _ = v.desks.normal().Best()
	e.name(c, &d)
	if d.Rule == "" && d.TopicP >= e.cfg.Sure && slices.Contains(r.site.Policy.GoTopics, d.Topic) {
		d.Rule, d.RuleP = topicRule+d.Topic, d.TopicP
	}
	if err := e.matters(ctx, c, &d, look); err != nil {
		return d, err
	}
	e.doubts(c, &d)
	if r.Message.Explain {
		d.Why = explain(c, v, d)
	}
	return d, nil
}

// Safety are the first words to the customer for a rule, the site's own before
// the shipped ones, in the language that fits best; empty: there are none.
func (e *Engine) Safety(r Reading, rule string) string {
	if rule == "" {
		return ""
	}
	f := e.deps.Readers.Safety
	if r.site.reads != nil {
		f = r.site.reads.Safety
	}
	if f == nil {
		return ""
	}
	for _, lang := range []string{r.Lang, r.Message.Lang, "en"} {
		primary, _, _ := strings.Cut(strings.ToLower(lang), "-")
		if s := f(rule, primary); s != "" {
			return s
		}
	}
	return ""
}
