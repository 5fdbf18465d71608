package retrieval

import (
	"context"
	"strings"
	"sync"
)

// Ahead has a question embedded as a search for it would; the embedder's cache
// then has it. Of errors nothing is said: the search meets them again.
func (s *Searcher) Ahead(ctx context.Context, q Query) {
	text := strings.TrimSpace(q.Text)
	if !hasWords(text) {
		return
	}
	known, err := s.generation(ctx, q.Site)
	if err != nil {
		return
	}
	lang := q.Lang
	if lang == "" {
		lang, _ = s.deps.Detect(text, known.Stats.Languages)
		s.langs.put(langKey{q.Site, text}, lang)
	}
	_, _ = s.embedAll(ctx, text, lang, known.Generation, q.Around)
}

// detect finds out a question's language, where Ahead has not.
func (s *Searcher) detect(site SiteID, text string, known Generation) string {
	if lang, ok := s.langs.take(langKey{site, text}); ok {
		return lang
	}
	lang, _ := s.deps.Detect(text, known.Stats.Languages)
	return lang
}

// mostLangs bounds how many questions wait for their search: as many turns as
// run at a time.
const mostLangs = 256

type langKey struct {
	site SiteID
	text string
}

// foundLangs are the languages of questions between Ahead and their search. One
// that is never searched for goes with the next rush. The zero value is empty.
type foundLangs struct {
	mu    sync.Mutex
	known map[langKey]string
}

func (l *foundLangs) put(key langKey, lang string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || len(l.known) >= mostLangs {
		l.known = map[langKey]string{}
	}
	l.known[key] = lang
}

func (l *foundLangs) take(key langKey) (lang string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lang, ok = l.known[key]
	delete(l.known, key)
	return lang, ok
}
