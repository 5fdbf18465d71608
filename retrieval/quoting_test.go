package retrieval

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"frontdesk/retrieval/maxsim"
	"frontdesk/retrieval/quote"
	"frontdesk/retrieval/seek"
)

func TestHit_QuoteReadsAsOneText(t *testing.T) {
	t.Parallel()
	p := func(text string) Piece { return Piece{Text: text} }
	row := Piece{Text: "| a | 1 |", Row: true}
	joined := Piece{Text: "Next.", Joined: true}
	for name, c := range map[string]struct {
		hit  Hit
		want string
	}{
		"the section, where nothing is known of its parts": {Hit{Passage: Passage{Text: "All."}}, "All."},
		"one piece":           {Hit{Passage: Passage{Text: "All."}, Pieces: []Piece{p("One.")}}, "One."},
		"two apart":           {Hit{Pieces: []Piece{p("One."), p("Two.")}}, "One.\n\n…\n\nTwo."},
		"two that are joined": {Hit{Pieces: []Piece{p("One."), joined}}, "One.\n\nNext."},
		"a row of a table":    {Hit{Pieces: []Piece{p("| x | y |\n|---|---|"), row}}, "| x | y |\n|---|---|\n| a | 1 |"},
	} {
		if got := c.hit.Quote(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// asked is a question compared with the sections of one article, word by word.
func asked(tb testing.TB, question string, sections ...string) (*Found, []Candidate) {
	tb.Helper()
	reader, err := seek.New()
	if err != nil {
		tb.Fatal(err)
	}
	words := strings.Fields(question)
	weights := make([]float64, len(words))
	for i := range weights {
		weights[i] = 1
	}
	c := &compared{
		question: maxsim.NewQuestion(textRows(question, testTokenDims), weights, testTokenDims, 1.0/TokenScale/TokenScale),
		rows:     map[TextHash]TokenRows{}, dims: testTokenDims, terms: testTerms, units: map[int]*articleUnits{},
		seek: reader, sought: reader.Sought(question, "en"),
	}
	var list []Candidate
	var whole []TextHash
	at := 100
	for i, s := range sections {
		text := "Title\n" + s
		h := TextHash(sha256.Sum256([]byte(text)))
		whole = append(whole, h)
		c.rows[h] = TokenRows{textRows(text, testTokenDims), textPlaces(text)}
		list = append(list, Candidate{
			Passage: Passage{ArticleNo: 1, Chunk: 10 + i, ArticleID: "a", Text: s, From: at, To: at + len(s)},
			Kind:    SectionChunk, ChunkNo: 10 + i, Hash: h,
		})
		at += len(s) + 20
	}
	for i := range list {
		list[i].Whole = whole
	}
	return &Found{Candidates: Candidates{List: list}, late: c}, list
}

// byWords quotes what matches the question's tokens.
func byWords() *Quoting {
	return &Quoting{Units: Logistic{Intercept: -24, Weights: map[string]float64{"maxsim": 30}}, Limits: quote.Limits{Floor: 0.2, Least: 3, Most: 40}}
}

func TestPieces_AreWhatMatchesTheQuestion(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("Nothing here is about that at all, whatever you may think of it. ", 4)
	f, _ := asked(t, "lid leaks water", filler+"The lid leaks water when it is old. "+filler, filler)
	got := f.pieces(1, byWords())
	if len(got) != 1 || got[0].Text != "The lid leaks water when it is old." || got[0].Chunk != 10 || got[0].From != 100+len(filler) {
		t.Errorf("%+v", got)
	}
}

// A question entry shows a section that may not be among the candidates itself:
// its tokens are found by its place among the article's chunks.
func TestPieces_OfASectionThatAQuestionPointsAt(t *testing.T) {
	t.Parallel()
	f, list := asked(t, "lid leaks", "The lid leaks. Here.", "How do I stop it?")
	entry := list[1]
	entry.Kind, entry.Passage = QuestionChunk, list[0].Passage
	f.List = []Candidate{entry}
	if got := f.pieces(1, byWords()); len(got) == 0 || !strings.HasPrefix(got[0].Text, "The lid leaks.") {
		t.Errorf("%+v", got)
	}
}

func TestPieces_AreNoneWhereNothingSaysWhichPartAnswers(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Found){
		"tokens not compared":      func(f *Found) { f.late = nil },
		"tokens without places":    func(f *Found) { f.late.rows[f.List[0].Hash] = TokenRows{Rows: f.late.rows[f.List[0].Hash].Rows} },
		"no tokens of one section": func(f *Found) { delete(f.late.rows, f.List[0].Hash) },
		"more places than tokens": func(f *Found) {
			r := f.late.rows[f.List[0].Hash]
			f.late.rows[f.List[0].Hash] = TokenRows{r.Rows, append(r.Places, 0)}
		},
		"a section without any word": func(f *Found) { f.List = f.List[:1]; f.List[0].Text = "---" },
	} {
		f, _ := asked(t, "lid leaks", "The lid leaks. Here.", "Another. One.")
		spoil(f)
		if got := f.pieces(1, byWords()); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	f, _ := asked(t, "lid leaks", "The lid leaks.")
	late, bare := Plan{Name: "late", Models: []string{"m"}, Tokens: "m"}, Plan{Name: "bare", Models: []string{"m"}}
	f.Plan = &late
	if less, ok := bare.Without(*f); !ok || less.pieces(1, byWords()) != nil || f.pieces(1, byWords()) == nil {
		t.Error("a plan without tokens quotes by tokens")
	}
	if got := f.pieces(1, nil); got != nil {
		t.Errorf("without a scorer: %+v", got)
	}
}

// Tokens belong to the unit that their word stands in, whatever stands before
// the section; the matches of all parts make up that of the whole.
func TestMatch_DealsEveryTokenToItsUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		var sentences []string
		for range rapid.IntRange(1, 5).Draw(rt, "sentences") {
			n := 1 + rng.IntN(4)
			words := make([]string, n)
			for k := range words {
				words[k] = string(rune('A'+rng.IntN(26))) + strings.Repeat("x", 2+rng.IntN(3))
			}
			sentences = append(sentences, strings.Join(words, " ")+".")
		}
		text := strings.Join(sentences, " ")
		f, list := asked(t, "lid leaks water", text)
		units := quote.Cut(text)
		if len(units) != len(sentences) {
			return // a word that is taken for an abbreviation
		}
		m := f.late.match(f.late.rows[list[0].Hash], len(text), units)
		for i, s := range sentences {
			want := f.late.question.NewBest()
			f.late.question.Read(want, textRows(s, testTokenDims))
			if !slices.Equal(m.units[i], want) {
				rt.Fatalf("%q of %q got other tokens", s, text)
			}
		}
		want := f.late.question.NewBest()
		f.late.question.Read(want, textRows("Title "+text, testTokenDims))
		if !slices.Equal(m.whole, want) {
			rt.Fatal("the whole is not made up of its parts")
		}
	})
}

// Pieces stand byte for byte in the article, in its order.
func TestPieces_AreBytesOfTheirSections(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sections := rapid.SliceOfN(rapid.StringMatching(`([A-Za-z]{1,6}[ .\n|*-]{1,2}){0,30}`), 1, 4).Draw(rt, "sections")
		f, list := asked(t, "lid leaks water", sections...)
		at := 0
		for _, p := range f.pieces(1, byWords()) {
			i := slices.IndexFunc(list, func(c Candidate) bool { return c.Chunk == p.Chunk })
			c := list[i]
			if p.From < at || p.From < c.From || p.To > c.To || c.Text[p.From-c.From:p.To-c.From] != p.Text || p.Text == "" {
				rt.Fatalf("%+v of %q", p, c.Text)
			}
			at = p.To
		}
	})
}

// What was learned from a few examples quotes the like of them.
func TestFitQuoting_LearnsWhichUnitsHoldFacts(t *testing.T) {
	t.Parallel()
	filler := "Nothing here is about that at all, whatever you may think of it. "
	var examples []Example
	for i := range 30 {
		f, _ := asked(t, "lid leaks water", strings.Repeat(filler, i%4)+"The lid leaks water after 9 days. "+filler+filler)
		examples = append(examples, Example{
			Found: *f, Answerable: true, RightArticle: func(id string) bool { return id == "a" },
			Holds: func(s string) bool { return strings.Contains(s, "9 days") },
		})
	}
	start := &Quoting{Limits: quote.Limits{Floor: 0.3, Least: 3, Most: 40}}
	q := fitQuoting(examples, start)
	if len(q.Units.Weights) != len(unitFeatures()) || q.Limits != start.Limits {
		t.Fatalf("%+v", q)
	}
	f, _ := asked(t, "lid leaks water", filler+"Here the lid leaks water after 9 days. "+filler)
	if got := f.pieces(1, q); len(got) != 1 || got[0].Text != "Here the lid leaks water after 9 days." {
		t.Errorf("%+v", got)
	}
	if fitQuoting(examples, nil) != nil || fitQuoting(nil, start) != start {
		t.Error("without examples the start stays")
	}
}

// An article of five sections of 160 words, as a search quotes it: cutting,
// matching and picking.
func BenchmarkPieces(b *testing.B) {
	var sections []string
	for i := range 5 {
		sections = append(sections, strings.Repeat("The lid of it leaks water now and then. ", 10+i)+strings.Repeat("Else it does not. ", 10))
	}
	f, _ := asked(b, "why does water leak out of my lid when it boils", sections...)
	for b.Loop() {
		clear(f.late.units)
		f.pieces(1, byWords())
	}
}
