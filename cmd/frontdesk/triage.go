package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/internal/pg"
	"frontdesk/retrieval"
	"frontdesk/retrieval/words"
	"frontdesk/triage"
	"frontdesk/triage/model"
	"frontdesk/triage/pgtriage"
)

type triageFlags struct {
	site, language         string
	jsonl, explain, asJSON bool
	vectors                string
}

func newTriageCommand(a *app) *cobra.Command {
	var f triageFlags
	c := &cobra.Command{
		Use:   "triage MESSAGE | triage --jsonl",
		Short: "Say what a message is: service or support, about what, how urgent, and whether it wants a person",
		Long: `Say what a message is: whose matter (service, support, both, none), about what,
whether the site's knowledge covers it, whether the customer wants a person, how
they feel and how urgent it is, each with how sure that is. --explain says why.

With --jsonl messages come on standard input, one JSON object a line:
  {"id","text","history":[{"role":"customer|bot|agent","text"}]}
and a line goes out for each, in the same order:
  {"id","desk","desk_p":{"service","support","both","none"},"topic","topic_p","article",
   "article_p","in_scope_p","wants_human_p","mood","urgency","language","product","rule",
   "matters":[{"desk","topic","article","span":[from,to]}],"unsure":[{"what","why"}],…}
A line that cannot be decided gives {"id","error"}; the exit status is then 1.
With --vectors FOLDER what was embedded is kept there, for the next run.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.triage(cmd.Context(), f, args) },
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().StringVar(&f.language, "language", "", "language of the page the messages were written on, where it is known")
	c.Flags().BoolVar(&f.explain, "explain", false, "say which entries voted, which rules fired, and what moved each probability")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&f.jsonl, "jsonl", false, "messages on standard input, JSON Lines in and out")
	c.Flags().StringVar(&f.vectors, "vectors", "", "folder to keep the messages' vectors in")
	return c
}

func (a *app) triage(ctx context.Context, f triageFlags, args []string) error {
	text := strings.Join(args, " ")
	switch {
	case f.jsonl && len(args) > 0:
		return usageError{errors.New("--jsonl takes no message")}
	case !f.jsonl && len(args) == 0:
		return usageError{errors.New("no message: give one, or --jsonl")}
	}
	p, err := a.acquire(ctx, needPostgres|needEmbedderSoon)
	if err != nil {
		return plain(err)
	}
	defer p.Close()
	if err := a.awaitEmbedder(ctx, p); err != nil {
		return err
	}
	return inStore(ctx, p, pg.PoolConfig{}, func(st *store) error { return a.triageIn(ctx, p, st, f, text) })
}

func (a *app) triageIn(ctx context.Context, p *parts, st *store, f triageFlags, text string) (err error) {
	site, err := st.Site(ctx, f.site)
	if err != nil {
		return err
	}
	decider, done, err := a.newDecider(p, st, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer decider.sites.Close()
	if _, err := decider.sites.Wait(ctx, site.ID); err != nil { // what is learned of a site is learned once
		return err
	}
	if f.jsonl {
		return a.triageLines(ctx, decider, site.ID, f)
	}
	d, err := decider.decide(ctx, triage.Message{Site: site.ID, Text: text, Lang: f.language, Explain: f.explain})
	if err != nil {
		return err
	}
	if f.asJSON {
		return a.printJSON(d)
	}
	printDecision(a.stdout, d)
	return nil
}

// decider decides about messages as a conversation would: it reads them, looks
// them up and decides.
type decider struct {
	engine *triage.Engine
	sites  *triage.Sites
	reader *triage.Reader
	finder retrieval.Finder
}

func (a *app) newDecider(p *parts, st *store, f triageFlags) (*decider, func() error, error) {
	embedder, more, err := a.queryEmbedder(p)
	if err != nil {
		return nil, nil, err
	}
	done := func() error { return nil }
	if f.vectors != "" {
		folder, err := filepath.Abs(f.vectors)
		if err != nil {
			return nil, nil, err
		}
		embedder, more, done = keepVectors(embedder, more, folder)
	}
	// Nobody waits at the other end: better late with vectors than by words alone.
	finder, err := a.newSearcher(st, embedder, more, retrieval.SearchConfig{EmbedBudget: 10 * time.Second})
	if err != nil {
		return nil, nil, err
	}
	d := &decider{finder: finder}
	if d.reader, err = triage.NewReader(); err != nil {
		return nil, nil, err
	}
	d.engine, d.sites, err = a.newTriageEngine(d.reader, st, embedder, more)
	return d, done, err
}

// keepVectors keeps what embedders embed in files in a folder.
func keepVectors(first retrieval.Embedder, more []retrieval.Space, folder string) (retrieval.Embedder, []retrieval.Space, func() error) {
	one := &keptEmbedder{Embedder: first, folder: folder, depths: true}
	all := []*keptEmbedder{one}
	var spaces []retrieval.Space
	for _, s := range more {
		k := &keptEmbedder{Embedder: s.Embedder, folder: folder}
		all = append(all, k)
		s.Embedder = k
		spaces = append(spaces, s)
	}
	return one, spaces, func() error {
		var errs []error
		for _, k := range all {
			errs = append(errs, k.Close())
		}
		return errors.Join(errs...)
	}
}

// newTriageEngine puts triage together over a store; every command that decides
// about messages does it here.
func (a *app) newTriageEngine(reader *triage.Reader, st *store, embedder retrieval.Embedder, more []retrieval.Space) (*triage.Engine, *triage.Sites, error) {
	readers, err := triage.NewReaders()
	if err != nil {
		return nil, nil, err
	}
	return a.triageEngineBy(reader, readers, st, embedder, more)
}

// triageEngineBy is newTriageEngine with readers of one's own.
func (a *app) triageEngineBy(reader *triage.Reader, readers triage.Readers, st *store, embedder retrieval.Embedder, more []retrieval.Space) (*triage.Engine, *triage.Sites, error) {
	settled, err := pgtriage.New(st.pool, time.Now)
	if err != nil {
		return nil, nil, err
	}
	learned, err := model.Load()
	if err != nil {
		return nil, nil, err
	}
	sites, err := triage.NewSites(triage.SitesDeps{
		Store: settled, Model: learned, Embed: embedQuestions(embedder, more), Rules: readers.Site, Now: time.Now, Log: a.log,
	}, 0)
	if err != nil {
		return nil, nil, err
	}
	engine, err := triage.New(triage.Deps{Reader: reader, Readers: readers, Sites: sites, Model: learned}, triage.Config{})
	return engine, sites, err
}

// embedQuestions embeds a site's questions as customers' are: by the models that
// are for the language most of them are in.
func embedQuestions(first retrieval.Embedder, more []retrieval.Space) triage.EmbedFunc {
	return func(ctx context.Context, texts []string) ([]triage.Embedded, error) {
		lang, _ := words.DetectLanguage(strings.Join(texts[:min(len(texts), 200)], "\n"), nil)
		embedders := []retrieval.Embedder{first}
		for _, s := range more {
			if len(s.Langs) == 0 || slices.Contains(s.Langs, lang) {
				embedders = append(embedders, s.Embedder)
			}
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
}

// embedBatch is how many texts are embedded by one call.
const embedBatch = 16

// embedAll embeds texts as messages, a batch at a time.
func embedAll(ctx context.Context, e retrieval.Embedder, texts []string) (triage.Embedded, error) {
	var out triage.Embedded
	for from := 0; from < len(texts); from += embedBatch {
		vecs, err := e.Embed(ctx, retrieval.EmbedQuery, texts[from:min(from+embedBatch, len(texts))])
		if err != nil {
			return out, fmt.Errorf("embed: %w", err)
		}
		out.Vecs = append(out.Vecs, vecs...)
	}
	out.Model = e.Model()
	return out, retrieval.CheckVectors(out.Vecs, len(texts), out.Model.Dims)
}

// decide reads, looks up and decides.
func (d *decider) decide(ctx context.Context, m triage.Message) (triage.Decision, error) {
	decision, _, _, err := d.look(ctx, m)
	return decision, err
}

// look is decide with what it went by.
func (d *decider) look(ctx context.Context, m triage.Message) (triage.Decision, triage.Reading, retrieval.Evidence, error) {
	reading := d.engine.Read(ctx, m)
	look := func(ctx context.Context, query string) (retrieval.Evidence, error) {
		ev, err := d.finder.Search(ctx, retrieval.Query{Site: m.Site, Text: bot.MaskCards(query), Audience: retrieval.Public, K: 3, Around: true})
		if errors.Is(err, retrieval.ErrQuestion) { // only signs: there is nothing to look for
			return retrieval.Evidence{}, nil
		}
		return ev, err
	}
	var ev retrieval.Evidence
	if reading.Query != "" {
		var err error
		if ev, err = look(ctx, reading.Query); err != nil {
			return triage.Decision{}, reading, ev, err
		}
	}
	decision, err := d.engine.Decide(ctx, reading, ev, look)
	return decision, reading, ev, err
}

// triageLine is one message of a batch.
type triageLine struct {
	ID       json.RawMessage `json:"id"`
	Text     *string         `json:"text"`
	History  []triage.Said   `json:"history"` // what went before, oldest first
	Language string          `json:"language"`
}

// triageReply is a line of the batch contract; what the contract does not name
// may grow.
type triageReply struct {
	ID json.RawMessage `json:"id"`
	triage.Decision
	Degraded []string `json:"degraded,omitempty"`
}

func (a *app) triageLines(ctx context.Context, d *decider, site retrieval.SiteID, f triageFlags) error {
	// While one line waits for the database or the embedder others are computed.
	parallel := 4 * runtime.GOMAXPROCS(0)
	return jsonLines(ctx, a.stdin, a.stdout, parallel, func(ctx context.Context, line []byte) (json.RawMessage, any, error) {
		var in triageLine
		if err := json.Unmarshal(line, &in); err != nil {
			return idOf(line), nil, fmt.Errorf("this is no message: %w", err)
		}
		if in.Text == nil {
			return in.ID, nil, errors.New("this is no message: it has no text")
		}
		m := triage.Message{Site: site, Text: *in.Text, History: in.History, Lang: f.language, Explain: f.explain}
		if in.Language != "" {
			m.Lang = in.Language
		}
		follow := bot.ReadFollow(d.reader, m.Text, saidInLine(m.Text, in.History)) // as a conversation would ask it
		m.Query, m.Follows = follow.Text, follow.Kind != triage.NoLean
		decision, _, ev, err := d.look(ctx, m)
		if err != nil {
			return in.ID, nil, err
		}
		if in.ID == nil {
			in.ID = json.RawMessage("null")
		}
		return in.ID, triageReply{ID: in.ID, Decision: decision, Degraded: ev.Degraded}, nil
	})
}
