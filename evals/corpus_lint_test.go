package evals

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/retrieval"
)

// soundBusiness is a business that no rule of Lint objects to; words are made
// up so that no message is like another.
func soundBusiness() Business {
	b := Business{Slug: "lamps", Name: "Lamps", Trade: "lamps", Languages: []string{"en", "de"}, Topics: map[string]string{"returns": "service"}}
	for i := range minArticles {
		b.Articles = append(b.Articles, retrieval.Article{ID: fmt.Sprint("a", i), Title: "T", Body: fmt.Sprintf("The fact is %d.", i)})
	}
	b.Articles = append(b.Articles, retrieval.Article{ID: "inner", Title: "T", Audience: retrieval.AgentsOnly, Body: "The fact is secret."})
	for i := range 200 {
		m := Message{
			ID: fmt.Sprint("lamps-", i), Text: fmt.Sprintf("message %x", i*7919), Language: "en", Kind: []string{"indirect", "typo", "story", "short"},
			Expect: ExpectAnswer, Gold: []string{"a1"}, Facts: []string{"fact is 1"}, Desk: "service", Topic: "returns",
		}
		switch {
		case i < 40:
			m.Kind = append(m.Kind, "not_covered", KindNearMiss)
			m.Expect, m.Gold, m.Facts, m.Near = ExpectNotCovered, nil, nil, []string{"a2"}
		case i < 60:
			m.Kind, m.Expect, m.Gold, m.Facts, m.Desk, m.Topic = []string{"none"}, ExpectNone, nil, nil, "none", ""
		case i < 70:
			m.Kind, m.Desk = append(m.Kind, "both"), "both"
		case i < 110:
			m.Language, m.Kind = "de", append(m.Kind, "other_language")
		case i < 112:
			m.Kind, m.Gold, m.Facts = append(m.Kind, KindTwo), []string{"a1", "a2"}, []string{"fact is 1", "fact is 2"}
			m.Matters = []Matter{{Gold: []string{"a1"}, Facts: []string{"fact is 1"}, Text: "message"}, {Gold: []string{"a2"}, Facts: []string{"fact is 2"}, Text: m.Text[8:]}}
		case i < 114:
			m.Kind, m.History = append(m.Kind, KindFollowUp), []Said{{Role: "customer", Text: "before"}}
		case i < 116:
			m.Kind, m.Expect, m.Gold, m.Facts, m.Between = append(m.Kind, "ambiguous"), ExpectAmbiguous, nil, nil, []string{"a1", "a2"}
		case i < 118:
			m.Kind, m.Expect, m.Facts = append(m.Kind, "account"), ExpectAccount, nil
		}
		b.Messages = append(b.Messages, m)
	}
	return b
}

// untag takes a tag off so many messages.
func untag(b *Business, kind string, keep int) {
	for i := range b.Messages {
		if keep--; keep < 0 {
			b.Messages[i].Kind = slices.DeleteFunc(slices.Clone(b.Messages[i].Kind), func(k string) bool { return k == kind })
		}
	}
}

func TestLint_EachRuleFindsWhatItIsFor(t *testing.T) {
	t.Parallel()
	if found := Lint(soundBusiness()); len(found) > 0 {
		t.Fatalf("a sound business: %v", found)
	}
	const answer, near, none, both, other, two, follow, ambiguous, account = 150, 0, 50, 60, 70, 110, 112, 114, 116
	for name, row := range map[string]struct {
		spoil      func(b *Business)
		rule, says string
	}{
		"too few articles":        {func(b *Business) { b.Articles = b.Articles[2:] }, "articles", "must be 40"},
		"too few messages":        {func(b *Business) { b.Messages = b.Messages[:149] }, "messages", "149"},
		"too few none":            {func(b *Business) { b.Messages = slices.Delete(b.Messages, 40, 46) }, "none", "14"},
		"too few both":            {func(b *Business) { b.Messages = slices.Delete(b.Messages, 60, 61) }, "both", "9"},
		"too few not covered":     {func(b *Business) { b.Messages = b.Messages[1:] }, "not covered", "39"},
		"too few indirect":        {func(b *Business) { untag(b, "indirect", 60) }, "indirect", "40 %"},
		"too few typos":           {func(b *Business) { untag(b, "typo", 15) }, "typo", "10 %"},
		"too few stories":         {func(b *Business) { untag(b, "story", 20) }, "story", "15 %"},
		"too few very short":      {func(b *Business) { untag(b, "short", 10) }, "short", "10 %"},
		"too few near misses":     {func(b *Business) { untag(b, KindNearMiss, 19) }, "near miss", "19 of 40"},
		"too few other languages": {func(b *Business) { b.Messages = slices.Delete(b.Messages, 70, 85) }, "other language", "15 %"},

		"two articles of one id":          {func(b *Business) { b.Articles[3].ID = "a2" }, "article id", "two articles"},
		"superseded by nothing":           {func(b *Business) { b.Articles[3].SupersededBy = "gone" }, "article id", "gone"},
		"gold that does not exist":        {func(b *Business) { b.Messages[answer].Gold = []string{"a1", "gone"} }, "article id", "gone"},
		"also that does not exist":        {func(b *Business) { b.Messages[answer].Also = []string{"gone"} }, "article id", "also names gone"},
		"near that does not exist":        {func(b *Business) { b.Messages[near].Near = []string{"gone"} }, "article id", "near names gone"},
		"between that does not exist":     {func(b *Business) { b.Messages[ambiguous].Between[1] = "gone" }, "article id", "between names gone"},
		"gold twice":                      {func(b *Business) { b.Messages[answer].Gold = []string{"a1", "a1"} }, "article id", "twice"},
		"gold and also":                   {func(b *Business) { b.Messages[answer].Also = []string{"a1"} }, "article id", "gold and also"},
		"gold for agents only":            {func(b *Business) { b.Messages[answer].Gold = []string{"a1", "inner"} }, "agents only", "inner"},
		"answerable by nothing":           {func(b *Business) { b.Messages[answer].Gold = nil }, "gold", "no gold"},
		"not covered with gold":           {func(b *Business) { b.Messages[near].Gold = []string{"a1"} }, "gold", "not_covered"},
		"ambiguous without a second":      {func(b *Business) { b.Messages[ambiguous].Between = []string{"a1"} }, "between", "which two"},
		"an answer between":               {func(b *Business) { b.Messages[answer].Between = []string{"a1"} }, "between", "could mean"},
		"a near miss of nothing":          {func(b *Business) { b.Messages[near].Near = nil }, "near", "of what"},
		"an answer near":                  {func(b *Business) { b.Messages[answer].Near = []string{"a1"} }, "near", "comes near"},
		"a fact that is nowhere":          {func(b *Business) { b.Messages[answer].Facts = []string{"Fact is 1"} }, "facts", `"Fact is 1"`},
		"a fact that is blank":            {func(b *Business) { b.Messages[answer].Facts = []string{" "} }, "facts", `" "`},
		"an answer without a fact":        {func(b *Business) { b.Messages[answer].Facts = nil }, "facts", "no fact"},
		"an account with a fact":          {func(b *Business) { b.Messages[account].Facts = []string{"fact is 1"} }, "facts", "account"},
		"one matter":                      {func(b *Business) { b.Messages[two].Matters = b.Messages[two].Matters[:1] }, "matters", "names one"},
		"a matter's words elsewhere":      {func(b *Business) { b.Messages[two].Matters[0].Text = "Message" }, "matters", "no part"},
		"a matter without words":          {func(b *Business) { b.Messages[two].Matters[0].Text = "" }, "matters", "no part"},
		"a matter with gold of its own":   {func(b *Business) { b.Messages[two].Matters[0].Gold = []string{"a1", "a3"} }, "matters", "a3"},
		"a matter with another's fact":    {func(b *Business) { b.Messages[two].Matters[0].Facts = []string{"fact is 2"} }, "matters", "of its matter"},
		"a matter with a fact of its own": {func(b *Business) { b.Messages[two].Matters[0].Facts = []string{"The fact is 1"} }, "matters", "and not of the message"},

		"English in another language": {func(b *Business) { b.Messages[other].Language = "en" }, "tags", "other_language"},
		"two without matters":         {func(b *Business) { b.Messages[two].Matters = nil }, "tags", "two"},
		"a follow-up to nothing":      {func(b *Business) { b.Messages[follow].History = nil }, "tags", "follow_up"},
		"none for a desk":             {func(b *Business) { b.Messages[none].Desk = "support" }, "tags", "desk support"},
		"both for one desk":           {func(b *Business) { b.Messages[both].Desk = "service" }, "tags", "both"},
		"an expectation without tag":  {func(b *Business) { b.Messages[near].Expect = ExpectAccount }, "tags", "not_covered"},
		"direct and indirect":         {func(b *Business) { b.Messages[answer].Kind = append(b.Messages[answer].Kind, "direct") }, "tags", "direct and indirect"},
		"a long very short one":       {func(b *Business) { b.Messages[answer].Text = "one two three four five six seven" }, "short", "7 words"},
		"a topic nobody knows":        {func(b *Business) { b.Messages[answer].Topic = "lights" }, "topic", "lights"},
		"an answer without a topic":   {func(b *Business) { b.Messages[answer].Topic = "" }, "topic", `no topic ""`},
		"a topic of another desk":     {func(b *Business) { b.Messages[answer].Desk = "support" }, "topic", "support"},
		"a language nobody speaks":    {func(b *Business) { b.Messages[other].Language = "fr" }, "language", `"fr"`},
	} {
		b := soundBusiness()
		row.spoil(&b)
		if !slices.ContainsFunc(Lint(b), func(f Finding) bool {
			return f.Business == "lamps" && f.Rule == row.rule && strings.Contains(f.String(), row.says)
		}) {
			t.Errorf("%s: no finding of rule %q that says %q: %v", name, row.rule, row.says, Lint(b))
		}
	}
}

func said(business, id, text string, history ...string) Business {
	m := Message{ID: id, Text: text, Expect: ExpectAnswer}
	for _, h := range history {
		m.History = append(m.History, Said{Role: "customer", Text: h})
	}
	return Business{Slug: business, Messages: []Message{m}}
}

func TestLintLikeness_ByHand(t *testing.T) {
	t.Parallel()
	const long = "the lamp I ordered last week went dark this morning and now it smells"
	for name, row := range map[string]struct {
		a, b Business
		like bool
	}{
		"the same words":                         {said("x", "1", "Do you take PayPal?"), said("x", "2", "do you take paypal"), true},
		"a letter more":                          {said("x", "1", long), said("x", "2", long+"s"), true},
		"other words":                            {said("x", "1", long), said("x", "2", "where is the parcel that you sent to my mother"), false},
		"short ones of two businesses":           {said("x", "1", "do you take paypal"), said("y", "2", "do you take paypal"), false},
		"long ones of two businesses":            {said("x", "1", long), said("y", "2", long), true},
		"the same after something else was said": {said("x", "1", "that didn't work", "my lamp is dark and I pressed the button"), said("x", "2", "that didn't work", "how do I pay by invoice in three parts"), false},
		"words without letters":                  {said("x", "1", "???"), said("x", "2", "!!!"), true},
	} {
		a, b := row.a, row.b
		list := []Business{a, b}
		if a.Slug == b.Slug {
			a.Messages = append(a.Messages, b.Messages...)
			list = []Business{a}
		}
		if found := LintLikeness(list); (len(found) > 0) != row.like {
			t.Errorf("%s: %v", name, found)
		}
	}
	trick := func(slug string) Business {
		b := said(slug, slug, long)
		b.Messages[0].Expect = ExpectNone
		return b
	}
	if found := LintLikeness([]Business{trick("x"), trick("y")}); len(found) > 0 {
		t.Errorf("what is no question, of two businesses: %v", found)
	}
}

// byWords finds an article for a question by what the test says.
type byWords map[string]retrieval.Found

func (f byWords) Find(_ context.Context, q retrieval.Query) (retrieval.Found, error) {
	found, ok := f[q.Text]
	if !ok {
		return found, fmt.Errorf("nobody said what to find for %q", q.Text)
	}
	return found, nil
}

func TestLintWords_CountsSingleAnswerableQuestionsInEnglish(t *testing.T) {
	t.Parallel()
	found := func(bySection, byArticle string) retrieval.Found {
		var list []retrieval.Candidate
		for i, id := range []string{"a", "b"} {
			c := retrieval.Candidate{Passage: retrieval.Passage{ArticleNo: i + 1, Chunk: i + 1, ArticleID: id, Lang: "en"}, ChunkNo: i + 1, BM25: 0.1, ArticleBM25: 0.1}
			if id == bySection {
				c.BM25 = 3
			}
			if id == byArticle {
				c.ArticleBM25 = 3
			}
			list = append(list, c)
		}
		return retrieval.Found{Lang: "en", Candidates: retrieval.Candidates{Sections: 2, Terms: []retrieval.TermUse{{Rarity: 3}}, List: list}}
	}
	f := byWords{"one": found("a", "a"), "two": found("b", "a"), "three": found("b", "b"), "four": found("b", "b")}
	b := Business{Slug: "x"}
	for _, text := range []string{"one", "two", "three", "four"} {
		b.Messages = append(b.Messages, Message{ID: text, Text: text, Language: "en", Expect: ExpectAnswer, Gold: []string{"a"}})
	}
	// None of these is asked: the finder would fail.
	b.Messages = append(b.Messages,
		Message{ID: "5", Text: "five", Language: "de", Expect: ExpectAnswer, Gold: []string{"a"}},
		Message{ID: "6", Text: "six", Language: "en", Kind: []string{KindTwo}, Expect: ExpectAnswer, Gold: []string{"a"}},
		Message{ID: "7", Text: "seven", Language: "en", History: []Said{{"customer", "x"}}, Expect: ExpectAnswer, Gold: []string{"a"}},
		Message{ID: "8", Text: "eight", Language: "en", Expect: ExpectNotCovered},
	)
	w, err := WordsFirst(t.Context(), f, 1, b)
	if err != nil {
		t.Fatal(err)
	}
	if w.Questions != 4 || w.Section.Value != 0.25 || w.Article.Value != 0.5 || w.Highest() != 0.5 {
		t.Errorf("%+v", w)
	}
	if found := LintWords("x", w); len(found) != 1 || !strings.Contains(found[0].String(), "0.500") {
		t.Errorf("%v", found)
	}
	w.Article.Value, w.Product.Value = maxWordsR1, 0.2
	if found := LintWords("x", w); len(found) != 0 {
		t.Errorf("at the limit: %v", found)
	}
	b.Messages = b.Messages[4:]
	if _, err := WordsFirst(t.Context(), f, 1, b); err == nil {
		t.Error("a business without such a question was measured")
	}
}
