package embed

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"frontdesk/retrieval"
)

func TestClean_LeavesTextsAndReplacesWhatIsNone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"plain words":            {"How do I descale it?", "How do I descale it?"},
		"lines and tabs":         {"| a\t| b |\n| c | d |", "| a\t| b |\n| c | d |"},
		"many scripts and emoji": {"Чайник 電気ケトル قهوة ☕🫖👩‍🍳", "Чайник 電気ケトル قهوة ☕🫖👩‍🍳"},
		"zero-width marks":       {"a\u200bb\u202ec", "a\u200bb\u202ec"},
		"a NUL":                  {"a\x00b", "a b"},
		"other controls":         {"a\x1b[31mb\x7f\u0085c", "a [31mb  c"},
		"carriage returns":       {"a\r\nb", "a \nb"},
		"invalid UTF-8":          {"a\xffb\xc3", "a b"},
		"a lone surrogate":       {"a\xed\xa0\x80b", "a   b"},
		"the replacement itself": {"a\ufffdb", "a b"},
		"space around":           {" \n a \n ", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := clean(tc.in); got != tc.want {
				t.Errorf("clean(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestPrepare_CutsToWhatTheModelReads(t *testing.T) {
	t.Parallel()
	known := mustFacts(t, PrivateModel)
	english := strings.Repeat("The kettle switches itself off when the water boils. ", 200)
	for name, tc := range map[string]struct {
		kind     retrieval.EmbedKind
		text     string
		from, to int // characters that may be left
	}{
		"a short passage":        {retrieval.EmbedPassage, english[:800], 799, 800},
		"a long passage":         {retrieval.EmbedPassage, english, 1900, 2600},
		"a long question":        {retrieval.EmbedQuery, english, 900, 1300},
		"20,000 words":           {retrieval.EmbedPassage, strings.Repeat("word ", 20_000), 1800, 2600},
		"a long Chinese passage": {retrieval.EmbedPassage, strings.Repeat("水烧开后水壶会自动断电。", 200), 700, 820},
		"digits":                 {retrieval.EmbedPassage, strings.Repeat("4711", 1000), 560, 620},
		"one endless word":       {retrieval.EmbedPassage, strings.Repeat("a", 10<<20), 1800, 2000},
		"emoji":                  {retrieval.EmbedPassage, strings.Repeat("☕", 5000), 450, 520},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent, cut, ok := known.prepare(tc.kind, tc.text, 256)
			n := utf8.RuneCountInString(sent)
			if !ok || n < tc.from || n > tc.to {
				t.Errorf("%d characters left (%v), want %d to %d", n, ok, tc.from, tc.to)
			}
			if cut != (sent != strings.TrimSpace(tc.text)) {
				t.Errorf("cut is %v", cut)
			}
		})
	}
}

func TestPrepare_KeepsTheEndOfAQuestion(t *testing.T) {
	t.Parallel()
	known := mustFacts(t, PrivateModel)
	story := "My order was late. " + strings.Repeat("Then I waited for the driver and he never came. ", 100) + "Can I have my money back?"
	sent, cut, _ := known.prepare(retrieval.EmbedQuery, story, 256)
	if !cut || !strings.HasPrefix(sent, "My order was late.") || !strings.HasSuffix(sent, "Can I have my money back?") {
		t.Errorf("sent %q", sent)
	}
	passage, _, _ := known.prepare(retrieval.EmbedPassage, story, 256)
	if !strings.HasPrefix(story, passage) {
		t.Errorf("a passage is not cut at its end alone: %q", passage)
	}
}

func mustFacts(tb testing.TB, model string) facts {
	tb.Helper()
	f, err := factsOf(model)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// checkPrepared holds for every text, kind and model.
func checkPrepared(t interface{ Fatalf(string, ...any) }, f facts, kind retrieval.EmbedKind, text string) {
	const queryTokens = 64
	sent, cut, ok := f.prepare(kind, text, queryTokens)
	if !ok {
		if strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError }) != "" {
			t.Fatalf("%q was taken for empty", text)
		}
		return
	}
	rest, found := strings.CutPrefix(sent, f.style(kind).Prefix)
	if !found || rest == "" {
		t.Fatalf("sent %q without its prefix or itself", sent)
	}
	if !utf8.ValidString(sent) || strings.ContainsAny(sent, "\x00\x1b\ufffd") {
		t.Fatalf("sent %q", sent)
	}
	limit := float64(f.MaxTokens)
	if kind == retrieval.EmbedQuery {
		limit = min(limit, queryTokens)
	}
	if n := f.Rates.of(sent); n > max(limit, 8+f.Rates.of(f.style(kind).Prefix)) {
		t.Fatalf("about %.0f tokens sent, of %.0f", n, limit)
	}
	if !cut && rest != clean(text) {
		t.Fatalf("%q became %q without a cut", text, rest)
	}
	again, _, _ := f.prepare(kind, text, queryTokens)
	if again != sent {
		t.Fatalf("not the same twice")
	}
}

func TestPrepare_AlwaysSendsAValidTextWithinTheLimit(t *testing.T) {
	t.Parallel()
	names := []string{PrivateModel, "multilingual-e5-small", "text-embedding-3-small", "paraphrase-multilingual-MiniLM-L12-v2", "unknown", "qwen3-embedding:0.6b"}
	rapid.Check(t, func(rt *rapid.T) {
		f := mustFacts(t, rapid.SampledFrom(names).Draw(rt, "model"))
		kind := rapid.SampledFrom([]retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage}).Draw(rt, "kind")
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(rt, "text")
		checkPrepared(rt, f, kind, strings.Repeat(text, rapid.IntRange(1, 400).Draw(rt, "times")))
	})
}

func FuzzPrepare(f *testing.F) {
	for _, seed := range []string{"", "How do I descale it?", "\x00\xff", "a\xed\xa0\x80b", "水烧开", "☕🫖", strings.Repeat("long ", 500), strings.Repeat("x", 5000)} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	known := mustFacts(f, "multilingual-e5-small")
	f.Fuzz(func(t *testing.T, text string, query bool) {
		kind := retrieval.EmbedPassage
		if query {
			kind = retrieval.EmbedQuery
		}
		checkPrepared(t, known, kind, text)
	})
}
