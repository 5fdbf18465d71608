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

// messageSetNames are the files of a half.
func messageSetNames() []string {
	return []string{"mustgo", "mustgo_decoys", "person", "person_decoys", "mood", "matters", "account", "pii"}
}

// ReadMessageSets reads the open or the sealed half of a folder. The sealed one
// is held against its hashes. Errors are of kind fault.Invalid and name file and
// line.
func ReadMessageSets(dir string, sealed bool) (MessageSets, error) {
	half := "open"
	var want map[string]string
	if sealed {
		half = "sealed"
		var err error
		if want, err = readHashes(filepath.Join(dir, "SEALED.sha256")); err != nil {
			return nil, err
		}
	}
	out := MessageSets{}
	for _, name := range messageSetNames() {
		path := filepath.Join(dir, half, name+".jsonl")
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, badCorpus("%v", err)
		}
		sum := sha256.Sum256(data)
		if got := hex.EncodeToString(sum[:]); sealed && got != want[half+"/"+name+".jsonl"] {
			return nil, badCorpus("%s is sealed and was changed", path)
		}
		if out[name], err = readLabelled(data, path); err != nil {
			return nil, err
		}
	}
	return out, nil
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
