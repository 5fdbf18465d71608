package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fakemodel"
)

func TestJSONLines_ABadLineIsExplainedInItsOwnWords(t *testing.T) {
	t.Parallel()
	in := "\xEF\xBB\xBF" + strings.Join([]string{`{"id":1,"text":"a mark before it"}`, `{"id":2,"text":5}`, `{"id":3,"history":{}}`, `[]`, `{"id":4`}, "\n")
	var out bytes.Buffer
	err := jsonLines(t.Context(), strings.NewReader(in), &out, 1, func(_ context.Context, line []byte) (json.RawMessage, any, error) {
		var in searchLine
		if err := json.Unmarshal(line, &in); err != nil {
			return idOf(line), nil, lineError("question", err)
		}
		return in.ID, map[string]string{"text": in.Text}, nil
	})
	if _, ok := errors.AsType[exitError](err); !ok {
		t.Errorf("some were bad, but: %v", err)
	}
	want := `{"text":"a mark before it"}
{"error":"this is no question: \"text\" is of the wrong type: number","id":2}
{"error":"this is no question: \"history\" is of the wrong type: object","id":3}
{"error":"this is no question: it has to be a JSON object","id":null}
{"error":"this is no question: unexpected end of JSON input","id":null}
`
	if out.String() != want {
		t.Errorf("got %s", out.String())
	}
}

func TestSearchLines_OneLineOutForEachInSameOrderIDEchoed(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "# Lids\n\nThe lid opens by a button.\n")
	k.write("parcels.md", "# Parcels\n\nThe parcel comes by van.\n\n## When nobody is in\n\nThe neighbour takes it.\n")
	k.ingest(0)
	in := strings.Join([]string{
		`{"id":"a","text":"who takes it when nobody is in"}`,
		`not JSON`,
		``,
		`{"id":7,"text":""}`,
		`{"id":"c","text":"lid button","k":1}`,
		`{"id":"d","text":3}`,
		`{"text":"no id"}`,
		`{"id":"e","text":"and by van?","k":1,"history":[{"role":"customer","text":"my parcel"},{"role":"bot","text":"lid lid lid lid"}]}`,
		`{"id":"f","text":"lid","k":99}`,
		`{"id":null,"text":"lid","unknown":1}`,
	}, "\n")
	out, _ := k.run(exitFailed, in, "search", "--site", "shop", "--jsonl")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 9 {
		t.Fatalf("%d lines, want 9:\n%s", len(lines), out)
	}
	type line struct {
		ID         any
		Error      string
		Answerable *float64
		Hits       []map[string]any
	}
	var got []line
	for _, l := range lines {
		var x line
		if err := json.Unmarshal([]byte(l), &x); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		got = append(got, x)
	}
	for i, want := range []struct {
		id      any
		article string // of the first hit; empty: an error
		hits    int
	}{
		{"a", "parcels", 2}, {nil, "", 0}, {7.0, "", 0}, {"c", "lids", 1}, {"d", "", 0}, {nil, "", 2}, {"e", "parcels", 1}, {"f", "", 0}, {nil, "lids", 2},
	} {
		g := got[i]
		if g.ID != want.id || len(g.Hits) != want.hits || (g.Error == "") != (g.Answerable != nil) {
			t.Errorf("line %d: %s", i+1, lines[i])
			continue
		}
		if want.article != "" && g.Hits[0]["article"] != want.article {
			t.Errorf("line %d: found %v, want %s", i+1, g.Hits[0]["article"], want.article)
		}
		if want.hits > 0 {
			if *g.Answerable <= 0 || *g.Answerable >= 1 || g.Hits[0]["text"] == "" || g.Hits[0]["score"] == nil {
				t.Errorf("line %d: %s", i+1, lines[i])
			}
		}
	}
	if got[0].Hits[0]["section"] != "When nobody is in" {
		t.Errorf("section %v", got[0].Hits[0]["section"])
	}
}

func TestSearchLines_AllGoodEndsWell(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "# Lids\n\nThe lid opens.\n")
	k.ingest(0)
	var in strings.Builder
	for i := range 200 {
		fmt.Fprintf(&in, `{"id":%d,"text":"lid %d"}`+"\n", i, i)
	}
	out, _ := k.run(0, in.String(), "search", "--site", "shop", "--jsonl")
	for i, l := range strings.Split(strings.TrimSpace(out), "\n") {
		if !strings.HasPrefix(l, fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("line %d: %s", i, l)
		}
	}
}

func TestSearch_EmbedderAwaySaysDegradedAndFinds(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "# Lids\n\nThe lid opens.\n")
	k.ingest(0)
	k.model.Always(fakemodel.Status(500, "down", ""))
	out, _ := k.run(0, "", "search", "--site", "shop", "lid")
	contains(t, "search", out, "degraded: embedder took no part", "The lid opens.")
}

func TestSearch_ExplainsItself(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("lids.md", "# Lids\n\nThe lid opens.\n")
	k.write("parcels.md", "# Parcels\n\nThe parcel comes by van.\n")
	k.ingest(0)
	out, _ := k.run(0, "", "search", "--site", "shop", "--explain", "how does the lid open")
	contains(t, "search", out, "meaning: cosine", "words: BM25", "words of the question", "probability: intercept", "generation 1", "behind the one before")
}

func TestSearch_WrongUseIsExplained(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	for _, args := range [][]string{
		{"search", "--site", "shop"}, {"search", "--k", "0", "lid"}, {"search", "--k", "51", "lid"}, {"search", "--audience", "everybody", "lid"},
	} {
		if _, errs := k.run(exitUsage, "", args...); errs == "" {
			t.Errorf("%v: no word", args)
		}
	}
	_, errs := k.run(exitFailed, "", "search", "--site", "nowhere", "lid")
	contains(t, "stderr", errs, "site list")
	k.run(0, "", "site", "add", "empty")
	out, _ := k.run(0, "", "search", "--site", "empty", "lid")
	contains(t, "stdout", out, "no published knowledge")
}

func TestSearch_AgentsArticlesAreForAgents(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("public.md", "# Lids\n\nThe lid opens.\n")
	k.write("secret.md", "---\naudience: agents\n---\n# Discounts\n\nGive ten percent when they ask twice.\n")
	k.ingest(0)
	out, _ := k.run(0, "", "search", "--site", "shop", "ten percent when they ask twice")
	if strings.Contains(out, "ten percent") {
		t.Errorf("a visitor reads what is for agents:\n%s", out)
	}
	out, _ = k.run(0, "", "search", "--site", "shop", "--audience", "agents", "ten percent when they ask twice")
	contains(t, "search as an agent", out, "Give ten percent")
}

func TestJSONLines_KeepsOrderHoweverLongEachTakes(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	for i := range 100 {
		fmt.Fprintf(&in, "%d\n", i)
	}
	var out bytes.Buffer
	err := jsonLines(t.Context(), strings.NewReader(in.String()), &out, 8, func(_ context.Context, line []byte) (json.RawMessage, any, error) {
		var n int
		if err := json.Unmarshal(line, &n); err != nil {
			return nil, nil, err
		}
		time.Sleep(time.Duration(n%7) * time.Millisecond) // what answers take differs
		return nil, n, nil
	})
	if err != nil || out.String() != in.String() {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestJSONLines_ALineThatIsTooLongIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	in := io.MultiReader(strings.NewReader("1\n"), io.LimitReader(endless{}, lineLimit+10), strings.NewReader("\n2"))
	var out bytes.Buffer
	err := jsonLines(t.Context(), in, &out, 2, func(_ context.Context, line []byte) (json.RawMessage, any, error) {
		return nil, json.RawMessage(bytes.TrimSpace(line)), nil
	})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err == nil || len(lines) != 3 || lines[0] != "1" || lines[2] != "2" || !strings.Contains(lines[1], `"error"`) {
		t.Errorf("%v: %.200s", err, out.String())
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestJSONLines_ABrokenInputOrOutputEndsTheRun(t *testing.T) {
	t.Parallel()
	echo := func(_ context.Context, line []byte) (json.RawMessage, any, error) { return nil, 1, nil }
	if err := jsonLines(t.Context(), io.MultiReader(strings.NewReader("1\n"), failing{}), io.Discard, 2, echo); err == nil {
		t.Error("a broken input went unnoticed")
	}
	if err := jsonLines(t.Context(), strings.NewReader("1\n2\n"), failing{}, 2, echo); err == nil {
		t.Error("a broken output went unnoticed")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errTest }
func (failing) Write([]byte) (int, error) { return 0, errTest }
