package serve

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/embed/local"
)

type fakeClock struct{ passed atomic.Int64 }

func (c *fakeClock) now() time.Time { return time.Unix(1_700_000_000, c.passed.Load()) }

func (c *fakeClock) add(d time.Duration) { c.passed.Add(int64(d)) }

// rows are the vectors of an answer, of either encoding.
func rows(t *testing.T, a answered) [][]float32 {
	t.Helper()
	var body struct {
		Data []struct {
			Index     int
			Embedding json.RawMessage
		}
	}
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	var all [][]float32
	for i, d := range body.Data {
		if d.Index != i {
			t.Errorf("index %d in place %d", d.Index, i)
		}
		var row []float32
		if d.Embedding[0] != '"' {
			if err := json.Unmarshal(d.Embedding, &row); err != nil {
				t.Fatal(err)
			}
			all = append(all, row)
			continue
		}
		var raw []byte // JSON's own form of bytes is base64
		if err := json.Unmarshal(d.Embedding, &raw); err != nil {
			t.Fatal(err)
		}
		for ; len(raw) >= 4; raw = raw[4:] {
			row = append(row, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		}
		all = append(all, row)
	}
	return all
}

func TestServer_AnswersInBothEncodings(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{}, nil)
	for _, body := range []string{
		`{"model":"m","input":"a"}`,
		`{"input":"a"}`,
		`{"model":"m","input":["a"],"encoding_format":"float"}`,
		`{"model":"m","input":["a"],"encoding_format":"base64","user":"x","dimensions":3}`,
	} {
		if got := rows(t, b.post(t, body)); len(got) != 1 || !slices.Equal(got[0], []float32{0.6, 0, 0.8}) {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestServer_TokenVectorsComeInOneRow(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{}, nil)
	for _, encoding := range []string{"float", "base64"} {
		a := b.post(t, `{"model":"m+tokens","input":["ab","abc"],"encoding_format":"`+encoding+`"}`)
		if !strings.Contains(a.body, `"model":"m+tokens"`) {
			t.Errorf("%s: not under the name asked for", encoding)
		}
		for i, row := range rows(t, a) {
			v, err := local.Unflatten(row, 3, 2)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(v.Pooled, []float32{0.6, 0, 0.8}) || !slices.Equal(v.TokenIDs, []int32{101, 102}) || !slices.Equal(v.Places, []int32{0, 1}) ||
				!slices.Equal(v.Tokens, []float32{0.25, -1, 1e-7, float32(2 + i)}) {
				t.Errorf("%s, text %d: %+v", encoding, i, v)
			}
		}
	}
}

func TestServer_TakesTheKindFromTheCall(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]local.Kind{
		`{"input":"a"}`:                           local.Query,
		`{"input":"a","input_type":"query"}`:      local.Query,
		`{"input":"a","input_type":"passage"}`:    local.Passage,
		`{"input":"a","input_type":"document"}`:   local.Passage,
		`{"input":["a"],"input_type":"document"}`: local.Passage,
	} {
		b := setup(t, &scripted{}, Config{}, nil)
		rows(t, b.post(t, body))
		if _, kinds := b.encoder.seen(); kinds[0] != want {
			t.Errorf("%s: %v", body, kinds)
		}
	}
}

func TestServer_AFailedRunFailsItsCallOnly(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	e := &scripted{result: func(text string) (local.Vectors, error) {
		switch text {
		case "secret error":
			return local.Vectors{}, errors.New("a run failed")
		case "secret panic":
			panic("the words of a " + text)
		case "secret NaN":
			return local.Vectors{Pooled: []float32{0, nan, 0}, TokenDims: 2}, nil
		case "secret width":
			return local.Vectors{Pooled: []float32{1}, TokenDims: 2}, nil
		case "secret row":
			return local.Vectors{Pooled: []float32{1, 0, 0}, TokenDims: 2, TokenIDs: []int32{1}}, nil
		}
		return local.Vectors{Pooled: []float32{1, 0, 0}, TokenDims: 2}, nil
	}}
	b := setup(t, e, Config{}, nil)
	for _, text := range []string{"secret error", "secret panic", "secret NaN", "secret width", "secret row"} {
		a := b.post(t, `{"model":"m+tokens","input":["good","`+text+`","good"]}`)
		wantProblem(t, a, http.StatusInternalServerError, "encode_failed")
		rows(t, b.post(t, `{"model":"m","input":"good"}`))
	}
	if s := b.log.String(); strings.Contains(s, "secret") || strings.Count(s, "encode failed") != 5 {
		t.Errorf("log: %s", s)
	}
}

func TestServer_ListsItsModels(t *testing.T) {
	t.Parallel()
	b := setup(t, &scripted{}, Config{}, nil)
	a, err := b.do(t.Context(), http.MethodGet, "/v1/models", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"data":[{"id":"m","object":"model","created":0,"owned_by":"frontdesk","dims":3,"token_dims":2,"max_tokens":512}],"object":"list"}`; a.body != want {
		t.Errorf("%s", a.body)
	}
}

func TestServer_IsReachedByOurOwnClient(t *testing.T) {
	t.Parallel()
	e := &scripted{result: func(text string) (local.Vectors, error) {
		if text == "bad" {
			return local.Vectors{}, errors.New("a run failed")
		}
		return local.Vectors{Pooled: []float32{0, 1, 0}, TokenDims: 2}, nil
	}}
	b := setup(t, e, Config{MaxTexts: 4}, nil) // the client sends up to 16 in a call
	c, err := embed.New(embed.Deps{}, embed.Config{BaseURL: b.url, QueryTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	texts := strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z")
	vecs, err := c.Embed(t.Context(), retrieval.EmbedPassage, texts)
	if err != nil {
		t.Fatal(err)
	}
	if len(vecs) != len(texts) || !slices.Equal(vecs[25], []float32{0, 1, 0}) {
		t.Errorf("vectors %v", vecs)
	}
	if m := c.Model(); m.Name != "m/3" || m.Dims != 3 {
		t.Errorf("model %+v", m)
	}
	_, err = c.Embed(t.Context(), retrieval.EmbedQuery, []string{"bad"})
	if f, ok := fault.As(err); !ok || f.Code != embed.CodeFailing {
		t.Errorf("error %v", err)
	}
	wrong, err := embed.New(embed.Deps{}, embed.Config{BaseURL: b.url, Model: "n", QueryTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	_, err = wrong.Embed(t.Context(), retrieval.EmbedQuery, []string{"a"})
	if f, ok := fault.As(err); !ok || f.Code != embed.CodeNotFound {
		t.Errorf("error %v", err)
	}
}

func TestAppendBase64_IsWhatTheClientReads(t *testing.T) {
	t.Parallel()
	got := string(appendBase64(nil, []float32{1, -2}))
	want := `"` + base64.StdEncoding.EncodeToString([]byte{0, 0, 128, 63, 0, 0, 0, 192}) + `"`
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// BenchmarkServer_Question is what the server adds to a question's run.
func BenchmarkServer_Question(b *testing.B) {
	s, err := New(Deps{Models: map[string]local.Encoder{"m": &scripted{}}}, Config{})
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	client := &http.Client{Transport: &http.Transport{}}
	for b.Loop() {
		resp, err := client.Post("http://"+l.Addr().String()+"/v1/embeddings", "application/json",
			strings.NewReader(`{"model":"m","input":"where is my parcel","encoding_format":"base64","input_type":"query"}`))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("status %d: %v", resp.StatusCode, err)
		}
		resp.Body.Close()
	}
	client.CloseIdleConnections()
	cancel()
	if err := <-served; err != nil {
		b.Fatal(err)
	}
}
