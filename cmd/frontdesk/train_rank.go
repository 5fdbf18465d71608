package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

type trainRankFlags struct {
	corpusFlags
	start, out, date string
}

func newTrainRankCommand(a *app) *cobra.Command {
	var f trainRankFlags
	c := &cobra.Command{
		Use:   "rank",
		Short: "Fit how candidates are ranked, and how sure a ranking is, to the corpus' training businesses",
		Long: `Fit the weights of every plan to the messages of the corpus' training
businesses: what the signals are worth, which section is shown, which sentences,
steps and rows of the article are quoted, and how sure the result is. What is reported, and the thresholds for each risk, come from fits
that have seen no message of the business they are measured on. The frozen
businesses are never read. The same corpus and models give the same bytes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.trainRank(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "folder of the corpus (default evals/corpus of the repository)")
	c.Flags().StringVar(&f.start, "start", "", "ranking to start from and to be pulled towards (default: the one built in)")
	c.Flags().StringVar(&f.out, "out", "", "file to write (default: standard output)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into it")
	return c
}

func (a *app) trainRank(ctx context.Context, f trainRankFlags) error {
	start, err := startRanking(f.start)
	if err != nil {
		return err
	}
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	findings, err := a.findAll(ctx, list)
	if err != nil {
		return err
	}
	trained, report, err := evals.TrainPlans(findings, start, func(what string) { fmt.Fprintln(a.stderr, what) })
	if err != nil {
		return err
	}
	report.Print(a.stderr)
	data, err := findingsHash(findings)
	if err != nil {
		return err
	}
	command := []string{"frontdesk train rank"}
	if f.start != "" {
		command = append(command, "--start "+f.start)
	}
	trained.PlansOrigin = &retrieval.Origin{
		Command: strings.Join(command, " "), Date: f.date, Questions: len(findings), Data: data,
		ByCrossValidation: report.Scores(),
		Threshold:         "for each risk the lowest probability from which on the upper bound (Clopper and Pearson, 80 %) of the part of wrong quotes is at most the risk, over businesses left out of the fit",
	}
	return writeRanking(a.stdout, trained, f.out)
}

// findAll searches for every message to learn from, in a site of its business.
func (a *app) findAll(ctx context.Context, list []evals.Business) (out []evals.Found, err error) {
	kept := a.keepModels()
	defer func() { err = errors.Join(err, kept.Close()) }()
	reader, err := triage.NewReader()
	if err != nil {
		return nil, err
	}
	lenses, err := a.unseenLenses(ctx, list, kept)
	if err != nil {
		return nil, err
	}
	err = a.eachCorpusSite(ctx, list, kept, func(st *store, site retrieval.SiteID, b evals.Business) error {
		s, err := corpusSearcher(st, corpusPlan{embedder: kept.first, more: kept.more, tokens: true, terms: words.Terms, lenses: lenses(b.Slug)})
		if err != nil {
			return err
		}
		policy := bot.DefaultPolicy(calibrationOf(s))
		for _, m := range b.Messages {
			if _, decided := policy.BeforeSearch(reader.Read(m.Text)); decided || !m.Trains() {
				continue // what is decided without a search is never quoted to
			}
			found, err := s.Find(ctx, retrieval.Query{Site: site, Text: m.Text, Audience: retrieval.Public, K: evals.Depth})
			if errors.Is(err, retrieval.ErrQuestion) {
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", m.ID, err)
			}
			if found.Plan == nil || found.Plan.Tokens == "" {
				return fmt.Errorf("%s: a model or its token vectors took no part: there is no learning from that", m.ID)
			}
			out = append(out, evals.Found{Business: b.Slug, Message: m, Found: found})
		}
		return nil
	})
	return out, err
}

// findingsHash tells whether numbers were fitted on the messages that are there
// now, found as they are found now.
func findingsHash(list []evals.Found) (string, error) {
	h := sha256.New()
	for _, f := range list {
		if err := json.NewEncoder(h).Encode(f.Message); err != nil {
			return "", err
		}
		for _, c := range f.Found.List {
			fmt.Fprintf(h, "%s %d %.4f %.4f %.4f %.4f\n", c.ArticleID, c.ChunkNo, c.Cosine, c.Cosine2, c.MaxSim, c.BM25)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
