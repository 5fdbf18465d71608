package runner

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

// Player plays a case from the first turn to the last. The output's replies are
// as many as were reached. took is what each of them took.
type Player interface {
	Play(ctx context.Context, c cases.Case) (o grade.Output, took []Took, err error)
}

// Played is what came back of all cases, in their order.
type Played struct {
	Outputs []grade.Output
	Timings []Timing
}

// CaseError says which case could not be played.
type CaseError struct {
	Case cases.Case
	Err  error
}

func (e *CaseError) Error() string {
	return fmt.Sprintf("case %s (%s:%d): %v", e.Case.ID, e.Case.File, e.Case.Line, e.Err)
}

// Unwrap gives why.
func (e *CaseError) Unwrap() error { return e.Err }

// Run has the cases played. Each player works by itself; the n-th case goes to
// the player n modulo their number. progress may be nil; it is told how many are
// done, from several goroutines, one at a time.
func Run(ctx context.Context, players []Player, list []cases.Case, progress func(done int)) (Played, error) {
	if len(list) == 0 {
		return Played{}, errors.New("there are no cases to play")
	}
	if len(players) == 0 {
		return Played{}, errors.New("there is nobody to play the cases")
	}
	out := Played{Outputs: make([]grade.Output, len(list)), Timings: make([]Timing, len(list))}
	err := Deal(ctx, len(players), len(list), progress, func(ctx context.Context, p, i int) error {
		o, took, err := players[p].Play(ctx, list[i])
		if err != nil {
			return &CaseError{Case: list[i], Err: err}
		}
		o.Case, o.Suite = list[i].ID, list[i].Suite
		out.Outputs[i], out.Timings[i] = o, timing(list[i], took)
		return nil
	})
	if err != nil {
		return Played{}, err
	}
	return out, nil
}

// Grade grades what was played; outputs have to be those of the cases.
func Grade(list []cases.Case, outputs []grade.Output) ([]grade.Grade, error) {
	byID := make(map[string]grade.Output, len(outputs))
	for _, o := range outputs {
		byID[o.Case] = o
	}
	grades := make([]grade.Grade, 0, len(list))
	for _, c := range list {
		o, ok := byID[c.ID]
		if !ok {
			return nil, fmt.Errorf("case %s was not played; run it again", c.ID)
		}
		grades = append(grades, grade.Of(c, o))
	}
	return grades, nil
}
