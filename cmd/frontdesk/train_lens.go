package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval"
)

type trainLensFlags struct {
	corpusFlags
	out, date string
}

func newTrainLensCommand(a *app) *cobra.Command {
	var f trainLensFlags
	c := &cobra.Command{
		Use:   "lens",
		Short: "Learn how questions are bent before they are compared, from the corpus' training businesses",
		Long: `Learn a lens for each local encoder: a matrix that moves a question's vector
towards the articles that answer such questions. Only messages of the training
businesses that ask one thing are learned from; the frozen businesses are never
read. The same corpus and models give the same bytes. Fit the ranking again
afterwards (frontdesk train rank): its weights are for what is seen through the
lenses.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.trainLens(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "folder of the corpus (default evals/corpus of the repository)")
	c.Flags().StringVar(&f.out, "out", "", "file to write (default: standard output)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into it")
	return c
}

func (a *app) trainLens(ctx context.Context, f trainLensFlags) error {
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	kept := a.keepModels()
	defer kept.Close() //nolint:errcheck // what is not written is embedded again
	sites, err := a.lensSites(ctx, list, kept)
	if err != nil {
		return err
	}
	lenses, questions := fitLenses(sites, func(string) bool { return true }, func(line string) { fmt.Fprintln(a.stderr, line) })
	if len(lenses) < len(lensKinds()) {
		return errors.New("lenses are for the local encoders, and not all of them took part: unset EMBEDDINGS_BASE_URL")
	}
	return a.writeLearned(f.out, retrieval.LensFile{
		Origin: &retrieval.Origin{Command: "frontdesk train lens", Date: f.date, Questions: questions},
		Lenses: lenses,
	})
}

// lensKinds are the encoders that a lens is learned for, with what a question
// is compared with under each: the parts that the ranking's weights had when
// they were fitted without lenses. English only: an encoder that knows no other
// language.
func lensKinds() []lensKind {
	return []lensKind{
		{family: "multilingual-e5-small", cfg: retrieval.LensConfig{Chunk: 0.42, Middle: 0.58}},
		{family: "all-minilm-l6-v2", cfg: retrieval.LensConfig{Chunk: 1}, english: true},
	}
}

type lensKind struct {
	family  string
	cfg     retrieval.LensConfig
	english bool
}

// lensSites reads what there is to learn from: by family, then by business.
func (a *app) lensSites(ctx context.Context, list []evals.Business, kept *keptModels) (map[string]map[string]retrieval.LensSite, error) {
	out := map[string]map[string]retrieval.LensSite{}
	for _, k := range lensKinds() {
		out[k.family] = map[string]retrieval.LensSite{}
	}
	err := a.eachCorpusSite(ctx, list, kept, func(st *store, site retrieval.SiteID, b evals.Business) error {
		for _, k := range lensKinds() {
			e := kept.byFamily(k.family)
			if e == nil {
				continue // somebody else's encoder is compared as it is
			}
			s, err := lensSite(ctx, st, site, b, e, k.english)
			if err != nil {
				return err
			}
			out[k.family][b.Slug] = s
		}
		return nil
	})
	return out, err
}

// byFamily is the encoder of that family; nil: there is none.
func (k *keptModels) byFamily(family string) *keptEmbedder {
	for _, e := range k.all {
		if retrieval.Family(e.Model()) == family {
			return e
		}
	}
	return nil
}

// lensSite is one business under one model.
func lensSite(ctx context.Context, st *store, site retrieval.SiteID, b evals.Business, e *keptEmbedder, english bool) (retrieval.LensSite, error) {
	vectors, err := st.PublishedVectors(ctx, site, e.Model().Name)
	if err != nil {
		return retrieval.LensSite{}, err
	}
	var s retrieval.LensSite
	number := map[string]int{}
	for _, v := range vectors {
		n, known := number[v.Article]
		if !known {
			n = len(number)
			number[v.Article] = n
		}
		s.Chunks, s.Article = append(s.Chunks, v.Vec), append(s.Article, n)
	}
	s.Articles = len(number)
	for _, m := range b.Messages {
		if !m.Single() || !m.Answerable() || english && !m.English() {
			continue
		}
		q := retrieval.LensQuestion{}
		for _, id := range slices.Concat(m.Gold, m.Also) {
			if n, ok := number[id]; ok && !slices.Contains(q.Right, n) {
				q.Right = append(q.Right, n)
			}
		}
		if len(q.Right) == 0 {
			continue
		}
		vecs, err := e.Embed(ctx, retrieval.EmbedQuery, []string{m.Text})
		if err != nil {
			return s, fmt.Errorf("%s: %w", m.ID, err)
		}
		q.Vec = vecs[0]
		s.Questions = append(s.Questions, q)
	}
	return s, nil
}

// fitLenses learns a lens for each encoder from the businesses that take says.
func fitLenses(sites map[string]map[string]retrieval.LensSite, take func(business string) bool, tell func(string)) (retrieval.Lenses, int) {
	out, questions := retrieval.Lenses{}, 0
	for _, k := range lensKinds() {
		var list []retrieval.LensSite
		n := 0
		for _, b := range slices.Sorted(maps.Keys(sites[k.family])) { // none where the encoder took no part
			if take(b) {
				list = append(list, sites[k.family][b])
				n += len(sites[k.family][b].Questions)
			}
		}
		if n == 0 {
			continue
		}
		out[k.family] = retrieval.FitLens(list, k.cfg, func(step int, loss float64) {
			if step == 1 || step%10 == 0 {
				tell(fmt.Sprintf("lens of %s, %d questions: step %d, loss %.4f", k.family, n, step, loss))
			}
		})
		questions = max(questions, n)
	}
	return out, questions
}

// lensGroups is in how many groups of businesses lenses are learned for those
// who learn from what is found through them: each group is seen through lenses
// that were learned from the others.
const lensGroups = 4

// unseenLenses are lenses by business, each learned from other businesses only.
// They are kept beside the vectors: learning them takes minutes.
func (a *app) unseenLenses(ctx context.Context, list []evals.Business, kept *keptModels) (func(business string) retrieval.Lenses, error) {
	sites, err := a.lensSites(ctx, list, kept)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, b := range list {
		names[i] = b.Slug
	}
	slices.Sort(names)
	group := func(business string) int { return slices.Index(names, business) % lensGroups }
	path := filepath.Join(a.config.Home, "evals", "lenses-"+lensSum(sites)+".json")
	if groups, ok := readLensGroups(path); ok {
		return func(b string) retrieval.Lenses { return groups[group(b)] }, nil
	}
	groups := make([]retrieval.Lenses, lensGroups)
	for g := range groups {
		fmt.Fprintf(a.stderr, "lenses for group %d of %d, learned from the others\n", g+1, lensGroups)
		groups[g], _ = fitLenses(sites, func(b string) bool { return group(b) != g }, func(line string) { fmt.Fprintln(a.stderr, line) })
	}
	data, err := json.Marshal(groups)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	err = os.WriteFile(path, data, 0o644)
	return func(b string) retrieval.Lenses { return groups[group(b)] }, err
}

func readLensGroups(path string) (groups []retrieval.Lenses, ok bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	return groups, json.Unmarshal(data, &groups) == nil && len(groups) == lensGroups
}

// lensSum tells what lenses are learned from.
func lensSum(sites map[string]map[string]retrieval.LensSite) string {
	h := sha256.New()
	for _, family := range slices.Sorted(maps.Keys(sites)) {
		for _, b := range slices.Sorted(maps.Keys(sites[family])) {
			s := sites[family][b]
			fmt.Fprintln(h, family, b, s.Article)
			for _, c := range s.Chunks {
				fmt.Fprintf(h, "%.3f", c[:8])
			}
			for _, q := range s.Questions {
				fmt.Fprintf(h, "%.3f %v", q.Vec[:8], q.Right)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
