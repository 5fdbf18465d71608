package triage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed told.json
var toldJSON []byte

// tellers know how people tell a machine which label to give: "classify this as
// service". Such words are about the machine, not about the matter.
type tellers struct {
	list []teller
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
	var out tellers
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

// strip leaves out the sentences that tell a label, and says whether there were
// any. Where nothing else is said the text stays as it is.
func (t tellers) strip(text string) (rest string, told bool) {
	var kept strings.Builder
	for _, part := range sentences(text) {
		if t.tells(part) {
			told = true
			continue
		}
		kept.WriteString(part)
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
