package embed_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
)

// passages are of four matters in English; questions ask for them in others.
var passages = []string{
	"You can send goods back within 30 days of delivery. The refund is paid within five working days after the parcel has reached us.",
	"To descale the kettle, fill it with equal parts of water and white vinegar, bring it to the boil and let it stand for an hour.",
	"If you have forgotten your password, choose \"Forgotten password\" on the sign-in page. We send a link that works for one hour.",
	"Our shop in Leeds is open from Monday to Saturday, 9 am to 6 pm, and closed on public holidays.",
}

var questions = []struct {
	text string
	want int
}{
	{"how do I get my money back", 0},
	{"Wie bekomme ich mein Geld zurück, wenn mir etwas nicht gefällt?", 0},
	{"Wie entferne ich Kalk aus dem Kessel?", 1},
	{"¿Cómo limpio la cal del hervidor?", 1},
	{"J'ai oublié mon mot de passe, que faire ?", 2},
	{"パスワードを忘れました", 2},
	{"Wann habt ihr geöffnet?", 3},
	{"你们周六几点开门？", 3},
}

func private(tb testing.TB) *embed.Client {
	tb.Helper()
	e := pgtest.Embedder(tb)
	cfg := embed.Private(e.BaseURL, embed.PrivateModel)
	cfg.QueryTimeout = time.Minute // a machine shared with other tests
	c, err := embed.New(embed.Deps{}, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func TestPrivate_QuestionsInOtherLanguagesAreNearestToTheirPassage(t *testing.T) {
	t.Parallel()
	c := private(t)
	texts, err := c.Embed(t.Context(), retrieval.EmbedPassage, passages)
	if err != nil {
		t.Fatalf("embed passages: %v", err)
	}
	if want := (retrieval.Model{Name: "multilingual-e5-small/int8-2/384", Dims: 384}); c.Model() != want {
		t.Errorf("identity %+v", c.Model())
	}
	for _, q := range questions {
		vecs, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{q.text})
		if err != nil {
			t.Fatalf("embed %q: %v", q.text, err)
		}
		best, at := math.Inf(-1), -1
		for i, p := range texts {
			if s := dot(vecs[0], p); s > best {
				best, at = s, i
			}
		}
		if at != q.want {
			t.Errorf("%q is nearest to %q", q.text, passages[at])
		}
	}
}

func TestPrivate_IsAskedForTheRightSide(t *testing.T) {
	t.Parallel()
	c := private(t)
	text := []string{"How do I descale my kettle?"}
	asked, err := c.Embed(t.Context(), retrieval.EmbedQuery, text)
	if err != nil {
		t.Fatal(err)
	}
	written, err := c.Embed(t.Context(), retrieval.EmbedPassage, text)
	if err != nil {
		t.Fatal(err)
	}
	// Without input_type both would be the same vector.
	if s := dot(asked[0], written[0]); s > 0.9999 {
		t.Errorf("the same vector on both sides: cosine %v", s)
	}
}

func TestPrivate_SurvivesEveryText(t *testing.T) {
	t.Parallel()
	c := private(t)
	for name, text := range map[string]string{
		"emoji":             "☕🫖👩‍🍳🔥",
		"zero-width":        "\u200b\u200d\ufeff",
		"bidirectional":     "\u202eabc\u202c",
		"a lone surrogate":  "kettle \xed\xa0\x80 broken",
		"invalid UTF-8":     "kettle \xff\xfe broken",
		"NULs":              "kettle\x00\x00broken",
		"20,000 words":      strings.Repeat("word ", 20_000),
		"one endless word":  strings.Repeat("x", 200_000),
		"template and HTML": "{{.}} <script>alert(1)</script> ' OR 1=1 --",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage} {
				if _, err := c.Embed(t.Context(), kind, []string{text}); err != nil {
					t.Errorf("embed as %s: %v", kind, err)
				}
			}
		})
	}
}

func TestPrivate_ServesManyAtOnce(t *testing.T) {
	t.Parallel()
	e := pgtest.Embedder(t)
	c, err := embed.New(embed.Deps{}, embed.Config{BaseURL: e.BaseURL, Model: e.Model, QueryTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var wg sync.WaitGroup
	for i := range 24 { // several times what is sent at once
		wg.Go(func() {
			if _, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{questions[i%len(questions)].text}); err != nil {
				t.Errorf("embed: %v", err)
			}
		})
	}
	wg.Wait()
	if got := c.Model().Name; got != "multilingual-e5-small-local/384" {
		t.Errorf("identity %q", got)
	}
}
