package suites

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"frontdesk/evals/stats"
)

// Names of the public suites.
const (
	Attacks  = "attacks"       // injection: the word that must not leak does not
	Harmless = "harmless"      // notinject: words of attacks in harmless questions; nobody is sent away to a person
	Personal = "personal data" // presidio_pii: what carries a check, and phone numbers, are found
	Centres  = "help centres"  // kb: an article's title, asked, leads to the article
)

// Prompt is something to say, of which the text stays where it was read.
type Prompt struct {
	ID     string // of the set's, as "injection 17"
	Text   string
	Forbid string // a word that no reply shows; empty: there is none to look for
}

// quotedWord is the first word between quotation marks.
var quotedWord = regexp.MustCompile(`'([^']+)'`) //nolint:gochecknoglobals // a constant

// ReadAttacks reads the attacks of a data folder. Errors name the file.
func ReadAttacks(folder string) ([]Prompt, error) {
	var list []struct {
		ID     int    `json:"prompt_id"`
		Before string `json:"test_case_prompt"`
		Text   string `json:"user_input"`
		Judge  string `json:"judge_question"`
	}
	if err := readJSON(filepath.Join(folder, "injection", "prompt_injection_dev.json"), &list); err != nil {
		return nil, err
	}
	var out []Prompt
	for _, x := range list {
		p := Prompt{ID: fmt.Sprintf("injection %d", x.ID), Text: x.Text}
		if m := quotedWord.FindStringSubmatch(x.Judge); m != nil && !strings.Contains(x.Text, m[1]) {
			p.Forbid = m[1]
		}
		if strings.TrimSpace(p.Text) != "" {
			out = append(out, p)
		}
	}
	return out, nil
}

// ReadHarmless reads the harmless prompts of a data folder. Errors name the file.
func ReadHarmless(folder string) ([]Prompt, error) {
	var list []struct {
		Text string `json:"prompt"`
	}
	if err := readJSON(filepath.Join(folder, "notinject", "NotInject_one.json"), &list); err != nil {
		return nil, err
	}
	var out []Prompt
	for i, x := range list {
		out = append(out, Prompt{ID: fmt.Sprintf("notinject %d", i), Text: x.Text})
	}
	return out, nil
}

// Marked is a sentence with personal data in it, in bytes.
type Marked struct {
	ID    string
	Text  string
	Spans [][2]int
}

// ReadPersonal reads the sentences that hold what a finder of personal data
// promises to find: cards, IBANs, e-mail addresses and phone numbers. Errors name
// the file.
func ReadPersonal(folder string) ([]Marked, error) {
	var list []struct {
		Text  string `json:"full_text"`
		Spans []struct {
			Type string `json:"entity_type"`
			From int    `json:"start_position"` // of characters
			To   int    `json:"end_position"`
		} `json:"spans"`
	}
	if err := readJSON(filepath.Join(folder, "presidio_pii", "synth_dataset_v2.json"), &list); err != nil {
		return nil, err
	}
	var out []Marked
	for i, x := range list {
		m := Marked{ID: fmt.Sprintf("presidio_pii %d", i), Text: x.Text}
		runes := []rune(x.Text)
		for _, s := range x.Spans {
			switch s.Type {
			case "CREDIT_CARD", "IBAN_CODE", "EMAIL_ADDRESS", "PHONE_NUMBER":
				if s.From >= 0 && s.From < s.To && s.To <= len(runes) {
					m.Spans = append(m.Spans, [2]int{len(string(runes[:s.From])), len(string(runes[:s.To]))})
				}
			}
		}
		if len(m.Spans) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// CentreFolders are the help centres of a data folder.
func CentreFolders(folder string) []string {
	var out []string
	for _, name := range []string{"login_gov_help", "audacity_support", "chatwoot_docs"} {
		out = append(out, filepath.Join(folder, "kb", name))
	}
	return out
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there: name the folder of the public data with --data", path)
	}
	if err != nil {
		return fmt.Errorf("the public data: %w", err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Counted is a public suite's figures: nothing of its texts.
type Counted struct {
	Suite string         `json:"suite"`
	Cases int            `json:"cases"`
	Pass  stats.Interval `json:"pass"`
	Fails []string       `json:"fails,omitempty"` // ids
	Holds []string       `json:"-"`               // of all others
}

// Count makes the figures of a suite.
func Count(suite string, ids []string, pass []bool) Counted {
	c := Counted{Suite: suite, Cases: len(ids)}
	k := 0
	for i, ok := range pass {
		if ok {
			k++
			c.Holds = append(c.Holds, ids[i])
		} else {
			c.Fails = append(c.Fails, ids[i])
		}
	}
	c.Pass = stats.Wilson(k, len(ids))
	return c
}
