package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
)

type evalTriageFlags struct {
	corpusFlags
	unlabelled bool
	public     bool
	data       string
	out        string
}

func newEvalTriageCommand(a *app) *cobra.Command {
	var f evalTriageFlags
	c := &cobra.Command{
		Use:   "triage",
		Short: "Measure triage on the corpus' businesses: desk, topic, nearest article, in scope or not, calibration",
		Long: `Measure triage on the corpus' businesses, each in a site of its own that is
removed again: macro-F1 over service, support and none (messages for both left
out), topic and nearest article, in scope or not (at 0.5 and over the sweep),
calibration errors above chance, each with 95 % intervals. With --unlabelled the
articles lose their owner's labels first, and suggestions stand in.

With --public it measures sites made of public sets instead, whose entries are
known by example questions: part of the entries is kept out, so that their
messages are near misses.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.public {
				return plain(a.evalPublic(cmd.Context(), f.data))
			}
			return plain(a.evalTriage(cmd.Context(), f))
		},
	}
	c.Flags().BoolVar(&f.public, "public", false, "lists of example questions made of public sets")
	c.Flags().StringVar(&f.data, "data", "", "folder of the public data (default FRONTDESK_EVAL_DATA, else ../shared/data beside the repository)")
	c.Flags().StringVar(&f.corpus, "corpus", "", "the corpus's folder (default evals/corpus of the repository)")
	c.Flags().StringSliceVar(&f.businesses, "business", nil, "only this business; may be repeated")
	c.Flags().BoolVar(&f.frozen, "frozen", false, "the frozen businesses, and only these")
	c.Flags().BoolVar(&f.unlabelled, "unlabelled", false, "without their owners' labels")
	c.Flags().StringVar(&f.out, "decisions", "", "also write every decision to this file, a line each")
	return c
}

func (a *app) evalTriage(ctx context.Context, f evalTriageFlags) error {
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	cases, err := a.triageCorpus(ctx, list, triageCorpusConfig{unlabelled: f.unlabelled}, nil, nil)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writeCases(f.out, cases); err != nil {
			return err
		}
	}
	names, by := evals.ByBusiness(cases)
	var scores []evals.TriageScores
	for _, n := range names {
		scores = append(scores, evals.ScoreTriage(n, by[n]))
	}
	mean, worst := evals.MeanDesk(scores)
	all := evals.ScoreTriage("all", cases)
	if err := evals.PrintTriage(a.stdout, append(scores, all)); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "desk macro-F1, mean of %d businesses: %.3f [%.2f %.2f], worst %s %.3f\n", len(scores), mean.Value, mean.Low, mean.High, worst.Name, worst.Desk.Value)
	if !f.frozen {
		fmt.Fprintln(a.stdout, "these businesses were learned from: desk, in scope and account flatter; `frontdesk train triage` prints them for businesses left out")
	}
	evals.PrintReliability(a.stdout, "desk", all.DeskECE)
	evals.PrintReliability(a.stdout, "in scope", all.ScopeECE)
	return nil
}

func writeCases(path string, cases []evals.TriageCase) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	for _, c := range cases {
		if err := enc.Encode(c); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// withoutLabels takes the owner's labels off articles.
func withoutLabels(list []retrieval.Article) []retrieval.Article {
	out := slices.Clone(list)
	for i := range out {
		out[i].Desk, out[i].Topic, out[i].Product = "", "", ""
	}
	return out
}

// triageCorpusConfig says how a corpus is decided about.
type triageCorpusConfig struct {
	unlabelled bool // without the owners' labels
	unseen     bool // through lenses that have not learned from the business
}

// triageCorpus decides about every message of businesses that triage knows
// nothing else of. see gets what each was decided by, also each business's site
// before it is removed; both may be nil.
func (a *app) triageCorpus(ctx context.Context, list []evals.Business, cfg triageCorpusConfig, see func(evals.Business, evals.Message, triage.Reading, retrieval.Evidence), also func(context.Context, *store, retrieval.SiteID, evals.Business) error) (cases []evals.TriageCase, err error) {
	kept := a.keepModels()
	defer func() { err = errors.Join(err, kept.Close()) }()
	lensesOf := func(string) retrieval.Lenses { return nil }
	if cfg.unseen {
		if lensesOf, err = a.unseenLenses(ctx, list, kept); err != nil {
			return nil, err
		}
	}
	if cfg.unlabelled {
		list = slices.Clone(list)
		for i := range list {
			list[i].Articles = withoutLabels(list[i].Articles)
		}
	}
	err = a.eachCorpusSite(ctx, list, kept, func(st *store, site retrieval.SiteID, b evals.Business) error {
		d, err := a.corpusDecider(ctx, st, site, kept, lensesOf(b.Slug), cfg.unlabelled)
		if err != nil {
			return err
		}
		defer d.sites.Close()
		d.see = func(m evals.Message, r triage.Reading, ev retrieval.Evidence) {
			if see != nil {
				see(b, m, r, ev)
			}
		}
		got, err := d.all(ctx, site, b)
		cases = append(cases, got...)
		if err == nil && also != nil {
			err = also(ctx, st, site, b)
		}
		return err
	})
	return cases, err
}

// measured decides about a business's messages.
type measured struct {
	decider
	see func(evals.Message, triage.Reading, retrieval.Evidence)
}

func (a *app) corpusDecider(ctx context.Context, st *store, site retrieval.SiteID, kept *keptModels, lenses retrieval.Lenses, unlabelled bool) (*measured, error) {
	finder, err := corpusSearcher(st, corpusPlan{embedder: kept.first, more: kept.more, tokens: true, terms: words.Terms, lenses: lenses})
	if err != nil {
		return nil, err
	}
	reader, err := triage.NewReader()
	if err != nil {
		return nil, err
	}
	if unlabelled {
		l, err := labellingOf(ctx, st, site)
		if err != nil {
			return nil, err
		}
		if _, err := suggestLabels(ctx, l); err != nil {
			return nil, err
		}
	}
	engine, sites, err := a.newTriageEngine(reader, st, kept.first, kept.more)
	if err != nil {
		return nil, err
	}
	if _, err := sites.Wait(ctx, site); err != nil {
		return nil, err
	}
	return &measured{decider: decider{engine: engine, sites: sites, reader: reader, finder: finder}}, nil
}

// all decides about all messages, several at a time, in their order.
func (d *measured) all(ctx context.Context, site retrieval.SiteID, b evals.Business) ([]evals.TriageCase, error) {
	out, errs := make([]evals.TriageCase, len(b.Messages)), make([]error, len(b.Messages))
	var wg sync.WaitGroup
	var mu sync.Mutex
	places := make(chan struct{}, 4)
	for i, m := range b.Messages {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			said := make([]triage.Said, 0, len(m.History))
			for _, h := range m.History {
				said = append(said, triage.Said{Role: h.Role, Text: h.Text})
			}
			follow := bot.ReadFollow(d.reader, m.Text, saidBefore(said))
			decision, reading, ev, err := d.look(ctx, triage.Message{Site: site, Text: m.Text, History: said, Query: follow.Text, Follows: follow.Kind != triage.NoLean})
			if err == nil && len(ev.Degraded) > 0 {
				err = fmt.Errorf("%s: the search had no vectors: there is no measuring without", m.ID)
			}
			errs[i], out[i] = err, m.TriageCase(b.Slug, decision)
			mu.Lock()
			defer mu.Unlock()
			d.see(m, reading, ev)
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}
