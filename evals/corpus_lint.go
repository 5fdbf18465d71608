package evals

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/retrieval"
)

// Finding is what a business of the corpus lacks.
type Finding struct {
	Business string `json:"business"`
	At       string `json:"at,omitempty"` // message or article; empty: the business as a whole
	Rule     string `json:"rule"`
	Says     string `json:"says"`
}

func (f Finding) String() string {
	at := f.Business
	if f.At != "" {
		at += " " + f.At
	}
	return fmt.Sprintf("%s: %s: %s", at, f.Rule, f.Says)
}

// What a business must have at least: how many, and which parts of its messages.
const (
	minArticles   = 40
	minMessages   = 150
	minNone       = 15
	minBoth       = 10
	minNotCovered = 40

	minIndirect      = 0.40
	minTypo          = 0.10
	minStory         = 0.15
	minOtherLanguage = 0.15
	minShort         = 0.10
	minNearMiss      = 0.50 // of those that are not covered

	maxShortWords = 6 // of a very short message
)

// Lint lists what is wrong with a business by itself: how much it has, and
// whether its labels hold against its articles. LintLikeness and LintWords
// look further.
func Lint(b Business) []Finding {
	l := &linter{b: b, articles: map[string]retrieval.Article{}}
	l.lintArticles()
	l.lintAmounts()
	for _, m := range b.Messages {
		l.lintMessage(m)
	}
	return l.found
}

type linter struct {
	b        Business
	articles map[string]retrieval.Article
	found    []Finding
}

func (l *linter) say(at, rule, format string, args ...any) {
	l.found = append(l.found, Finding{Business: l.b.Slug, At: at, Rule: rule, Says: fmt.Sprintf(format, args...)})
}

func (l *linter) lintArticles() {
	for _, a := range l.b.Articles {
		if _, twice := l.articles[a.ID]; twice {
			l.say(a.ID, "article id", "two articles have this id")
		}
		l.articles[a.ID] = a
	}
	for _, a := range l.b.Articles {
		if by := a.SupersededBy; by != "" {
			if _, ok := l.articles[by]; !ok {
				l.say(a.ID, "article id", "it is superseded by %s, which does not exist", by)
			}
		}
	}
}

func (l *linter) lintAmounts() {
	count := map[string]int{}
	n := len(l.b.Messages)
	for _, m := range l.b.Messages {
		for _, k := range m.Kind {
			count[k]++
		}
	}
	for _, row := range []struct {
		rule       string
		have, want int
	}{
		{"articles", len(l.b.Articles), minArticles},
		{"messages", n, minMessages},
		{"none", count["none"], minNone},
		{"both", count["both"], minBoth},
		{"not covered", count["not_covered"], minNotCovered},
	} {
		if row.have < row.want {
			l.say("", row.rule, "there are %d, and must be %d", row.have, row.want)
		}
	}
	for _, row := range []struct {
		rule     string
		have, of int
		want     float64
	}{
		{"indirect", count["indirect"], n, minIndirect},
		{"typo", count["typo"], n, minTypo},
		{"story", count["story"], n, minStory},
		{"other language", count["other_language"], n, minOtherLanguage},
		{"short", count["short"], n, minShort},
		{"near miss", count[KindNearMiss], count["not_covered"], minNearMiss},
	} {
		if float64(row.have) < row.want*float64(row.of) {
			l.say("", row.rule, "%d of %d are, and %.0f %% must be", row.have, row.of, 100*row.want)
		}
	}
}

func (l *linter) lintMessage(m Message) {
	l.lintTags(m)
	l.lintIDs(m)
	l.lintFacts(m)
	l.lintMatters(m)
	if want, known := l.b.Topics[m.Topic]; !known {
		// What is about nothing, or about one of several things, has no topic.
		if m.Topic != "" || m.Expect != ExpectNone && m.Expect != ExpectAmbiguous {
			l.say(m.ID, "topic", "the business has no topic %q", m.Topic)
		}
	} else if want != m.Desk && m.Desk != "both" {
		l.say(m.ID, "topic", "it is for %s, its topic %s is for %s", m.Desk, m.Topic, want)
	}
	if !slices.Contains(l.b.Languages, m.Language) {
		l.say(m.ID, "language", "the business has no customers who write %q", m.Language)
	}
}

// lintTags holds tags against what they say.
func (l *linter) lintTags(m Message) {
	for _, row := range []struct {
		tag   string
		holds bool
	}{
		{"other_language", !m.English()},
		{"not_covered", m.Expect == ExpectNotCovered},
		{"ambiguous", m.Expect == ExpectAmbiguous},
		{"account", m.Expect == ExpectAccount},
		{"none", m.Expect == ExpectNone},
		{"both", m.Desk == "both"},
		{KindTwo, len(m.Matters) > 0},
		{KindFollowUp, len(m.History) > 0},
	} {
		if m.Is(row.tag) != row.holds {
			l.say(m.ID, "tags", "the tag %s and the rest of the label contradict each other", row.tag)
		}
	}
	if (m.Desk == "none") != (m.Expect == ExpectNone) {
		l.say(m.ID, "tags", "desk %s does not go with %s", m.Desk, m.Expect)
	}
	if m.Is("direct") && m.Is("indirect") {
		l.say(m.ID, "tags", "it cannot be direct and indirect")
	}
	if words := len(strings.Fields(m.Text)); m.Is("short") && words > maxShortWords {
		l.say(m.ID, "short", "it has %d words, a very short one at most %d", words, maxShortWords)
	}
}

// lintIDs makes sure that every article exists, that visitors may read it, and
// that an expectation names the articles it needs and no others.
func (l *linter) lintIDs(m Message) {
	for _, row := range []struct {
		field string
		ids   []string
	}{{"gold", m.Gold}, {"also", m.Also}, {"near", m.Near}, {"between", m.Between}} {
		for i, id := range row.ids {
			a, ok := l.articles[id]
			switch {
			case !ok:
				l.say(m.ID, "article id", "%s names %s, which does not exist", row.field, id)
			case a.Audience != retrieval.Public:
				l.say(m.ID, "agents only", "%s names %s, which visitors may not read", row.field, id)
			case slices.Contains(row.ids[:i], id):
				l.say(m.ID, "article id", "%s names %s twice", row.field, id)
			}
		}
	}
	for _, id := range m.Also {
		if slices.Contains(m.Gold, id) {
			l.say(m.ID, "article id", "%s is gold and also", id)
		}
	}
	switch {
	case m.Answerable() && len(m.Gold) == 0:
		l.say(m.ID, "gold", "it is answerable and names no gold article")
	case !m.Answerable() && m.Expect != ExpectAccount && len(m.Gold) > 0:
		l.say(m.ID, "gold", "it is %s and names gold articles", m.Expect)
	case m.Expect == ExpectAmbiguous && len(m.Between) < 2:
		l.say(m.ID, "between", "it is ambiguous and does not say between which two")
	case m.Expect != ExpectAmbiguous && len(m.Between) > 0:
		l.say(m.ID, "between", "it is %s and names articles it could mean", m.Expect)
	case m.Is(KindNearMiss) && len(m.Near) == 0:
		l.say(m.ID, "near", "it is a near miss and does not say of what")
	case m.Expect != ExpectNotCovered && len(m.Near) > 0:
		l.say(m.ID, "near", "it is %s and names articles it comes near to", m.Expect)
	}
}

func (l *linter) lintFacts(m Message) {
	if m.Answerable() && len(m.Facts) == 0 {
		l.say(m.ID, "facts", "it is answerable and names no fact")
	}
	if !m.Answerable() && len(m.Facts) > 0 {
		l.say(m.ID, "facts", "it is %s and names facts", m.Expect)
	}
	for _, f := range m.Facts {
		if !l.holds(m.Gold, f) {
			l.say(m.ID, "facts", "no gold article holds %q", f)
		}
	}
}

func (l *linter) lintMatters(m Message) {
	if len(m.Matters) == 1 {
		l.say(m.ID, "matters", "it is about two matters and names one")
	}
	for _, t := range m.Matters {
		if !strings.Contains(m.Text, t.Text) || strings.TrimSpace(t.Text) == "" {
			l.say(m.ID, "matters", "%q is no part of the message", t.Text)
		}
		for _, id := range t.Gold {
			if m.Answerable() && !slices.Contains(m.Gold, id) {
				l.say(m.ID, "matters", "%s is gold of a matter and not of the message", id)
			}
		}
		for _, f := range t.Facts {
			if !l.holds(t.Gold, f) {
				l.say(m.ID, "matters", "no gold article of its matter holds %q", f)
			}
			if !slices.Contains(m.Facts, f) {
				l.say(m.ID, "matters", "%q is a fact of a matter and not of the message", f)
			}
		}
	}
}

// holds says whether one of the articles holds the words, byte for byte.
func (l *linter) holds(ids []string, fact string) bool {
	return strings.TrimSpace(fact) != "" && slices.ContainsFunc(ids, func(id string) bool {
		return strings.Contains(l.articles[id].Body, fact)
	})
}
