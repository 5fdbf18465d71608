package evals

import (
	"context"
	"fmt"

	"frontdesk/retrieval"
)

// maxWordsR1 is how often words alone may find the right article first: above
// it, messages are worded like the articles and not like customers' own.
const maxWordsR1 = 0.45

// WordsAlone1 says how often the word index alone finds the right article
// first, for single answerable questions in English.
type WordsAlone1 struct {
	Questions int
	// By the best section, by the article as a whole, and by the weights that a
	// search without vectors uses.
	Section, Article, Product Interval
}

// Highest is the highest of the three.
func (w WordsAlone1) Highest() float64 {
	return max(w.Section.Value, w.Article.Value, w.Product.Value)
}

// WordsFirst asks a business's messages of the site that holds its knowledge.
func WordsFirst(ctx context.Context, f finder, site retrieval.SiteID, b Business) (w WordsAlone1, err error) {
	product, err := retrieval.DefaultRanking()
	if err != nil {
		return w, err
	}
	article := retrieval.Judge{Fusion: retrieval.Fusion{ArticleBM25: 1, OtherLanguage: 1}, Section: retrieval.SectionPick{BM25: 1}}
	var questions []Question
	for _, m := range b.Messages {
		if m.Answerable() && m.Single() && m.English() {
			q := m.question()
			q.Text = m.Text
			questions = append(questions, q)
		}
	}
	if len(questions) == 0 {
		return w, badCorpus("%s has no answerable single question in English", b.Slug)
	}
	asked, err := Ask(ctx, f, site, questions)
	if err != nil {
		return w, fmt.Errorf("%s: %w", b.Slug, err)
	}
	asked = WithoutVectors(asked)
	first := func(r retrieval.Ranking) Interval {
		s, _ := ScoreRetrieval(Judge(asked, r), false)
		return s.R1
	}
	w.Questions = len(questions)
	w.Section = first(WordsAlone())
	w.Article = first(retrieval.Ranking{WithVectors: article, Words: article})
	w.Product = first(product)
	return w, nil
}

// LintWords says where words alone find too much.
func LintWords(business string, w WordsAlone1) []Finding {
	if w.Highest() <= maxWordsR1 {
		return nil
	}
	return []Finding{{Business: business, Rule: "words alone", Says: fmt.Sprintf(
		"words alone find the right article first for %.3f (best section), %.3f (whole article), %.3f (both weighted) of %d questions, and may for %.2f",
		w.Section.Value, w.Article.Value, w.Product.Value, w.Questions, maxWordsR1)}}
}
