package matters

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type message struct {
	Text, Language string
	Kind           []string
	Matters        []struct{ Text string }
}

func corpus(tb testing.TB) []message {
	tb.Helper()
	files, err := filepath.Glob(filepath.FromSlash("../../evals/corpus/*/messages.jsonl"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus: %v", err)
	}
	var out []message
	for _, path := range files {
		if slices.Contains([]string{"cabinet", "irisette", "kerbside"}, filepath.Base(filepath.Dir(path))) {
			continue // frozen
		}
		f, err := os.Open(path)
		if err != nil {
			tb.Fatal(err)
		}
		in := bufio.NewScanner(f)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			var m message
			if err := json.Unmarshal(in.Bytes(), &m); err != nil {
				tb.Fatal(err)
			}
			out = append(out, m)
		}
		f.Close()
	}
	return out
}

// alike is how much of two parts is common to both, of what either has.
func alike(a, b Span) float64 {
	common := max(0, min(a.To, b.To)-max(a.From, b.From))
	return float64(common) / float64(max(a.To, b.To)-min(a.From, b.From))
}

// The corpus has messages with two matters, their parts marked by hand, and
// many with one. Floors are a little under what was measured.
func TestSplit_Corpus(t *testing.T) {
	t.Parallel()
	s := newSplitter(t)
	show := os.Getenv("SHOW")
	two, cutUp, both, singles, wrong := 0, 0, 0, 0, 0
	for _, m := range corpus(t) {
		got := s.Split(m.Text)
		if !slices.Contains(m.Kind, "two") {
			singles++
			if len(got) > 1 {
				wrong++
				if show == "one" {
					t.Logf("%s: %q", m.Language, pieces(m.Text, got))
				}
			}
			continue
		}
		two++
		if len(got) > 1 {
			cutUp++
		}
		hit := 0
		for _, g := range m.Matters {
			from := strings.Index(m.Text, g.Text)
			gold := Span{from, from + len(g.Text)}
			if slices.ContainsFunc(got, func(x Span) bool { return alike(x, gold) >= .7 }) {
				hit++
			}
		}
		if hit == 2 {
			both++
		} else if show == "two" {
			t.Logf("%s: %q meant %v", m.Language, pieces(m.Text, got), m.Matters)
		}
	}
	t.Logf("two matters: %.3f cut up, both parts found in %.3f of %d; one matter: %.3f cut up of %d",
		float64(cutUp)/float64(two), float64(both)/float64(two), two, float64(wrong)/float64(singles), singles)
	if float64(cutUp) < .88*float64(two) || float64(both) < .79*float64(two) || float64(wrong) > .02*float64(singles) {
		t.Error("cut up badly")
	}
}

func pieces(in string, list []Span) (out []string) {
	for _, s := range list {
		out = append(out, in[s.From:s.To])
	}
	return out
}

func newSplitter(tb testing.TB) *Splitter {
	tb.Helper()
	s, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
