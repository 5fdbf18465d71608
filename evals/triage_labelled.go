package evals

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"frontdesk/triage"
)

// LabelledLine is a line of the sets that triage is judged on beside the corpus.
type LabelledLine struct {
	File    string `json:"-"`
	ID      string `json:"id"`
	Text    string `json:"text"`
	Lang    string `json:"lang"`
	Rule    string `json:"rule"` // of mustgo
	Kind    string `json:"kind"` // plain or veiled; outright, angry, story, despair
	Account *bool  `json:"account"`

	Decision triage.Decision `json:"-"`
}

// labelledFiles are the sets that are read, and whether a line of them is a
// must-go matter or a wish for a person.
func labelledFiles() []string {
	return []string{"mustgo", "mustgo_decoys", "person", "person_decoys", "account"}
}

// ReadLabelled reads the sets of a folder.
func ReadLabelled(folder string) ([]LabelledLine, error) {
	var out []LabelledLine
	for _, name := range labelledFiles() {
		list, err := readLabelledFile(folder, name)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func readLabelledFile(folder, name string) (out []LabelledLine, err error) {
	f, err := os.Open(filepath.Join(folder, name+".jsonl"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sc := bufio.NewScanner(f)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; sc.Scan(); n++ {
		l := LabelledLine{File: name}
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s.jsonl:%d: %w", name, n, err)
		}
		out = append(out, l)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s.jsonl holds no line", name)
	}
	return out, sc.Err()
}

// PrintLabelled prints what came of labelled lines: what was found, by kind, and
// the false alarms.
func PrintLabelled(w io.Writer, list []LabelledLine) {
	show := func(what string, hit, counts func(LabelledLine) bool) {
		k, n := 0, 0
		for _, l := range list {
			if !counts(l) {
				continue
			}
			n++
			if hit(l) {
				k++
			}
		}
		if n > 0 {
			r := Rate(k, n)
			fmt.Fprintf(w, "%-40s %4d of %4d  %.3f [%.2f %.2f]\n", what, k, n, r.Value, r.Low, r.High)
		}
	}
	in := func(file, kind string) func(LabelledLine) bool {
		return func(l LabelledLine) bool { return l.File == file && (kind == "" || l.Kind == kind) }
	}
	fires := func(l LabelledLine) bool { return l.Decision.Rule != "" }
	wants := func(l LabelledLine) bool { return l.Decision.WantsHumanP >= .5 }
	for _, kind := range []string{"plain", "veiled"} {
		show("must go, "+kind+": some rule fires", fires, in("mustgo", kind))
		show("must go, "+kind+": the right one", func(l LabelledLine) bool { return l.Decision.Rule == l.Rule }, in("mustgo", kind))
	}
	show("must go: false alarms", fires, in("mustgo_decoys", ""))
	show("wants a person: found", wants, in("person", ""))
	for _, kind := range []string{"outright", "angry", "story", "despair"} {
		show("wants a person, "+kind, wants, in("person", kind))
	}
	show("wants a person: false alarms", wants, in("person_decoys", ""))
	own := func(l LabelledLine) bool { return l.Decision.OwnDataP >= .5 }
	show("own data: found", own, func(l LabelledLine) bool { return l.Account != nil && *l.Account })
	show("own data: false alarms", own, func(l LabelledLine) bool { return l.Account != nil && !*l.Account })
	show("language", func(l LabelledLine) bool { return l.Decision.Language == l.Lang }, func(l LabelledLine) bool { return l.Lang != "" })
	var judged []Judged
	for _, l := range list {
		if slices.Contains([]string{"person", "person_decoys"}, l.File) {
			judged = append(judged, Judged{l.Decision.WantsHumanP, l.File == "person"})
		}
	}
	if len(judged) > 0 {
		PrintReliability(w, "wants a person (as many do as do not, here)", CalibrationError(judged))
	}
}
