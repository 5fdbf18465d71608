package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"frontdesk/bot"
	"frontdesk/evals"
	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
	"frontdesk/evals/report"
	"frontdesk/evals/runner"
	"frontdesk/evals/stages"
	"frontdesk/retrieval"
)

// players is how many conversations go on at once, two a core, since each waits for
// the disk half of the time: each has a site of its own,
// so that none sees another's line or ratings.
func players() int { return min(2*runtime.NumCPU(), 8) }

// runMemory is from how many bytes of memory on a run collects garbage more
// often: with the program itself it stays below 400 MB on the corpus, of which
// some 150 MB are in use at a time.
const runMemory = 256 << 20

// withinMemory keeps to runMemory as far as possible until what it gives is called.
func withinMemory() (done func()) {
	was := debug.SetMemoryLimit(-1)
	if was != math.MaxInt64 { // somebody set one
		return func() {}
	}
	debug.SetMemoryLimit(runMemory)
	return func() { debug.SetMemoryLimit(was) }
}

// withFront opens a front of which no part answers from anywhere but this
// machine and what is kept of it.
func (a *app) withFront(ctx context.Context, use func(*front, *keptModels) error) (err error) {
	defer withinMemory()()
	models := a.keepModels()
	defer func() { err = errors.Join(err, models.Close()) }()
	front, err := a.openFront(ctx, frontConfig{need: needPostgres, embedBudget: askPatience, models: models, budget: askPatience})
	if err != nil {
		return err
	}
	defer front.Close(ctx)
	if err := removeLeftSites(ctx, front.store); err != nil {
		return err
	}
	return use(front, models)
}

// withPlayers makes sites of the same knowledge, each with a player, until there
// are enough; they are removed again when use is done.
func (a *app) withPlayers(ctx context.Context, front *front, models *keptModels, articles []retrieval.Article, have []*player, use func([]*player) error) error {
	return a.withIndexedPlayers(ctx, front, models, articles, retrieval.BM25{}, have, use)
}

// withIndexedPlayers is withPlayers with an index of words of one's own; zero:
// the ranking's.
func (a *app) withIndexedPlayers(ctx context.Context, front *front, models *keptModels, articles []retrieval.Article, index retrieval.BM25, have []*player, use func([]*player) error) error {
	if len(have) == players() {
		return use(have)
	}
	b := evals.Business{Slug: "eval", Articles: articles}
	return a.withIndexedSite(ctx, front.store, b, models, index, func(_ *store, id retrieval.SiteID, _ evals.Business) error {
		site, err := bot.NewSites(front.convs, front.deps.Now, 0).ByID(ctx, id) // the front's own know it in a moment
		if err != nil {
			return err
		}
		return a.withIndexedPlayers(ctx, front, models, articles, index, append(have, &player{front: front, site: site}), use)
	})
}

// playAndLocate has cases played and graded, and finds out where those that fail
// were lost. before is what they are held against, or nil.
// keepVectors is where vectors of what was asked are to be written; empty: nowhere.
func (a *app) playAndLocate(ctx context.Context, articles []retrieval.Article, list []cases.Case, before *gate.Baseline, keepVectors string) (run runner.Folder, where []report.Stage, err error) {
	err = a.withFront(ctx, func(front *front, models *keptModels) error {
		b, err := a.newBench(ctx, front, models)
		if err != nil {
			return err
		}
		defer b.Close(ctx)
		r, err := b.rig()
		if err != nil {
			return err
		}
		defer r.stop(ctx)
		play := func(ps []*player) error {
			for _, p := range ps {
				p.rig = r
			}
			played, err := runner.Run(ctx, runnersOf(ps), list, a.casesProgress(len(list), "cases played"))
			if err != nil {
				return ofCase(err)
			}
			run = runner.Folder{Cases: list, Outputs: played.Outputs, Timings: played.Timings}
			if run.Grades, err = runner.Grade(list, played.Outputs); err != nil {
				return err
			}
			fails := failsOf(run)
			lost, err := b.locate(ctx, ps, nil, fails, passedBefore(before), a.casesProgress(len(fails), "failing cases looked into"))
			for _, l := range lost {
				where = append(where, report.Stage{Case: l.Case, Stage: string(l.Stage), Why: l.Why})
			}
			return err
		}
		return a.keeping(models, keepVectors, func() error {
			err := a.withPlayers(ctx, front, models, articles, nil, play)
			if err == nil && keepVectors != "" {
				err = models.askAll(ctx, saidIn(list))
			}
			return err
		})
	})
	return run, where, err
}

// keeping runs something, says how many vectors had to be computed for it, and
// writes those of all that was asked to a file; empty: to none.
func (a *app) keeping(models *keptModels, path string, run func() error) error {
	if path != "" {
		models.noteAsked()
	}
	if err := run(); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d vectors had to be computed\n", models.made())
	if path == "" {
		return nil
	}
	return models.export(path)
}

// ofCase keeps the case's name, file and line where what went wrong has words of
// its own for people.
func ofCase(err error) error {
	c, ok := errors.AsType[*runner.CaseError](err)
	if !ok || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s:%d: case %s: %v", c.Case.File, c.Case.Line, c.Case.ID, plain(c.Err)) //nolint:errorlint // else its own words stand for all
}

func runnersOf(ps []*player) []runner.Player {
	out := make([]runner.Player, len(ps))
	for i, p := range ps {
		out[i] = p
	}
	return out
}

// failed is a case that fails, with what came back.
type failed struct {
	c   cases.Case
	out grade.Output
}

func failsOf(run runner.Folder) []failed {
	var out []failed
	for i, g := range run.Grades {
		if !g.Pass {
			out = append(out, failed{run.Cases[i], run.Outputs[i]})
		}
	}
	return out
}

// passedBefore is what came back of the cases that passed when a baseline was
// accepted, by case.
func passedBefore(b *gate.Baseline) map[string]*grade.Output {
	out := map[string]*grade.Output{}
	if b == nil {
		return out
	}
	pass := map[string]bool{}
	for _, k := range b.Cases {
		pass[k.Case] = k.Pass
	}
	for i := range b.Outputs {
		if o := &b.Outputs[i]; pass[o.Case] {
			out[o.Case] = o
		}
	}
	return out
}

// locate finds out where cases were lost, by playing them again at the players'
// sites on engines with the same seams (nil: none) and with gold in place.
func (b *bench) locate(ctx context.Context, ps []*player, seams func() stages.Seams, list []failed, was map[string]*grade.Output, progress func(int)) ([]stages.Lost, error) {
	again := make([]stages.Locator, len(ps))
	for i, p := range ps {
		l, stop, err := b.locator(ctx, p, seams)
		if err != nil {
			return nil, err
		}
		defer stop()
		again[i] = l
	}
	out := make([]stages.Lost, len(list))
	err := runner.Deal(ctx, len(ps), len(list), progress, func(ctx context.Context, p, i int) (err error) {
		out[i], _, err = again[p].Locate(ctx, list[i].c, list[i].out, was[list[i].c.ID])
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// locator plays cases again at a player's site.
func (b *bench) locator(ctx context.Context, p *player, seams func() stages.Seams) (l stages.Locator, stop func(), err error) {
	again := &player{front: p.front, site: p.site, known: newPublished(p.front.convs, p.site)}
	again.gold = stages.NewGold(again.known.Sections)
	under := []stages.Seams{again.gold.Seams()}
	if seams != nil {
		under = slices.Insert(under, 0, seams())
	}
	if again.rig, err = b.rig(under...); err != nil {
		return l, nil, err
	}
	l.Published = again.known.Sections
	l.Replay = func(ctx context.Context, c cases.Case, upto stages.Stage) (stages.Played, error) {
		again.gold.Set(c, upto)
		o, _, err := again.Play(ctx, c)
		found, first := again.gold.Seen()
		return stages.Played{Output: o, Found: found, First: first}, err
	}
	return l, func() { again.rig.stop(ctx) }, nil
}

// programVersion says which program this is: its module's version where it was
// built as one, or else its commit, or else the hash of its file, since builds
// here leave version control alone.
func programVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			return v
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "unknown"
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:8])
}
