package evals

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
)

// PacketCase is a conversation that ended in a handoff, with what a person
// taking it over ought to find: a line of evals/packets, whose README says what
// each field means.
type PacketCase struct {
	ID       string `json:"id"`
	Language string `json:"language"`
	Page     struct {
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"page"`
	Identity *struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	} `json:"identity"`
	Events []PacketEvent `json:"events"`
	Labels PacketLabels  `json:"labels"`
}

// PacketEvent is a message of such a conversation.
type PacketEvent struct {
	N         int          `json:"n"`
	Author    convo.Author `json:"author"`
	Text      string       `json:"text"`
	At        time.Time    `json:"at"`
	Citations []struct {
		Article string `json:"article"`
		Quote   string `json:"quote"`
	} `json:"citations"`
	Choices []struct {
		Article string `json:"article"`
		Title   string `json:"title"`
	} `json:"choices"`
	Feedback *bool `json:"feedback"`
}

// PacketLabels are what a packet is held against.
type PacketLabels struct {
	Problem  string      `json:"problem"`
	ProblemN int         `json:"problem_n"`
	Desk     string      `json:"desk"`
	Facts    []FactLabel `json:"facts"`
	Tried    []struct {
		Text string `json:"text"`
		N    int    `json:"n"`
	} `json:"tried"`
	Answers []struct {
		Article  string `json:"article"`
		N        int    `json:"n"`
		Received string `json:"received"`
	} `json:"answers"`
	Promised []int  `json:"promised"`
	Mood     string `json:"mood"`
	Urgent   bool   `json:"urgent"`
}

// FactLabel is a fact as it was labelled.
type FactLabel struct {
	Label      string `json:"label"`
	Value      string `json:"value"`
	N          int    `json:"n"`
	Superseded bool   `json:"superseded"`
}

// The parts of evals/packets that evals/triage has none of.
const (
	Open2  Part = "open2"  // by a second writer, later: may be read
	Open3  Part = "open3"  // by a third one: may be read
	Fourth Part = "fourth" // by the third one, read by nobody
)

// Sealed says whether a part is read by nobody, and held against its hash.
func (p Part) Sealed() bool { return p == Sealed || p == Third || p == Fourth }

// PacketParts are the parts of the labelled conversations: those that may be read,
// then those that are held against their hashes.
func PacketParts() []Part { return []Part{Open, Open2, Open3, Sealed, Third, Fourth} }

// ReadPacketCases reads a part of a folder, one of PacketParts. Errors are of kind
// fault.Invalid and name file and line.
func ReadPacketCases(dir string, part Part) ([]PacketCase, error) {
	if !slices.Contains(PacketParts(), part) {
		return nil, badCorpus("there is no part %q of the labelled conversations: open, open2, open3, sealed, third or fourth", part)
	}
	data, path, err := part.read(dir, string(part)+".jsonl")
	if err != nil {
		return nil, err
	}
	var list []PacketCase
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, maxLine)
	for line := 1; sc.Scan(); line++ {
		var c PacketCase
		if _, err := decodeStrictly(sc.Bytes(), &c); err != nil {
			return nil, badCorpus("%s:%d: not a labelled conversation: %v", path, line, err)
		}
		if err := c.check(); err != nil {
			return nil, badCorpus("%s:%d: %v", path, line, err)
		}
		list = append(list, c)
	}
	if err := sc.Err(); err != nil || len(list) == 0 {
		return nil, badCorpus("%s: no conversations can be read from it: %v", path, err)
	}
	return list, nil
}

func (c PacketCase) check() error {
	if c.ID == "" || c.Language == "" || len(c.Events) == 0 {
		return fmt.Errorf("id, language and events are required")
	}
	for i, e := range c.Events {
		if e.N != i+1 {
			return fmt.Errorf("%s: event %d has the number %d", c.ID, i+1, e.N)
		}
	}
	for _, f := range c.Labels.Facts {
		if !c.says(f.N, f.Value) {
			return fmt.Errorf("%s: %q does not stand in event %d", c.ID, f.Value, f.N)
		}
	}
	for _, t := range c.Labels.Tried {
		if !c.says(t.N, t.Text) {
			return fmt.Errorf("%s: %q does not stand in event %d", c.ID, t.Text, t.N)
		}
	}
	if !c.says(c.Labels.ProblemN, c.Labels.Problem) {
		return fmt.Errorf("%s: the problem does not stand in event %d", c.ID, c.Labels.ProblemN)
	}
	return nil
}

func (c PacketCase) says(n int, words string) bool {
	return n >= 1 && n <= len(c.Events) && words != "" && strings.Contains(c.Events[n-1].Text, words)
}

// id makes the same id for the same thing in every run.
func (c PacketCase) id(kind byte, n int) convo.ID {
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(append([]byte(c.ID), kind), uint32(n)))
	return convo.ID(sum[:16])
}

// Input is the conversation as the product has it when the case is opened. A
// customer's words that are the title of a choice offered right before are a
// press.
func (c PacketCase) Input() packet.Input {
	last := c.Events[len(c.Events)-1]
	in := packet.Input{
		Case: packet.Case{ID: c.id('c', 0)},
		Page: packet.Page{URL: c.Page.URL, Title: c.Page.Title},
		Now:  last.At, Zone: last.At.Location(),
		// As the shop's help says: "KW- and seven digits".
		OrderNumbers: []string{`(?i)\bKW[- ]?\d{7}\b`},
	}
	if c.Identity != nil {
		in.Identity = &packet.Known{Visitor: c.id('v', 0), Name: c.Identity.Name, Email: c.Identity.Email, Signed: true}
	}
	var before *PacketEvent
	for i := range c.Events {
		e := &c.Events[i]
		m := convo.Message{ID: c.id('m', e.N), Author: e.Author, Text: e.Text, At: e.At}
		for _, q := range e.Citations {
			m.Citations = append(m.Citations, convo.Citation{Article: q.Article, Quote: q.Quote})
		}
		for _, q := range e.Choices {
			m.Choices = append(m.Choices, convo.Choice{Article: q.Article, Title: q.Title})
		}
		if e.Author == convo.Customer && before != nil {
			for _, q := range before.Choices {
				if q.Title == e.Text {
					m.Choice = &convo.Chosen{Message: c.id('m', before.N), Article: q.Article}
				}
			}
		}
		if e.Feedback != nil {
			in.Feedback = append(in.Feedback, packet.Feedback{Message: m.ID, Helpful: *e.Feedback})
		}
		body, err := json.Marshal(m)
		if err != nil {
			continue // a message of strings and times has a JSON form
		}
		in.Events = append(in.Events, convo.Event{Seq: int64(e.N), Kind: convo.KindMessage, At: e.At, Body: body})
		before = e
	}
	return in
}
