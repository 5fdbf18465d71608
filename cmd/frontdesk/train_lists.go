package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/model"
)

type trainListsFlags struct {
	corpusFlags
	data, out, date string
}

func newTrainListsCommand(a *app) *cobra.Command {
	var f trainListsFlags
	c := &cobra.Command{
		Use:   "lists",
		Short: "Fit how desk and scope are told on sites whose entries have example questions",
		Long: `Fit the desk and the scope of lists of example questions to sites made of
public sets (hint3_curekart, clinc150's domains, banking77, multidogo), the desk
beside the messages of the corpus' training businesses. What is reported comes
from fits that have seen nothing of the set. All other weights stay as they are.
The same sets and models give the same bytes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.trainLists(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "folder of the corpus (default evals/corpus of the repository)")
	c.Flags().StringVar(&f.data, "data", "", "folder of the public data (default FRONTDESK_EVAL_DATA, else ../shared/data beside the repository)")
	c.Flags().StringVar(&f.out, "out", "", "folder to write into (default triage/model of the repository)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into it")
	return c
}

func (a *app) trainLists(ctx context.Context, f trainListsFlags) error {
	root, ok := repositoryRoot()
	if !ok && f.out == "" {
		return errors.New("run this inside the repository, or name a folder with --out")
	}
	sites, err := evals.ReadPublicSites(a.publicFolder(f.data))
	if err != nil {
		return err
	}
	learned, err := model.Load()
	if err != nil {
		return err
	}
	found, err := a.findPublic(ctx, sites, learned)
	if err != nil {
		return err
	}
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	messages, _, err := a.findTriage(ctx, list)
	if err != nil {
		return err
	}
	corpus, err := evals.CorpusDesks(messages, func(what string) { fmt.Fprintln(a.stderr, what) })
	if err != nil {
		return err
	}
	scores, err := evals.ScoreLists(found, corpus)
	if err != nil {
		return err
	}
	if err := evals.PrintTriage(a.stderr, scores); err != nil {
		return err
	}
	if learned.Lists, learned.ListsIn, err = evals.TrainLists(found, corpus, ""); err != nil {
		return err
	}
	all := scores[len(scores)-1]
	learned.ListsOrigin = &model.Origin{
		Command: "frontdesk train lists", Date: f.date, Messages: len(found) + len(corpus), Data: publicHash(found),
		Scores: map[string]float64{
			"desk_macro_f1": digits(all.Desk.Value), "article": digits(all.Article.Value), "mcc": digits(all.MCC),
			"in_scope_auroc": digits(all.AUROC), "in_scope_ece": digits(all.ScopeECE.Above()),
		},
	}
	return writeLearned(learned, cmp.Or(f.out, filepath.Join(root, "triage", "model")))
}

// findPublic decides about the messages of public sites, and keeps what they
// were decided by.
func (a *app) findPublic(ctx context.Context, sites []evals.PublicSite, learned *model.Learned) ([]evals.PublicFound, error) {
	var found []evals.PublicFound
	err := a.readPublic(ctx, sites, learned, func(s evals.PublicSite, m evals.PublicMessage, engine *triage.Engine, r triage.Reading, ev retrieval.Evidence) error {
		d, err := engine.Decide(ctx, r, ev, nil)
		found = append(found, evals.PublicFound{Site: s, Message: m, Features: triage.Features(learned.Channel, r, ev), Decision: d})
		return err
	})
	return found, err
}

// publicHash tells whether weights were fitted on these messages.
func publicHash(list []evals.PublicFound) string {
	h := sha256.New()
	for _, f := range list {
		fmt.Fprintf(h, "%s %q %q %.3f\n", f.Message.ID, f.Message.Text, f.Message.Entry, f.Features["u_es"])
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
