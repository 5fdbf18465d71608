package evals

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Expect is what a message of the corpus wants.
type Expect string

const (
	ExpectAnswer     Expect = "answer"      // the gold articles answer it
	ExpectAmbiguous  Expect = "ambiguous"   // two articles could be meant; a choice is the right reply
	ExpectNotCovered Expect = "not_covered" // the knowledge does not hold the fact
	ExpectAccount    Expect = "account"     // the customer's own data is needed
	ExpectNone       Expect = "none"        // no question to a help desk
)

// Kinds of messages that are told apart in measures.
const (
	KindTwo      = "two"
	KindFollowUp = "follow_up"
	KindNearMiss = "near_miss"
)

// kinds lists every tag a message may carry.
func kinds() []string {
	return []string{
		"indirect", "direct", "typo", "story", "short", "other_language", KindTwo, KindFollowUp,
		KindNearMiss, "not_covered", "ambiguous", "account", "none", "both",
	}
}

// Message is one labelled message of a business's customers.
type Message struct {
	ID       string   `json:"id"`
	Text     string   `json:"text"`
	Language string   `json:"language"`
	History  []Said   `json:"history,omitempty"` // what went before, oldest first
	Kind     []string `json:"kind"`
	Expect   Expect   `json:"expect"`
	Gold     []string `json:"gold"`    // articles a right answer needs
	Also     []string `json:"also"`    // others that would be fair
	Facts    []string `json:"facts"`   // stand verbatim in a gold article, belong in a right answer
	Near     []string `json:"near"`    // of a near miss: where the topic is
	Between  []string `json:"between"` // of an ambiguous one: what could be meant
	Desk     string   `json:"desk"`
	Topic    string   `json:"topic"`
	Product  string   `json:"product"`
	Matters  []Matter `json:"matters"` // of a message about two matters
}

// Said is one turn of what went before.
type Said struct {
	Role string `json:"role"` // customer, bot or agent
	Text string `json:"text"`
}

// Matter is one of two matters in a message.
type Matter struct {
	Desk  string   `json:"desk"`
	Topic string   `json:"topic"`
	Gold  []string `json:"gold"`
	Facts []string `json:"facts"`
	Text  string   `json:"text"` // the part of the message that is about it
}

// Is says whether the message carries a tag.
func (m Message) Is(kind string) bool { return slices.Contains(m.Kind, kind) }

// English says whether the message is in the language that figures are stated for.
func (m Message) English() bool { return m.Language == "en" }

// Answerable says whether the knowledge answers the message.
func (m Message) Answerable() bool { return m.Expect == ExpectAnswer }

// Single says whether the message stands alone and asks one thing.
func (m Message) Single() bool {
	return !m.Is(KindTwo) && !m.Is(KindFollowUp) && len(m.History) == 0 && len(m.Matters) == 0
}

// question is the message as the measures of a ranking know it.
func (m Message) question() Question {
	return Question{ID: m.ID, Gold: m.Gold, Also: m.Also, Facts: m.Facts, Answerable: m.Answerable()}
}

// ReadMessages reads messages.jsonl. The error is of kind fault.Invalid and
// names the line: keys and tags that are not known, a value that is missing,
// an id used twice, an empty file.
func ReadMessages(r io.Reader, name string) ([]Message, error) {
	var list []Message
	seen := map[string]int{}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	line := 0
	for sc.Scan() {
		line++
		text := bytes.TrimSpace(sc.Bytes())
		if len(text) == 0 {
			continue
		}
		var m Message
		if _, err := decodeStrictly(text, &m); err != nil {
			return nil, badCorpus("%s:%d: not a message: %v", name, line, err)
		}
		if err := m.check(); err != nil {
			return nil, badCorpus("%s:%d: %v", name, line, err)
		}
		if seen[m.ID] > 0 {
			return nil, badCorpus("%s:%d: message %s stands in line %d already", name, line, m.ID, seen[m.ID])
		}
		seen[m.ID] = line
		list = append(list, m)
	}
	if err := sc.Err(); err != nil {
		return nil, badCorpus("%s:%d: %v", name, line+1, err)
	}
	if len(list) == 0 {
		return nil, badCorpus("%s holds no message", name)
	}
	return list, nil
}

// check finds what makes a line no message at all; what makes it a bad one is
// for Lint.
func (m Message) check() error {
	switch {
	case m.ID == "":
		return fmt.Errorf("the message has no id")
	case strings.TrimSpace(m.Text) == "" || !utf8.ValidString(m.Text):
		return fmt.Errorf("message %s has no text", m.ID)
	case m.Language == "":
		return fmt.Errorf("message %s has no language", m.ID)
	case !slices.Contains([]Expect{ExpectAnswer, ExpectAmbiguous, ExpectNotCovered, ExpectAccount, ExpectNone}, m.Expect):
		return fmt.Errorf("message %s expects %q, which is nothing we know", m.ID, m.Expect)
	case !slices.Contains([]string{"service", "support", "both", "none"}, m.Desk):
		return fmt.Errorf("message %s is for desk %q, which does not exist", m.ID, m.Desk)
	}
	for _, k := range m.Kind {
		if !slices.Contains(kinds(), k) {
			return fmt.Errorf("message %s has the tag %q, which does not exist", m.ID, k)
		}
	}
	for _, h := range m.History {
		if !slices.Contains([]string{"customer", "bot", "agent"}, h.Role) || strings.TrimSpace(h.Text) == "" {
			return fmt.Errorf("message %s has a history line without a role that we know or without words", m.ID)
		}
	}
	return nil
}
