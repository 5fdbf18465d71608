package bot

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/bot/convo"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

func reader(tb testing.TB) *triage.Reader {
	tb.Helper()
	r, err := triage.NewReader()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// said is a conversation, oldest first, "c: …" and "b: …", as a turn gets it.
func said(lines ...string) []convo.Message {
	var past []convo.Message
	for i := len(lines) - 1; i >= 0; i-- {
		who, text, _ := strings.Cut(lines[i], ": ")
		m := convo.Message{ID: NewID(), Author: convo.Bot, Text: text}
		switch who {
		case "c":
			m.Author = convo.Customer
		case "q":
			m.Citations = []convo.Citation{{Article: text, Title: "About " + text, Quote: text}}
		case "o":
			m.Choices = []convo.Choice{{Article: text, Title: "About " + text, Quote: text}}
		}
		past = append(past, m)
	}
	return past
}

func TestReadFollow(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for name, c := range map[string]struct {
		past []convo.Message
		text string
		want string
	}{
		"nothing before":               {nil, "how much is it", "how much is it"},
		"only a greeting before":       {said("c: hello", "b: Hello!"), "how much is it", "how much is it"},
		"a question before":            {said("c: do you repair grinders", "b: no"), "how much is it", "do you repair grinders\nhow much is it"},
		"a new subject":                {said("c: do you repair grinders", "b: no"), "where can I park the car in Vienna", "where can I park the car in Vienna"},
		"only the nearest subject":     {said("c: parking in Vienna", "b: x", "c: do you repair grinders", "b: no"), "and for me?", "do you repair grinders\nand for me?"},
		"through a follow-up":          {said("c: do you repair grinders", "b: x", "c: and kettles?", "b: y"), "how much is it", "do you repair grinders\nand kettles?\nhow much is it"},
		"three at most":                {said("c: grinder repairs", "b: x", "c: and it?", "b: x", "c: and that?", "b: x", "c: and this?", "b: x"), "and those?", "and it?\nand that?\nand this?\nand those?"},
		"past thanks":                  {said("c: do you repair grinders", "b: x", "c: thanks", "b: y"), "how much is it", "do you repair grinders\nhow much is it"},
		"a failure without own words":  {said("c: my grinder is stuck", "q: a"), "that didn't work", "my grinder is stuck"},
		"a failure with some":          {said("c: my grinder is stuck", "q: a"), "did that, lamp blinks twice", "my grinder is stuck\ndid that, lamp blinks twice"},
		"a second failure":             {said("c: my grinder is stuck", "q: a", "c: that didn't work", "b: x"), "still nothing", "my grinder is stuck"},
		"after a number":               {said("c: how do I send things back", "o: grinder", "c: 1", "q: grinder"), "how much is it", "how do I send things back\nAbout grinder\nhow much is it"},
		"a few words after choices":    {said("c: how do I send things back", "o: grinder"), "with a voucher", "how do I send things back\nwith a voucher"},
		"past the answer to choices":   {said("c: how do I send things back", "o: grinder", "c: the grinder", "q: grinder"), "how much is it", "how do I send things back\nthe grinder\nhow much is it"},
		"a question after choices":     {said("c: how do I send things back", "o: grinder"), "where is your nearest branch in Vienna", "where is your nearest branch in Vienna"},
		"what belongs to this message": {said("c: do you repair grinders", "b: x", "c: my kettle"), "my kettle\nhow much is it", "do you repair grinders\nmy kettle\nhow much is it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := ReadFollow(r, c.text, c.past)
			if f.Text != c.want || (f.Kind == triage.NoLean) != (f.Text == c.text) || (len(f.Of) == 0) != (f.Text == c.text) ||
				(len(f.Earlier) == 0) != (f.Text == c.text) || !strings.HasPrefix(f.Text, strings.Join(f.Earlier, "\n")) {
				t.Errorf("got %+v, want %q", f, c.want)
			}
		})
	}
}

// Whatever was said, a message's own words are searched for, unless it has
// none; nothing of the bot's is, and no more than a few messages' worth.
func TestReadFollow_Bounds(t *testing.T) {
	t.Parallel()
	r := reader(t)
	line := rapid.SampledFrom([]string{"c: ", "b: SECRET", "q: SECRET", "c: how much is it", "c: and that?", "c: my grinder is stuck", "c: 2", "c: that didn't work", "c: " + strings.Repeat("long ", 400)})
	rapid.Check(t, func(rt *rapid.T) {
		past := said(rapid.SliceOfN(line, 0, PastMessages).Draw(rt, "past")...)
		text := rapid.SampledFrom([]string{"how much is it", "that didn't work", "still nothing, lamp red", "Do you deliver to Norway?", "", "2"}).Draw(rt, "text")
		f := ReadFollow(r, text, past)
		if strings.Contains(strings.ReplaceAll(f.Text, "About SECRET", ""), "SECRET") {
			rt.Fatalf("carries the bot's words: %q", f.Text)
		}
		if len(f.Of) > carried || len([]rune(f.Text)) > len([]rune(text))+carried*(carriedRunes+1) {
			rt.Fatalf("carries too much: %d messages, %d bytes", len(f.Of), len(f.Text))
		}
		if f.Kind != triage.LeanFail && !strings.HasSuffix(f.Text, text) {
			rt.Fatalf("%q is not in %q", text, f.Text)
		}
	})
}

func TestUnsaid_OffersNothingInTheSameWordsAgain(t *testing.T) {
	t.Parallel()
	offered := func(article, line string) convo.Choice { return convo.Choice{Article: article, Quote: line} }
	past := []convo.Message{
		{Author: convo.Bot, Choices: []convo.Choice{offered("codes", "Write to us.")}},
		{Author: convo.Customer, Text: "that didn't work"},
		{Author: convo.Bot, Choices: []convo.Choice{offered("email", "Open the link.")}},
	}
	plan := Plan{Action: ActClarify, Reason: ReasonUnhelped, Choices: []convo.Choice{offered("codes", "Write to us."), offered("email", "Another line."), offered("email", "Open the link.")}}
	if got := plan.unsaid(past); got.Action != ActClarify || len(got.Choices) != 1 || got.Choices[0].Quote != "Another line." {
		t.Errorf("got %+v", got)
	}
	plan.Choices = plan.Choices[:1]
	if got := plan.unsaid(past); got.Action != ActNone || got.Reason != ReasonUnhelped || len(got.Choices) > 0 {
		t.Errorf("nothing is left, and it is %+v", got)
	}
	answer := Plan{Action: ActAnswer}
	if got := answer.unsaid(past); got.Action != ActAnswer {
		t.Errorf("an answer became %+v", got)
	}
}

func TestNotShown_LeavesOutWhatWasQuotedOrOffered(t *testing.T) {
	t.Parallel()
	hit := func(article, text string) retrieval.Hit {
		return retrieval.Hit{Passage: retrieval.Passage{ArticleID: article, Text: text}}
	}
	pieces := func(article, text string, parts ...string) retrieval.Hit {
		h := hit(article, text)
		for _, p := range parts {
			h.Pieces = append(h.Pieces, retrieval.Piece{Text: p})
		}
		return h
	}
	past := []convo.Message{
		{Author: convo.Bot, Citations: []convo.Citation{{Article: "a", Quote: "the quoted words"}}},
		{Author: convo.Bot, Choices: []convo.Choice{{Article: "b", Quote: "the line"}, {Article: "c"}}},
	}
	hits := []retrieval.Hit{
		hit("a", "the quoted words"), hit("a", "before the quoted words after"), hit("a", "another section"),
		pieces("a", "other words", "quoted", "and a good deal more than that"), pieces("a", "other words", "the quoted words", "more"),
		hit("b", "with the line in it"), hit("b", "another"), hit("c", "offered without a line"), hit("d", "the quoted words"),
	}
	var got []string
	for _, h := range notShown(past, hits) {
		got = append(got, h.ArticleID+" "+h.Text)
	}
	if want := "a another section, a other words, b another, c offered without a line, d the quoted words"; strings.Join(got, ", ") != want {
		t.Errorf("left %q, want %q", got, want)
	}
}
