package triage

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// mostMatters is how many parts of a message are looked up at most.
const mostMatters = 4

// apartArticle is the part of its votes that a part's nearest article needs.
// On the corpus' training businesses .2 tells 132 of 184 messages of two matters
// apart, 113 of them with both desks right, and 2.3 % of all others; .4 tells
// 89 apart, and .9 %.
const apartArticle = 0.2

// matters says what the message is about, each matter with its part of the
// text. Parts that come out alike are one matter; the decision's own fields are
// the first one's.
func (e *Engine) matters(ctx context.Context, c *circumstances, d *Decision, look Look) error {
	one := Matter{Desk: d.Desk, Topic: d.Topic, Article: d.Article, Span: trimmed(c.reading.Message.Text, 0, len(c.reading.Message.Text))}
	d.Matters = []Matter{one}
	parts := e.parts(c, d)
	if len(parts) < 2 || look == nil {
		return nil
	}
	var list []part
	for _, p := range parts {
		if err := e.lookUp(ctx, c, &p, look); err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].same(&p) {
			list[n-1].join(&p)
			continue
		}
		list = append(list, p)
	}
	if list = e.apart(list); len(list) < 2 {
		return nil
	}
	d.Matters = nil
	for i := range list {
		p := &list[i]
		d.Matters = append(d.Matters, Matter{Desk: p.d.Desk, Topic: p.d.Topic, Article: p.d.Article, Span: [2]int{p.span.From, p.span.To}})
	}
	first := &list[0].d
	d.Desk, d.DeskP, d.Topic, d.TopicP = first.Desk, first.DeskP, first.Topic, first.TopicP
	d.Article, d.ArticleP, d.InScopeP = first.Article, first.ArticleP, first.InScopeP
	d.Product, d.Products = first.Product, first.Products
	c.parts = fmt.Sprintf("%d matters; the first one gives desk, topic and article", len(list))
	return nil
}

// part is a part of a message that may be a matter of its own.
type part struct {
	span Span
	d    Decision
}

// same says whether two parts are about the same.
func (p *part) same(o *part) bool {
	return p.d.Article == o.d.Article || p.d.Desk == o.d.Desk && p.d.Topic == o.d.Topic && p.d.Topic != ""
}

// join takes what comes after it in; the one that is surer names both.
func (p *part) join(o *part) {
	if o.d.InScopeP > p.d.InScopeP {
		p.d = o.d
	}
	p.span.To = o.span.To
}

// parts are the parts of a text that may be matters: none where the whole is
// small talk, a sale, or about one thing as far as the votes go.
func (e *Engine) parts(c *circumstances, d *Decision) []part {
	f := e.deps.Readers.Matters
	if f == nil || d.Desk == None || d.Desk == Both || d.Rule != "" {
		return nil
	}
	text := c.reading.Message.Text
	if c.reading.Text != text {
		return nil // words were left out: places in it would be another text's
	}
	spans := f(text)
	if len(spans) < 2 {
		return nil
	}
	var out []part
	for _, s := range spans {
		if s.From < 0 || s.To > len(text) || s.From >= s.To || !speaks(text[s.From:s.To]) {
			continue
		}
		from := trimmed(text, s.From, s.To)
		out = append(out, part{span: Span{from[0], from[1]}})
	}
	if len(out) > mostMatters {
		return nil // a story or a list, not some matters
	}
	return out
}

// lookUp decides about a part by what is found for it alone.
func (e *Engine) lookUp(ctx context.Context, c *circumstances, p *part, look Look) error {
	r := c.reading
	r.Text = r.Message.Text[p.span.From:p.span.To]
	r.Message.Explain = false
	ev, err := look(ctx, r.Text)
	if err != nil {
		return fmt.Errorf("look up a part of the message: %w", err)
	}
	own := &circumstances{reading: r, site: c.site, evidence: ev}
	if ev.Around != nil {
		own.around = *ev.Around
	}
	own.reading.Small = NoSmall
	own.reading.Wish = Wish{}
	own.vec = e.local(own.around.Vectors)
	own.reading.Query = r.Text
	e.vote(own, nil)
	e.gather(own)
	v := e.recipe.weigh(own)
	p.d = Decision{DeskP: v.desks.normal().rounded(), InScopeP: round(min(max(v.inScope, 0), 1))}
	p.d.Desk, _ = v.desks.normal().Best()
	e.name(own, &p.d)
	return nil
}

// apart leaves out parts that nothing firm was found for: a reason or a story
// goes with the matter before it.
func (e *Engine) apart(list []part) []part {
	var out []part
	for _, p := range list {
		firm := p.d.Desk != None && p.d.ArticleP >= apartArticle && p.d.InScopeP >= e.cfg.Apart
		switch {
		case firm && len(out) > 0 && out[len(out)-1].same(&p):
			out[len(out)-1].join(&p)
		case firm:
			out = append(out, p)
		case len(out) > 0:
			out[len(out)-1].span.To = p.span.To
		}
	}
	return out
}

// trimmed is a span without the blanks around it.
func trimmed(text string, from, to int) [2]int {
	s := text[from:to]
	left := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	right := len(s) - len(strings.TrimRightFunc(s, unicode.IsSpace))
	if left == len(s) {
		return [2]int{from, to}
	}
	return [2]int{from + left, to - right}
}
