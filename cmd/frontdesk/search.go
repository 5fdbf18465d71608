package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed"
	"frontdesk/retrieval/rerank"
	"frontdesk/retrieval/words"
)

type searchFlags struct {
	site, lang, product, audience string
	k                             int
	explain, asJSON, jsonl        bool
}

func newSearchCommand(a *app) *cobra.Command {
	var f searchFlags
	c := &cobra.Command{
		Use:   "search QUESTION | search --jsonl",
		Short: "Find passages in a site's knowledge",
		Long: `Find passages in a site's knowledge, best first, one an article, with the
probability that the first one answers.

With --jsonl questions come on standard input, one JSON object a line:
  {"id","text","k","history"?}
and a line goes out for each, in the same order:
  {"id","answerable","hits":[{"article","section","text","score"}]}
A line that cannot be answered gives {"id","error"}; the exit status is then 1.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.search(cmd.Context(), f, args) },
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().IntVar(&f.k, "k", retrieval.DefaultK, "how many articles")
	c.Flags().StringVar(&f.lang, "lang", "", "only articles in this language")
	c.Flags().StringVar(&f.product, "product", "", "only articles about this product line, or about none")
	c.Flags().StringVar(&f.audience, "audience", "public", "public, or agents: their articles too")
	c.Flags().BoolVar(&f.explain, "explain", false, "say why each hit stands where it stands")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&f.jsonl, "jsonl", false, "questions on standard input, JSON Lines in and out")
	return c
}

func (f searchFlags) query(site retrieval.SiteID, text string) (retrieval.Query, error) {
	q := retrieval.Query{Site: site, Text: text, K: f.k, OnlyLang: strings.ToLower(f.lang), Product: f.product, Explain: f.explain}
	switch f.audience {
	case "public":
	case "agents":
		q.Audience = retrieval.AgentsOnly
	default:
		return q, usageError{fmt.Errorf("--audience is public or agents, not %q", f.audience)}
	}
	if f.k < 1 || f.k > retrieval.MaxK {
		return q, usageError{fmt.Errorf("--k lies between 1 and %d", retrieval.MaxK)}
	}
	return q, nil
}

func (a *app) search(ctx context.Context, f searchFlags, args []string) error {
	text := strings.Join(args, " ")
	if !f.jsonl && strings.TrimSpace(text) == "" {
		return usageError{fmt.Errorf("no question: give one, or --jsonl")}
	}
	if _, err := f.query(0, text); err != nil {
		return err
	}
	p, err := a.acquire(ctx, needPostgres|needEmbedderSoon)
	if err != nil {
		return plain(err)
	}
	defer p.Close()
	if err := a.awaitEmbedder(ctx, p); err != nil {
		return err
	}
	return inStore(ctx, p, pg.PoolConfig{}, func(st *store) error { return a.searchIn(ctx, p, st, f, text) })
}

func (a *app) searchIn(ctx context.Context, p *parts, st *store, f searchFlags, text string) error {
	site, err := st.Site(ctx, f.site)
	if err != nil {
		return err
	}
	embedder, more, err := a.queryEmbedder(p)
	if err != nil {
		return err
	}
	// Nobody waits at the other end: better late with vectors than by words alone.
	searcher, err := a.newSearcher(st, embedder, more, retrieval.SearchConfig{EmbedBudget: 10 * time.Second})
	if err != nil {
		return err
	}
	s := withoutCards{searcher}
	q, err := f.query(site.ID, text)
	if err != nil {
		return err
	}
	if f.jsonl {
		return a.searchLines(ctx, s, q)
	}
	ev, err := s.Search(ctx, q)
	if err != nil {
		return err
	}
	if f.asJSON {
		return a.printJSON(searchAnswer(nil, ev))
	}
	printEvidence(a.stdout, ev, f.explain)
	return nil
}

// newSearcher puts a search together over a store; every command that answers
// questions does it here.
func (a *app) newSearcher(st *store, e retrieval.Embedder, more []retrieval.Space, cfg retrieval.SearchConfig) (*retrieval.Searcher, error) {
	deps, err := a.searchDeps(st, e, more)
	if err != nil {
		return nil, err
	}
	return retrieval.NewSearcher(deps, cfg)
}

func (a *app) searchDeps(st *store, e retrieval.Embedder, more []retrieval.Space) (retrieval.SearchDeps, error) {
	deps := retrieval.SearchDeps{
		Store: st, Embedder: e, More: more, Tokens: st, Terms: words.Terms, Detect: words.DetectLanguage, Blamed: blamedQuestion, Log: a.log,
	}
	if a.config.RerankURL != "" {
		client, err := rerank.New(rerank.Deps{}, rerank.Config{BaseURL: a.config.RerankURL, Model: a.config.RerankModel, APIKey: a.config.RerankAPIKey})
		if err != nil {
			return deps, err
		}
		deps.Reranker = client
	}
	return deps, nil
}

// blamedQuestion is blamedText where there is one text only: numbers that are
// none are then the server's fault, since no other text of the call got better ones.
func blamedQuestion(err error) (int, bool) {
	if f, ok := fault.As(err); ok && f.Code == embed.CodeNumber {
		return 0, false
	}
	return blamedText(err)
}
