package embed

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/fault"
	"frontdesk/internal/faultproxy"
	"frontdesk/retrieval"
)

// secret stands for a customer's words, which servers like to repeat.
const secret = "my card 4111 1111 1111 1111"

func TestClient_TakesNoBadAnswer(t *testing.T) {
	t.Parallel()
	wide := `"embedding":[` + strings.Repeat("0.1,", 17_000) + `1]}`
	huge := []byte(`{"data":[{"index":0,` + wide + `,{"index":1,` + wide + `]}`)
	for _, tc := range []struct {
		name  string
		fault fakemodel.Fault
		kind  fault.Kind
		code  string
		calls int
	}{
		{"no vector", fakemodel.Count(0), fault.Invalid, CodeCount, 1},
		{"one vector too few", fakemodel.Count(1), fault.Invalid, CodeCount, 1},
		{"one vector too many", fakemodel.Count(3), fault.Invalid, CodeCount, 1},
		{"the same index twice", fakemodel.Index(0), fault.Invalid, CodeCount, 1},
		{"an index outside", fakemodel.Index(2), fault.Invalid, CodeCount, 1},
		{"a negative index", fakemodel.Index(-1), fault.Invalid, CodeCount, 1},
		{"another width", fakemodel.Dims(383), fault.Invalid, CodeDims, 1},
		{"vectors of nothing", fakemodel.Dims(0), fault.Invalid, CodeDims, 1},
		{"NaN", fakemodel.NaN(), fault.Invalid, CodeNumber, 1},
		{"NaN as words of JSON", fakemodel.Both(fakemodel.Plain(), fakemodel.NaN()), fault.Invalid, CodeNotJSON, 1},
		{"infinity", fakemodel.Number(math.Inf(-1)), fault.Invalid, CodeNumber, 1},
		{"zeros", fakemodel.Scale(0), fault.Invalid, CodeZero, 1},
		{"nothing", fakemodel.Body(200, "application/json", nil), fault.Invalid, CodeNoAnswer, 2},
		{"null", fakemodel.Body(200, "application/json", []byte("null")), fault.Invalid, CodeCount, 1},
		{"an error called success", fakemodel.Body(200, "application/json", []byte(`{"error":{"message":"`+secret+`"}}`)), fault.Invalid, CodeCount, 1},
		{"half of the JSON", fakemodel.Body(200, "application/json", []byte(`{"data":[{"index":0,`)), fault.Invalid, CodeNotJSON, 1},
		{"10 MB of text", fakemodel.Text(10 << 20), fault.Invalid, CodeTooLarge, 1},
		{"10 MB of JSON", fakemodel.HugeJSON(10 << 20), fault.Invalid, CodeTooLarge, 1},
		{"a little text", fakemodel.Body(200, "text/plain", []byte(secret)), fault.Invalid, CodeNotJSON, 1},
		{"HTML", fakemodel.HTML(200), fault.Invalid, CodeNotJSON, 1},
		{"a vector wider than any", fakemodel.Body(200, "application/json", huge), fault.Invalid, CodeDims, 2},
		{"a redirect", fakemodel.Redirect("http://192.0.2.1/"), fault.Unavailable, CodeNotFound, 1},
		{"500", fakemodel.Status(500, "failed on: "+secret, ""), fault.Unavailable, CodeFailing, 2},
		{"500 as HTML", fakemodel.HTML(500), fault.Unavailable, CodeFailing, 2},
		{"500 as 10 MB", fakemodel.Body(500, "text/plain", make([]byte, 10<<20)), fault.Unavailable, CodeFailing, 2},
		{"502 with nothing", fakemodel.Body(502, "", nil), fault.Unavailable, CodeFailing, 2},
		{"408", fakemodel.Status(408, "slow", ""), fault.Unavailable, CodeFailing, 2},
		{"400", fakemodel.Status(400, "no such thing: "+secret, ""), fault.Invalid, CodeRefused, 1},
		{"401", fakemodel.Status(401, "bad key s3cret", "invalid_api_key"), fault.Unavailable, CodeKey, 1},
		{"403", fakemodel.Status(403, "no", ""), fault.Unavailable, CodeKey, 1},
		{"404", fakemodel.Status(404, "model not found", "model_not_found"), fault.Unavailable, CodeNotFound, 1},
		{"404 as HTML", fakemodel.HTML(404), fault.Unavailable, CodeNotFound, 1},
		{"429", fakemodel.Status(429, "slow down", "rate_limit_exceeded"), fault.Unavailable, CodeOverloaded, 2},
		{"429 that waiting does not help", fakemodel.Status(429, "You exceeded your current quota", "insufficient_quota"), fault.Unavailable, CodeQuota, 1},
		{"an error whose message is a list", fakemodel.Body(422, "application/json", []byte(`{"error":{"message":["`+secret+`"]}}`)), fault.Invalid, CodeRefused, 1},
		{"an error that is a text", fakemodel.Body(422, "application/json", []byte(`{"error":"`+secret+`"}`)), fault.Invalid, CodeRefused, 1},
		{"a connection reset before the answer", fakemodel.Reset(), fault.Unavailable, CodeUnreachable, 2},
		{"a connection reset within the answer", fakemodel.Cut(500), fault.Unavailable, CodeUnreachable, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{}, func(c *Config) { c.Dims, c.APIKey = 384, "s3cret" })
			b.server.Always(tc.fault)
			vecs, err := b.client.Embed(t.Context(), retrieval.EmbedQuery, []string{secret, "second"})
			if vecs != nil {
				t.Error("vectors came with the error")
			}
			e := wantCode(t, err, tc.kind, tc.code)
			if n := b.server.Calls(); n != tc.calls {
				t.Errorf("%d calls, want %d", n, tc.calls)
			}
			for _, leak := range []string{"4111", "s3cret", "s3cr", "lazy dog"} {
				if s := err.Error() + e.Public + b.log.String(); strings.Contains(s, leak) {
					t.Errorf("%q leaked: %s", leak, s)
				}
			}
			if n := b.client.Stats().Failures[tc.code]; n < 1 || n > int64(tc.calls) {
				t.Errorf("counted %v, want %d of %s", b.client.Stats().Failures, tc.calls, tc.code)
			}
			b.server.Heal()
			if _, err := b.query(t, "kettle"); err != nil {
				t.Errorf("once healed: %v", err)
			}
		})
	}
}

func TestClient_TakesItsKeyNowhereElse(t *testing.T) {
	t.Parallel()
	elsewhere := fakemodel.New(t, fakemodel.Config{})
	b := setup(t, fakemodel.Config{}, func(c *Config) { c.APIKey = "s3cret" })
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		b.server.Script(fakemodel.Both(fakemodel.Redirect(elsewhere.URL+"/embeddings"), func(a *fakemodel.Answer) { a.Status = status }))
		_, err := b.query(t, "kettle")
		wantCode(t, err, fault.Unavailable, CodeNotFound)
		b.mustQuery(t, "kettle") // or the breaker opens
	}
	if n := elsewhere.Calls(); n != 0 {
		t.Errorf("%d calls followed a redirect", n)
	}
}

func TestClient_ErrorsDoNotRepeatTheAddress(t *testing.T) {
	t.Parallel()
	// A port that was just given back: nothing listens there.
	p := faultproxy.New(t, "127.0.0.1:1")
	if err := p.Set(faultproxy.Refuse); err != nil {
		t.Fatal(err)
	}
	log := &safeBuffer{}
	c := client(t, log, Config{BaseURL: "http://s3cret:s3cret@" + p.Addr() + "/s3cret/v1", Model: "mine", BreakAfter: 1})
	for range 3 {
		_, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"})
		if err == nil {
			t.Fatal("answered by nobody")
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), "s3cret") {
				t.Errorf("the error repeats the address: %v", e)
			}
		}
	}
	if strings.Contains(log.String(), "s3cret") {
		t.Errorf("the log repeats the address: %s", log)
	}
}

func TestClient_AnswersInTimeWhenTheServerDoesNot(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault fakemodel.Fault
		kind  retrieval.EmbedKind
	}{
		{"a question", fakemodel.Hang(nil), retrieval.EmbedQuery},
		{"a passage", fakemodel.Delay(30 * time.Second), retrieval.EmbedPassage},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, fakemodel.Config{}, func(c *Config) {
				c.QueryTimeout, c.PassageTimeout = 50*time.Millisecond, 50*time.Millisecond
			})
			b.server.Always(tc.fault)
			_, err := b.client.Embed(t.Context(), tc.kind, []string{secret})
			wantCode(t, err, fault.Timeout, CodeSlow)
			if n := b.server.Calls(); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

func TestClient_SurvivesABadWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		mode faultproxy.Mode
		kind fault.Kind
		code string
	}{
		{"nothing listens", faultproxy.Refuse, fault.Unavailable, CodeUnreachable},
		{"connections are reset", faultproxy.Reset, fault.Unavailable, CodeUnreachable},
		{"a black hole", faultproxy.Blackhole, fault.Timeout, CodeSlow},
		{"cut in the header", faultproxy.Mode{CutAfter: 20}, fault.Unavailable, CodeUnreachable},
		{"cut in the body", faultproxy.Mode{CutAfter: 400}, fault.Unavailable, CodeUnreachable},
		{"a trickle", faultproxy.Mode{Rate: 200}, fault.Timeout, CodeSlow},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := fakemodel.New(t, fakemodel.Config{})
			p := faultproxy.New(t, s.Addr)
			c, err := New(Deps{}, Config{
				BaseURL: "http://" + p.Addr() + "/v1", Model: "fake", QueryTimeout: 300 * time.Millisecond,
				BreakAfter: 1000,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			embed := func() error {
				_, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{secret})
				return err
			}
			if err := embed(); err != nil {
				t.Fatalf("at first: %v", err)
			}
			if err := p.Set(tc.mode); err != nil {
				t.Fatal(err)
			}
			wantCode(t, embed(), tc.kind, tc.code)
			if err := p.Set(faultproxy.Pass); err != nil {
				t.Fatal(err)
			}
			until(t, "it works again", func() bool { return embed() == nil })
		})
	}
}

func TestClient_EndsAnAnswerToPassagesThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	s := fakemodel.New(t, fakemodel.Config{Dims: 1536})
	p := faultproxy.New(t, s.Addr)
	c := client(t, &safeBuffer{}, Config{BaseURL: "http://" + p.Addr() + "/v1", Model: "mine", PassageTimeout: 500 * time.Millisecond})
	// The head of the answer comes in time, the rest would take ten minutes.
	if err := p.Set(faultproxy.Mode{Stall: 300}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Embed(t.Context(), retrieval.EmbedPassage, []string{"kettle"})
	wantCode(t, err, fault.Timeout, CodeSlow)
}

func TestClient_KeepsPassagesBackWhenTheServerAsksForRest(t *testing.T) {
	t.Parallel()
	b := setup(t, fakemodel.Config{}, nil)
	b.server.Script(fakemodel.Both(fakemodel.Status(429, "slow down", ""), fakemodel.RetryAfter(600)))
	_, err := b.query(t, "kettle")
	wantCode(t, err, fault.Unavailable, CodeOverloaded)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.client.Embed(ctx, retrieval.EmbedPassage, []string{"a passage"}); err == nil {
		t.Error("a passage went out while the server rests")
	}
	b.mustQuery(t, "but a question may try")
	if n := b.server.Calls(); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestClient_ReadsNoAnswerWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			for piece := []byte(strings.Repeat(" ", 64<<10)); ; {
				if _, err := w.Write(piece); err != nil {
					return // the client has had enough
				}
			}
		}))
		c := client(t, &safeBuffer{}, Config{BaseURL: s.URL, Model: "mine", QueryTimeout: 20 * time.Second})
		_, err := c.Embed(t.Context(), retrieval.EmbedQuery, []string{"kettle"})
		if status == http.StatusOK {
			wantCode(t, err, fault.Invalid, CodeTooLarge)
		} else {
			wantCode(t, err, fault.Unavailable, CodeFailing)
		}
		s.Close()
	}
}
