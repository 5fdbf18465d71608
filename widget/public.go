package widget

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
	"frontdesk/internal/web"
	"frontdesk/retrieval"
	"frontdesk/widget/settings"
)

const (
	// publicFor is how long an answer is kept here: every page of a shop asks, and
	// a change is to be seen within seconds.
	publicFor = 3 * time.Second
	// publicAge is how long browsers and proxies may keep it.
	publicAge = "public, max-age=60, stale-while-revalidate=600"
	perMenu   = 5 // popular articles of a topic in the widget's menu
	mostKept  = 2000
)

// getPublic answers GET /v1/widget/{site}?lang=: what a loader and an app need
// to draw themselves, the same for everybody, with an ETag.
func (w *Widget) getPublic(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	name := strings.Clone(c.Params("site"))
	if retrieval.ValidSiteName(name) != nil {
		return ErrNoSite
	}
	chosen, err := w.sites.ByName(ctx, name)
	if err != nil {
		return err
	}
	web.Origin(c, chosen.Settings.Origins)
	lang := c.Query("lang")
	if len(lang) > 35 || readable(lang) != lang {
		lang = ""
	}
	got, err := w.remembered(ctx, chosen, lang)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, publicAge)
	c.Vary(fiber.HeaderOrigin)
	if unchanged(c, got.tag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(got.body)
}

// unchanged names what is sent by its tag, and says whether whoever asks has it.
func unchanged(c *fiber.Ctx, tag string) bool {
	c.Set(fiber.HeaderETag, tag)
	for has := range strings.SplitSeq(c.Get(fiber.HeaderIfNoneMatch), ",") {
		if has = strings.TrimPrefix(strings.TrimSpace(has), "W/"); has == tag || has == "*" {
			return true
		}
	}
	return false
}

// publicOf is what everybody may know of a site's widget, in a language, kept
// for a moment; "" is the default site. Errors: ErrNoSite, the stores'.
func (w *Widget) publicOf(ctx context.Context, name, lang string) (settings.Public, error) {
	if name != "" && retrieval.ValidSiteName(name) != nil {
		return settings.Public{}, ErrNoSite
	}
	chosen, err := w.sites.ByName(ctx, name)
	if err != nil {
		return settings.Public{}, err
	}
	got, err := w.remembered(ctx, chosen, lang)
	return got.public, err
}

func (w *Widget) remembered(ctx context.Context, chosen settings.Site, lang string) (publicBody, error) {
	return w.public.get(publicKey{chosen.Name, strings.ToLower(strings.Clone(lang)), chosen.Version}, func() (settings.Public, error) {
		return w.describe(ctx, chosen, lang)
	})
}

// describe is what a stranger is told of a site, in a language.
func (w *Widget) describe(ctx context.Context, chosen settings.Site, lang string) (settings.Public, error) {
	site, err := w.deps.Library.Site(ctx, chosen.Name)
	if err != nil {
		return settings.Public{}, err
	}
	at := place{Site: site, Chosen: chosen, Help: helpPath(site)}
	if at.cat, err = w.catalogues.read(ctx, site); err != nil {
		return settings.Public{}, err
	}
	s := chosen.Settings
	at.Langs = append(at.Langs, at.languages()...)
	if lang != "" {
		at.Langs = append([]string{lang}, at.Langs...)
	}
	at.W = w.words.in(at.Langs...)
	out := settings.Public{
		Site: chosen.Name, Name: w.shopName(at), Language: at.W.Lang, Languages: orNone(at.languages()),
		Words: s.WordsIn(at.Langs...), Accent: s.Accent, Palette: s.Palette(), Tokens: s.Tokens, Theme: s.ThemeOf(), Corner: s.CornerOf(),
		Offset: s.OffsetOf(), Hidden: orNone(s.Hidden), Origins: orNone(s.Origins), Privacy: s.Privacy,
		Help: helpPath(site), Topics: w.menu(at), Proactive: s.Proactive.PublicRules(at.Langs...),
	}
	if s.Help.Domain != "" {
		out.Help = schemeOf(s.Help.Domain) + "://" + s.Help.Domain + s.Help.Base()
	}
	if s.Logo != "" {
		out.Logo = "/v1/widget/" + chosen.Name + "/logo?v=" + strconv.Itoa(chosen.Version)
	}
	if w.deps.Hours != nil {
		// Without them the widget says nothing of hours: no reason to be away.
		if out.Hours, err = w.deps.Hours(ctx, site.ID); err != nil {
			w.deps.Log.Warn("hours could not be read", "site", int(site.ID), "cause", err.Error())
			out.Hours = nil
		}
	}
	return out, nil
}

// menu are at most six topics with their popular articles: the site's own list,
// else those that its knowledge and its customers suggest.
func (w *Widget) menu(at place) []settings.PublicTopic {
	var names []string
	for _, own := range at.Chosen.Settings.Topics {
		names = append(names, own.Topic)
	}
	if len(names) == 0 {
		names = at.cat.busiest(settings.MaxTopics)
	}
	if len(names) == 0 { // articles that name no topic are one list, which needs no name to be chosen by
		names = []string{""}
	}
	out := []settings.PublicTopic{}
	for _, name := range names {
		t := settings.PublicTopic{
			Topic: name, Label: label(at, name), Total: len(at.cat.topics[name]), Articles: []settings.PublicArticle{},
			URL: at.Help + "?topic=" + url.QueryEscape(name),
		}
		if name == "" {
			t.Label, t.URL = at.W.Popular, at.Help
		}
		for _, a := range w.shown(at, name, perMenu) {
			t.Articles = append(t.Articles, settings.PublicArticle{ID: a.ID, Title: a.Title, Lang: a.Lang, URL: articlePath(at.Help, a.ID)})
		}
		if len(t.Articles) > 0 { // a topic without a public article leads nowhere
			out = append(out, t)
		}
	}
	return out
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

type publicKey struct {
	site, lang string
	version    int
}

// publics keeps answers for a moment.
type publics struct {
	now func() time.Time
	mu  sync.Mutex
	of  map[publicKey]publicBody
}

type publicBody struct {
	at     time.Time
	public settings.Public
	body   []byte
	tag    string
}

func newPublics(now func() time.Time) *publics {
	return &publics{now: now, of: map[publicKey]publicBody{}}
}

func (p *publics) get(key publicKey, describe func() (settings.Public, error)) (publicBody, error) {
	p.mu.Lock()
	have, ok := p.of[key]
	p.mu.Unlock()
	now := p.now()
	if ok && now.Sub(have.at) < publicFor {
		return have, nil
	}
	public, err := describe()
	if err != nil && ok && fault.KindOf(err) != fault.NotFound {
		return have, nil // of a moment ago: better than none
	}
	if err != nil {
		return publicBody{}, err
	}
	body, err := json.Marshal(public)
	if err != nil {
		return publicBody{}, err
	}
	h := fnv.New64a()
	_, _ = h.Write(body) // a hash's Write cannot fail
	fresh := publicBody{at: now, public: public, body: body, tag: `"` + strconv.FormatUint(h.Sum64(), 16) + `"`}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.of) >= mostKept { // languages are the client's to say: they may not fill the memory
		clear(p.of)
	}
	p.of[key] = fresh
	return fresh, nil
}

type ruleEvent struct {
	Rule  string `json:"rule"`
	Event string `json:"event"` // shown, taken or declined
}

// countRule answers POST /v1/widget/{site}/rules: a count and nothing else; who
// it was is not asked.
func (w *Widget) countRule(c *fiber.Ctx) error {
	ctx, cancel := w.bounded(c)
	defer cancel()
	chosen, err := w.chosen(ctx, c)
	if err != nil {
		return err
	}
	web.Origin(c, chosen.Settings.Origins)
	var e ruleEvent
	if err := web.Decode(c, &e, false); err != nil {
		return err
	}
	if w.deps.Rules == nil {
		return fiber.ErrNotFound
	}
	if err := w.deps.Rules.CountRule(ctx, chosen.ID, first(readable(e.Rule), 80), e.Event); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
