package packet

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed texts.json
var textsJSON []byte

// texts are the words of a rendering, by language. The file is the program's own
// and tests read it: were it broken, names would stand for words.
var texts = sync.OnceValue(func() map[string]map[string]string {
	var all map[string]map[string]string
	if json.Unmarshal(textsJSON, &all) != nil {
		return nil
	}
	return all
})

// Languages are those that Text and Words have words in.
func Languages() []string {
	var out []string
	for l := range texts() {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

// Words gives the words for a label, a step or another name of the packet's, in
// a language; English where there are none in it, the name itself where there
// are none at all.
func Words(name, lang string) string {
	lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
	for _, l := range []string{lang, "en"} {
		if w, ok := texts()[l][name]; ok {
			return w
		}
	}
	return name
}

// Text writes a packet as plain text, for e-mail and terminal, in a language:
// the lines that matter first, empty ones left out. Numbers in brackets are the
// conversation's events.
func Text(p Packet, lang string) string {
	w := &writer{lang: lang}
	if p.Problem != nil {
		w.line("problem", quoted(*p.Problem))
	}
	w.line("about", w.about(p))
	if p.Reason != nil {
		w.line("reason", w.word(p.Reason.Value))
	}
	w.facts(p.Facts)
	for _, q := range p.Tried {
		w.item("tried", quoted(q))
	}
	w.end()
	for _, s := range p.Answers {
		w.item("answers", w.shown(s))
	}
	w.end()
	for _, s := range p.Promised {
		w.item("promised", s.Text+at(s.From))
	}
	w.end()
	w.person(p)
	w.surroundings(p)
	if p.Next != nil {
		w.line("next", strings.ReplaceAll(w.word(p.Next.Do), "{about}", flat(p.Next.About)))
	}
	if r := p.Reply; r != nil {
		source := r.Title
		if source == "" {
			source = r.Article
		}
		if r.Shown {
			source += ", " + w.word("seen")
		}
		fmt.Fprintf(&w.b, "%s (%s):\n", w.word("reply"), flat(source))
		for l := range strings.SplitSeq(strings.TrimSpace(r.Text), "\n") {
			w.b.WriteString("  " + l + "\n")
		}
	}
	return w.b.String()
}

// writer writes lines with their labels.
type writer struct {
	b    strings.Builder
	lang string
	open string // the list under way
}

func (w *writer) word(name string) string { return Words(name, w.lang) }

func (w *writer) line(name, value string) {
	if value != "" {
		fmt.Fprintf(&w.b, "%s: %s\n", w.word(name), flat(value))
	}
}

// item writes an entry of a list, the list's name before the first.
func (w *writer) item(name, value string) {
	if w.open != name {
		fmt.Fprintf(&w.b, "%s:\n", w.word(name))
		w.open = name
	}
	fmt.Fprintf(&w.b, "  - %s\n", flat(value))
}

func (w *writer) end() { w.open = "" }

// flat brings a value into one line.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// at is the event that a line is from.
func at(from []Ref) string {
	if len(from) == 0 || from[0].Seq == 0 {
		return ""
	}
	return fmt.Sprintf(" [%d]", from[0].Seq)
}

func quoted(q Quote) string {
	text := q.Text
	if q.Cut {
		text += "…"
	}
	return "“" + text + "”" + at(q.From)
}

func (w *writer) about(p Packet) string {
	var parts []string
	for _, g := range []*Guess{p.Desk, p.Topic, p.Product} {
		if g == nil {
			continue
		}
		word := g.Value
		if g == p.Desk && g.Value != "both" && g.Value != "none" { // "both" and "none" are names of other things, too
			word = w.word(g.Value)
		}
		if g.P != nil {
			word += fmt.Sprintf(" (%.0f %%)", *g.P*100)
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, " · ")
}

// facts writes what holds, a label a line, what was corrected behind it.
func (w *writer) facts(list []Fact) {
	var labels []string
	by := map[string][]string{}
	for _, dead := range []bool{false, true} {
		for _, f := range list {
			if f.Superseded != dead {
				continue
			}
			if by[f.Label] == nil {
				labels = append(labels, f.Label)
			}
			value := flat(f.Value) + at(f.From)
			if dead {
				value = "(" + w.word("superseded") + ": " + value + ")"
			}
			by[f.Label] = append(by[f.Label], value)
		}
	}
	for _, l := range labels {
		w.item("facts", w.word(l)+": "+strings.Join(by[l], ", "))
	}
	w.end()
}

func (w *writer) shown(s Shown) string {
	title := s.Title
	if title == "" {
		title = s.Article
	}
	word := w.word(s.Received)
	if s.As == "choice" {
		word = w.word("choice")
		if s.Pressed {
			word = w.word("pressed")
		}
	}
	return title + ": " + word + at(s.From)
}

func (w *writer) person(p Packet) {
	if id := p.Identity; id != nil {
		who := strings.TrimSpace(id.Name + " " + bracketed(id.Email))
		w.line("who", who+", "+w.word(id.Verified))
	}
	if p.Contact != nil {
		w.line("contact", p.Contact.Value)
	}
	if m := p.Mood; m != nil {
		mood := w.word(m.Word)
		if m.Trend != "steady" {
			mood += ", " + w.word(m.Trend)
		}
		if p.Urgency != nil && p.Urgency.Value >= .5 {
			mood += ", " + w.word("urgent")
		}
		w.line("mood", mood)
	}
}

func bracketed(s string) string {
	if s == "" {
		return ""
	}
	return "<" + s + ">"
}

func (w *writer) surroundings(p Packet) {
	if p.Language != nil {
		w.line("language", p.Language.Value)
	}
	if p.Page != nil {
		w.line("page", strings.TrimSpace(p.Page.Title+" "+bracketed(p.Page.URL)))
	}
	if c := p.Time; c != nil {
		if t, err := time.Parse(time.RFC3339, c.Last); err == nil {
			w.line("time", t.Format("2006-01-02 15:04")+", "+w.word(c.Part))
		}
	}
	for _, c := range p.Consent {
		word := "no"
		if c.Given {
			word = "yes"
		}
		w.item("consent", c.To+": "+w.word(word))
	}
	w.end()
	for _, c := range p.Earlier {
		w.item("earlier", strings.Join(slices.DeleteFunc([]string{c.Reference, c.Topic, c.State, c.Ended, c.At[:min(10, len(c.At))]}, func(s string) bool { return s == "" }), ", "))
	}
	w.end()
}
