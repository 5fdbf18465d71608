package serve

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/retrieval/embed/local"
)

func TestServer_RefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{MaxTexts: 3, MaxBodyBytes: 4096}, func(d *Deps) { d.Models["other"] = d.Models["m"] })
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"nothing":            {``, 400, "not_json"},
		"half":               {`{"model":"m","input":"secret`, 400, "not_json"},
		"no object":          {`["secret"]`, 400, "not_json"},
		"no model of two":    {`{"input":"secret"}`, 400, "model_missing"},
		"a model that isn't": {`{"model":"secret","input":"a"}`, 404, "model_not_found"},
		"a bare suffix":      {`{"model":"+tokens","input":"a"}`, 404, "model_not_found"},
		"a suffix twice":     {`{"model":"m+tokens+tokens","input":"a"}`, 404, "model_not_found"},
		"a number as model":  {`{"model":1,"input":"a"}`, 400, "field_type"},
		"no input":           {`{"model":"m"}`, 400, "input_type_wrong"},
		"null":               {`{"model":"m","input":null}`, 400, "input_type_wrong"},
		"no texts":           {`{"model":"m","input":[]}`, 400, "input_type_wrong"},
		"numbers":            {`{"model":"m","input":[1,2]}`, 400, "input_type_wrong"},
		"a null text":        {`{"model":"m","input":["a",null]}`, 400, "input_type_wrong"},
		"an object":          {`{"model":"m","input":{"text":"secret"}}`, 400, "input_type_wrong"},
		"too many texts":     {`{"model":"m","input":["1","2","3","4"]}`, 413, "too_many_texts"},
		"another side":       {`{"model":"m","input":"a","input_type":"secret"}`, 400, "input_type"},
		"another encoding":   {`{"model":"m","input":"a","encoding_format":"hex"}`, 400, "encoding_format"},
		"another width":      {`{"model":"m","input":"a","dimensions":2}`, 400, "dimensions"},
		"too large a body":   {`{"model":"m","input":"` + strings.Repeat("secret ", 1000) + `"}`, 413, "body_too_large"},
	} {
		a := b.post(t, tc.body)
		wantProblem(t, a, tc.status, tc.code)
		if strings.Contains(a.body, "secret") {
			t.Errorf("%s: repeats what was sent: %s", name, a.body)
		}
	}
	chunked, err := b.do(t.Context(), http.MethodPost, "/v1/embeddings", io.MultiReader(strings.NewReader(strings.Repeat("x", 5000))), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, chunked, 413, "body_too_large")
	packed, err := b.do(t.Context(), http.MethodPost, "/v1/embeddings", strings.NewReader("x"), http.Header{"Content-Encoding": {"gzip"}})
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, packed, 415, "content_encoding")
	for _, tc := range []struct{ method, path, code string }{
		{http.MethodGet, "/v1/embeddings", "method"},
		{http.MethodPost, "/health", "method"},
		{http.MethodGet, "/v1/secret", "not_found"},
	} {
		a, err := b.do(t.Context(), tc.method, tc.path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		status := 404
		if tc.code == "method" {
			status = 405
		}
		wantProblem(t, a, status, tc.code)
	}
	if texts, _ := b.encoder.seen(); len(texts) != 0 {
		t.Errorf("ran %d texts", len(texts))
	}
	if s := b.log.String(); strings.Contains(s, "secret") {
		t.Errorf("log: %s", s)
	}
}

func TestServer_BoundsTheBodiesBeingRead(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{MaxBodyBytes: 1000, BodyBytes: 1500}, nil)
	body, sender := io.Pipe()
	slow := make(chan answered, 1)
	go func() { // its length is not known, so it counts as the most it may be
		a, err := b.do(t.Context(), http.MethodPost, "/v1/embeddings", body, nil)
		if err != nil {
			a.status = -1
		}
		slow <- a
	}()
	until(t, "the slow body is being read", func() bool { return b.bodies.taken.Load() == 1000 })
	wantProblem(t, b.post(t, `{"input":"`+strings.Repeat("x", 600)+`"}`), http.StatusTooManyRequests, "busy")
	rows(t, b.post(t, `{"input":"small ones still fit"}`))
	if _, err := io.WriteString(sender, `{"input":"a"}`); err != nil {
		t.Fatal(err)
	}
	sender.Close()
	rows(t, <-slow)
	if n := b.bodies.taken.Load(); n != 0 {
		t.Errorf("%d bytes still taken", n)
	}
}

func TestServer_GivesUpABodyThatDoesNotArrive(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{BodyWait: time.Millisecond}, nil)
	body, sender := io.Pipe()
	defer sender.Close()
	a, err := b.do(t.Context(), http.MethodPost, "/v1/embeddings", body, nil)
	if err == nil { // the client may also see its connection closed
		wantProblem(t, a, http.StatusRequestTimeout, "body_incomplete")
	}
	until(t, "its bytes are given back", func() bool { return b.bodies.taken.Load() == 0 })
}

func TestServer_CutsLongTextsAndTakesOddOnes(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{}, nil)
	for name, text := range map[string]string{
		"100,000 words":     strings.Repeat("größe ", 100_000),
		"one endless word":  "o" + strings.Repeat("ö", 300_000),
		"nothing":           "",
		"NUL":               "a\x00b",
		"no letters":        "?! 🙂 \u200d",
		"bidirectional":     "\u202eabc",
		"special words":     "[CLS] </s> <mask>",
		"unassigned points": "\u0378\U000e0fff",
	} {
		body, err := json.Marshal(map[string]any{"model": "m", "input": []string{text}})
		if err != nil {
			t.Fatal(err)
		}
		rows(t, b.post(t, string(body)))
		texts, _ := b.encoder.seen()
		got := texts[len(texts)-1]
		if !strings.HasPrefix(text, got) || len(got) > 64<<10 || len(got) < min(len(text), 64<<10-3) || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes of %d arrived", name, len(got), len(text))
		}
	}
	a := b.post(t, `{"model":"m","input":"a lone \ud800 surrogate`+" \xff\xfe"+`"}`)
	rows(t, a)
	if texts, _ := b.encoder.seen(); !utf8.ValidString(texts[len(texts)-1]) {
		t.Error("invalid UTF-8 arrived")
	}
}

func TestNew_RefusesWhatCannotBeServed(t *testing.T) {
	t.Parallel()
	e := &scripted{}
	for name, tc := range map[string]struct {
		models map[string]local.Encoder
		cfg    Config
	}{
		"no models":          {nil, Config{}},
		"a model of no name": {map[string]local.Encoder{"": e}, Config{}},
		"a reserved name":    {map[string]local.Encoder{"m+tokens": e}, Config{}},
		"no encoder":         {map[string]local.Encoder{"m": nil}, Config{}},
		"workers":            {map[string]local.Encoder{"m": e}, Config{Workers: -1}},
		"a third side":       {map[string]local.Encoder{"m": e}, Config{DefaultKind: "both"}},
		"a queue too short":  {map[string]local.Encoder{"m": e}, Config{MaxTexts: 10, MaxPassages: 9}},
		"a budget too small": {map[string]local.Encoder{"m": e}, Config{BodyBytes: 1}},
	} {
		if _, err := New(Deps{Models: tc.models}, tc.cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzServer_Parse(f *testing.F) {
	for _, s := range []string{
		`{"model":"m","input":"a"}`, `{"model":"m+tokens","input":["a","b"],"input_type":"passage","encoding_format":"base64","dimensions":3}`,
		`{"input":[`, `{"input":[["a"]]}`, `[]`, `{"input":"\ud800"}`, `{"input":["a"` + strings.Repeat(`,""`, 100) + `]}`,
	} {
		f.Add([]byte(s))
	}
	s, err := New(Deps{Models: map[string]local.Encoder{"m": &scripted{}}}, Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req, p := s.parse(body)
		if p != nil {
			if p.status < 400 || p.code == "" || p.message == "" {
				t.Fatalf("refused with %+v", p)
			}
			return
		}
		if req.encoder == nil || len(req.texts) == 0 || len(req.texts) > 64 || (req.kind != local.Query && req.kind != local.Passage) {
			t.Fatalf("taken as %+v", req)
		}
	})
}
