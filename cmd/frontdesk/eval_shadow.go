package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/evals/shadow"
	"frontdesk/retrieval"
	"frontdesk/triage"
	"frontdesk/triage/pgtriage"
)

type shadowFlags struct {
	site, since, policy, json string
	set, knowledge, with      []string
	ranking                   string
	limit, show               int
}

func newEvalShadowCommand(a *app) *cobra.Command {
	var f shadowFlags
	c := &cobra.Command{
		Use:   "shadow --set KEY=VALUE… | --knowledge PATH… | --policy FILE | --with VARIABLE=VALUE… | --ranking FILE",
		Short: "Say which stored turns would end otherwise under another configuration",
		Long: `Replay a site's stored turns twice, as the site is configured and under another
configuration, and list the decisions that would change, side by side. Each turn is
replayed after what was really said before it. Both replays happen in copies of the site
that are removed again; the site itself is read only, and nobody is told anything.

The other configuration is any of: settings as ` + "`frontdesk site set`" + ` takes them, other
knowledge (only what is new is encoded), another policy of triage, variables of the program
(EMBEDDINGS_… and RERANK_…, as serve has them; another model of vectors encodes the knowledge
named with --knowledge), a ranking that was fitted (` + "`frontdesk train rank`" + `).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.evalShadow(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().StringVar(&f.since, "since", "", "only turns since a day, a moment or so many days back: 2026-11-01, 30d")
	c.Flags().IntVar(&f.limit, "limit", 1000, "most turns to replay, of the newest conversations")
	c.Flags().StringArrayVar(&f.set, "set", nil, "a setting of the other configuration, as threshold=0.6; may be repeated")
	c.Flags().StringSliceVar(&f.knowledge, "knowledge", nil, "folder or file of the other configuration's knowledge, all of it; may be repeated")
	c.Flags().StringVar(&f.policy, "policy", "", "file of the other configuration's policy of triage, as labels policy show prints it")
	c.Flags().StringArrayVar(&f.with, "with", nil, "a variable of the program in the other configuration, as EMBEDDINGS_MODEL=bge-m3; may be repeated")
	c.Flags().StringVar(&f.ranking, "ranking", "", "file of the other configuration's ranking, as retrieval/ranking.json")
	c.Flags().IntVar(&f.show, "show", 20, "how many changed turns to print; 0: none")
	c.Flags().StringVar(&f.json, "json", "", "also write the report and every changed turn to this file, JSON Lines")
	return c
}

// other is a configuration beside the site's own.
type other struct {
	settings map[string]json.RawMessage
	articles []retrieval.Article // nil: the site's own
	policy   *triage.Policy      // nil: the site's own
	program  map[string]string   // variables of the program
	ranking  *retrieval.Ranking  // nil: what is built in
}

func (f shadowFlags) read(ctx context.Context) (o other, err error) {
	if len(f.set)+len(f.knowledge)+len(f.with) == 0 && f.policy == "" && f.ranking == "" {
		return o, usageError{errors.New("say what is to be other: --set, --knowledge, --policy, --with or --ranking")}
	}
	if o.program, err = otherProgram(f.with, len(f.knowledge) > 0); err != nil {
		return o, usageError{fmt.Errorf("--with: %w", err)}
	}
	if o.ranking, err = otherRanking(f.ranking); err != nil {
		return o, err
	}
	if f.limit < 1 || f.show < 0 {
		return o, usageError{errors.New("--limit is at least 1, --show at least 0")}
	}
	if o.settings, err = parseSettings(f.set); err != nil {
		return o, usageError{fmt.Errorf("--set: %w", err)}
	}
	for _, k := range f.knowledge {
		found, err := readWholeFolder(ctx, k)
		if err != nil {
			return o, fmt.Errorf("%s: %w", k, err)
		}
		o.articles = append(o.articles, found...)
	}
	if f.policy != "" {
		data, err := os.ReadFile(f.policy)
		if err != nil {
			return o, fmt.Errorf("the policy: %w", err)
		}
		p, err := triage.ParsePolicy(data)
		if err != nil {
			return o, fmt.Errorf("%s: %v; `frontdesk labels policy show` prints one", f.policy, err) //nolint:errorlint // its words, with the file's name, whatever its kind
		}
		o.policy = &p
	}
	return o, nil
}

func (a *app) evalShadow(ctx context.Context, f shadowFlags) error {
	since, err := parseSince(f.since, a.now())
	if err != nil {
		return usageError{err}
	}
	o, err := f.read(ctx)
	if err != nil {
		return err
	}
	front, err := a.openFront(ctx, frontConfig{need: needPostgres | needEmbedderSoon, awaitEmbedder: true, embedBudget: askPatience, budget: askPatience})
	if err != nil {
		return err
	}
	defer front.Close(ctx)
	site, err := front.site(ctx, f.site)
	if err != nil {
		return err
	}
	reader, err := newTalkReader(ctx, front.desk, int32(site.ID))
	if err != nil {
		return err
	}
	turns, leftOut, err := reader.storedTurns(ctx, since, f.limit)
	if err != nil {
		return err
	}
	if len(turns) == 0 {
		return fmt.Errorf("%s has no turn to replay (%d cannot be): the bot has decided nothing since then; name an earlier --since", f.site, leftOut)
	}
	if err := a.replayBoth(ctx, front, site, o, turns); err != nil {
		return err
	}
	compared := make([]shadow.Turn, 0, len(turns))
	for _, t := range turns {
		compared = append(compared, t.Turn)
	}
	r := shadow.Compare(compared, leftOut)
	if f.json != "" {
		if err := writeShadow(f.json, r); err != nil {
			return err
		}
	}
	return printShadow(a.stdout, r, f.show)
}

// replayBoth makes the two copies and has every turn replayed in both.
func (a *app) replayBoth(ctx context.Context, own *front, site *bot.Site, o other, turns []*storedTurn) error {
	if err := removeLeftSites(ctx, own.store); err != nil {
		return err
	}
	return a.withOther(ctx, own, o, func(b *app, theirs *front, engine *bot.Engine) error {
		return withCopy(ctx, own, site, func(now *bot.Site) error {
			return withCopy(ctx, own, site, func(then *bot.Site) error {
				then, err := b.reconfigure(ctx, theirs, then, o)
				if err != nil {
					return err
				}
				return replayAll(ctx, side{own, own.engine, now}, side{theirs, engine, then}, turns, a.replayProgress(len(turns)))
			})
		})
	})
}

func (a *app) replayProgress(all int) func(int) {
	last := time.Now()
	return func(done int) {
		if done == all || time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintf(a.stderr, "%d of %d turns replayed\n", done, all)
		}
	}
}

// reconfigure gives a copy the other configuration.
func (a *app) reconfigure(ctx context.Context, front *front, site *bot.Site, o other) (*bot.Site, error) {
	st := front.store
	if err := st.UpdateSettings(ctx, site.Name, func(old json.RawMessage) (json.RawMessage, error) { return changeSettings(old, o.settings) }); err != nil {
		return nil, err
	}
	if o.policy != nil {
		labels, err := pgtriage.New(st.pool, a.now)
		if err != nil {
			return nil, err
		}
		if err := labels.SetPolicy(ctx, site.ID, *o.policy); err != nil {
			return nil, err
		}
	}
	if len(o.articles) > 0 {
		embedders := a.newLazyEmbedders()
		defer embedders.Close()
		if _, err := a.publish(ctx, st, embedders, site.ID, o.articles, nil, false); err != nil {
			return nil, err
		}
	}
	return readyCopy(ctx, front, site.ID)
}

func writeShadow(path string, r shadow.Report) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	enc := json.NewEncoder(file)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return err
	}
	for _, t := range r.List {
		if err := enc.Encode(t); err != nil {
			return err
		}
	}
	return file.Close()
}

func printShadow(w io.Writer, r shadow.Report, show int) error {
	fmt.Fprintf(w, "%d turns of %d conversations replayed", r.Turns, r.Conversations)
	if r.LeftOut > 0 {
		fmt.Fprintf(w, ", %d left out", r.LeftOut)
	}
	fmt.Fprintf(w, "; %d would end otherwise\n", r.Changed.Turns)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "change\tturns\tshare\t95 %")
	for _, c := range append([]shadow.Count{r.Changed}, r.Kinds...) {
		fmt.Fprintf(t, "%s\t%d\t%.3f\t%.3f–%.3f\n", c.Name, c.Turns, c.Share.Value, c.Share.Low, c.Share.High)
	}
	fmt.Fprintln(t, "action\tnow\tthen\tchange (95 %)")
	for _, m := range r.Actions {
		fmt.Fprintf(t, "%s\t%d\t%d\t%+.3f (%+.3f to %+.3f)\n", m.Action, m.Now, m.Then, m.Change.Value, m.Change.Low, m.Change.High)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.Drifted.Turns > 0 {
		fmt.Fprintf(w, "%d turns (%.3f, 95 %% %.3f–%.3f) end otherwise already than they did when they were stored\n",
			r.Drifted.Turns, r.Drifted.Share.Value, r.Drifted.Share.Low, r.Drifted.Share.High)
	}
	for i, x := range r.List {
		if i == show {
			_, err := fmt.Fprintf(w, "and %d more\n", len(r.List)-show)
			return err
		}
		fmt.Fprintf(w, "\n%s, turn %d: %s\n  %q\n    now:  %s\n    then: %s\n", x.Conversation, x.Turn, x.Change, short(x.Said), x.Now.Tell(), x.Then.Tell())
		if x.Now.Text != x.Then.Text && x.Now.Action == x.Then.Action {
			now, then := apart(x.Now.Text, x.Then.Text)
			fmt.Fprintf(w, "    now quotes:  %q\n    then quotes: %q\n", short(now), short(then))
		}
	}
	return nil
}

// apart leaves out what two texts begin with alike, but for the last words of it.
func apart(a, b string) (string, string) {
	from := 0
	for i, r := range a {
		if !strings.HasPrefix(b[min(i, len(b)):], string(r)) {
			break
		}
		if r == ' ' || r == '\n' {
			from = i + 1
		}
	}
	if from > 20 {
		return "… " + a[from:], "… " + b[from:]
	}
	return a, b
}
