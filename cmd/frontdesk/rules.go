package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/widget/pgsettings"
	"frontdesk/widget/settings"
)

func newRulesCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "When the widget may speak first: list with take-up, test"}
	c.AddCommand(newRulesListCommand(a), newRulesTestCommand(a))
	return c
}

func newRulesListCommand(a *app) *cobra.Command {
	var site string
	var days int
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List a site's rules, how often each spoke first, and what came of it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withChoices(cmd.Context(), func(_ *store, choices *pgsettings.Store) error {
				s, err := siteChoices(cmd.Context(), choices, site)
				if err != nil {
					return err
				}
				counts, err := choices.TakeUps(cmd.Context(), s.ID, a.now().AddDate(0, 0, -days))
				if err != nil {
					return err
				}
				return a.printRules(s.Settings.Proactive, counts, asJSON)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().IntVar(&days, "days", 30, "count from so many days ago")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// ruleLine is a rule with its take-up.
type ruleLine struct {
	Rule     string  `json:"rule"`
	State    string  `json:"state"` // on, off, or gone: counted once, and no longer there
	Shown    int64   `json:"shown"`
	Taken    int64   `json:"taken"`
	Declined int64   `json:"declined"`
	TakeUp   float64 `json:"take_up"` // taken of shown; 0 where it was never shown
}

func ruleLines(p settings.Proactive, counts []pgsettings.TakeUp) []ruleLine {
	var out []ruleLine
	byRule := map[string]pgsettings.TakeUp{}
	for _, c := range counts {
		byRule[c.Rule] = c
	}
	add := func(id, state string) {
		n := byRule[id]
		line := ruleLine{Rule: id, State: state, Shown: n.Shown, Taken: n.Taken, Declined: n.Declined}
		if n.Shown > 0 {
			line.TakeUp = float64(n.Taken) / float64(n.Shown)
		}
		out = append(out, line)
	}
	for _, r := range p.Rules {
		state := "on"
		if r.Off || !p.On {
			state = "off"
		}
		add(r.ID, state)
	}
	for _, c := range counts {
		if _, there := p.Rule(c.Rule); !there {
			add(c.Rule, "gone")
		}
	}
	return out
}

func (a *app) printRules(p settings.Proactive, counts []pgsettings.TakeUp, asJSON bool) error {
	lines := ruleLines(p, counts)
	if asJSON {
		for _, l := range lines {
			if err := a.printJSON(l); err != nil {
				return err
			}
		}
		return nil
	}
	if !p.On {
		fmt.Fprintln(a.stderr, "proactive is off for this site: none of its rules speaks first")
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tSTATE\tSHOWN\tTAKEN\tDECLINED\tTAKE-UP")
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%.1f %%\n", l.Rule, l.State, l.Shown, l.Taken, l.Declined, 100*l.TakeUp)
	}
	return w.Flush()
}

func newRulesTestCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	var s settings.Situation
	c := &cobra.Command{
		Use: "test", Short: "Say which of a site's rules would fire for a visitor, and why the others would not", Args: cobra.NoArgs,
		Example: "  frontdesk rules test --site shop --page https://shop.example/checkout --seconds 40 --cart 120 --visits 2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withChoices(cmd.Context(), func(_ *store, choices *pgsettings.Store) error {
				chosen, err := siteChoices(cmd.Context(), choices, site)
				if err != nil {
					return err
				}
				return a.printVerdicts(chosen.Settings.Proactive.Judge(chosen.Settings.Hidden, s), asJSON)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&site, "site", defaultSite, "the site")
	f.StringVar(&s.Page, "page", "/", "address of the page")
	f.IntVar(&s.Seconds, "seconds", 0, "how long the visitor has been on it")
	f.Float64Var(&s.Cart, "cart", 0, "what the cart is worth")
	f.IntVar(&s.Visits, "visits", 1, "which visit this is")
	f.StringVar(&s.Language, "language", "en", "of the page")
	f.BoolVar(&s.SearchFailed, "search-failed", false, "the page's own search found nothing")
	f.BoolVar(&s.Error, "error", false, "the page shows an error")
	f.BoolVar(&s.People, "people", false, "people are there")
	f.BoolVar(&s.Conversation, "open", false, "a conversation is open")
	f.BoolVar(&s.Declined, "declined", false, "the visitor once said no")
	f.IntVar(&s.Today, "today", 0, "how often the visitor was spoken to today")
	f.IntVar(&s.Ever, "ever", 0, "and in all")
	f.BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

func (a *app) printVerdicts(verdicts []settings.Verdict, asJSON bool) error {
	if asJSON {
		for _, v := range verdicts {
			if err := a.printJSON(v); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, v := range verdicts {
		if v.Fires {
			fmt.Fprintf(w, "%s\tfires\n", v.Rule)
		} else {
			fmt.Fprintf(w, "%s\tdoes not: %s\n", v.Rule, v.Why)
		}
	}
	if len(verdicts) == 0 {
		fmt.Fprintln(w, "The site has no rules.")
	}
	return w.Flush()
}

// dayOf is a moment as lists show it.
func dayOf(t time.Time) string { return t.Format(time.DateOnly) }
