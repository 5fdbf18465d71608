package pgvec

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
)

// ask makes needles of the demo shop's questions, with their real vectors.
func (g *grown) ask(tb testing.TB, questions, vectors string) {
	tb.Helper()
	data, err := os.ReadFile(vectors)
	if err != nil {
		tb.Fatal(err)
	}
	file, err := retrieval.ReadVectorFile(data)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := os.Open(questions)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	ranking, err := retrieval.DefaultRanking()
	if err != nil {
		tb.Fatal(err)
	}
	for sc := bufio.NewScanner(r); sc.Scan(); {
		var q struct{ Text, Language string }
		if err := json.Unmarshal(sc.Bytes(), &q); err != nil {
			tb.Fatal(err)
		}
		vec, ok := file.Get(file.Model.Name, shaOf(q.Text))
		if !ok || q.Language != "en" {
			continue
		}
		seen := map[string]bool{}
		var terms []string
		for _, t := range words.Terms(q.Text, "en") {
			if !seen[t] {
				seen[t] = true
				terms = append(terms, t)
			}
		}
		g.questions = append(g.questions, retrieval.Needle{
			Site: g.site, Vecs: []retrieval.NeedleVec{{Model: g.model.Name, Vec: vec}}, Terms: terms, Near: 24, Worded: 12, BM25: ranking.BM25,
		})
	}
	if len(g.questions) < 100 {
		tb.Fatalf("only %d questions have a vector", len(g.questions))
	}
}

func shaOf(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// noisy is a unit vector near v: its cosine to v is about 0.97, as between two
// texts on one subject.
func noisy(rng *rand.Rand, v []float32) []float32 {
	out := make([]float32, len(v))
	scale := 0.25 / math.Sqrt(float64(len(v)))
	norm := 0.0
	for i := range v {
		x := float64(v[i]) + rng.NormFloat64()*scale
		out[i] = float32(x)
		norm += x * x
	}
	for i := range out {
		out[i] /= float32(math.Sqrt(norm))
	}
	return out
}
