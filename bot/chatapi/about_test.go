package chatapi

import (
	"testing"
)

// knows gives a site two published articles, one of them for agents only.
func (b *bench) knows(t *testing.T, site int32) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, 1, 'retired', ''), ($1, 2, 'published', '')`,
		`INSERT INTO articles (site_id, generation, article, article_id, title, audience, body, content_hash) VALUES
			($1, 2, 1, 'returns', 'Returning a fountain', 0, 'x', ''), ($1, 2, 2, 'secret', 'What we never say', 1, 'x', ''), ($1, 1, 1, 'gone', 'Gone since', 0, 'x', '')`,
		`UPDATE sites SET published = 2 WHERE site_id = $1`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql, site); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAbout_AQuestionThatLeansIsReadWithTheArticleItBeganFrom(t *testing.T) {
	t.Parallel()
	title := "Returning a fountain"
	for name, tc := range map[string]struct {
		article string
		say     []string
		want    string // what the last one is searched for as
	}{
		"one that leans":                  {"returns", []string{"how much is it?"}, title + "\nhow much is it?"},
		"one that stands alone":           {"returns", []string{"Do you sell gift vouchers"}, "Do you sell gift vouchers"},
		"a second one, on the first":      {"returns", []string{"how much is it?", "and in Germany?"}, title + "\nhow much is it?\nand in Germany?"},
		"after another subject":           {"returns", []string{"Do you repair grinders?", "how much is it?"}, "Do you repair grinders?\nhow much is it?"},
		"an article for agents is no one": {"secret", []string{"how much is it?"}, "how much is it?"},
		"nor one that is gone":            {"gone", []string{"how much is it?"}, "how much is it?"},
		"nor one that never was":          {"nope", []string{"how much is it?"}, "how much is it?"},
		"nor none":                        {"", []string{"how much is it?"}, "how much is it?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, options{})
			site := b.site(t, "shop", "")
			b.knows(t, site)
			v := b.visitor(t, map[string]any{"page": map[string]string{"url": "https://shop.example/help/returns", "article": tc.article}})
			for _, say := range tc.say {
				v.say(t, say)
			}
			if q := b.finder.questions(); q[len(q)-1] != tc.want {
				t.Errorf("asked %q, want %q", q[len(q)-1], tc.want)
			}
		})
	}
}

func TestAbout_AnotherSitesArticleIsNotThere(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.knows(t, b.site(t, "other", ""))
	b.site(t, "shop", "")
	v := b.visitor(t, map[string]any{"site": "shop", "page": map[string]string{"article": "returns"}})
	v.say(t, "how much is it?")
	if q := b.finder.questions(); q[0] != "how much is it?" {
		t.Errorf("asked %q", q)
	}
}
