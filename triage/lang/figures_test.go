package lang

import (
	"bufio"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// short are phrases of two to four words (in Chinese and Japanese a few
// characters), written before the model: code, tab, phrases by bars.
func short(tb testing.TB) []Sample {
	tb.Helper()
	var out []Sample
	for _, l := range readLines(tb, filepath.Join("testdata", "short.txt")) {
		code, list, _ := strings.Cut(l, "\t")
		for s := range strings.SplitSeq(list, "|") {
			out = append(out, Sample{code, s})
		}
	}
	return out
}

// heldOut are the sentences of lingua_langid that training has not seen.
func heldOut(tb testing.TB) []Sample {
	tb.Helper()
	folder := filepath.Join(cmp.Or(os.Getenv("FRONTDESK_EVAL_DATA"), filepath.FromSlash("../../../shared/data")), "lingua_langid")
	files, _ := filepath.Glob(filepath.Join(folder, "*.txt"))
	if len(files) == 0 {
		tb.Skipf("SKIPPED: no sentences at %s; set FRONTDESK_EVAL_DATA to the folder that holds lingua_langid", folder)
	}
	var out []Sample
	for _, f := range files {
		for i, l := range readLines(tb, f) {
			if i%2 == 1 {
				out = append(out, Sample{strings.TrimSuffix(filepath.Base(f), ".txt"), l})
			}
		}
	}
	return out
}

// customers are the messages of the corpus' open businesses.
func customers(tb testing.TB) []Sample {
	tb.Helper()
	files, err := filepath.Glob(filepath.FromSlash("../../evals/corpus/*/messages.jsonl"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus: %v", err)
	}
	var out []Sample
	for _, f := range files {
		if slices.Contains([]string{"cabinet", "irisette", "kerbside"}, filepath.Base(filepath.Dir(f))) {
			continue // frozen
		}
		for _, l := range readLines(tb, f) {
			var m struct{ Text, Language string }
			if err := json.Unmarshal([]byte(l), &m); err != nil {
				tb.Fatal(err)
			}
			out = append(out, Sample{m.Language, m.Text})
		}
	}
	return out
}

func readLines(tb testing.TB, path string) []string {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []string
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		out = append(out, in.Text())
	}
	return out
}

// firstWords is the beginning of a text: n words, or twice as many characters
// of a script without spaces.
func firstWords(s string, n int) string {
	ws := strings.Fields(s)
	if len(ws) > n {
		return strings.Join(ws[:n], " ")
	}
	rs := []rune(s)
	if len(ws) <= 2 && len(rs) > 2*n {
		return string(rs[:2*n])
	}
	return s
}

func words(s string) int { return len(strings.Fields(s)) }

// Floors are a little under what was measured; the aims are .97 for five words
// and more, .90 for two to four with the page's language.
func TestDetect_Figures(t *testing.T) {
	t.Parallel()
	d := newTestDetector(t)
	product := []string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"}
	cutTo := func(list []Sample, n int) []Sample {
		var out []Sample
		for _, s := range list {
			out = append(out, Sample{s.Lang, firstWords(s.Text, n)})
		}
		return out
	}
	only := func(list []Sample, ok func(Sample) bool) []Sample {
		return slices.DeleteFunc(slices.Clone(list), func(s Sample) bool { return !ok(s) })
	}
	sentences, phrases, messages := heldOut(t), short(t), customers(t)
	known := only(messages, func(s Sample) bool { return s.Lang != "da" && s.Lang != "nb" })
	for _, tt := range []struct {
		name  string
		list  []Sample
		page  string // "own", "", or a language
		floor float64
	}{
		{"sentences, 20 languages, no page", sentences, "", .98},
		{"sentences, eight words, no page", cutTo(sentences, 8), "", .97},
		{"sentences, five words, no page", cutTo(sentences, 5), "", .95},
		{"sentences, five words, own page", cutTo(sentences, 5), "own", .97},
		{"sentences, five words, English page", cutTo(sentences, 5), "en", .93},
		{"sentences, three words, no page", cutTo(sentences, 3), "", .88},
		{"sentences, three words, own page", cutTo(sentences, 3), "own", .95},
		{"sentences, three words, English page", cutTo(sentences, 3), "en", .85},
		{"phrases, own page", phrases, "own", .97},
		{"phrases, no page", phrases, "", .93},
		{"phrases, English page", phrases, "en", .90},
		{"customers, five words and more, no page", only(known, func(s Sample) bool { return words(s.Text) >= 5 }), "", .98},
		{"customers, five words and more, English page", only(known, func(s Sample) bool { return words(s.Text) >= 5 }), "en", .98},
		{"customers, not English, English page", only(known, func(s Sample) bool { return words(s.Text) >= 5 && s.Lang != "en" }), "en", .97},
		{"customers, two to four words, own page", only(known, func(s Sample) bool { return words(s.Text) >= 2 && words(s.Text) < 5 }), "own", .97},
		{"customers, two to four words, no page", only(known, func(s Sample) bool { return words(s.Text) >= 2 && words(s.Text) < 5 }), "", .90},
		{"product's languages, five words, no page", only(cutTo(sentences, 5), func(s Sample) bool { return slices.Contains(product, s.Lang) }), "", .95},
	} {
		right, wrong := map[string]int{}, map[string]int{}
		for _, s := range tt.list {
			page := tt.page
			if page == "own" {
				page = s.Lang
			}
			if got, p := d.Detect(s.Text, page); got == s.Lang {
				right[s.Lang]++
			} else {
				wrong[s.Lang]++
				if testing.Verbose() && strings.HasPrefix(tt.name, os.Getenv("SHOW")) && os.Getenv("SHOW") != "" {
					t.Logf("%s: %q is %s, taken for %s (%.2f)", tt.name, s.Text, s.Lang, got, p)
				}
			}
		}
		r, n := 0, len(tt.list)
		for _, k := range right {
			r += k
		}
		share := float64(r) / float64(n)
		t.Logf("%-45s %.4f of %d; wrong %v", tt.name, share, n, wrong)
		if share < tt.floor {
			t.Errorf("%s: %.4f right, under %.2f", tt.name, share, tt.floor)
		}
	}
}

func newTestDetector(tb testing.TB) *Detector {
	tb.Helper()
	d, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
