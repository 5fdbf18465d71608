package mood

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func newReader(tb testing.TB) *Reader {
	tb.Helper()
	r, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

type rated struct {
	lang, text    string
	mood, urgency int // -2 … 2, 0 … 2
}

func labelled(tb testing.TB, file string) []rated {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		tb.Fatal(err)
	}
	var out []rated
	for l := range strings.Lines(string(data)) {
		f := strings.SplitN(strings.TrimSpace(l), "\t", 4)
		m, err1 := strconv.Atoi(f[1])
		u, err2 := strconv.Atoi(f[2])
		if err1 != nil || err2 != nil {
			tb.Fatalf("line %q", l)
		}
		out = append(out, rated{f[0], f[3], m, u})
	}
	return out
}

// third is bad, neither or good.
func third(x float64) int {
	switch {
	case x <= -.2:
		return -1
	case x >= .3:
		return 1
	default:
		return 0
	}
}

func sign(x int) int { return cmp.Compare(x, 0) }

func press(x float64) int {
	switch {
	case x >= .6:
		return 2
	case x >= .2:
		return 1
	default:
		return 0
	}
}

func TestRead_Labelled(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	type tally struct {
		n, mood, urgency int
		said, meant      []float64
	}
	by := map[string]*tally{}
	var all tally
	for _, x := range labelled(t, "labelled.tsv") {
		got := r.Read(x.text, Conduct{})
		if by[x.lang] == nil {
			by[x.lang] = &tally{}
		}
		for _, y := range []*tally{by[x.lang], &all} {
			y.n++
			y.said, y.meant = append(y.said, got.Mood), append(y.meant, float64(x.mood)/2)
			if third(got.Mood) == sign(x.mood) {
				y.mood++
			}
			if press(got.Urgency) == x.urgency {
				y.urgency++
			}
		}
		if os.Getenv("SHOW") != "" && (third(got.Mood) != sign(x.mood) || press(got.Urgency) != x.urgency) {
			t.Logf("%s %q: mood %d said %.2f, urgency %d said %.2f: %v", x.lang, x.text, x.mood, got.Mood, x.urgency, got.Urgency, got.Why)
		}
	}
	for lang, y := range by {
		t.Logf("%s: mood in thirds %.2f, correlation %.2f; urgency in thirds %.2f, of %d", lang, share(y.mood, y.n), correlation(y.said, y.meant), share(y.urgency, y.n), y.n)
		if share(y.mood, y.n) < .85 || share(y.urgency, y.n) < .85 || correlation(y.said, y.meant) < .85 {
			t.Errorf("%s is read too badly", lang)
		}
	}
	t.Logf("all: mood in thirds %.3f, correlation %.3f; urgency in thirds %.3f, of %d", share(all.mood, all.n), correlation(all.said, all.meant), share(all.urgency, all.n), all.n)
}

// The second set was written after the lexicon, to see what that had not; the
// third after the lexicon had learned from the second, and nothing was changed
// for it. Floors are a little under what was measured.
func TestRead_LaterSets(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, tt := range []struct {
		file          string
		mood, urgency float64
	}{{"second.tsv", .80, .75}, {"third.tsv", .60, .62}} {
		n, mood, urgency := 0, 0, 0
		var said, meant []float64
		for _, x := range labelled(t, tt.file) {
			got := r.Read(x.text, Conduct{})
			n++
			said, meant = append(said, got.Mood), append(meant, float64(x.mood)/2)
			if third(got.Mood) == sign(x.mood) {
				mood++
			}
			if press(got.Urgency) == x.urgency {
				urgency++
			}
		}
		t.Logf("%s: mood in thirds %.3f, correlation %.3f; urgency in thirds %.3f, of %d", tt.file, share(mood, n), correlation(said, meant), share(urgency, n), n)
		if share(mood, n) < tt.mood || share(urgency, n) < tt.urgency {
			t.Errorf("%s is read too badly", tt.file)
		}
	}
}

// How much a matter presses, by sets that were written one after the other: the
// cues have learned from the fourth, and nothing was changed for the fifth.
func TestRead_Urgency(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	for _, tt := range []struct {
		file               string
		right, correlation float64
	}{{"labelled.tsv", .97, .9}, {"second.tsv", .95, .85}, {"third.tsv", .97, .9}, {"fourth.tsv", .97, .9}, {"fifth.tsv", .85, .7}} {
		n, right := 0, 0
		var said, meant []float64
		for _, x := range labelled(t, tt.file) {
			got := r.Read(x.text, Conduct{}).Urgency
			said, meant = append(said, got), append(meant, float64(x.urgency)/2)
			if x.urgency != 1 {
				n++
				if (got >= .5) == (x.urgency == 2) {
					right++
				}
			}
		}
		c := correlation(said, meant)
		t.Logf("%s: pressing or not %.3f of %d, correlation %.3f", tt.file, share(right, n), n, c)
		if share(right, n) < tt.right || c < tt.correlation {
			t.Errorf("%s is read too badly", tt.file)
		}
	}
}

// Ordinary messages do not press: of the corpus' open businesses half a hundredth
// do, and of those some with good reason.
func TestRead_OrdinaryMessagesDoNotPress(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.FromSlash("../../evals/corpus/*/messages.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	r := newReader(t)
	n, pressing := 0, 0
	for _, path := range files {
		if slices.Contains([]string{"cabinet", "irisette", "kerbside"}, filepath.Base(filepath.Dir(path))) {
			continue // frozen
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(data)) {
			var m struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal([]byte(l), &m); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			n++
			if r.Read(m.Text, Conduct{}).Urgency >= .5 {
				pressing++
			}
		}
	}
	t.Logf("%d of %d press", pressing, n)
	if share(pressing, n) > .01 {
		t.Errorf("%d of %d press", pressing, n)
	}
}

func share(k, n int) float64 { return float64(k) / float64(n) }

func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
		saa, sbb, sab = saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (sab - sa*sb/n) / math.Sqrt((saa-sa*sa/n)*(sbb-sb*sb/n))
}

// The ratings are of tweets and of reviews' sentences; floors are a little
// under what was measured.
func TestRead_PublicRatings(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(cmp.Or(os.Getenv("FRONTDESK_EVAL_DATA"), filepath.FromSlash("../../../shared/data")), "vader_sentiment")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("SKIPPED: no ratings at %s; set FRONTDESK_EVAL_DATA to the folder that holds vader_sentiment", folder)
	}
	r := newReader(t)
	for file, floor := range map[string]float64{"tweets_GroundTruth.txt": .6, "amazonReviewSnippets_GroundTruth.txt": .4} {
		data, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		var said, meant []float64
		right, n := 0, 0
		for l := range strings.Lines(string(data)) {
			f := strings.SplitN(strings.TrimSpace(l), "\t", 3)
			if len(f) != 3 {
				continue
			}
			x, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Read(f[2], Conduct{}).Mood
			said, meant = append(said, got), append(meant, x)
			n++
			if cmp.Compare(got, 0) == cmp.Compare(x, 0) {
				right++
			}
		}
		c := correlation(said, meant)
		t.Logf("%s: correlation %.3f, right side of zero %.3f, of %d", file, c, share(right, n), n)
		if c < floor {
			t.Errorf("%s: correlation %.3f, under %.2f", file, c, floor)
		}
	}
}

func TestRead_Conduct(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"thanks!", "WHERE IS IT???", "terrible", "今すぐ", ""})).Draw(t, "text")
		a := Conduct{rapid.IntRange(-1, 9).Draw(t, "repeats"), rapid.IntRange(-1, 9).Draw(t, "failed"), time.Duration(rapid.Int64Range(-1, 1e14).Draw(t, "waited"))}
		b := Conduct{a.Repeats + 1, a.FailedAnswers + 1, a.Waited + 5*time.Minute}
		x, y := r.Read(s, a), r.Read(s, b)
		for _, f := range []Feeling{x, y} {
			if !(f.Mood >= -1 && f.Mood <= 1 && f.Urgency >= 0 && f.Urgency <= 1) {
				t.Fatalf("%q: %+v", s, f)
			}
		}
		if y.Mood > x.Mood || y.Urgency < x.Urgency {
			t.Fatalf("%q: %+v became %+v", s, x, y)
		}
	})
}
