package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/sources"
)

// labFlags name a folder of knowledge with questions to it, and files of
// vectors that save computing them again.
type labFlags struct {
	knowledge       []string
	questions       string
	vectors         string
	questionVectors string
	cache           string
	product         bool // ask with everything the product has, not by one model
}

func (f *labFlags) bind(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.knowledge, "knowledge", nil, "folder or file of knowledge; may be repeated")
	c.Flags().StringVar(&f.questions, "questions", "", "file of labelled questions, JSON Lines")
	c.Flags().StringVar(&f.vectors, "vectors", "", "file of the knowledge's vectors: used where it has them, written with those it lacked")
	c.Flags().StringVar(&f.questionVectors, "question-vectors", "", "the same for the questions")
	c.Flags().StringVar(&f.cache, "cache", "", "folder to keep vectors in that no file is named for")
}

// cached names files in the cache for what has none.
func (f labFlags) cached() labFlags {
	if f.cache == "" {
		return f
	}
	in := func(kind string, of ...string) string {
		sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
		return filepath.Join(f.cache, kind+"-"+hex.EncodeToString(sum[:6])+".bin")
	}
	f.vectors = cmp.Or(f.vectors, in("knowledge", f.knowledge...))
	f.questionVectors = cmp.Or(f.questionVectors, in("questions", f.questions))
	return f
}

func (f *labFlags) check() error {
	if len(f.knowledge) == 0 || f.questions == "" {
		return usageError{errors.New("--knowledge and --questions are both needed")}
	}
	return nil
}

func newEvalCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "eval", Short: "Measure: retrieval, corpus, triage, packets"}
	c.AddCommand(newEvalRetrievalCommand(a), newEvalCorpusCommand(a), newEvalTriageCommand(a), newEvalMessagesCommand(a), newEvalPacketsCommand(a), newEvalRunCommand(a),
		newEvalAcceptCommand(a), newEvalRescoreCommand(a), newEvalNewCommand(a), newEvalLintCommand(a), newEvalSelftestCommand(a), newEvalHarvestCommand(a), newEvalShadowCommand(a), newEvalTuneCommand(a), newEvalCustomersCommand(a))
	return c
}

func newEvalRetrievalCommand(a *app) *cobra.Command {
	var f labFlags
	var strict, asJSON bool
	c := &cobra.Command{
		Use:   "retrieval",
		Short: "Measure how well questions find their articles: by vectors, by words and by both",
		Long: `Measure how well questions find their articles, by vectors alone, by words
alone and by both, with 95 % intervals. The knowledge goes into a site of its
own, which is removed again. A question is a line
  {"id","text","language","kind":[],"gold":[],"also":[],"facts":[],"answerable"}
R@k: a right article (gold, or also unless --strict) is among the first k;
section: the first passage is right and holds every fact.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			f.product = f.questionVectors == "" // files hold one model's vectors and no tokens
			l, err := a.askLab(cmd.Context(), f)
			if err != nil {
				return plain(err)
			}
			report, err := measureRetrieval(l.asked, strict)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(report)
			}
			return report.print(a.stdout)
		},
	}
	f.bind(c)
	c.Flags().BoolVar(&strict, "strict", false, "only gold articles are right, also ones are not")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// retrievalReport is what `eval retrieval` prints.
type retrievalReport struct {
	Questions int                   `json:"questions"`
	Strict    bool                  `json:"strict"`
	Vectors   evals.RetrievalScores `json:"vectors"`
	Words     evals.RetrievalScores `json:"words"`
	Both      evals.RetrievalScores `json:"both"`
	Evidence  evals.Calibration     `json:"evidence"`
}

func measureRetrieval(asked []evals.Asked, strict bool) (retrievalReport, error) {
	r := retrievalReport{Questions: len(asked), Strict: strict}
	ranking, err := retrieval.DefaultRanking()
	if err != nil {
		return r, err
	}
	both := evals.Judge(asked, ranking)
	ok := false
	if r.Both, ok = evals.ScoreRetrieval(both, strict); !ok {
		return r, errors.New("no question is answerable: there is nothing to measure")
	}
	r.Vectors, _ = evals.ScoreRetrieval(evals.Judge(asked, evals.VectorsAlone()), strict)
	r.Words, _ = evals.ScoreRetrieval(evals.Judge(evals.WithoutVectors(asked), evals.WordsAlone()), strict)
	r.Evidence = evals.Calibrate(judgedOf(both))
	return r, nil
}

func judgedOf(list []evals.Searched) []evals.Judged {
	out := make([]evals.Judged, 0, len(list))
	for _, s := range list {
		out = append(out, evals.Judged{P: s.Evidence.P, Right: s.Answers()})
	}
	return out
}

func (r retrievalReport) print(w io.Writer) error {
	fmt.Fprintf(w, "%d questions, %d of them answerable\n", r.Questions, r.Both.Questions)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tR@1\tR@3\tR@5\tR@10\tMRR\tnDCG@10\tall gold@5\tsection")
	for _, row := range []struct {
		name string
		s    evals.RetrievalScores
	}{{"vectors", r.Vectors}, {"words", r.Words}, {"both", r.Both}} {
		fmt.Fprint(t, row.name)
		for _, i := range []evals.Interval{row.s.R1, row.s.R3, row.s.R5, row.s.R10, row.s.MRR, row.s.NDCG10, row.s.All5, row.s.Section1} {
			if i == (evals.Interval{}) {
				fmt.Fprint(t, "\t-") // nothing was labelled for it
				continue
			}
			fmt.Fprintf(t, "\t%.3f [%.2f %.2f]", i.Value, i.Low, i.High)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	e := r.Evidence
	_, err := fmt.Fprintf(w, "probability that the first passage answers: %.3f of %d do; log loss %.3f, Brier %.3f, ECE %.3f, AUROC %.3f\n",
		e.Base, e.N, e.LogLoss, e.Brier, e.ECE, e.AUROC)
	return err
}

// lab is questions with what was found for them.
type lab struct {
	asked []evals.Asked
	model retrieval.Model // of the vectors
	data  string          // tells these articles and questions from others
}

// askLab puts questions to knowledge in a site of its own, which it removes
// again.
func (a *app) askLab(ctx context.Context, f labFlags) (l lab, err error) {
	f = f.cached()
	questions, err := readQuestions(f.questions)
	if err != nil {
		return l, err
	}
	found, err := sources.Walk(ctx, f.knowledge, sources.Options{})
	if err != nil {
		return l, err
	}
	for _, p := range found.Problems {
		fmt.Fprintln(a.stderr, p)
	}
	shipped, err := readVectorsIfThere(f.vectors)
	if err != nil {
		return l, err
	}
	p, err := a.acquire(ctx, needPostgres)
	if err != nil {
		return l, err
	}
	defer p.Close()
	st, err := openStore(ctx, p, ingestPool())
	if err != nil {
		return l, err
	}
	defer st.pool.Close()
	site, _, err := st.AddSite(ctx, "eval-"+strconv.FormatUint(rand.Uint64(), 36))
	if err != nil {
		return l, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, st.RemoveSite(ctx, site.ID))
	}()
	embedder := lazyEmbedders{first: a.newLazyEmbedder(embed.PrivateModel)}
	if f.product {
		embedder = a.newLazyEmbedders()
	}
	defer embedder.Close()
	report, err := a.publish(ctx, st, embedder, site.ID, found.Articles, shipped, false)
	if err != nil {
		return l, err
	}
	l.model = embedder.first.Model()
	if f.vectors != "" && report.Embedded > 0 {
		if err := exportVectors(ctx, st, site.ID, report.Generation, embedder, f.vectors); err != nil {
			return l, err
		}
	}
	g, err := st.Current(ctx, site.ID)
	if err != nil {
		return l, err
	}
	if l.data, err = dataHash(g.SourceHash, questions); err != nil {
		return l, err
	}
	if f.product {
		l.asked, err = a.askProduct(ctx, st, embedder, site.ID, questions)
		return l, err
	}
	l.asked, err = a.askQuestions(ctx, st, embedder.first, site.ID, questions, f.questionVectors)
	return l, err
}

// dataHash tells whether numbers were fitted on the data that is there now.
func dataHash(knowledge []byte, questions []evals.Question) (string, error) {
	h := sha256.New()
	h.Write(knowledge)
	if err := json.NewEncoder(h).Encode(questions); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// askProduct searches for every question as customers' are searched for.
func (a *app) askProduct(ctx context.Context, st *store, e lazyEmbedders, site retrieval.SiteID, questions []evals.Question) ([]evals.Asked, error) {
	s, err := a.newSearcher(st, e.first, e.more(), retrieval.SearchConfig{EmbedBudget: time.Minute})
	if err != nil {
		return nil, err
	}
	return evals.Ask(ctx, s, site, questions)
}

// askQuestions searches for every question by one model and without tokens, as
// with any model that nothing is known about: what the judge for these is fitted
// on. Vectors of the file go before the embedder's.
func (a *app) askQuestions(ctx context.Context, st *store, e retrieval.Embedder, site retrieval.SiteID, questions []evals.Question, path string) ([]evals.Asked, error) {
	files, err := readVectorsIfThere(path)
	if err != nil {
		return nil, err
	}
	var file *retrieval.VectorFile // of one model: questions are asked by one
	if len(files) > 0 {
		file = files[0]
	}
	rec := &recordedEmbedder{Embedder: e, file: file}
	ranking, err := retrieval.DefaultRanking()
	if err != nil {
		return nil, err
	}
	ranking.Plans = nil
	s, err := a.newSearcher(st, rec, nil, retrieval.SearchConfig{EmbedBudget: time.Minute, Ranking: &ranking})
	if err != nil {
		return nil, err
	}
	asked, err := evals.Ask(ctx, s, site, questions)
	if err != nil {
		return nil, err
	}
	for _, q := range asked {
		if !q.Found.HasVectors {
			return nil, errors.New("the embedder did not answer: there is no measuring without vectors")
		}
	}
	if path != "" && rec.fresh {
		return asked, writeVectors([]*retrieval.VectorFile{rec.file}, path)
	}
	return asked, nil
}

func readQuestions(path string) ([]evals.Question, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return evals.ReadQuestions(r, path)
}

// readVectorsIfThere is readVectors for a file that is made when it is missing.
func readVectorsIfThere(path string) ([]*retrieval.VectorFile, error) {
	if path == "" {
		return nil, nil
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return readVectors(path)
}
