package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/handoff/loadgen"
)

type loadgenFlags struct {
	urls      []string
	agents    int
	logins    string
	mine      bool
	asJSON    bool
	customers int
	rate      float64
	lasts     time.Duration
	seed      uint64
	site      string
}

func newLoadgenCommand(a *app) *cobra.Command {
	var f loadgenFlags
	c := &cobra.Command{
		Use:   "loadgen --url URL",
		Short: "Play customers and agents against a running service, to size a machine",
		Long: `Play customers and agents against a running service, over the HTTP that widgets
and the desk's pages use, and print how long things took. Customers ask, press
the button, write while they wait, leave and come back; agents claim, answer,
pass on and close. At the end everything that they were told is asked for: a
promise that was not kept, a message that is lost or there twice, or a case that
two had, makes the exit status 1.

It writes real conversations and cases: use a database made for it. Agents sign
in with a file of lines "address password":

  frontdesk agent add a1@shop.example --name "Agent 1"
  frontdesk agent password a1@shop.example >> logins.txt
  frontdesk loadgen --url http://127.0.0.1:8080 --customers 200 --rate 50 --logins logins.txt --for 2m

With several --url, of instances on one database, players go on to the next one
where one fails.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.loadgen(cmd, f) },
	}
	c.Flags().StringSliceVar(&f.urls, "url", nil, "the service's address; repeat it for several instances")
	c.Flags().IntVar(&f.customers, "customers", 50, fmt.Sprintf("customers at the same time, at most %d", loadgen.MostCustomers))
	c.Flags().StringVar(&f.logins, "logins", "", "file of agents: an address, a blank and a password on each line")
	c.Flags().IntVar(&f.agents, "agents", 0, "how many of them work (default: all)")
	c.Flags().Float64Var(&f.rate, "rate", 0, "messages and presses a second of all customers together (default: one for every two customers)")
	c.Flags().DurationVar(&f.lasts, "for", time.Minute, "how long new things are begun")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "the same number: the same wishes at the same time")
	c.Flags().StringVar(&f.site, "site", "", "the site (default: the only or default one)")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&f.mine, "yes-i-run-this-service", false, "the address is not this machine's, and the service there is yours")
	return c
}

func (a *app) loadgen(cmd *cobra.Command, f loadgenFlags) error {
	logins, err := readLogins(f.logins, f.agents)
	if err != nil {
		return usageError{err}
	}
	for i, u := range f.urls {
		f.urls[i] = strings.TrimSuffix(u, "/")
	}
	load, err := loadgen.New(loadgen.Config{
		URLs: f.urls, Site: f.site, Customers: f.customers, Logins: logins, Rate: f.rate, For: f.lasts, Seed: f.seed, Foreign: f.mine,
		Say: func(p loadgen.Progress) { fmt.Fprintf(a.stderr, "… %s\n", p) },
	})
	switch {
	case errors.Is(err, loadgen.ErrForeign):
		return usageError{fmt.Errorf("%w: somebody else's service is not to be loaded; where it is yours, say --yes-i-run-this-service", err)}
	case err != nil:
		return usageError{err}
	}
	report, err := load.Run(cmd.Context())
	if report.Counts == nil {
		return err
	}
	if f.asJSON {
		err = errors.Join(err, a.printJSON(report))
	} else {
		err = errors.Join(err, report.Print(a.stdout))
	}
	if err == nil && !report.Kept() {
		err = errors.New("the service did not keep what it said")
	}
	return err
}

// readLogins reads the first so many of a file; 0: all.
func readLogins(path string, most int) ([]loadgen.Login, error) {
	if path == "" {
		if most > 0 {
			return nil, errors.New("--agents needs --logins, a file of their addresses and passwords")
		}
		return nil, nil
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	list, err := loadgen.ReadLogins(r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case len(list) < most:
		return nil, fmt.Errorf("%s has %d agents, --agents asks for %d", path, len(list), most)
	case most > 0:
		list = list[:most]
	}
	return list, nil
}
