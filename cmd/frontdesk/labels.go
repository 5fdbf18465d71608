package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/pgtriage"
)

func newLabelsCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "labels",
		Short: "What a site's articles are about: list, suggest, accept, set, import, export; examples; policy",
		Long: `What a site's articles are about: desk (service, support, both, none), topic and
product line. A label that is settled here goes before what the article's front
matter says; a suggestion that nobody settled is used, at its probability.`,
	}
	c.AddCommand(
		newLabelsListCommand(a), newLabelsSuggestCommand(a), newLabelsAcceptCommand(a), newLabelsSetCommand(a),
		newLabelsImportCommand(a), newLabelsExportCommand(a), newExamplesCommand(a), newPolicyCommand(a),
	)
	return c
}

// labelling is what the commands on labels work with.
type labelling struct {
	store    *pgtriage.Store
	site     retrieval.SiteID
	settled  *triage.Site
	articles []triage.Article
}

// withLabels runs a command on a site's labels.
func (a *app) withLabels(ctx context.Context, site string, f func(*labelling) error) error {
	return a.withStore(ctx, func(st *store) error {
		l, err := openLabels(ctx, st, site)
		if err != nil {
			return err
		}
		return f(l)
	})
}

func openLabels(ctx context.Context, st *store, site string) (*labelling, error) {
	found, err := st.Site(ctx, site)
	if err != nil {
		return nil, err
	}
	return labellingOf(ctx, st, found.ID)
}

func labellingOf(ctx context.Context, st *store, site retrieval.SiteID) (*labelling, error) {
	l := &labelling{site: site}
	var err error
	if l.store, err = pgtriage.New(st.pool, time.Now); err != nil {
		return nil, err
	}
	return l, l.read(ctx)
}

func (l *labelling) read(ctx context.Context) error {
	sites, err := triage.NewSites(triage.SitesDeps{Store: l.store, Now: time.Now}, 0)
	if err != nil {
		return err
	}
	defer sites.Close()
	if l.settled, err = sites.Site(ctx, l.site); err != nil {
		return err
	}
	l.articles, err = l.store.Articles(ctx, l.site)
	return err
}

// settle settles labels after holding them against the site's table.
func (l *labelling) settle(ctx context.Context, list []triage.Label) error {
	if err := triage.CheckLabels(list, l.settled.Policy, l.articles); err != nil {
		return err
	}
	return l.store.Settle(ctx, l.site, list)
}

func newLabelsListCommand(a *app) *cobra.Command {
	var site string
	var asJSON, open bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the labels that count, and where they are from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLabels(cmd.Context(), site, func(l *labelling) error { return a.printLabels(l, open, asJSON) })
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&open, "open", false, "only articles whose desk nobody has said")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// labelRow is a label as it is printed, exported and imported.
type labelRow struct {
	Article string      `json:"article"`
	Desk    triage.Desk `json:"desk"`
	Topic   string      `json:"topic"`
	Product string      `json:"product"`

	Title string        `json:"title,omitempty"`
	From  string        `json:"from,omitempty"`
	P     *triage.Desks `json:"desk_p,omitempty"`
	Why   string        `json:"why,omitempty"`
	Notes []string      `json:"notes,omitempty"`
}

func (l *labelling) rows(open bool) []labelRow {
	var out []labelRow
	for _, x := range l.settled.Labelled(l.articles) {
		if open && x.From != triage.FromSuggested && x.From != triage.FromNowhere {
			continue
		}
		r := labelRow{Article: x.ID, Desk: x.Label.Desk, Topic: x.Label.Topic, Product: x.Label.Product, Title: x.Title, From: x.From, Why: x.Why, Notes: x.Notes}
		if x.From == triage.FromSuggested {
			r.P = &x.DeskP
		}
		out = append(out, r)
	}
	return out
}

func (a *app) printLabels(l *labelling, open, asJSON bool) error {
	rows := l.rows(open)
	if asJSON {
		for _, r := range rows {
			if err := a.printJSON(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ARTICLE\tDESK\tTOPIC\tPRODUCT\tFROM\tTITLE")
	for _, r := range rows {
		from := r.From
		if r.P != nil {
			from = fmt.Sprintf("%s %.2f: %s", from, r.P.Of(r.Desk), r.Why)
		}
		for _, n := range r.Notes {
			from += "; " + n
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Article, r.Desk, r.Topic, r.Product, from, r.Title)
	}
	return w.Flush()
}

func newLabelsSetCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "set ARTICLE [desk=DESK] [topic=TOPIC] [product=PRODUCT]",
		Short: "Settle an article's labels; KEY= takes one back",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			changes, err := parseLabels(args[1:])
			if err != nil {
				return usageError{err}
			}
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				label := l.settled.Settled[args[0]]
				label.Article = args[0]
				for key, value := range changes {
					switch key {
					case "desk":
						label.Desk = triage.Desk(value)
					case "topic":
						label.Topic = value
					case "product":
						label.Product = value
					}
				}
				return l.settle(cmd.Context(), []triage.Label{label})
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}

// parseLabels reads KEY=VALUE arguments.
func parseLabels(args []string) (map[string]string, error) {
	out := map[string]string{}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		_, twice := out[key]
		switch {
		case !ok:
			return nil, fmt.Errorf("%q is no KEY=VALUE", arg)
		case key != "desk" && key != "topic" && key != "product":
			return nil, fmt.Errorf("there is no label %q; there are desk, topic and product", key)
		case twice:
			return nil, fmt.Errorf("%s is given twice: an article has one", key)
		}
		out[key] = strings.TrimSpace(value)
	}
	return out, nil
}

func newLabelsAcceptCommand(a *app) *cobra.Command {
	var site string
	var from float64
	c := &cobra.Command{
		Use:   "accept [ARTICLE…]",
		Short: "Settle suggestions as they stand: of the articles named, or of all that are sure enough",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(from >= 0 && from <= 1) {
				return usageError{errors.New("--from is a probability, from 0 to 1")}
			}
			return a.withLabels(cmd.Context(), site, func(l *labelling) error { return a.acceptLabels(cmd.Context(), l, args, from) })
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().Float64Var(&from, "from", 0.9, "without names: the probability of the desk from which on")
	return c
}

func (a *app) acceptLabels(ctx context.Context, l *labelling, names []string, from float64) error {
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	var list []triage.Label
	for _, x := range l.settled.Labelled(l.articles) {
		s, suggested := l.settled.Suggested[x.ID]
		if !suggested || x.From != triage.FromSuggested || len(names) > 0 && !wanted[x.ID] || len(names) == 0 && s.DeskP.Of(s.Desk) < from {
			continue
		}
		delete(wanted, x.ID)
		list = append(list, triage.Label{Article: x.ID, Desk: s.Desk, Topic: s.Topic, Product: s.Product})
	}
	for n := range wanted {
		return fmt.Errorf("nothing is suggested for %q that is not settled yet: `frontdesk labels list --open` shows what is", n)
	}
	if err := l.settle(ctx, list); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%d suggestions settled\n", len(list))
	return err
}
