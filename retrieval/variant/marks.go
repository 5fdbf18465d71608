package variant

import (
	"slices"
	"strings"
)

// Title is an article's, with the names in it and in its product line.
type Title struct {
	text  string
	names []Span   // of the title
	keys  []string // theirs, each once
	all   []string // and those of the product line
	frame []string // the words beside them
}

// Title reads an article's title and product line, once: a search asks for those
// of all articles it found, and reading them was a twentieth of all the memory
// that a turn took.
func (s *Site) Title(title, product string) Title {
	if s == nil {
		return s.readTitle(title, product)
	}
	return s.titles.of([2]string{title, product}, func() Title { return s.readTitle(title, product) })
}

func (s *Site) readTitle(title, product string) Title {
	t := Title{text: title, names: s.In(title)}
	t.frame = frame(title, t.names)
	t.keys = once(nil, t.names)
	t.all = once(slices.Clip(t.keys), s.In(product))
	return t
}

// once adds the keys that are not there yet.
func once(keys []string, names []Span) []string {
	for _, n := range names {
		if !slices.Contains(keys, n.Key) {
			keys = append(keys, n.Key)
		}
	}
	return keys
}

// Mark says whether an article is about what a question names.
type Mark struct {
	Named float64 // part of the question's names that it carries, 0–1; half a name counts half
	Other float64 // part of them in whose place it carries another one
}

// Marks are those of all articles that were found, in their order.
func (a Asked) Marks(titles []Title) []Mark {
	out := make([]Mark, len(titles))
	if len(a) == 0 {
		return out
	}
	others := alternates(titles)
	for i, t := range titles {
		for _, m := range a {
			switch named, other := m.in(t.all, others); {
			case named > 0:
				out[i].Named += named / float64(len(a))
			case other:
				out[i].Other += 1 / float64(len(a))
			}
		}
	}
	return out
}

// in says how far names hold what was mentioned, or else whether one of them
// stands in its place.
func (m Mention) in(names []string, others map[[2]string]bool) (named float64, other bool) {
	for _, n := range names {
		if slices.Contains(m.Means, n) {
			return 1, false
		}
	}
	for _, n := range names {
		for _, means := range m.Means {
			if strings.HasPrefix(means, n+" ") {
				named = 0.5 // about the line of what was mentioned
			}
			if others[[2]string{means, n}] {
				return 0, true
			}
			other = other || !strings.HasPrefix(n, means+" ") && sameLine(means, n)
		}
	}
	return named, other
}

// sameLine says whether two names begin alike: "Brisa S2", "Brisa S3".
func sameLine(a, b string) bool {
	x, _, _ := strings.Cut(a, " ")
	y, _, _ := strings.Cut(b, " ")
	return x == y && a != b
}

// alternates are the names that titles of one frame differ in.
func alternates(titles []Title) map[[2]string]bool {
	out := map[[2]string]bool{}
	for i, a := range titles {
		for _, b := range titles[i+1:] {
			if !a.Twins(b) {
				continue
			}
			for _, x := range less(a.keys, b.keys) {
				for _, y := range less(b.keys, a.keys) {
					out[[2]string{x, y}], out[[2]string{y, x}] = true, true
				}
			}
		}
	}
	return out
}

// Twins says whether two titles differ in their names only, and are about the
// same beside them: a word, or a name that both hold.
func (t Title) Twins(o Title) bool {
	if len(t.names) == 0 || len(o.names) == 0 || !sameFrame(t.frame, o.frame) {
		return false
	}
	a, b := t.keys, o.keys
	onlyA, onlyB := less(a, b), less(b, a)
	return len(onlyA) > 0 && len(onlyB) > 0 && (len(t.frame) > 0 || len(onlyA) < len(a))
}

// sameFrame says whether two frames are equal, but for one word where they share
// at least two ("Grind settings", "Grind settings and dosing").
func sameFrame(a, b []string) bool {
	if slices.Equal(a, b) {
		return true
	}
	apart := len(a) - len(b)
	return (apart == 1 || apart == -1) && min(len(a), len(b)) >= 2 && len(less(a, b))+len(less(b, a)) == 1
}

// less are the names of one list that another one lacks.
func less(list, other []string) []string {
	var out []string
	for _, n := range list {
		if !slices.Contains(other, n) {
			out = append(out, n)
		}
	}
	return out
}

// mostTold is how many names a question back tells of one article.
const mostTold = 3

// Between are the names, as the titles write them, that tell twins apart: of
// each title those that not all of them hold; nil where one of the titles is no
// twin of the first, or could not be told from another by a few names.
func Between(titles []Title) []string {
	if len(titles) < 2 {
		return nil
	}
	shared := slices.Clone(titles[0].keys)
	for _, t := range titles[1:] {
		if !titles[0].Twins(t) {
			return nil
		}
		shared = slices.DeleteFunc(shared, func(n string) bool { return !slices.Contains(t.keys, n) })
	}
	out := make([]string, 0, len(titles))
	for _, t := range titles {
		var told []string
		for _, n := range t.names {
			if w := t.text[n.From:n.To]; !slices.Contains(shared, n.Key) && !slices.Contains(told, w) {
				told = append(told, w)
			}
		}
		name := strings.Join(told, ", ")
		if len(told) == 0 || len(told) > mostTold || slices.Contains(out, name) {
			return nil
		}
		out = append(out, name)
	}
	return out
}

// Tells says whether what a question names tells some of the titles from the
// others already.
func (a Asked) Tells(titles []Title) bool {
	marks := a.Marks(titles)
	for _, m := range marks[1:] {
		if m != marks[0] {
			return true
		}
	}
	return false
}

// Astray says whether a text names one of a title's or a question's alternates,
// and nothing that these are about: "The K2 Mini needs half of it", of an article
// about the K2.
func (a Asked) Astray(t Title, names []Span) bool {
	other := false
	for _, n := range names {
		for _, m := range a {
			if slices.Contains(m.Means, n.Key) {
				return false
			}
			other = other || slices.ContainsFunc(m.Means, func(means string) bool { return akin(means, n.Key) })
		}
		for _, own := range t.all {
			if own == n.Key || strings.HasSuffix(own, " "+n.Key) || strings.HasSuffix(n.Key, " "+own) {
				return false
			}
			other = other || akin(own, n.Key)
		}
	}
	return other
}

// akin says whether two names are of one line: they begin alike, or one goes on
// where the other ends ("Wick K2", "K2 Mini").
func akin(a, b string) bool {
	if sameLine(a, b) {
		return true
	}
	for _, x := range [][2]string{{a, b}, {b, a}} {
		for rest := x[0]; ; {
			_, after, ok := strings.Cut(rest, " ")
			if !ok {
				break
			}
			if rest = after; len(rest) > 1 && strings.HasPrefix(x[1], rest+" ") {
				return true
			}
		}
	}
	return false
}
