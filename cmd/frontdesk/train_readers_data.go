package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"frontdesk/evals"
)

// readerLine is a message that a text reader learns from.
type readerLine struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Language string `json:"language"`
	Kind     string `json:"kind"`  // outright, angry, story, despair · plain, veiled · decoy, ordinary
	Rule     string `json:"rule"`  // the must-go rule it is; empty: none
	Near     string `json:"near"`  // of a decoy: the rule whose words it has
	Batch    int    `json:"batch"` // of writing

	source string // sourceOwn, a business of the corpus, or a public set
	file   string // of sourceOwn: its name without its end
}

// writer is who wrote a message of our own: a mark of their own begins their files
// before the first dash, such as b3; those without one are the first writer's.
func (l readerLine) writer() string {
	if mark, _, ok := strings.Cut(l.file, "-"); ok {
		return mark
	}
	return "first"
}

// unheard says whether nobody had read the message who wrote the phrases.
func (l readerLine) unheard(by []string) bool {
	return l.source == sourceOwn && slices.Contains(by, l.writer())
}

// misleads says whether a message was written to look like what it is not.
func (l readerLine) misleads() bool { return l.Kind == kindDecoy || l.Kind == kindOrdinary }

// sourceOwn are messages that were written for a reader.
const sourceOwn = "own"

// relabels are corrections of the corpus for one reader, which asks something
// that the corpus was not labelled for.
type relabels struct {
	Is       map[string]string `json:"is"` // a message's id: what it is
	LeaveOut []string          `json:"leave_out"`
}

// readReaderLines reads the messages written for a reader, by file name.
func readReaderLines(folder string) ([]readerLine, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no messages to learn from", folder)
	}
	slices.Sort(files)
	var out []readerLine
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for n, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
			l := readerLine{source: sourceOwn, file: strings.TrimSuffix(filepath.Base(path), ".jsonl")}
			dec := json.NewDecoder(bytes.NewReader(line))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&l); err != nil || l.ID == "" || l.Text == "" || l.Language == "" || l.Kind == "" {
				return nil, fmt.Errorf("%s:%d: no message to learn from: %w", filepath.Base(path), n+1, cmp.Or(err, errors.New("something is missing")))
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// corpusLines are the messages of the corpus' training businesses, as they are
// for one reader: what its relabels say, "" otherwise.
func corpusLines(ctx context.Context, folder string) ([]readerLine, error) {
	data, err := os.ReadFile(filepath.Join(folder, "corpus.json"))
	if err != nil {
		return nil, err
	}
	var r relabels
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	list, err := corpusFlags{}.choose(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	var out []readerLine
	for _, b := range list {
		for _, m := range b.Messages {
			known[m.ID] = true
			if slices.Contains(r.LeaveOut, m.ID) || len(m.History) > 0 || m.Is(evals.KindFollowUp) {
				continue
			}
			out = append(out, readerLine{ID: m.ID, Text: m.Text, Language: m.Language, Kind: "corpus", Rule: r.Is[m.ID], source: b.Slug})
		}
	}
	for id := range r.Is {
		if !known[id] {
			return nil, fmt.Errorf("%s: the corpus' training businesses have no message %s", folder, id)
		}
	}
	return out, nil
}

// handoffLines are the messages of the public set nlupp, whose intent "handoff"
// is a wish for a person.
func handoffLines(folder string) ([]readerLine, error) {
	files, err := filepath.Glob(filepath.Join(folder, "nlupp", "data", "*", "fold*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no nlupp: name the folder of the public data with --data", folder)
	}
	slices.Sort(files)
	var out []readerLine
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var list []struct {
			Text    string   `json:"text"`
			Intents []string `json:"intents"`
		}
		if err := json.NewDecoder(bufio.NewReader(bytes.NewReader(data))).Decode(&list); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		domain := filepath.Base(filepath.Dir(path))
		for i, m := range list {
			l := readerLine{
				ID:   fmt.Sprintf("nlupp-%s-%s-%d", domain, strings.TrimSuffix(filepath.Base(path), ".json"), i),
				Text: m.Text, Language: "en", Kind: "public", source: "nlupp-" + domain,
			}
			if slices.Contains(m.Intents, "handoff") {
				l.Rule = "wish"
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// clincPerIntent is how many messages of each intent are learned from: they are
// negatives, and more of them say nothing new.
const clincPerIntent = 8

// clincLines are messages of the public set clinc150, which want no person and
// are no must-go matter; intents of which that is not sure are left out.
func clincLines(folder string) ([]readerLine, error) {
	data, err := os.ReadFile(filepath.Join(folder, "clinc150", "data_train_val.json"))
	if err != nil {
		return nil, fmt.Errorf("clinc150 (name the folder of the public data with --data): %w", err)
	}
	var sets map[string][][2]string
	if err := json.Unmarshal(data, &sets); err != nil {
		return nil, fmt.Errorf("clinc150: %w", err)
	}
	unsure := []string{"report_fraud", "report_lost_card", "damaged_card", "freeze_account", "card_declined", "account_blocked", "are_you_a_bot", "what_is_your_name", "vaccines", "oos"}
	taken := map[string]int{}
	var out []readerLine
	for i, row := range sets["train"] {
		intent := row[1]
		if slices.Contains(unsure, intent) || taken[intent] == clincPerIntent {
			continue
		}
		taken[intent]++
		out = append(out, readerLine{ID: fmt.Sprintf("clinc-%d", i), Text: row[0], Language: "en", Kind: "public", source: fmt.Sprintf("clinc-%d", len(taken)%10)})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("clinc150 in %s has no messages to learn from", folder)
	}
	return out, nil
}
