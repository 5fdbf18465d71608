package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"frontdesk/internal/pg"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

func newExamplesCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "examples", Short: "Messages with the labels that the site gave them; each votes like an article: import, list, remove"}
	c.AddCommand(newExamplesImportCommand(a), newExamplesListCommand(a), newExamplesRemoveCommand(a))
	return c
}

func newExamplesImportCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Add examples, JSON Lines; - is standard input",
		Long: `Add examples, one JSON object a line:
  {"id","text","desk","topic","article","product"}
as labels export --choices gives them, with history and from, which are left out;
desk or article is needed; one whose id is there already is replaced. A site may
have 5,000. Nothing is added where one of them is wrong: a topic that the site's
table lacks, or two with the same words and other labels.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.readInput(args[0])
			if err != nil {
				return err
			}
			list, err := readExamples(data)
			if err != nil {
				return err
			}
			return plain(a.importExamples(cmd.Context(), site, list))
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}

func readExamples(data []byte) ([]triage.Example, error) {
	var out []triage.Example
	err := eachLine(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), func(n int, line []byte) error {
		var x struct {
			triage.Example
			// Of an export of agents' choices; the example itself is the text.
			History json.RawMessage `json:"history"`
			From    json.RawMessage `json:"from"`
		}
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&x); err != nil {
			return fmt.Errorf("line %d is no example: %w", n, err)
		}
		if x.ID == "" {
			return fmt.Errorf("line %d: the example has no id", n)
		}
		out = append(out, x.Example)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = errors.New("there is no example in it")
	}
	return out, err
}

func (a *app) importExamples(ctx context.Context, site string, list []triage.Example) error {
	p, err := a.acquire(ctx, needPostgres|needEmbedder)
	if err != nil {
		return err
	}
	defer p.Close()
	return inStore(ctx, p, pg.PoolConfig{}, func(st *store) error {
		l, err := openLabels(ctx, st, site)
		if err != nil {
			return err
		}
		if err := triage.CheckExamples(list, l.settled.Policy); err != nil { // before the work of embedding them
			return err
		}
		vectors, err := a.embedExamples(ctx, p, list)
		if err != nil {
			return err
		}
		if err := l.store.AddExamples(ctx, l.site, list, l.settled.Policy, vectors); err != nil {
			return err
		}
		for _, x := range unpublished(list, l.articles) {
			fmt.Fprintf(a.stderr, "example %s names the article %q, which is not published: until it is, it votes for desk, topic and product alone\n", x.ID, x.Article)
		}
		_, err = fmt.Fprintf(a.stdout, "%d examples added\n", len(list))
		return err
	})
}

// unpublished are the examples that name an article which is not there.
func unpublished(list []triage.Example, articles []triage.Article) []triage.Example {
	return slices.DeleteFunc(slices.Clone(list), func(x triage.Example) bool {
		return x.Article == "" || slices.ContainsFunc(articles, func(a triage.Article) bool { return a.ID == x.Article })
	})
}

// embedExamples embeds examples as messages, by every model of the product.
func (a *app) embedExamples(ctx context.Context, p *parts, list []triage.Example) ([]triage.Embedded, error) {
	first, more, err := a.queryEmbedder(p)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = x.Text
	}
	embedders := []retrieval.Embedder{first}
	for _, s := range more {
		embedders = append(embedders, s.Embedder)
	}
	var out []triage.Embedded
	for _, e := range embedders {
		one, err := embedAll(ctx, e, texts)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func newExamplesListCommand(a *app) *cobra.Command {
	var site string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List a site's examples",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				list, err := l.store.Examples(cmd.Context(), l.site)
				if err != nil {
					return err
				}
				if asJSON {
					for _, x := range list {
						if err := a.printJSON(x); err != nil {
							return err
						}
					}
					return nil
				}
				w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "EXAMPLE\tDESK\tTOPIC\tARTICLE\tPRODUCT\tTEXT")
				for _, x := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%q\n", x.ID, x.Desk, x.Topic, x.Article, x.Product, short(x.Text))
				}
				return w.Flush()
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, as it is imported")
	return c
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func newExamplesRemoveCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "remove ID…",
		Short: "Take examples away",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				n, err := l.store.RemoveExamples(cmd.Context(), l.site, args)
				if err != nil {
					return err
				}
				if n < len(args) {
					return fmt.Errorf("%d of %d were there, and are gone", n, len(args))
				}
				_, err = fmt.Fprintf(a.stdout, "%d examples removed\n", n)
				return err
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}

func newPolicyCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "A site's topics, must-go rules and safety words: show, import, reset"}
	c.AddCommand(newPolicyShowCommand(a), newPolicyImportCommand(a), newPolicyResetCommand(a))
	return c
}

func newPolicyShowCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "show",
		Short: "Print the policy that counts, to be changed and imported",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				enc := json.NewEncoder(a.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(l.settled.Rules())
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}

func newPolicyImportCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Replace the site's policy by that of a file; - is standard input",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.readInput(args[0])
			if err != nil {
				return err
			}
			policy, err := triage.ParsePolicy(data)
			if err != nil {
				return plain(err)
			}
			readers, err := triage.NewReaders()
			if err != nil {
				return err
			}
			if _, err := readers.Site(policy); err != nil {
				return plain(err)
			}
			return a.withLabels(cmd.Context(), site, func(l *labelling) error { return l.store.SetPolicy(cmd.Context(), l.site, policy) })
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}

func newPolicyResetCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "reset",
		Short: "Go back to the shipped policy",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				return l.store.SetPolicy(cmd.Context(), l.site, triage.Policy{})
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}
