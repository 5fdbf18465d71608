package gate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
)

// FormatVersion of a baseline's file.
const FormatVersion = 1

// Baseline is a run that somebody accepted: what later ones are held against.
type Baseline struct {
	Format   int          `json:"format"`
	Name     string       `json:"name"`
	Accepted []Acceptance `json:"accepted"` // newest last
	Meta     runner.Meta  `json:"meta"`
	// Answers is the hash of what was said in each case; the answers themselves
	// lie in a file beside the baseline's.
	Answers string `json:"answers_sha256"`
	Cases   []Kept `json:"cases"` // by id

	// Outputs are the answers; nil where their file is not there.
	Outputs []grade.Output `json:"-"`
}

// Acceptance is why a baseline is what it is.
type Acceptance struct {
	At     string `json:"at"` // RFC 3339, UTC
	By     string `json:"by"`
	Reason string `json:"reason"`
	// What it meant against the baseline before.
	Lost   int      `json:"lost,omitempty"`
	Gained int      `json:"gained,omitempty"`
	Gone   int      `json:"gone,omitempty"`   // cases that it has no more
	Severe []string `json:"severe,omitempty"` // severe cases that were lost
	// Graded says that it was graded again and not run again.
	Graded bool `json:"graded_again,omitempty"`
}

// Errors about baselines.
var (
	ErrNoBaseline = errors.New("there is no baseline")
	ErrNoReason   = errors.New("a baseline is accepted with a reason: say in a sentence why what it does is right")
)

// mostAccepted is how many acceptances a baseline remembers.
const mostAccepted = 50

// Accept makes a run the baseline of a name. before is the one that it takes the
// place of, or nil. The run has to be whole and graded by this program.
func Accept(run runner.Folder, before *Baseline, name string, by Acceptance, now time.Time) (Baseline, error) {
	if err := CheckName(name); err != nil {
		return Baseline{}, err
	}
	if by.Reason = strings.TrimSpace(by.Reason); utf8.RuneCountInString(by.Reason) < 4 {
		return Baseline{}, ErrNoReason
	}
	if by.By = strings.TrimSpace(by.By); by.By == "" {
		return Baseline{}, errors.New("a baseline is accepted by somebody: say who with --by")
	}
	if list := Health(run); len(list) > 0 {
		return Baseline{}, fmt.Errorf("a broken run is never a baseline: %s; %s", list[0].What, list[0].Do)
	}
	if run.Meta.Grader != grade.Version {
		return Baseline{}, fmt.Errorf("the run was graded by version %d, this program's is %d: grade it again with `frontdesk eval rescore`", run.Meta.Grader, grade.Version)
	}
	b := Baseline{Format: FormatVersion, Name: name, Meta: run.Meta, Outputs: byID(run.Outputs)}
	var err error
	if b.Cases, err = Keep(run); err != nil {
		return Baseline{}, err
	}
	by.At = now.UTC().Format(time.RFC3339)
	if before != nil {
		if err := coversSuites(run, before); err != nil {
			return Baseline{}, err
		}
		r := Judge(run, before, Config{Draws: -1})
		by.Lost, by.Gained, by.Severe, by.Gone = len(r.All.Lost), len(r.All.Gained), r.All.Severe, gone(before, b.Cases)
		b.Accepted = before.Accepted
	}
	b.Accepted = append(slices.Clone(b.Accepted), by)
	b.Accepted = b.Accepted[max(0, len(b.Accepted)-mostAccepted):]
	return b, nil
}

// coversSuites refuses a run of some suites in the place of a baseline of more:
// nobody would notice from then on what becomes of the others.
func coversSuites(run runner.Folder, before *Baseline) error {
	if len(run.Meta.Named) == 0 {
		return nil
	}
	for _, k := range before.Cases {
		if !slices.Contains(run.Meta.Named, k.Suite) {
			return fmt.Errorf("the run is of %s alone, and baseline %s has the suite %s, too: run all of them with `frontdesk eval run`, or accept this as another baseline",
				strings.Join(run.Meta.Named, ", "), before.Name, k.Suite)
		}
	}
	return nil
}

// gone counts the cases of a baseline that are not in the list.
func gone(before *Baseline, list []Kept) (n int) {
	there := make(map[string]bool, len(list))
	for _, k := range list {
		there[k.Case] = true
	}
	for _, k := range before.Cases {
		if !there[k.Case] {
			n++
		}
	}
	return n
}

// byID is a copy in the order of the cases' ids.
func byID(list []grade.Output) []grade.Output {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b grade.Output) int { return cmp.Compare(a.Case, b.Case) })
	return list
}

// Rescore grades a run's answers again, by the cases as they are in list now and
// by this program's grader. Cases of suites that the run has not are left out;
// one that asks something else than was played is an error.
func Rescore(run runner.Folder, list []cases.Case) (runner.Folder, error) {
	list, err := same(asked(run.Cases), list, func(c cases.Case) bool { return slices.Contains(run.Meta.Suites, c.Suite) })
	if err != nil {
		return run, err
	}
	outputs := make(map[string]grade.Output, len(run.Outputs))
	for _, o := range run.Outputs {
		outputs[o.Case] = o
	}
	run.Grades, run.Outputs, run.Cases = make([]grade.Grade, 0, len(list)), make([]grade.Output, 0, len(list)), list
	for _, c := range list {
		o, ok := outputs[c.ID]
		if !ok {
			return run, fmt.Errorf("case %s was not played: run it again with `frontdesk eval run`", c.ID)
		}
		run.Outputs, run.Grades = append(run.Outputs, o), append(run.Grades, grade.Of(c, o))
	}
	was := run.Meta
	run.Meta, err = runner.NewMeta(was.Config, was.Versions, list)
	run.Meta.Program, run.Meta.Named, run.Meta.Articles = was.Program, was.Named, was.Articles // who answered, what was asked for and about, stay
	return run, err
}

// RescoreBaseline grades a baseline's answers again, as Rescore does a run's;
// cases that it has not stay new.
func RescoreBaseline(b Baseline, list []cases.Case, by Acceptance, now time.Time) (Baseline, error) {
	if len(b.Outputs) == 0 {
		return b, fmt.Errorf("the answers of baseline %s are not kept (%s): run the program it was accepted from, and accept that", b.Name, answersFile(b.Name))
	}
	was := make(map[string]string, len(b.Cases))
	for _, k := range b.Cases {
		was[k.Case] = k.Asked
	}
	list, err := same(was, list, func(cases.Case) bool { return false })
	if err != nil {
		return b, err
	}
	run, err := Rescore(runner.Folder{Meta: b.Meta, Cases: list, Outputs: b.Outputs}, list)
	if err != nil {
		return b, err
	}
	before := b
	if b, err = Accept(run, nil, b.Name, by, now); err != nil {
		return before, err
	}
	b.Accepted[0].Graded = true
	b.Accepted = append(slices.Clone(before.Accepted), b.Accepted...)
	return b, nil
}

// asked is what the customer does, by case.
func asked(list []cases.Case) map[string]string {
	out := make(map[string]string, len(list))
	for _, c := range list {
		out[c.ID], _, _ = hashes(c) // of strings: it cannot fail
	}
	return out
}

// same are the cases of the list that were played: it is an error when one asks
// something else, when one is not in the list, or when one that had to be was not
// played.
func same(was map[string]string, list []cases.Case, hadTo func(cases.Case) bool) ([]cases.Case, error) {
	var out []cases.Case
	var wrong []error
	now := asked(list)
	for _, c := range list {
		hash, played := was[c.ID]
		switch {
		case !played && !hadTo(c):
		case !played:
			wrong = append(wrong, fmt.Errorf("case %s was not played", c.ID))
		case hash != now[c.ID]:
			wrong = append(wrong, fmt.Errorf("case %s asks something else than was played", c.ID))
		default:
			out = append(out, c)
		}
		delete(was, c.ID)
	}
	for id := range was {
		wrong = append(wrong, fmt.Errorf("case %s was played and is not there any more", id))
	}
	if len(wrong) == 0 {
		return out, nil
	}
	slices.SortFunc(wrong, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	const shown = 10
	if more := len(wrong) - shown; more > 0 {
		wrong = append(wrong[:shown], fmt.Errorf("and %d more", more))
	}
	return nil, errors.Join(append(wrong, errors.New("answers are graded again only for what was asked: run it again with `frontdesk eval run`"))...)
}
