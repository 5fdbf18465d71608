package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/handoff"
	"frontdesk/handoff/hours"
	"frontdesk/retrieval"
	"frontdesk/triage/pii"
	"frontdesk/widget"
	"frontdesk/widget/pghelp"
	"frontdesk/widget/pgsettings"
	"frontdesk/widget/settings"
)

// mountPages adds the demo shop's page, the help pages and the widget's
// settings.
func (a *app) mountPages(r fiber.Router, f *front, limit fiber.Handler) error {
	library, err := pghelp.New(f.store.pool)
	if err != nil {
		return err
	}
	journal, err := pghelp.NewJournal(f.store.pool, a.now, a.log)
	if err != nil {
		return err
	}
	chosen, err := pgsettings.New(f.store.pool, a.now)
	if err != nil {
		return err
	}
	sites, err := settings.NewCache(chosen, a.now, 0)
	if err != nil {
		return err
	}
	// It has no embedder by intention: no word in the log that there is none.
	silent := *a
	silent.log = slog.New(slog.DiscardHandler)
	silent.config.RerankURL = ""
	quick, err := silent.newSearcher(f.store, nil, nil, retrieval.SearchConfig{})
	if err != nil {
		return err
	}
	finder, err := pii.New()
	if err != nil {
		return err
	}
	pages, err := widget.New(widget.Deps{
		Library: library, Finder: withoutCards{f.finder}, Log: a.log, Limit: limit,
		Sites: sites, Shelf: library, Journal: journal, Rules: chosen, Quick: quick, Answers: f.answers, Hours: f.openHours,
		Mask: masker(finder), Now: a.now, NewID: func() string { return bot.NewID().String() },
	}, widget.Config{Shop: defaultSite, URL: a.config.URL, Chat: true, Files: f.files != nil, Mail: a.config.SMTPURL != ""})
	if err != nil {
		return err
	}
	pages.Mount(r)
	f.keep(journal.Run)
	return nil
}

// keep runs what keeps house beside the pages, until the front is closed.
func (f *front) keep(run func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	before := f.cancel
	f.cancel = func() {
		cancel()
		before()
	}
	f.work.Go(func() { run(ctx) })
}

// answers says whether what a search found is likely to answer: whether the
// chat would quote or offer any of it.
func (f *front) answers(ctx context.Context, id retrieval.SiteID, ev retrieval.Evidence) bool {
	site, err := f.sites.ByID(ctx, id)
	if err != nil {
		return true // nobody can say: no gap is counted
	}
	return bot.PolicyOf(calibrationOf(f.finder), *site).AfterSearch(ev).Action != bot.ActNone
}

// openHours say whether people are there: in any queue that takes something.
func (f *front) openHours(ctx context.Context, id retrieval.SiteID) (*settings.Hours, error) {
	queues, err := f.desk.Queues(ctx, handoff.Actor{Site: int32(id)})
	if err != nil {
		return nil, err
	}
	return hoursOf(queues, f.desk.Now())
}

func hoursOf(queues []handoff.Queue, now time.Time) (*settings.Hours, error) {
	out := &settings.Hours{}
	always := false
	for _, q := range queues {
		if q.Closed {
			continue
		}
		h, err := hours.Parse(q.Hours)
		if err != nil {
			return nil, err
		}
		zone := h.Location().String()
		if h.Open(now) {
			closes, ends := h.Closes(now)
			always = always || !ends
			if ends && (out.Closes == nil || closes.After(*out.Closes)) {
				out.Closes, out.Zone = &closes, zone
			}
			out.Open = true
			continue
		}
		if opens, ok := h.Next(now); ok && (out.Opens == nil || opens.Before(*out.Opens)) {
			out.Opens = &opens
			if !out.Open {
				out.Zone = zone
			}
		}
	}
	if out.Open {
		out.Opens = nil
	}
	if always {
		out.Closes, out.Zone = nil, ""
	}
	return out, nil
}

// withoutCards is a Finder that is asked without card numbers: what is typed
// into a search goes to the embedder, and that may be somebody else's.
type withoutCards struct{ next retrieval.Finder }

// Search masks the question and passes it on.
func (f withoutCards) Search(ctx context.Context, q retrieval.Query) (retrieval.Evidence, error) {
	q.Text, q.Newest = bot.MaskCards(q.Text), bot.MaskCards(q.Newest)
	earlier := make([]string, len(q.Earlier))
	for i, said := range q.Earlier {
		earlier[i] = bot.MaskCards(said)
	}
	q.Earlier = earlier
	return f.next.Search(ctx, q)
}

// masker puts dots in the place of personal data: what was searched for, and
// what was missing, is kept without whoever wrote it.
func masker(finder *pii.Finder) func(string) string {
	return func(s string) string {
		var b strings.Builder
		at := 0
		for _, span := range finder.Find(s) {
			if span.From < at {
				continue
			}
			b.WriteString(s[at:span.From])
			b.WriteString("•••")
			at = span.To
		}
		b.WriteString(s[at:])
		return b.String()
	}
}
