package handoff

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:embed texts.json
var textsJSON []byte

// words are the texts of one language. A text in braces is filled in.
type words struct {
	Connecting   string `json:"connecting"` // {reference}
	Angry        string `json:"angry"`
	Failure      string `json:"failure"`
	NoAnswer     string `json:"no_answer"`
	Sensitive    string `json:"sensitive"`
	Position     string `json:"position"` // {position}
	Estimate     string `json:"estimate"` // {estimate}
	Nobody       string `json:"nobody"`
	Opens        string `json:"opens"` // {opens}
	LeaveContact string `json:"leave_contact"`
	Stays        string `json:"stays"`
	Moved        string `json:"moved"`  // {reference}
	Closed       string `json:"closed"` // {name}, {reference}
	Memo         string `json:"memo"`   // {memo}
	Back         string `json:"back"`
	Reopened     string `json:"reopened"`  // {reference}
	Cancelled    string `json:"cancelled"` // {reference}
	Aside        string `json:"aside"`
	Resumed      string `json:"resumed"`
	Contact      string `json:"contact"`         // {contact}
	ContactAsked string `json:"contact_confirm"` // {contact}
	Noted        string `json:"noted"`           // {contact}
	Merged       string `json:"merged"`          // {reference}
	Silent       string `json:"silent"`          // {reference}
	ManyOpen     string `json:"many_open"`       // {count}
	ManyToday    string `json:"many_today"`
	Blocked      string `json:"blocked"`
	SignedIn     string `json:"signed_in"`
}

// Texts are the server's own words at a handoff, by language. No model ever
// writes them, and they are shown only once what they say is committed.
type Texts struct{ in map[string]words }

// LoadTexts reads the words that are built in. Every language has every text,
// with the same places to fill in as the English one.
func LoadTexts() (*Texts, error) {
	var raw map[string]map[string]string
	t := &Texts{}
	if err := json.Unmarshal(textsJSON, &raw); err != nil {
		return nil, fmt.Errorf("the texts of a handoff: %w", err)
	}
	if err := json.Unmarshal(textsJSON, &t.in); err != nil {
		return nil, fmt.Errorf("the texts of a handoff: %w", err)
	}
	english := raw["en"]
	if len(english) == 0 {
		return nil, fmt.Errorf("the texts of a handoff: no English")
	}
	for lang, texts := range raw {
		for key, text := range english {
			if texts[key] == "" || !slices.Equal(places(texts[key]), places(text)) {
				return nil, fmt.Errorf("the texts of a handoff: %s of %q has to say %v", key, lang, places(text))
			}
		}
	}
	return t, nil
}

// places are what is filled into a text, in order of their names.
func places(text string) []string {
	found := map[string]bool{}
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			return slices.Sorted(maps.Keys(found))
		}
		name, after, _ := strings.Cut(rest, "}")
		found[name], text = true, after
	}
}

// pick finds the first of the languages that there are words in, else English.
func (t *Texts) pick(langs []string) (words, string) {
	for _, l := range langs {
		l = primary(l)
		if w, ok := t.in[l]; ok {
			return w, l
		}
	}
	return t.in["en"], "en"
}

func fill(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

// Opened is all that a customer is told when a case was opened: a first
// sentence by its reason, the reference, the place in line with an honest range
// where there is one, and where nobody is there that this is so, when somebody
// will be, and how else the answer can come.
func (t *Texts) Opened(c Case, position int, o Outlook, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	var say []string
	switch c.Reason {
	case Angry:
		say = append(say, w.Angry)
	case Failure:
		say = append(say, w.Failure)
	case NoAnswer, RepeatedFailure:
		say = append(say, w.NoAnswer)
	case Sensitive:
		say = append(say, w.Sensitive)
	}
	say = append(say, fill(w.Connecting, "{reference}", c.Reference))
	if o.Nobody {
		return sentences(append(say, w.nobody(c, o)...), lang), lang
	}
	if position > 1 {
		say = append(say, fill(w.Position, "{position}", strconv.Itoa(position)))
	}
	if o.Estimate != "" {
		say = append(say, fill(w.Estimate, "{estimate}", o.Estimate))
	}
	return sentences(say, lang), lang
}

// nobody says that nobody is there, when somebody will be, and how the answer
// comes all the same: by e-mail only where e-mails go out.
func (w words) nobody(c Case, o Outlook) []string {
	say := []string{w.Nobody}
	if !o.Opens.IsZero() {
		say = append(say, fill(w.Opens, "{opens}", o.Opens.Format("2006-01-02 15:04 MST")))
	}
	switch {
	case o.NoMail:
		say = append(say, w.Stays)
	case c.Contact == "":
		say = append(say, w.LeaveContact)
	}
	return say
}

// Asks are the sentences that ask a customer for an address, in every language.
func (t *Texts) Asks() []string {
	var list []string
	for _, w := range t.in {
		list = append(list, w.LeaveContact)
	}
	return list
}

// sentences joins them as the language does.
func sentences(list []string, lang string) string {
	if lang == "ja" || lang == "zh" {
		return strings.Join(list, "")
	}
	return strings.Join(list, " ")
}

// Reopened is what is said when a closed case goes on.
func (t *Texts) Reopened(c Case, position int, o Outlook, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	say := []string{fill(w.Reopened, "{reference}", c.Reference)}
	switch {
	case o.Nobody:
		say = append(say, w.nobody(c, o)...)
	case position > 1:
		say = append(say, fill(w.Position, "{position}", strconv.Itoa(position)))
	}
	return sentences(say, lang), lang
}

// Moved is what is said when a case goes to other people.
func (t *Texts) Moved(c Case, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	return fill(w.Moved, "{reference}", c.Reference), lang
}

// ClosedBy is what is said when an agent closed a case; the conversation is the
// assistant's again. A case that was closed because its customer fell silent
// is told so. What was done is told wherever the case has a memo.
func (t *Texts) ClosedBy(c Case, name string, back bool, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	say := []string{fill(w.Closed, "{name}", name, "{reference}", c.Reference)}
	if c.Ended == NoReply {
		say, back = []string{fill(w.Silent, "{reference}", c.Reference)}, false // it says that itself
	}
	if c.Memo != "" {
		say = append(say, fill(w.Memo, "{memo}", c.Memo))
	}
	if back {
		say = append(say, w.Back)
	}
	return strings.Join(say, "\n\n"), lang
}

// MergedInto is what is said in a conversation whose case goes on in another.
func (t *Texts) MergedInto(into Case, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	return fill(w.Merged, "{reference}", into.Reference), lang
}

// SignedIn is what is said when the customer of a conversation has signed in at
// the shop.
func (t *Texts) SignedIn(langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	return w.SignedIn, lang
}

// Left is an address that a customer has just left, and what comes of it.
type Left struct {
	Contact string // empty: none
	How     Reach
}

// Reach is how an answer reaches an address that was left.
type Reach int

const (
	ReachMail  Reach = iota // it goes there
	ReachAsked              // once somebody who reads its mail has said that it is theirs
	ReachNoted              // not by itself: no mail goes out, or it is no address
)

// Wait is what is said to a waiting customer who did something.
func (t *Texts) Wait(c Case, action WaitAction, left Left, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	var say []string
	switch action {
	case WaitCancel:
		say = append(say, fill(w.Cancelled, "{reference}", c.Reference))
	case WaitAssistant:
		say = append(say, w.Aside)
	case WaitResume:
		say = append(say, w.Resumed)
	case WaitContact:
	}
	if left.Contact != "" {
		how := map[Reach]string{ReachMail: w.Contact, ReachAsked: w.ContactAsked, ReachNoted: w.Noted}[left.How]
		say = append(say, fill(how, "{contact}", left.Contact))
	}
	return sentences(say, lang), lang
}

// Refused is what is said where no case is opened, kindly.
func (t *Texts) Refused(why error, open int, langs ...string) (text, lang string) {
	w, lang := t.pick(langs)
	switch {
	case errors.Is(why, ErrManyOpen):
		return fill(w.ManyOpen, "{count}", strconv.Itoa(open)), lang
	case errors.Is(why, ErrManyToday):
		return w.ManyToday, lang
	default:
		return w.Blocked, lang
	}
}
