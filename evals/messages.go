package evals

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Labelled is a message with what its writer says it is; which fields are set
// depends on its set.
type Labelled struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	Lang string `json:"lang"`

	Rule string `json:"rule"` // must-go rule
	Kind string `json:"kind"` // plain or veiled; outright, angry, story or despair
	Of   string `json:"of"`   // of a decoy: what it is not
	Near string `json:"near"` // the rule whose words it borrows

	Mood    *float64 `json:"mood"`    // -1 … 1
	Urgency *float64 `json:"urgency"` // 0 … 1
	Account *bool    `json:"account"` // cannot be answered without the customer's own data

	Parts []struct {
		Text string `json:"text"` // as it stands in the message
		Desk string `json:"desk"`
	} `json:"parts"`
	Spans []struct {
		Kind string `json:"kind"`
		Text string `json:"text"` // as it stands in the message
	} `json:"spans"`
}

// MessageSets are the sets of labelled messages, by name.
type MessageSets map[string][]Labelled

// Part is a folder of labelled messages.
type Part string

// The parts of evals/triage.
const (
	Open   Part = "open"   // may be read and learned from
	Sealed Part = "sealed" // dealt out with the open half, read by nobody
	Third  Part = "third"  // by another writer, later, read by nobody
)

// names are the files of a part.
func (p Part) names() []string {
	names := []string{"mustgo", "mustgo_decoys", "person", "person_decoys", "matters", "account"}
	if p != Third {
		names = append(names, "mood", "pii")
	}
	return names
}

// ReadMessageSets reads a part of a folder; all but the open one are held against
// their hashes. Errors are of kind fault.Invalid and name file and line.
func ReadMessageSets(dir string, part Part) (MessageSets, error) {
	if part != Open && part != Sealed && part != Third {
		return nil, badCorpus("there is no part %q of the labelled messages: open, sealed or third", part)
	}
	out := MessageSets{}
	for _, name := range part.names() {
		data, path, err := part.read(dir, string(part)+"/"+name+".jsonl")
		if err != nil {
			return nil, err
		}
		if out[name], err = readLabelled(data, path); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// read reads a file of the part, by its name in dir; what nobody may have changed is
// held against its hash.
func (p Part) read(dir, name string) (data []byte, path string, err error) {
	path = filepath.Join(dir, filepath.FromSlash(name))
	if data, err = os.ReadFile(path); err != nil {
		return nil, path, badCorpus("%v", err)
	}
	if !p.Sealed() {
		return data, path, nil
	}
	want, err := readHashes(filepath.Join(dir, "SEALED.sha256"))
	if err != nil {
		return nil, path, err
	}
	sum := sha256.Sum256(data)
	if hex.EncodeToString(sum[:]) != want[name] {
		return nil, path, badCorpus("%s is sealed and was changed", path)
	}
	return data, path, nil
}

func readLabelled(data []byte, path string) ([]Labelled, error) {
	var list []Labelled
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, maxLine)
	for line := 1; sc.Scan(); line++ {
		var m Labelled
		if _, err := decodeStrictly(sc.Bytes(), &m); err != nil {
			return nil, badCorpus("%s:%d: not a labelled message: %v", path, line, err)
		}
		if err := m.check(); err != nil {
			return nil, badCorpus("%s:%d: %v", path, line, err)
		}
		list = append(list, m)
	}
	if err := sc.Err(); err != nil || len(list) == 0 {
		return nil, badCorpus("%s: no messages can be read from it: %v", path, err)
	}
	return list, nil
}

func (m Labelled) check() error {
	if m.ID == "" || m.Text == "" || m.Lang == "" {
		return fmt.Errorf("id, text and lang are required")
	}
	for _, p := range m.Parts {
		if !strings.Contains(m.Text, p.Text) {
			return fmt.Errorf("%s: %q does not stand in the text", m.ID, p.Text)
		}
	}
	for _, s := range m.Spans {
		if !strings.Contains(m.Text, s.Text) {
			return fmt.Errorf("%s: %q does not stand in the text", m.ID, s.Text)
		}
	}
	return nil
}

// langs are the languages of a set, in order.
func langs(list []Labelled) []string {
	var out []string
	for _, m := range list {
		if !slices.Contains(out, m.Lang) {
			out = append(out, m.Lang)
		}
	}
	slices.Sort(out)
	return out
}
