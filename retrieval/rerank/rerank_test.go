package rerank

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/fault"
)

func client(t *testing.T, h http.HandlerFunc, now func() time.Time) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := New(Deps{Now: now}, Config{BaseURL: srv.URL + "/v1/", Model: "reader", APIKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClient_SpeaksBothDialectsAndRemembersWhich(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	for name, h := range map[string]http.HandlerFunc{
		"documents": func(w http.ResponseWriter, r *http.Request) {
			var q request
			if json.NewDecoder(r.Body).Decode(&q) != nil || r.URL.Path != "/v1/rerank" || r.Header.Get("Authorization") != "Bearer secret" ||
				q.Model != "reader" || q.Query != "lid" || !slices.Equal(q.Documents, []string{"a", "b"}) || q.Texts != nil {
				w.WriteHeader(http.StatusTeapot)
			}
			w.Write([]byte(`{"results":[{"index":1,"relevance_score":0.9,"document":{"text":"b"}},{"index":0,"relevance_score":-3}]}`))
		},
		"texts": func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			var q request
			if json.NewDecoder(r.Body).Decode(&q) != nil || q.Documents != nil {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			w.Write([]byte(`[{"index":1,"score":0.9},{"index":0,"score":-3}]`))
		},
	} {
		c := client(t, h, nil)
		for range 2 {
			got, err := c.Rerank(t.Context(), "lid", []string{"a", "b"})
			if err != nil || !slices.Equal(got, []float64{-3, 0.9}) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
	if n := calls.Load(); n != 3 {
		t.Errorf("%d calls, want the wrong dialect once only", n)
	}
}

func TestClient_AnAnswerThatMakesNoSenseIsAnError(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"nothing": "", "no JSON": "oops", "no results": `{}`, "one too few": `[{"index":0,"score":1}]`,
		"one twice": `[{"index":0,"score":1},{"index":0,"score":1}]`, "out of range": `[{"index":0,"score":1},{"index":2,"score":1}]`,
		"no index": `[{"score":1},{"index":1,"score":1}]`, "no score": `[{"index":0},{"index":1,"score":1}]`,
		"a score that is a word": `[{"index":0,"score":"NaN"},{"index":1,"score":1}]`,
		"10 MB":                  `{"results":[],"x":"` + strings.Repeat("x", 10<<20) + `"}`,
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) }, nil)
		if got, err := c.Rerank(t.Context(), "kettle", []string{"a", "b"}); err == nil || strings.Contains(err.Error(), "kettle") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestClient_ARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Store(true) }))
	defer other.Close()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}, nil)
	if _, err := c.Rerank(t.Context(), "lid", []string{"a", "b"}); fault.KindOf(err) != fault.Unavailable || elsewhere.Load() {
		t.Errorf("followed: %v, %v", elsewhere.Load(), err)
	}
}

func TestClient_AfterThreeFailuresNobodyIsAskedForAWhile(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	var well atomic.Bool
	at := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		if !well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Write([]byte(`[{"index":0,"score":1}]`))
	}, func() time.Time { return at })
	ask := func() error { _, err := c.Rerank(t.Context(), "lid", []string{"a"}); return err }
	for range 5 {
		if err := ask(); fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
	}
	if n := calls.Load(); n != 3 {
		t.Fatalf("%d calls", n)
	}
	at = at.Add(6 * time.Second)
	ask()
	ask()
	if n := calls.Load(); n != 4 {
		t.Fatalf("%d calls after the pause", n)
	}
	at, _ = at.Add(6*time.Second), well.Swap(true)
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err != nil || calls.Load() != 6 {
		t.Errorf("%d calls: %v", calls.Load(), err)
	}
}

func TestClient_ACallerWhoLeavesSaysNothingAboutTheServer(t *testing.T) {
	t.Parallel()
	c := client(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // a server sees that its caller left when it has read all
		<-r.Context().Done()
	}, nil)
	for range 4 {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Rerank(ctx, "lid", []string{"a"}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := c.Rerank(ctx, "lid", []string{"a"}); fault.KindOf(err) != fault.Timeout {
		t.Errorf("slow: %v", err)
	}
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"", "rerank", "ftp://host", "http://"} {
		if _, err := New(Deps{}, Config{BaseURL: u}); err == nil {
			t.Errorf("%q was taken", u)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`[{"index":0,"score":1}]`), 1)
	f.Add([]byte(`{"results":[{"index":0,"relevance_score":1e309}]}`), 1)
	f.Fuzz(func(t *testing.T, answer []byte, n int) {
		if n < 0 || n > 100 {
			return
		}
		if scores, err := parse(answer, n); err == nil && len(scores) != n {
			t.Fatalf("%d scores for %d", len(scores), n)
		}
	})
}
