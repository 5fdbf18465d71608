package variant

import (
	"cmp"
	"slices"
	"strings"
)

// Latest is what a text asks once its last words are taken for a correction of
// the names before them: of "How hot may it be for the Whirl 900" and "and in
// the 600 then?" the first is about the Whirl 600, too. newest are those last
// words; a text that does not end in them stays as it is.
func (s *Site) Latest(text, newest string) string {
	before, is := strings.CutSuffix(text, newest)
	if s == nil || len(s.names) == 0 || !is || strings.TrimSpace(before) == "" {
		return text
	}
	said := s.places(before)
	if len(said) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, m := range said {
		to, ok := s.insteadOf(m.mention, newest)
		if !ok {
			continue
		}
		b.WriteString(before[at:m.from] + to)
		at = m.to
	}
	return b.String() + before[at:] + newest
}

// Settled is what a text asks that begins with several messages, one a line and
// oldest first, once each is taken for a correction of the names before it: of
// "How heavy is the S2", "and the S3?" and "how wide is it" the first is about the
// S3 by the time the last is asked. A text that begins otherwise stays as it is.
func (s *Site) Settled(text string, messages []string) string {
	rest, is := strings.CutPrefix(text, strings.Join(messages, "\n"))
	if s == nil || !is || len(messages) < 2 {
		return text
	}
	settled := messages[0]
	for _, next := range messages[1:] {
		settled = s.Latest(settled+"\n"+next, next)
	}
	return settled + rest
}

// insteadOf is the name that newer words put in the place of what was mentioned,
// the shortest way the site says it; not ok where they name none, several, or
// this one again.
func (s *Site) insteadOf(old Mention, newest string) (name string, ok bool) {
	if !old.Exact {
		return "", false
	}
	var put [][]string // keys, for each thing that is named
	for _, m := range s.Asked(newest) {
		if slices.ContainsFunc(m.Means, func(k string) bool { return slices.Contains(old.Means, k) }) {
			return "", false
		}
		if beside := slices.DeleteFunc(slices.Clone(m.Means), func(k string) bool { return !siblings(k, old.Means) }); m.Exact && len(beside) > 0 {
			put = append(put, beside)
		}
	}
	if len(put) == 0 {
		put = append(put, s.numbered(old.Means, newest))
	}
	if len(put) != 1 || len(put[0]) == 0 {
		return "", false
	}
	slices.SortFunc(put[0], func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return s.names[put[0][0]].Text, true
}

func siblings(k string, of []string) bool {
	return slices.ContainsFunc(of, func(o string) bool { return sameLine(k, o) })
}

// numbered are the names that a bare number stands for beside other names of the
// same line: "the 600" of who asked about the Whirl 900.
func (s *Site) numbered(names []string, newest string) []string {
	var out []string
	for _, p := range cut(newest) {
		for _, name := range names {
			line, last := cutLast(name)
			if !p.digits || line == "" || p.text == last || strings.Trim(last, "0123456789") != "" {
				continue
			}
			if k := line + " " + p.text; s.names[k].Text != "" {
				out = append(out, k)
			}
		}
	}
	return out
}

func cutLast(key string) (line, last string) {
	i := strings.LastIndexByte(key, ' ')
	if i < 0 {
		return "", key
	}
	return key[:i], key[i+1:]
}

// placed is a mention with its bytes of the text.
type placed struct {
	mention  Mention
	from, to int
}

// places are the names in a text where they stand.
func (s *Site) places(text string) []placed {
	var out []placed
	list := cut(text)
	for i := 0; i < len(list); {
		m, n := s.mention(list[i:])
		if n > 0 {
			out = append(out, placed{m, list[i].from, list[i+n-1].to})
		}
		i += max(n, 1)
	}
	return out
}
