package own

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type message struct{ Text, Expect, Language string }

// corpus is the messages of the open businesses.
func corpus(tb testing.TB) (out []message) {
	tb.Helper()
	files, err := filepath.Glob(filepath.FromSlash("../../evals/corpus/*/messages.jsonl"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus: %v", err)
	}
	for _, path := range files {
		if slices.Contains([]string{"cabinet", "irisette", "kerbside"}, filepath.Base(filepath.Dir(path))) {
			continue // frozen
		}
		for _, l := range readLines(tb, path) {
			var m message
			if err := json.Unmarshal([]byte(l), &m); err != nil {
				tb.Fatal(err)
			}
			out = append(out, m)
		}
	}
	return out
}

func readLines(tb testing.TB, path string) (out []string) {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		out = append(out, in.Text())
	}
	return out
}

// The weights have seen these messages; what they do on businesses they have
// not seen, the training command prints. Floors are a little under what was
// measured.
func TestRead_Corpus(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	positive, found, wrong, n := 0, 0, 0, 0
	var in, said, came [10]float64
	for _, m := range corpus(t) {
		p, why := r.Read(m.Text)
		n++
		yes := m.Expect == "account"
		b := min(9, int(p*10))
		in[b]++
		said[b] += p
		if yes {
			positive++
			came[b]++
		}
		if p >= .5 && yes {
			found++
		} else if p >= .5 {
			wrong++
		}
		if show := os.Getenv("SHOW"); show == "missed" && yes && p < .5 || show == "wrong" && !yes && p >= .5 {
			t.Logf("%s %.2f %q: %s", m.Language, p, m.Text, why)
		}
	}
	gap := 0.0
	for b := range in {
		gap += math.Abs(said[b]-came[b]) / float64(n)
	}
	t.Logf("found %d of %d at even odds, %d false alarms among %d others; calibration error %.4f", found, positive, wrong, n-positive, gap)
	if float64(found) < .6*float64(positive) || float64(wrong) > .012*float64(n) || gap > .02 {
		t.Error("reads the corpus badly")
	}
}

// Our own lines: as many of the one kind as of the other in each language.
func TestRead_Lines(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	right, all := map[string]int{}, map[string]int{}
	for _, l := range readLines(t, filepath.Join("testdata", "lines.tsv")) {
		f := strings.SplitN(l, "\t", 3)
		p, why := r.Read(f[2])
		all[f[0]]++
		if (p >= .3) == (f[1] == "1") {
			right[f[0]]++
		} else if os.Getenv("SHOW") != "" {
			t.Logf("%s %.2f %q: %s", f[0], p, f[2], why)
		}
	}
	for lang, n := range all {
		t.Logf("%s: %d of %d on the right side of .3", lang, right[lang], n)
		if float64(right[lang]) < .75*float64(n) {
			t.Errorf("%s: %d of %d", lang, right[lang], n)
		}
	}
}

func newReader(tb testing.TB) *Reader {
	tb.Helper()
	r, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
