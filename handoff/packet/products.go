package packet

import "strings"

// products finds what the matter is about by its name: names of the site's own,
// and models that a cue names. A mere kind of thing ("my kettle") is no fact: the
// problem says it.
func (x *reading) products(s *said) {
	if x.in.Catalogue != nil {
		for _, f := range x.in.Catalogue.phrases.In(s.words) {
			from, to := s.words[f.From].From, s.words[f.To-1].To
			if f.To-f.From > 1 && strings.ContainsAny(s.body[from:to], ".,;:!?\n") {
				continue
			}
			raw := s.body[from:to]
			if f.To-f.From == 1 && !strings.ContainsAny(raw, "0123456789") && !capital(raw) && x.in.Catalogue.lines[f.ID] == "" {
				continue // "rotation" is a word, Rotation a coffee
			}
			if f.To-f.From == 1 && len(raw) <= 2 && !strings.ContainsAny(raw, "0123456789") {
				continue
			}
			if f.To-f.From == 2 && len(s.words[f.From].Form) == 1 && raw[0] >= 'a' && raw[0] <= 'z' && !x.in.Catalogue.spoken(raw) {
				continue
			}
			x.takeOf(s, Product, from, to, 7, x.in.Catalogue.lines[f.ID])
		}
	}
	for _, c := range codesIn(s.body) {
		for _, h := range s.hits[modelCue] {
			if h.to <= c.from && s.idle(h.to, c.from, false) && c.letters+c.digits <= 16 && c.letters > 0 {
				c = prefixed(s.body, c)
				x.take(s, Product, c.from, c.to, 5)
			}
		}
	}
}

// spoken says whether letters and digits that stand apart were meant as a model:
// "s 3", but not the "a 2" of "a 2 litre jug".
func (c *Catalogue) spoken(raw string) bool {
	return !strings.HasPrefix(raw, "a ") && !strings.HasPrefix(raw, "i ")
}
