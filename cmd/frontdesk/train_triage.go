package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/model"
	"frontdesk/triage/pgtriage"
)

type trainTriageFlags struct {
	corpusFlags
	out, date string
}

func newTrainTriageCommand(a *app) *cobra.Command {
	var f trainTriageFlags
	c := &cobra.Command{
		Use:   "triage",
		Short: "Fit how desk and scope are told to the corpus' training businesses",
		Long: `Fit the general channel (how customers write who want this or that), the desk,
the scope, the account's own matters and the suggested desks of articles to the
corpus' training businesses. What is reported comes from fits that have seen no
message of the business. The frozen businesses are never read, and weights for
lists of example questions stay as they are. The same corpus and models give the
same bytes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.trainTriage(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "folder of the corpus (default evals/corpus of the repository)")
	c.Flags().StringSliceVar(&f.businesses, "business", nil, "only this business; may be repeated")
	c.Flags().StringVar(&f.out, "out", "", "folder to write into (default triage/model of the repository)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into it")
	return c
}

func (a *app) trainTriage(ctx context.Context, f trainTriageFlags) error {
	start, err := model.Load()
	if err != nil {
		return err
	}
	out := f.out
	if out == "" {
		root, ok := repositoryRoot()
		if !ok {
			return errors.New("run this inside the repository, or name a folder with --out")
		}
		out = filepath.Join(root, "triage", "model")
	}
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	found, articles, err := a.findTriage(ctx, list)
	if err != nil {
		return err
	}
	learned, report, err := evals.TrainTriage(found, articles, start, func(what string) { fmt.Fprintln(a.stderr, what) })
	if err != nil {
		return err
	}
	if err := evals.PrintTriage(a.stderr, report.Scores); err != nil {
		return err
	}
	by, all := report.Scores[:len(report.Scores)-1], report.Scores[len(report.Scores)-1]
	mean, worst := evals.MeanDesk(by)
	fmt.Fprintf(a.stderr, "desk macro-F1, mean of %d businesses: %.3f [%.2f %.2f], worst %s %.3f; suggested desks right: %.3f [%.2f %.2f]\n",
		len(by), mean.Value, mean.Low, mean.High, worst.Name, worst.Desk.Value, report.Articles.Value, report.Articles.Low, report.Articles.High)
	learned.Origin = model.Origin{
		Command: "frontdesk train triage", Date: f.date, Messages: len(found), Data: triageHash(found),
		Scores: map[string]float64{
			"desk_macro_f1_mean": digits(mean.Value), "desk_macro_f1_worst": digits(worst.Desk.Value), "desk_ece": digits(all.DeskECE.Above()),
			"in_scope_auroc": digits(all.AUROC), "in_scope_ece": digits(all.ScopeECE.Above()), "account_auroc": digits(all.Account),
			"suggested_desk": digits(report.Articles.Value),
		},
	}
	return writeLearned(learned, out)
}

func digits(x float64) float64 {
	const unit = 1000
	return float64(int(x*unit+.5)) / unit
}

// findTriage searches for every message to learn from, in a site of its business.
func (a *app) findTriage(ctx context.Context, list []evals.Business) (found []evals.TriageFound, articles []evals.ArticleFound, err error) {
	var mu sync.Mutex
	byID := map[string]evals.TriageFound{}
	see := func(b evals.Business, m evals.Message, r triage.Reading, ev retrieval.Evidence) {
		mu.Lock()
		defer mu.Unlock()
		byID[b.Slug+" "+m.ID] = evals.TriageFound{Business: b.Slug, Message: m, Reading: r, Evidence: ev}
	}
	texts := func(ctx context.Context, st *store, site retrieval.SiteID, b evals.Business) error {
		settled, err := pgtriage.New(st.pool, time.Now)
		if err != nil {
			return err
		}
		got, err := settled.Texts(ctx, site)
		if err != nil {
			return err
		}
		for _, t := range got {
			i := slices.IndexFunc(b.Articles, func(x retrieval.Article) bool { return x.ID == t.ID })
			if i >= 0 && len(t.Vec) > 0 {
				articles = append(articles, evals.ArticleFound{Business: b.Slug, Desk: b.Articles[i].Desk, Vec: t.Vec})
			}
		}
		return nil
	}
	if _, err = a.triageCorpus(ctx, list, triageCorpusConfig{unseen: true}, see, texts); err != nil {
		return nil, nil, err
	}
	for _, b := range list { // in the corpus' order, not in that of the answers
		for _, m := range b.Messages {
			found = append(found, byID[b.Slug+" "+m.ID])
		}
	}
	return found, articles, nil
}

// triageHash tells whether weights were fitted on the messages that are there
// now, found as they are found now.
func triageHash(list []evals.TriageFound) string {
	h := sha256.New()
	for _, f := range list {
		fmt.Fprintf(h, "%s %s %q\n", f.Business, f.Message.ID, f.Reading.Query)
		for _, x := range triage.LocalVector(f.Evidence) {
			fmt.Fprintf(h, "%.3f ", x)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// writeLearned writes what was learned as three files, and reads it back.
func writeLearned(l *model.Learned, folder string) error {
	memory := l.Channel.Memory.Bytes()
	general, err := json.Marshal(l.Channel.File())
	if err != nil {
		return err
	}
	weights, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return err
	}
	if _, err := model.Read(weights, general, memory); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"memory.bin": memory, "general.json": lines(general), "triage.json": append(weights, '\n')} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// lines breaks a long line of JSON where a reader of changes wants it broken:
// after each word.
func lines(data []byte) []byte {
	return append(bytes.ReplaceAll(data, []byte("],"), []byte("],\n")), '\n')
}
