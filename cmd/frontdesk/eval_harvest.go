package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot/pgconvo"
	"frontdesk/evals/harvest"
	"frontdesk/handoff"
	"frontdesk/handoff/packet"
	"frontdesk/handoff/pgdesk"
	"frontdesk/triage/pii"
)

type harvestFlags struct {
	site, out, since string
	why              []string
	frozen           float64
	dry              bool
}

// defaultFrozen is the part of the conversations that only ever judges.
const defaultFrozen = 0.3

func newEvalHarvestCommand(a *app) *cobra.Command {
	var f harvestFlags
	c := &cobra.Command{
		Use:   "harvest",
		Short: "Make candidates for cases out of a site's conversations, masked, for a person to label",
		Long: `Make candidates for cases out of a site's stored conversations: where the customer said
that a reply did not help (not_quite), rated the case badly (bad_rating), it came back
after it was closed (reopened), an agent moved it or said what it was about (corrected),
or the bot found no answer (abstained).

Personal data is masked; a candidate names the hash of its conversation, the day and why.
Candidates lie in two folders, train and frozen, by the hash of their conversation: what
is frozen only ever judges. They expect nothing until somebody has labelled them, and no
run takes them before. A second harvest adds only what is new.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.evalHarvest(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().StringVar(&f.out, "out", "", "folder of the candidates (default evals/harvest/SITE in the home)")
	c.Flags().StringVar(&f.since, "since", "", "only what happened since a day, a moment or so many days back: 2026-11-01, 30d")
	c.Flags().StringSliceVar(&f.why, "why", nil, "only for this reason: "+strings.Join(harvest.Reasons(), ", ")+"; may be repeated")
	c.Flags().Float64Var(&f.frozen, "frozen", 0, fmt.Sprintf("share of the conversations that is frozen (default %g, or what the folder was begun with)", defaultFrozen))
	c.Flags().BoolVar(&f.dry, "dry-run", false, "say how many there would be, and write nothing")
	return c
}

func (f harvestFlags) check(now time.Time) (since time.Time, err error) {
	for _, w := range f.why {
		if !slices.Contains(harvest.Reasons(), w) {
			return since, usageError{fmt.Errorf("--why: there is no reason %q; there are %s", w, strings.Join(harvest.Reasons(), ", "))}
		}
	}
	if f.frozen != 0 && !(f.frozen > 0 && f.frozen < 1) {
		return since, usageError{errors.New("--frozen is a share, above 0 and below 1")}
	}
	if since, err = parseSince(f.since, now); err != nil {
		err = usageError{err}
	}
	return since, err
}

func (a *app) evalHarvest(ctx context.Context, f harvestFlags) error {
	since, err := f.check(a.now())
	if err != nil {
		return err
	}
	if f.out == "" {
		f.out = filepath.Join(a.config.Home, "evals", "harvest", f.site)
	}
	began, ok, err := harvest.ReadMeta(f.out)
	if err != nil {
		return err
	}
	if ok {
		f.frozen = cmp.Or(f.frozen, began.Frozen)
	}
	f.frozen = cmp.Or(f.frozen, defaultFrozen)
	return a.withDesk(ctx, f.site, func(d *pgdesk.Desk, me handoff.Actor) error {
		return a.harvest(ctx, d, me, f, since)
	})
}

func (a *app) harvest(ctx context.Context, d *pgdesk.Desk, me handoff.Actor, f harvestFlags, since time.Time) error {
	r, err := newTalkReader(ctx, d, me.Site)
	if err != nil {
		return err
	}
	key, err := r.convs.Secret(ctx, "evals harvest", freshKey())
	if err != nil {
		return err
	}
	m, err := harvest.New(harvest.Config{Key: key, Frozen: f.frozen})
	if err != nil {
		return err
	}
	folder, err := harvest.Open(f.out, harvest.Meta{Site: f.site, Frozen: f.frozen, Mark: m.Mark()})
	if err != nil {
		return err
	}
	signs, err := r.signs(ctx, me, since, f.why)
	if err != nil {
		return err
	}
	var list []harvest.Candidate
	for _, s := range signs {
		talk, mask, err := r.read(ctx, s)
		if err != nil {
			return err
		}
		list = append(list, m.Candidates(talk, mask)...)
	}
	fmt.Fprintf(a.stderr, "%d conversations with something to learn from, %d turns of them\n", len(signs), len(list))
	if f.dry {
		return nil
	}
	added, err := folder.Add(list, a.now().UTC().Format(time.DateOnly))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d new candidates, %d to train and %d frozen; %d were harvested before, %d say what another one says\n",
		added.Train+added.Frozen, added.Train, added.Frozen, added.Known, added.Twice)
	for _, file := range added.Files {
		fmt.Fprintln(a.stdout, file)
	}
	return nil
}

// freshKey is a key for an installation that has none yet.
func freshKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

// talkReader reads conversations and takes what is personal out of them.
type talkReader struct {
	desk     *pgdesk.Desk
	convs    *pgconvo.Store
	site     int32
	finder   *pii.Finder
	maker    *packet.Maker
	patterns []string // of order numbers
}

func newTalkReader(ctx context.Context, d *pgdesk.Desk, site int32) (*talkReader, error) {
	r := &talkReader{desk: d, site: site}
	var err error
	if r.convs, err = pgconvo.New(d.Pool); err != nil {
		return nil, err
	}
	if r.finder, err = pii.New(); err != nil {
		return nil, err
	}
	if r.maker, err = packet.New(packet.Deps{PII: r.finder}); err != nil {
		return nil, err
	}
	r.patterns, err = orderPatterns(ctx, d, site)
	return r, err
}
