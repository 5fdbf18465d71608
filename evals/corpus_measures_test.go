package evals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

func message(id string, e Expect, change func(*Message)) Message {
	m := Message{ID: id, Text: id, Language: "en", Expect: e}
	if e == ExpectAnswer {
		m.Gold, m.Facts = []string{"a"}, []string{"45 days"}
	}
	if change != nil {
		change(&m)
	}
	return m
}

func quote(article, text string) []Quote { return []Quote{{Article: article, Text: text}} }

func TestVerdict_ByHand(t *testing.T) {
	t.Parallel()
	two := message("two", ExpectAnswer, func(m *Message) {
		m.Gold, m.Facts = []string{"a", "b"}, []string{"45 days", "a red lamp"}
	})
	for name, row := range map[string]struct {
		m      Message
		quotes []Quote
		want   Verdict
	}{
		"the fact, marked up and on two lines":  {message("m", ExpectAnswer, nil), quote("a", "within **45\ndays** of it"), RightQuote},
		"the right article without the fact":    {message("m", ExpectAnswer, nil), quote("a", "within days of it"), FactMissing},
		"the fact in another article":           {message("m", ExpectAnswer, nil), quote("x", "45 days"), WrongArticle},
		"a fair article that holds it":          {message("m", ExpectAnswer, func(m *Message) { m.Also = []string{"x"} }), quote("x", "45 days"), RightQuote},
		"a second article that does not answer": {message("m", ExpectAnswer, nil), append(quote("a", "45 days"), Quote{"x", "more"}), WrongArticle},
		"both articles with both facts":         {two, append(quote("a", "45 days"), Quote{"b", "a red lamp"}), RightQuote},
		"one of two":                            {two, quote("a", "45 days"), FactMissing},
		"what is not covered":                   {message("m", ExpectNotCovered, nil), quote("a", "45 days"), NotToQuote},
		"what is no question":                   {message("m", ExpectNone, nil), quote("a", "45 days"), NotToQuote},
		"an account, its article":               {message("m", ExpectAccount, func(m *Message) { m.Gold = []string{"a"} }), quote("a", "x"), RightQuote},
		"an account, another article":           {message("m", ExpectAccount, nil), quote("a", "x"), NotToQuote},
		"ambiguous, one of them":                {message("m", ExpectAmbiguous, func(m *Message) { m.Between = []string{"a", "b"} }), quote("a", "x"), NotToQuote},
		"ambiguous, both of them":               {message("m", ExpectAmbiguous, func(m *Message) { m.Between = []string{"a", "b"} }), append(quote("a", "x"), Quote{"b", "y"}), RightQuote},
		"nothing":                               {message("m", ExpectAnswer, nil), nil, NoQuote},
	} {
		if got := verdict(row.m, row.quotes); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// handful is ten judgements whose measures are counted by hand below.
func handful() []Judgement {
	inside, outside := "within 45 days | --- | of it", "soon"
	d := func(a Action, p float64, quotes []Quote, choices []string, hits ...string) Decision {
		return Decision{Action: a, P: p, Quotes: quotes, Choices: choices, Hits: hits}
	}
	var out []Judgement
	for i, row := range []struct {
		m Message
		d Decision
	}{
		{message("right", ExpectAnswer, nil), d(ActAnswer, 0.9, quote("a", inside), nil, "a", "b")},
		{message("lacking", ExpectAnswer, nil), d(ActAnswer, 0.8, quote("a", outside), nil, "a", "b")},
		{message("wrong", ExpectAnswer, nil), d(ActAnswer, 0.7, quote("b", inside), nil, "b", "a")},
		{message("chosen", ExpectAnswer, nil), d(ActClarify, 0.4, quote("b", inside), []string{"b", "c", "a"}, "b", "c", "x", "a")},
		{message("lost", ExpectAnswer, nil), d(ActNone, 0.1, quote("a", inside), nil, "x", "y")},
		{message("uncovered", ExpectNotCovered, nil), d(ActAnswer, 0.6, quote("a", inside), nil, "a")},
		{message("refused", ExpectNotCovered, nil), d(ActClarify, 0.3, quote("a", inside), []string{"a"}, "a")},
		{message("hello", ExpectNone, nil), d(ActAnswer, 0, nil, nil)},
		{message("unclear", ExpectAmbiguous, func(m *Message) { m.Between = []string{"a", "b"} }), d(ActClarify, 0.5, quote("a", inside), []string{"a", "b"}, "a", "b")},
		{message("twofold", ExpectAnswer, func(m *Message) {
			m.Kind, m.Language, m.Gold, m.Facts = []string{KindTwo}, "de", []string{"a", "b"}, []string{"45 days", "soon"}
			m.Matters = []Matter{{Gold: []string{"a"}}, {Gold: []string{"b"}}}
		}), d(ActAnswer, 0.55, append(quote("a", inside), Quote{"b", outside}), nil, "b", "a")},
	} {
		b := "lamps"
		if i > 4 {
			b = "doors"
		}
		out = append(out, judge(b, row.m, row.d))
	}
	return out
}

func TestScore_ByHand(t *testing.T) {
	t.Parallel()
	got := score(handful(), false)
	// Answerable: right, lacking, wrong, chosen, lost, twofold; without the last
	// where one question counts. Unanswerable: uncovered, refused, hello.
	for name, want := range map[string]struct {
		value float64
		of    int
	}{
		"r1": {2.0 / 5, 5}, "r3": {3.0 / 5, 5}, "r5": {4.0 / 5, 5},
		"mrr":                  {(1 + 1 + 0.5 + 0.25) / 5, 5},
		"ndcg10":               {(1 + 1 + 1/math.Log2(3) + 1/math.Log2(5)) / 5, 5},
		"all_gold5":            {5.0 / 6, 6},
		"quoted":               {4.0 / 6, 6},
		"quoted_right":         {2.0 / 6, 6},
		"quotes_wrong":         {3.0 / 5, 5},
		"wrong_article":        {1.0 / 5, 5},
		"wrong_fact_missing":   {1.0 / 5, 5},
		"wrong_not_to_quote":   {1.0 / 5, 5},
		"shown":                {4.0 / 6, 6}, // right, lacking, chosen, twofold
		"unanswerable_quoted":  {1.0 / 3, 3},
		"unanswerable_choices": {1.0 / 3, 3},
		"not_covered_quoted":   {1.0 / 2, 2},
		"facts_inside":         {3.0 / 4, 4}, // right, lost, twofold; not lacking
		"choices":              {3.0 / 10, 10},
		"choices_hit":          {1, 2},
		"ambiguous_shown":      {1, 1},
	} {
		s, ok := got[name]
		if !ok || math.Abs(s.Value-want.value) > 1e-9 || s.Of != want.of || s.Low > s.Value || s.High < s.Value {
			t.Errorf("%s is %+v, want %.4f of %d", name, s, want.value, want.of)
		}
	}
	if len(got) != len(measures()) {
		t.Errorf("%d measures, %d of them counted by hand", len(measures()), len(got))
	}
	alone := score(handful()[9:], false)
	if _, ok := alone[measureR1]; ok {
		t.Error("a share of no message is shown")
	}
	if kind := score(handful()[9:], true); kind[measureR1].Value != 1 || kind[measureR1].Of != 1 {
		t.Errorf("of its own kind: %+v", kind[measureR1])
	}
}

func TestShown_OfTwoMattersBothAreNeeded(t *testing.T) {
	t.Parallel()
	m := handful()[9].Message
	for name, row := range map[string]struct {
		d    Decision
		want bool
	}{
		"both quoted":  {Decision{Action: ActAnswer, Quotes: append(quote("a", "x"), Quote{"b", "y"})}, true},
		"one quoted":   {Decision{Action: ActAnswer, Quotes: quote("a", "x")}, false},
		"both offered": {Decision{Action: ActClarify, Choices: []string{"b", "x", "a"}}, true},
		"one offered":  {Decision{Action: ActClarify, Choices: []string{"b", "x"}}, false},
		"neither":      {Decision{Action: ActNone, Choices: []string{"a", "b"}}, false},
	} {
		if got := judge("x", m, row.d).Shown(); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRisk_ByHand(t *testing.T) {
	t.Parallel()
	list := handful()
	// In order of P: right .9 +, lacking .8 −, wrong .7 −, uncovered .6 −,
	// twofold .55 +, unclear .5 −, chosen .4 −, refused .3 −, lost .1 +.
	if r := riskAt(list, 0.55); r.Quotes != 5 || !near(r.Wrong, 3.0/5) || !near(r.Quoted, 4.0/6) || !near(r.QuotedRight, 2.0/6) || !near(r.Unanswered, 1.0/3) {
		t.Errorf("from .55 on: %+v", r)
	}
	if r := riskAllowing(list, 0.05); r.Quotes != 1 || r.Threshold != 0.9 || r.Wrong != 0 {
		t.Errorf("at most .05 wrong: %+v", r)
	}
	if r := riskAllowing(list, 0.60); r.Quotes != 5 || r.Threshold != 0.55 {
		t.Errorf("at most .60 wrong: %+v", r)
	}
	if r := riskAllowing(list[1:2], 0.05); r.Quotes != 0 || r.Threshold != 1 {
		t.Errorf("where the surest is wrong: %+v", r)
	}
	if r := riskCovering(list, 0.2); r.Quotes != 2 || !near(r.Wrong, 0.5) {
		t.Errorf("the surest fifth: %+v", r)
	}
	if c := choosingAt(list, 0.4); !near(c.Shown, 4.0/6) || c.Given != 0 || !near(c.Offered, 0.2) {
		t.Errorf("choices from .4 on: %+v", c)
	}
	if c := choosingAt(list, 0.41); !near(c.Shown, 3.0/6) || !near(c.Offered, 0.1) {
		t.Errorf("choices from .41 on: %+v", c)
	}
	if c := choosingAt(list, 0); !near(c.Given, 1.0/3) {
		t.Errorf("choices always: %+v", c)
	}
}

func TestCalibrate15_ByHand(t *testing.T) {
	t.Parallel()
	var list []Judged
	for i := range 1500 {
		list = append(list, Judged{P: 0.8, Right: i%10 < 6}) // said .8, true .6
	}
	c, ok := calibrate(list)
	if !ok || !near(c.ECE, 0.2) || !near(c.Base, 0.6) || c.N != 1500 {
		t.Errorf("%+v", c)
	}
	// Of 100 draws at .8 the mean gap is sqrt(2/π · .8 · .2 / 100) = .032.
	if math.Abs(c.Perfect-0.032) > 0.002 || !near(c.Excess, c.ECE-c.Perfect) {
		t.Errorf("a perfect one errs by %.4f", c.Perfect)
	}
	if again, _ := calibrate(list); again != c {
		t.Error("two measurements of the same differ")
	}
	if _, ok := calibrate(nil); ok {
		t.Error("nothing was measured")
	}
}

func drawJudgements(t *rapid.T) []Judgement {
	expects := []Expect{ExpectAnswer, ExpectNotCovered, ExpectNone, ExpectAccount, ExpectAmbiguous}
	n := rapid.IntRange(1, 60).Draw(t, "n")
	var out []Judgement
	for i := range n {
		m := message(fmt.Sprint(i), rapid.SampledFrom(expects).Draw(t, "expect"), nil)
		d := Decision{
			Action: rapid.SampledFrom([]Action{ActAnswer, ActClarify, ActNone, ActHandoff}).Draw(t, "action"),
			P:      float64(rapid.IntRange(0, 20).Draw(t, "p")) / 20,
		}
		if rapid.Bool().Draw(t, "quoted") {
			d.Quotes = quote(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "article"), rapid.SampledFrom([]string{"45 days", "soon"}).Draw(t, "text"))
		}
		if rapid.Bool().Draw(t, "offered") {
			d.Choices = []string{rapid.SampledFrom([]string{"a", "b"}).Draw(t, "choice")}
		}
		out = append(out, judge("x", m, d))
	}
	return out
}

func TestRisk_NeverMoreThanAllowedAndMoreAllowedNeverQuotesLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawJudgements(t)
		last := 0
		for _, allowed := range []float64{0, 0.05, 0.2, 0.5, 1} {
			r := riskAllowing(list, allowed)
			if r.Wrong > allowed+1e-9 || r.Quotes < last {
				t.Fatalf("at most %.2f: %+v after %d quotes", allowed, r, last)
			}
			last = r.Quotes
			// No other threshold allows more.
			for p := range 21 {
				if o := riskAt(list, float64(p)/20); o.Wrong <= allowed && o.Quotes > r.Quotes {
					t.Fatalf("from %.2f on there are %d quotes, %.2f wrong; found %+v", o.Threshold, o.Quotes, o.Wrong, r)
				}
			}
		}
	})
}

func TestScore_SharesAreSharesAndWrongQuotesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := drawJudgements(t)
		s := score(list, false)
		for name, v := range s {
			if v.Value < 0 || v.Value > 1 || v.Low < 0 || v.High > 1 || v.Low > v.High || v.Of < 1 || v.Of > len(list) {
				t.Fatalf("%s: %+v", name, v)
			}
		}
		if sum := s["wrong_article"].Value + s["wrong_fact_missing"].Value + s["wrong_not_to_quote"].Value; math.Abs(sum-s[measureWrong].Value) > 1e-9 {
			t.Fatalf("causes add up to %.3f of %.3f", sum, s[measureWrong].Value)
		}
		if s["quoted_right"].Value > s[measureQuoted].Value || s["r1"].Value > s["r3"].Value || s["r3"].Value > s["r5"].Value {
			t.Fatalf("%+v", s)
		}
	})
}

func TestCompare_SaysWhatAPartBrings(t *testing.T) {
	t.Parallel()
	with, without := handful(), handful()
	without[0].Rank = 2 // one of five loses its first place
	diff, err := Compare(with, without)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diff {
		want := 0.0
		switch d.Measure {
		case measureR1:
			want = 0.2
		case "mrr":
			want = 0.1
		}
		if !near(d.Brings.Value, want) || d.Brings.Low > d.Brings.Value || d.Brings.High < d.Brings.Value {
			t.Errorf("%+v, want %.2f", d, want)
		}
	}
	if _, err := Compare(with, without[1:]); err == nil {
		t.Error("runs over other messages were compared")
	}
}

// scripted answers by what the test says.
type scripted map[string]func(history []Said) (Decision, error)

func (s scripted) Answer(_ context.Context, _ retrieval.SiteID, history []Said, text string) (Decision, error) {
	return s[text](history)
}

func TestAskMessages_JudgesInOrderWithHistoryAndTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	b := Business{Slug: "lamps"}
	script := scripted{}
	for i := range 50 {
		text := fmt.Sprint("m", i)
		b.Messages = append(b.Messages, message(text, ExpectAnswer, func(m *Message) { m.History = []Said{{"customer", text + " before"}} }))
		script[text] = func(h []Said) (Decision, error) {
			if h[0].Text != text+" before" {
				return Decision{}, errors.New("another message's history")
			}
			return Decision{Action: ActAnswer, P: float64(i) / 50, Hits: []string{"a"}}, nil
		}
	}
	var told atomic.Int64
	list, err := AskMessages(t.Context(), script, 1, b, 4, func(int) { told.Add(1) })
	if err != nil || told.Load() != 50 {
		t.Fatalf("%v, told %d times", err, told.Load())
	}
	for i, j := range list {
		if j.Message.ID != b.Messages[i].ID || j.Decision.P != float64(i)/50 || j.Rank != 1 || j.Business != "lamps" {
			t.Fatalf("%d: %+v", i, j)
		}
	}
	away := errors.New("the embedder is away")
	script["m7"] = func([]Said) (Decision, error) { return Decision{}, away }
	if _, err := AskMessages(t.Context(), script, 1, b, 4, nil); !errors.Is(err, away) || !strings.Contains(err.Error(), "m7") {
		t.Errorf("%v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := AskMessages(gone, script, 1, b, 4, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestReportCorpus_ShowsItselfAndIsTheSameTwice(t *testing.T) {
	t.Parallel()
	var list []Judgement
	for range 12 {
		list = append(list, handful()...)
	}
	r, err := ReportCorpus(list, ReportConfig{Thresholds: []float64{0.55}})
	if err != nil {
		t.Fatal(err)
	}
	r.Parts, r.Without = []string{"vectors"}, []string{"words"}
	diff, err := Compare(list, list)
	if err != nil {
		t.Fatal(err)
	}
	r.Ablations = []Ablation{{Part: "vectors", Measures: diff}}
	if r.Messages != 120 || len(r.Businesses) != 2 || len(r.Thresholds) != 1 || len(r.Choosing) != 1 || r.QuoteWords != (QuoteWords{Median: 5, P90: 5, Max: 5}) || r.Quote.N != 108 {
		t.Errorf("%d messages, %d businesses, %v, %v, %+v, %d", r.Messages, len(r.Businesses), r.Thresholds, r.Choosing, r.QuoteWords, r.Quote.N)
	}
	var out bytes.Buffer
	if err := r.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"R@1", "lamps", "doors", "quotes wrong", "switched off: words", "excess", "at most 5 % wrong", "Choices for what is not quoted", "What each part brings", "+0.000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, out.String())
		}
	}
	a, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReportCorpus(list, ReportConfig{Thresholds: []float64{0.55}})
	if err != nil {
		t.Fatal(err)
	}
	again.Parts, again.Without, again.Ablations = r.Parts, r.Without, r.Ablations
	if b, _ := json.Marshal(again); !bytes.Equal(a, b) {
		t.Error("the same judgements give two reports")
	}
	if _, err := ReportCorpus(nil, ReportConfig{}); err == nil {
		t.Error("nothing was reported on")
	}
}
