package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/widget"
	"frontdesk/widget/pgsettings"
)

// newWidgetCommand groups what a shop needs to put the chat on its pages; how
// it looks is set with "site widget".
func newWidgetCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "widget", Short: "The chat on a shop's pages: snippet"}
	c.AddCommand(newSnippetCommand(a))
	return c
}

func newSnippetCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use: "snippet", Short: "Print the line that puts the chat on a page", Args: cobra.NoArgs,
		Long: `Print the line of HTML that puts a site's chat on a page, for the address that
customers reach the service under (--url). Standard error says what a page with a
Content-Security-Policy has to allow, and which origins the site does not list yet.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withChoices(cmd.Context(), func(_ *store, choices *pgsettings.Store) error {
				s, err := siteChoices(cmd.Context(), choices, site)
				if err != nil {
					return fmt.Errorf("there is no site %q: make one with frontdesk ingest --site %s PATH", site, site)
				}
				base := strings.TrimSuffix(cmp.Or(a.config.URL, "http://"+a.config.Addr), "/")
				fmt.Fprintln(a.stdout, widget.Snippet(base, s.Name))
				at, err := url.Parse(base)
				if err != nil {
					return err
				}
				origin := at.Scheme + "://" + at.Host
				fmt.Fprintf(a.stderr, "\nA page of its own:  %s/chat/%s\nTry looks on:       %s/widget/preview?site=%s\n", base, s.Name, base, s.Name)
				fmt.Fprintf(a.stderr, "A strict policy:    script-src %s; connect-src %s; frame-src %s\n", origin, origin, origin)
				if len(s.Settings.Origins) == 0 {
					fmt.Fprintf(a.stderr, "No other origin may show it yet: list your shop's in origins (frontdesk site widget set %s FILE --merge).\n", s.Name)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site's name")
	return c
}
