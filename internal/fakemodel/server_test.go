package fakemodel

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ask makes one call without any of the product's code.
func ask(t *testing.T, s *Server, body string) (int, []byte, error) {
	t.Helper()
	hc := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/embeddings", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer k")
	resp, err := hc.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}

func vectors(t *testing.T, body []byte, encoding string) [][]float32 {
	t.Helper()
	var answer struct {
		Data []struct {
			Index     int
			Embedding json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("answer %.200s: %v", body, err)
	}
	out := make([][]float32, len(answer.Data))
	for _, d := range answer.Data {
		var v []float32
		if encoding == "base64" {
			var raw []byte // encoding/json reads base64 into bytes
			if err := json.Unmarshal(d.Embedding, &raw); err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(raw); i += 4 {
				v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
			}
		} else if err := json.Unmarshal(d.Embedding, &v); err != nil {
			t.Fatal(err)
		}
		out[d.Index] = v
	}
	return out
}

func TestServer_AnswersTheSameVectorInEveryEncoding(t *testing.T) {
	t.Parallel()
	given := []float32{0.5, -0.5, 0.5, 0.5}
	s := New(t, Config{Dims: 4, Vectors: map[string][]float32{"known": given}})
	for _, encoding := range []string{"float", "base64"} {
		for range 2 { // made, then remembered
			_, body, err := ask(t, s, `{"model":"m","input":["known"],"encoding_format":"`+encoding+`"}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := vectors(t, body, encoding); len(got) != 1 || !slices.Equal(got[0], given) {
				t.Errorf("as %s: %v", encoding, got)
			}
		}
	}
	_, body, err := ask(t, s, `{"model":"m","input":["a","known","b"]}`)
	if err != nil {
		t.Fatal(err)
	}
	got := vectors(t, body, "float")
	if !slices.Equal(got[0], Words("a", 4)) || !slices.Equal(got[1], given) || !slices.Equal(got[2], Words("b", 4)) {
		t.Errorf("got %v", got)
	}
	if s.Unknown() != 2 || s.Calls() != 5 || s.Texts() != 7 {
		t.Errorf("counted %d unknown, %d calls, %d texts", s.Unknown(), s.Calls(), s.Texts())
	}
	if r := s.Requests()[4]; r.Key != "k" || r.Model != "m" || r.Encoding != "float" || len(s.Inputs()) != 7 {
		t.Errorf("recorded %+v", r)
	}
}

func TestServer_TakesOneTextAndRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Dims: 3})
	for body, want := range map[string]int{
		`{"input":"one"}`:                  200,
		`{"input":["one"],"dimensions":2}`: 200,
		`{"input":[]}`:                     400,
		`{"input":3}`:                      400,
		`{"input":[1,2]}`:                  400,
		`{`:                                400,
		``:                                 400,
	} {
		if got, _, err := ask(t, s, body); err != nil || got != want {
			t.Errorf("%s: status %d, %v, want %d", body, got, err, want)
		}
	}
}

func TestServer_PlaysItsScriptAndIsHealthyAgain(t *testing.T) {
	t.Parallel()
	s := New(t, Config{Dims: 3})
	s.Script(Status(503, "no", ""), nil, Reset(), Cut(10))
	s.Always(Status(418, "always", ""))
	const body = `{"input":["a"]}`
	for i, want := range []struct {
		status int
		broken bool
	}{{status: 503}, {status: 418}, {broken: true}, {broken: true}, {status: 418}} {
		if i == 1 { // nil in a script is a healthy call, whatever is always
			if got, _, err := ask(t, s, body); err != nil || got != 200 {
				t.Errorf("call %d: %d, %v", i, got, err)
			}
			continue
		}
		got, _, err := ask(t, s, body)
		if (err != nil) != want.broken || !want.broken && got != want.status {
			t.Errorf("call %d: %d, %v, want %+v", i, got, err, want)
		}
	}
	s.Heal()
	if got, _, err := ask(t, s, body); err != nil || got != 200 {
		t.Errorf("healed: %d, %v", got, err)
	}
}

func TestServer_HangsUntilReleasedOrClosed(t *testing.T) {
	t.Parallel()
	s, err := Start(Config{Dims: 3})
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	s.Script(Hang(release), Hang(nil))
	var wg sync.WaitGroup
	var errs [2]error
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = ask(t, s, `{"input":["a"]}`) })
		if err := s.WaitCalls(t.Context(), i+1); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.WaitCalls(ctx, 3); err == nil {
		t.Error("a call that never came was waited for with success")
	}
	close(release)
	s.Close()
	s.Close() // twice is fine
	wg.Wait()
	if errs[1] == nil {
		t.Error("the call that hung was answered")
	}
}

func TestWords_PutsTextsThatShareWordsNearEachOther(t *testing.T) {
	t.Parallel()
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	question := Words("how do I descale the kettle", 384)
	near := dot(question, Words("Descale the kettle: fill it with vinegar.", 384))
	far := dot(question, Words("Refunds arrive within five working days", 384))
	if near < far+0.2 {
		t.Errorf("near %.2f, far %.2f", near, far)
	}
	rapid.Check(t, func(rt *rapid.T) {
		text, dims := rapid.String().Draw(rt, "text"), rapid.IntRange(1, 500).Draw(rt, "dims")
		for _, f := range []func(string, int) []float32{Words, Hashed} {
			v := f(text, dims)
			if len(v) != dims || math.Abs(dot(v, v)-1) > 1e-4 || !slices.Equal(v, f(text, dims)) {
				rt.Fatalf("vector of %q: %d numbers of squared length %v", text, len(v), dot(v, v))
			}
		}
	})
}

func TestServer_WritesBase64AsPythonsClientsReadIt(t *testing.T) {
	t.Parallel()
	// 1.0 as little-endian float32.
	if got := base64.StdEncoding.EncodeToString(littleEndian([]float32{1})); got != "AACAPw==" {
		t.Errorf("1.0 is %q", got)
	}
}
