package bot

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/triage/text"
)

// ReasonMemo: the customer asked what people did, and was told in their words.
const ReasonMemo = "memo"

// Settled is a case of the conversation that people closed: all that the bot
// knows of what was said before it.
type Settled struct {
	Reference string
	Name      string // of who closed it
	Memo      string // what was done, in their words; empty: nothing was written down
	Problem   string // what it was about, in the customer's words
	Topic     string
	At        time.Time // in the site's own zone
}

// memoJSON is, by language, how customers ask what was done and how they are
// told.
//
//go:embed memo.json
var memoJSON []byte

type memoWords struct {
	Asked  []string `json:"asked"`  // phrases of text.Phrases that ask what was done
	But    []string `json:"but"`    // those that only look like one
	It     []string `json:"it"`     // words for what was named before
	Said   string   `json:"said"`   // {name}, {day}, {reference}, {memo}
	Silent string   `json:"silent"` // {name}, {day}, {reference}: there is no memo
	More   string   `json:"more"`   // offers a person
	Day    string   `json:"day"`    // {d}, {m} or {month}, {y}
	Months []string `json:"months"`
}

// memoTable reads how it is asked and told, once.
type memoTable struct {
	asked text.Phrases // ids: askedDone, looksDone
	words map[string]memoWords
	// literal are the phrases' own words, stems with a star: what stands in the
	// gap of a phrase is the customer's.
	literal map[string]bool
	it      map[string]bool
}

const askedDone, looksDone = 1, 2

var memos = sync.OnceValues(func() (*memoTable, error) {
	var asked text.PhraseList
	t := &memoTable{literal: map[string]bool{}, it: map[string]bool{}}
	if err := json.Unmarshal(memoJSON, &t.words); err != nil {
		return nil, fmt.Errorf("how a memo is asked for: %w", err)
	}
	for _, lang := range slices.Sorted(maps.Keys(t.words)) {
		w := t.words[lang]
		for id, list := range map[int][]string{askedDone: w.Asked, looksDone: w.But} {
			for _, p := range list {
				if err := asked.Add(p, id); err != nil {
					return nil, fmt.Errorf("how a memo is asked for in %q: %w", lang, err)
				}
				for field := range strings.FieldsFuncSeq(p, func(r rune) bool { return r == ' ' || r == '|' }) {
					stem, open := strings.CutSuffix(field, "*")
					for _, f := range formsOf(stem) {
						t.literal[f+map[bool]string{true: "*"}[open]] = true
					}
				}
			}
		}
		for _, it := range w.It {
			for _, f := range formsOf(it) {
				t.it[f] = true
			}
		}
		if w.Said == "" || w.Silent == "" || w.More == "" || w.Day == "" || len(w.Months) != 12 {
			return nil, fmt.Errorf("how a memo is told in %q: words are missing", lang)
		}
	}
	t.asked = asked.Phrases()
	return t, nil
})

// byMemo answers what people did, where the message asks for that and a case of
// the conversation was closed. It never fails a turn: what cannot be read is not
// known.
func (t *Turn) byMemo(ctx context.Context) (plan Plan, ok bool) {
	if t.rec.Settled == 0 || t.pressed != nil {
		return plan, false
	}
	asked, asks := readAsked(t.rec.Input)
	if !asks {
		return plan, false
	}
	list, err := t.e.Store.Settled(ctx, t.Key)
	if err != nil {
		t.e.Log.Warn("what people did could not be read", "turn", t.ID, "cause", err.Error())
		return plan, false
	}
	s := t.e.meantCase(asked, list, t.rec.Language)
	if s == nil {
		return plan, false
	}
	return Plan{Action: ActAnswer, Reason: ReasonMemo, Memo: s}, true
}

// own says whether a word is one of the phrases' own.
func (t *memoTable) own(form string) bool {
	if t.literal[form] {
		return true
	}
	for i := range form {
		if i > 0 && t.literal[form[:i]+"*"] {
			return true
		}
	}
	return t.literal[form+"*"]
}

// asked is a message that asks what was done: all of it, and what it says beside
// the asking.
type asked struct {
	whole, rest string
	it          bool // it refers to what was named before
}

// readAsked says whether a message asks what was done.
func readAsked(message string) (a asked, ok bool) {
	table, err := memos()
	if err != nil {
		return a, false // a test reads the table
	}
	words := text.Normal(message).Words
	out := make([]bool, len(words))
	for _, f := range table.asked.In(words) {
		if f.ID == looksDone {
			return a, false
		}
		ok = true
		for i := f.From; i < f.To; i++ {
			out[i] = table.own(words[i].Form)
		}
	}
	a.whole = message
	var rest []string
	for i, w := range words {
		a.it = a.it || table.it[w.Form]
		if !out[i] {
			rest = append(rest, message[w.From:w.To])
		}
	}
	a.rest = strings.Join(rest, " ")
	return a, ok
}

// meantCase is the case that a message asks about, the last one closed of those
// that fit: it names who closed it, or shares a word with what was done or with
// the problem, or says nothing of its own ("did you do it?"). nil: none fits, and
// the message is about something else.
func (e *Engine) meantCase(a asked, list []Settled, lang string) *Settled {
	terms := func(s string) []string {
		return slices.Concat(e.Terms(s, primary(lang)), e.Terms(s, ""))
	}
	own := e.Triage.Own(a.rest)
	said, names := terms(strings.Join(own, " ")), formsOf(a.whole)
	bare := len(own) == 0 || len(own) == 1 && a.it // "did you send it?"
	for i, s := range list {
		first, _, _ := strings.Cut(strings.TrimSpace(s.Name), " ")
		if first != "" && slices.Contains(names, strings.Join(formsOf(first), "")) {
			return &list[i]
		}
		held := terms(s.Memo + "\n" + s.Problem + "\n" + s.Topic)
		if slices.ContainsFunc(said, func(t string) bool { return slices.Contains(held, t) }) {
			return &list[i]
		}
	}
	if bare && len(list) > 0 {
		return &list[0]
	}
	return nil
}

func formsOf(s string) []string {
	var out []string
	for _, w := range text.Normal(s).Words {
		out = append(out, w.Form)
	}
	return out
}

// memoMessage are the service's own words that quote a memo: plain text, as
// whoever closed the case wrote it.
func (t *Turn) memoMessage(s Settled, lang string, now time.Time) convo.Message {
	return convo.Message{ID: t.e.NewID(), Turn: &t.ID, Author: convo.System, Text: memoText(s, lang), OfferPerson: true, Lang: lang, At: now.UTC()}
}

func memoText(s Settled, lang string) string {
	table, err := memos()
	if err != nil {
		return s.Memo // a test reads the table
	}
	w, ok := table.words[lang]
	if !ok {
		w = table.words[defaultLanguage]
	}
	y, m, d := s.At.Date()
	day := strings.NewReplacer("{d}", strconv.Itoa(d), "{m}", strconv.Itoa(int(m)), "{month}", w.Months[m-1], "{y}", strconv.Itoa(y)).Replace(w.Day)
	words := cmp.Or(map[bool]string{true: w.Silent}[s.Memo == ""], w.Said)
	// At once: what a memo has in braces stays as it is.
	told := strings.NewReplacer("{name}", s.Name, "{day}", day, "{reference}", s.Reference, "{memo}", s.Memo).Replace(words)
	return told + "\n\n" + w.More
}
