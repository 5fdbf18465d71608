package pgtriage

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"frontdesk/retrieval"
	"frontdesk/triage"
)

// Articles lists the published articles with the labels of their front matter.
func (s *Store) Articles(ctx context.Context, site retrieval.SiteID) ([]triage.Article, error) {
	rows, err := s.pool.Query(ctx, sqlArticles, site)
	if err != nil {
		return nil, wrap("list articles", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (triage.Article, error) {
		var a triage.Article
		var audience int16
		err := row.Scan(&a.ID, &a.Title, &a.Desk, &a.Topic, &a.Product, &audience, &a.Superseded)
		a.AgentsOnly = audience != 0
		return a, err
	})
	return list, wrap("list articles", err)
}

// beginning is how many characters of an article a suggestion goes by.
const beginning = 4000

// Texts lists the published articles with the beginnings of their bodies, and
// with their mean directions under the multilingual model where they have any.
func (s *Store) Texts(ctx context.Context, site retrieval.SiteID) ([]triage.ArticleText, error) {
	rows, err := s.pool.Query(ctx, sqlTexts, site, triage.LocalModel, beginning)
	if err != nil {
		return nil, wrap("read articles", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (triage.ArticleText, error) {
		var a triage.ArticleText
		var vec *pgvector.Vector
		err := row.Scan(&a.ID, &a.Title, &a.Body, &vec)
		if vec != nil {
			a.Vec = vec.Slice()
		}
		return a, err
	})
	return list, wrap("read articles", err)
}

// Questions lists the ways customers ask for public articles, as published.
func (s *Store) Questions(ctx context.Context, site retrieval.SiteID) ([]triage.Question, error) {
	rows, err := s.pool.Query(ctx, sqlQuestions, site)
	if err != nil {
		return nil, wrap("read questions", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (triage.Question, error) {
		var q triage.Question
		err := row.Scan(&q.Article, &q.Text)
		return q, err
	})
	return list, wrap("read questions", err)
}

// List is the kept list of a key; nil where there is none.
func (s *Store) List(ctx context.Context, site retrieval.SiteID, key []byte) ([]byte, error) {
	var list []byte
	err := s.pool.QueryRow(ctx, sqlList, site, key).Scan(&list)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return list, wrap("read a list", err)
}

// KeepList keeps a site's list under its key, in place of any other.
func (s *Store) KeepList(ctx context.Context, site retrieval.SiteID, key, list []byte) error {
	_, err := s.pool.Exec(ctx, sqlKeepList, site, key, list)
	return wrap("keep a list", err)
}
