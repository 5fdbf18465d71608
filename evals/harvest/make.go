package harvest

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Config says how candidates are made.
type Config struct {
	Key    []byte  // of the hashes; at least 16 bytes
	Frozen float64 // share of the conversations that are frozen, above 0 and below 1
}

// Maker makes candidates.
type Maker struct{ cfg Config }

// New checks the configuration.
func New(cfg Config) (*Maker, error) {
	if len(cfg.Key) < 16 {
		return nil, errors.New("harvest: a key of at least 16 bytes is needed")
	}
	if !(cfg.Frozen > 0 && cfg.Frozen < 1) {
		return nil, fmt.Errorf("harvest: the frozen share is above 0 and below 1, not %g", cfg.Frozen)
	}
	return &Maker{cfg}, nil
}

// mostTurns is how much of a talk a candidate holds: what was said before that
// hardly bears on a reply, and somebody has to read it.
const mostTurns = 8

// fewWords is how few a message has that may mean anything by itself ("and what
// does it cost?"): it is the same as another one only after the same words.
const fewWords = 6

// hash is a keyed hash of one kind of thing, so that two kinds never meet.
func (m *Maker) hash(kind, of string) []byte {
	h := hmac.New(sha256.New, m.cfg.Key)
	h.Write([]byte(kind + "\x00" + of))
	return h.Sum(nil)
}

func (m *Maker) short(kind, of string) string { return hex.EncodeToString(m.hash(kind, of)[:8]) }

// Mark tells the key from others, without giving it away.
func (m *Maker) Mark() string { return m.short("mark", "") }

// split is a matter of the conversation's hash alone.
func (m *Maker) split(conversation string) string {
	n := binary.BigEndian.Uint64(m.hash("split", conversation))
	if float64(n)/(1<<63)/2 < m.cfg.Frozen {
		return Frozen
	}
	return Train
}

// Candidates are a talk's: one for every turn that has a sign, in the order of
// the turns. mask takes what is personal out of a text.
func (m *Maker) Candidates(t Talk, mask func(string) string) []Candidate {
	var out []Candidate
	for i, turn := range t.Turns {
		signs := slices.DeleteFunc(slices.Clone(t.Signs), func(s Sign) bool { return s.Turn != turn.ID })
		if len(signs) == 0 || !hasWords(turn.Text) {
			continue
		}
		out = append(out, m.candidate(t, i, signs, mask))
	}
	return out
}

func (m *Maker) candidate(t Talk, at int, signs []Sign, mask func(string) string) Candidate {
	slices.SortStableFunc(signs, func(a, b Sign) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Why, b.Why)) })
	turn := t.Turns[at]
	c := Candidate{
		ID: "h-" + m.short("turn", t.ID+"/"+turn.ID), Split: m.split(t.ID), Conversation: m.short("conversation", t.ID),
		Day: signs[0].At.UTC().Format(time.DateOnly), Language: t.Language, Was: was(turn),
	}
	from := max(0, at+1-mostTurns)
	c.Cut = from > 0
	for _, said := range t.Turns[from : at+1] {
		if hasWords(said.Text) {
			c.Say = append(c.Say, mask(said.Text))
		}
	}
	words := plainWords(c.Say[len(c.Say)-1])
	if strings.Count(words, " ")+1 < fewWords {
		words = plainWords(strings.Join(c.Say, "\n"))
	}
	c.Words = m.short("words", words)
	for _, s := range signs {
		c.Why = append(c.Why, s.Why)
		for _, p := range []struct{ name, value string }{{"desk", s.Desk}, {"topic", s.Topic}, {"articles", s.Article}} {
			if line := p.name + ": " + p.value; p.value != "" && !slices.Contains(c.Proposed, line) {
				c.Proposed = append(c.Proposed, line)
			}
		}
	}
	slices.Sort(c.Why)
	c.Why = slices.Compact(c.Why)
	return c
}

// was tells in a line what the bot did.
func was(t Turn) string {
	out := t.Action
	if t.Reason != "" {
		out += " (" + t.Reason + ")"
	}
	if len(t.Articles) > 0 {
		out += " " + strings.Join(t.Articles, ", ")
	}
	if t.P > 0 {
		out += fmt.Sprintf(", sure to %.2f", t.P)
	}
	return out
}

// hasWords says whether a text says anything: signs alone ask nothing.
func hasWords(s string) bool { return plainWords(s) != "" }

// plainWords is a text as two people would write the same: its letters and
// digits, in lower case.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}
