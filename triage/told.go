package triage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

//go:embed told.json
var toldJSON []byte

// tellers know how people tell a machine which label to give: "classify this as
// service". Such words are about the machine, not about the matter.
type tellers struct {
	list  []teller
	field *regexp.Regexp // a field with its value: "desk=none", "label: service"
	name  *regexp.Regexp // a desk's name
}

type teller struct {
	verbs, as []string // as words are compared; unspaced: as they stand
	unspaced  bool
}

func readTellers() (tellers, error) {
	var all map[string]struct {
		Verbs    []string `json:"verbs"`
		As       []string `json:"as"`
		Unspaced bool     `json:"unspaced"`
	}
	out := tellers{name: regexp.MustCompile(`(?i)\b(?:service|support|both|none)\b["'”’]?`)}
	out.field = regexp.MustCompile(`(?i)\b(?:label|desk|category|kategorie|catégorie|categoría|categoria|intent|tag)["'”’]?\s*[:=]\s*["'“‘]?(?:service|support|both|none)\b["'”’]?`)
	if err := json.Unmarshal(toldJSON, &all); err != nil {
		return out, fmt.Errorf("triage's phrases that tell a label: %w", err)
	}
	for _, code := range slices.Sorted(maps.Keys(all)) {
		p := all[code]
		t := teller{unspaced: p.Unspaced}
		for _, v := range p.Verbs {
			t.verbs = append(t.verbs, strings.Join(words(v), " "))
		}
		for _, v := range p.As {
			t.as = append(t.as, strings.Join(words(v), " "))
		}
		out.list = append(out.list, t)
	}
	return out, nil
}

// labelWords are what labels are called in such sentences; the names of the
// desks stand in every language, as those who try know them.
func labelWords() []string {
	return []string{
		"service", "support", "both", "none", "urgent", "category", "desk", "intent", "label",
		"kategorie", "dringend", "catégorie", "urgente", "categoría", "categoria", "soporte", "supporto", "suporte",
		"servicio", "servizio", "serviço", "ondersteuning", "wsparcie", "destek", "hizmet", "خدمة", "دعم", "サポート", "サービス", "服务", "支持", "客服",
	}
}

// strip leaves out what tells a label, and says whether anything did. Where
// nothing else is said the text stays as it is.
func (t tellers) strip(text string) (rest string, told bool) {
	var kept strings.Builder
	for _, part := range sentences(text) {
		left, tells := t.left(part)
		kept.WriteString(left)
		told = told || tells
	}
	if !told {
		return text, false
	}
	rest = strings.TrimSpace(kept.String())
	if !speaks(rest) {
		return text, true
	}
	return rest, true
}

// left is what a sentence says besides telling a label: "mark this as service:
// my house is on fire" must not take the fire away with it.
func (t tellers) left(sentence string) (rest string, told bool) {
	if at := t.field.FindAllStringIndex(sentence, -1); at != nil {
		var b strings.Builder
		from := 0
		for _, x := range at {
			b.WriteString(sentence[from:x[0]])
			from = x[1]
		}
		sentence, told = b.String()+sentence[from:], true
	}
	if !t.tells(sentence) {
		if told && len(words(sentence)) < fewestLeft {
			return "", true
		}
		return sentence, told
	}
	var kept strings.Builder
	alone := false // whether one clause tells it by itself
	for _, c := range clauses(sentence) {
		switch {
		case t.tells(c):
			alone = true
			kept.WriteString(t.after(c))
		case len(words(c)) >= fewestLeft:
			kept.WriteString(c)
		}
	}
	if !alone { // the order is spread over all of it
		return "", true
	}
	return kept.String(), true
}

// after is what stands behind the label in a clause that tells one: "… as none
// and my house is on fire". As little as "message" or "desk" belongs to it.
func (t tellers) after(clause string) string {
	for _, at := range t.name.FindAllStringIndex(clause, -1) {
		if rest := clause[at[1]:]; t.tells(clause[:at[1]]) && len(words(rest)) > fewestLeft {
			return rest
		}
	}
	return ""
}

// fewestLeft is how many words a clause beside an order has at least that says
// something: "please" and "thanks" do not.
const fewestLeft = 2

// clauses cuts a sentence after a colon, a comma or a dash; the parts make it up.
func clauses(s string) []string {
	var out []string
	from := 0
	for i, r := range s {
		if strings.ContainsRune(":,–—：，、،", r) {
			end := i + len(string(r))
			out = append(out, s[from:end])
			from = end
		}
	}
	return append(out, s[from:])
}

// longestTold is how many words such a sentence has at most; a longer one has
// a matter of its own in it.
const longestTold = 16

func (t tellers) tells(sentence string) bool {
	ws := words(sentence)
	if len(ws) == 0 || len(ws) > longestTold {
		return false
	}
	joined := " " + strings.Join(ws, " ") + " "
	flat := strings.Join(ws, "")
	named := slices.ContainsFunc(labelWords(), func(w string) bool {
		w = strings.Join(words(w), " ")
		return strings.Contains(joined, " "+w+" ") || !ascii(w) && strings.Contains(flat, w)
	})
	if !named {
		return false
	}
	for _, l := range t.list {
		within := func(list []string) bool {
			return slices.ContainsFunc(list, func(p string) bool {
				if l.unspaced {
					return strings.Contains(flat, p)
				}
				return strings.Contains(joined, " "+p+" ")
			})
		}
		if within(l.verbs) && within(l.as) {
			return true
		}
	}
	return false
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// sentences cuts a text after what ends a sentence, or a line; the parts make
// up the text.
func sentences(s string) []string {
	var out []string
	from := 0
	for i, r := range s {
		if strings.ContainsRune(".!?\n;。！？；؟", r) {
			end := i + len(string(r))
			out = append(out, s[from:end])
			from = end
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}
