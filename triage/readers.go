package triage

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"golang.org/x/text/unicode/norm"

	"frontdesk/triage/lang"
	"frontdesk/triage/matters"
	"frontdesk/triage/mood"
	"frontdesk/triage/mustgo"
	"frontdesk/triage/own"
	"frontdesk/triage/pii"
	"frontdesk/triage/text"
	"frontdesk/triage/wish"
)

// Readers are what is read from a text alone, without the site's knowledge. A
// nil one reads nothing.
type Readers struct {
	// Language of a text, given that of the page it was written on.
	Language func(text, page string) (lang string, p float64)
	// Wish is whether the customer wants a person. The words are read at once;
	// what they mean is asked with the text's vector under the local multilingual
	// model, nil without, as often as need be.
	Wish func(text string) func(vec []float32) Wish
	// Rules are the must-go rules that fire, the surest first; likewise.
	Rules func(text string) func(vec []float32) []Fired
	// Safety are the first words to a customer for a rule, in a language; empty:
	// there are none.
	Safety func(rule, lang string) string
	// OwnData is the probability that the customer's own data would have to be
	// looked up.
	OwnData func(text string) (p float64, why string)
	Mood    func(text string, c Conduct) Feeling
	// Matters are the parts of a text that may be matters of their own.
	Matters  func(text string) []Span
	Personal func(text string, orderNumbers []string) []Personal
	// Speech is what the customer says in a text now: without quoted old mail.
	// What it leaves out is as long in bytes as what stood there.
	Speech func(text string) string
	// Site makes the readers of a site with rules or safety words of its own. The
	// error is of kind fault.Invalid and says what is wrong with them.
	Site func(Policy) (SiteReaders, error)
}

// Wish is whether a text wants a person.
type Wish struct {
	P        float64
	Outright bool // it says so; nothing has to be looked up to know
	Rule     string
}

// Fired is a must-go rule that fired.
type Fired struct {
	Rule string
	P    float64
	Why  string
	From int // bytes of the text that set it off; To is 0 where the whole did
	To   int
	// Doubt says that words say it and the rest of the message speaks against it:
	// it holds if nothing more is learned.
	Doubt bool
}

// Conduct is how a customer has behaved so far.
type Conduct struct {
	Repeats       int // messages before that say the same
	FailedAnswers int // times they said that an answer did not help
	Waited        time.Duration
}

// Feeling is how a customer feels, and how much it presses.
type Feeling struct {
	Mood    float64 // -1 … 1
	Urgency float64 // 0 … 1
	Why     []string
}

// Span is a part of a text, in bytes.
type Span struct{ From, To int }

// NewReaders are the readers that are built in.
func NewReaders() (Readers, error) {
	languages, err := lang.New()
	if err != nil {
		return Readers{}, err
	}
	finder, err := pii.New()
	if err != nil {
		return Readers{}, err
	}
	feelings, err := mood.New()
	if err != nil {
		return Readers{}, err
	}
	splitter, err := matters.New()
	if err != nil {
		return Readers{}, err
	}
	wishes, err := wish.New()
	if err != nil {
		return Readers{}, err
	}
	rules, err := mustgo.New()
	if err != nil {
		return Readers{}, err
	}
	accounts, err := own.New()
	if err != nil {
		return Readers{}, err
	}
	return Readers{
		Wish: func(s string) func([]float32) Wish {
			heard := wishes.Hear(s)
			return func(vec []float32) Wish {
				w := heard.Wish(vec)
				return Wish{P: w.P, Outright: w.Outright, Rule: w.Rule}
			}
		},
		Rules:   rulesOf(rules),
		Safety:  rules.Safety,
		Site:    func(p Policy) (SiteReaders, error) { return siteRules(rules, p) },
		OwnData: accounts.Read,
		Matters: func(s string) []Span {
			var out []Span
			for _, x := range splitter.Split(s) {
				out = append(out, Span{From: x.From, To: x.To})
			}
			return out
		},
		Language: func(s, page string) (string, float64) {
			return languages.Detect(norm.NFKC.String(s), page) // ｆｕｌｌ ｗｉｄｔｈ is no language of its own
		},
		Personal: func(s string, orderNumbers []string) []Personal {
			var out []Personal
			for _, x := range finder.FindWith(s, orderNumbers) {
				out = append(out, Personal{Kind: x.Kind, From: x.From, To: x.To})
			}
			return out
		},
		Mood: func(s string, c Conduct) Feeling {
			f := feelings.Read(s, mood.Conduct{Repeats: c.Repeats, FailedAnswers: c.FailedAnswers, Waited: c.Waited})
			return Feeling{Mood: f.Mood, Urgency: f.Urgency, Why: f.Why}
		},
		Speech: text.Speech,
	}, nil
}

func rulesOf(r *mustgo.Reader) func(string) func([]float32) []Fired {
	return func(s string) func([]float32) []Fired {
		heard := r.Hear(s)
		return func(vec []float32) []Fired { return fired(heard.Match(vec)) }
	}
}

// fired are the surest rules first.
func fired(list []mustgo.Match) []Fired {
	out := make([]Fired, 0, len(list))
	for _, m := range list {
		out = append(out, Fired(m))
	}
	slices.SortStableFunc(out, func(a, b Fired) int { return cmp.Compare(b.P, a.P) })
	return out
}

// SiteReaders are the readers that a site's own policy changes.
type SiteReaders struct {
	Rules  func(text string) func(vec []float32) []Fired
	Safety func(rule, lang string) string
}

// siteRules are the rules of a site; what is large is shared's.
func siteRules(shared *mustgo.Reader, p Policy) (SiteReaders, error) {
	if !p.ownRules() {
		return SiteReaders{}, nil
	}
	var off []string
	for _, name := range slices.Sorted(maps.Keys(p.Rules)) {
		if !p.Rules[name] {
			off = append(off, name)
		}
	}
	r, err := shared.With(mustgo.Rules{Off: off, Words: p.Words, Safety: p.Safety})
	if err != nil {
		return SiteReaders{}, badPolicy("the must-go rules: %v", err)
	}
	return SiteReaders{Rules: rulesOf(r), Safety: r.Safety}, nil
}
