package main

import (
	"context"
	"slices"
	"strings"

	"frontdesk/handoff/console"
	"frontdesk/handoff/pgconsole"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// deskLabels are what articles are about, as the desk's page shows and changes
// it: the same as the command labels.
type deskLabels struct {
	store  *store
	keeper *pgconsole.Store
}

// Articles reads a site's published articles with the labels that count.
func (d deskLabels) Articles(ctx context.Context, site int32) (console.Shelf, error) {
	l, err := labellingOf(ctx, d.store, retrieval.SiteID(site))
	if err != nil {
		return console.Shelf{}, err
	}
	setters, err := d.keeper.Setters(ctx, site)
	if err != nil {
		return console.Shelf{}, err
	}
	shelf := console.Shelf{Topics: topicNames(l.settled.Policy)}
	for _, x := range l.settled.Labelled(l.articles) {
		a := console.Article{
			ID: x.ID, Title: x.Title, Desk: string(x.Label.Desk), Topic: x.Label.Topic, Product: x.Label.Product, From: x.From,
			Notes: x.Notes, Internal: x.AgentsOnly, ReplacedBy: x.Superseded,
		}
		if x.From == triage.FromSuggested {
			a.P = x.DeskP.Of(x.Label.Desk)
		}
		if settled, ok := l.settled.Settled[x.ID]; ok {
			a.Settled = &console.SettledLabel{Desk: string(settled.Desk), Topic: settled.Topic, Product: settled.Product, By: setters[x.ID].By, At: setters[x.ID].At}
		}
		shelf.Articles = append(shelf.Articles, a)
	}
	slices.SortFunc(shelf.Articles, func(a, b console.Article) int { return strings.Compare(a.ID, b.ID) })
	return shelf, nil
}

func topicNames(p triage.Policy) []string {
	var out []string
	for _, t := range p.Topics {
		out = append(out, t.Topic)
	}
	return out
}

// Settle settles the labels of an article in somebody's name.
func (d deskLabels) Settle(ctx context.Context, site int32, by string, label console.Label) error {
	l, err := labellingOf(ctx, d.store, retrieval.SiteID(site))
	if err != nil {
		return err
	}
	err = l.settle(ctx, []triage.Label{{Article: label.Article, Desk: triage.Desk(label.Desk), Topic: label.Topic, Product: label.Product}})
	if err != nil {
		return err
	}
	return d.keeper.PutSetter(ctx, site, label.Article, by)
}
