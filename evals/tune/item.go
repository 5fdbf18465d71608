package tune

import (
	"slices"
	"strings"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

// Wants is what a turn's case wants.
type Wants string

// What can be wanted.
const (
	WantsAnswer  Wants = "answer"
	WantsChoice  Wants = "choices" // it could mean several things
	WantsNothing Wants = "none"    // the knowledge has no answer
	WantsPerson  Wants = "person"
)

// AllWants lists them in the order of reports.
func AllWants() []Wants { return []Wants{WantsAnswer, WantsChoice, WantsNothing, WantsPerson} }

// WantsOf says what an expectation wants; ok is false where it says too little.
func WantsOf(e cases.Expect) (w Wants, ok bool) {
	named := len(e.Articles)+len(e.Top)+len(e.Facts) > 0
	switch {
	case e.Handoff == cases.Must:
		return WantsPerson, true
	case e.Missing:
		return WantsNothing, true
	case len(e.Action) > 0 && !e.Action.Has("answer") && e.Action.Has("clarify") && named:
		return WantsChoice, true
	case named && (len(e.Action) == 0 || e.Action.Has("answer")):
		return WantsAnswer, true
	default:
		return "", false
	}
}

// EndingOf says what a reply is worth to a customer whose case expects e. What
// the case allows by name is right.
func EndingOf(e cases.Expect, w Wants, r grade.Reply) Ending {
	named := e.Action.Has(r.Action)
	switch r.Action {
	case "answer":
		switch {
		case w == WantsPerson && !named:
			return MissedHandoff
		case w == WantsAnswer && (quotes(e, r) || len(r.Citations) == 0 && named && len(e.Articles)+len(e.Facts)+len(e.Top) == 0), named && quotes(e, r):
			return Right
		case w == WantsNothing && len(r.Citations) == 0: // small talk claims nothing
			return Right
		}
		return WrongAnswer
	case "clarify":
		switch {
		case w == WantsPerson && !named:
			return MissedHandoff
		case w == WantsNothing && !named:
			return Delay
		case w != WantsNothing && len(r.Choices) > 0 && !offers(e, r):
			return NeedlessHandoff // none of them helps: a person will have to
		case named || w == WantsChoice:
			return Right
		}
		return Delay
	case "none":
		switch {
		case named || w == WantsNothing:
			return Right
		case w == WantsPerson: // it offers one
			return Delay
		}
		return NeedlessHandoff
	default: // handoff, relay
		if named || w == WantsPerson || w == WantsNothing || e.Handoff == cases.Must {
			return Right
		}
		return NeedlessHandoff
	}
}

// quotes says whether what is quoted answers: from a right article, with every
// fact.
func quotes(e cases.Expect, r grade.Reply) bool {
	var text strings.Builder
	found := len(e.Articles)+len(e.Top) == 0
	for _, c := range r.Citations {
		found = found || e.Articles.Has(c.Article) || e.Top.Has(c.Article)
		text.WriteString(c.Title + "\n" + c.Quote + "\n")
	}
	says := text.String() + r.Text
	return found && len(r.Citations) > 0 && !slices.ContainsFunc(e.Facts, func(f string) bool { return !strings.Contains(says, f) })
}

// offers says whether one of the choices is a right article; where the case names
// none, whether one's line holds a fact.
func offers(e cases.Expect, r grade.Reply) bool {
	return slices.ContainsFunc(r.Choices, func(c grade.Choice) bool {
		if len(e.Articles)+len(e.Top) == 0 {
			return slices.ContainsFunc(e.Facts, func(f string) bool { return strings.Contains(c.Quote, f) })
		}
		return e.Articles.Has(c.Article) || e.Top.Has(c.Article)
	})
}

// Bands in the order of an item's endings.
const (
	Sure  = iota // it is quoted
	Maybe        // choices are offered
	No           // neither
	bands
)

// Item is a turn with what comes of it in each band.
type Item struct {
	Case    string
	Cluster string
	Frozen  bool
	Wants   Wants
	P       float64 // that the first passage answers
	Near    float64 // that one of the first three does
	Ends    [bands]Ending
	Does    [bands]string // the action
}

// TurnsOf are the turns of a case, from 0, that say something and what is right.
func TurnsOf(c cases.Case) []int {
	var out []int
	for i, t := range c.Turns {
		if _, ok := WantsOf(t.Expect); ok && t.Say != "" {
			out = append(out, i)
		}
	}
	return out
}

// ClusterOf is what cases share that stand or fall together: the conversation
// they were harvested from, else the first article that a turn names, else
// nothing. All turns of a case have that of its first.
func ClusterOf(c cases.Case, turn int) string {
	if fields := strings.Fields(c.Source); len(fields) > 1 && fields[0] == "harvest" {
		return "conversation " + fields[1]
	}
	e := c.Turns[turn].Expect
	for _, list := range []cases.List{e.Articles, e.Top} {
		if len(list) > 0 {
			return "article " + list[0]
		}
	}
	return "case " + c.ID
}

// FrozenCase says whether a case only ever judges.
func FrozenCase(c cases.Case) bool {
	return c.Suite == "harvest-frozen" || slices.Contains(c.Tags, "frozen")
}

// Thresholds of a site.
type Thresholds struct {
	Sure  float64 `json:"threshold"` // from which a passage is quoted, by P
	Maybe float64 `json:"maybe"`     // from which choices are offered, by Near
}

// band is where an item falls.
func (i *Item) band(t Thresholds) int {
	switch {
	case i.P >= t.Sure:
		return Sure
	case i.Near >= t.Maybe:
		return Maybe
	default:
		return No
	}
}
