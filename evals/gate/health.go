package gate

import (
	"fmt"
	"slices"

	"frontdesk/evals/runner"
)

// Health lists what makes a run no run: a score over what happened to work is
// none. An empty list: it can be judged.
func Health(run runner.Folder) []Problem {
	const again = "run it again: `frontdesk eval run`"
	if len(run.Cases) == 0 {
		return []Problem{{What: "the run has no cases", Do: "name a folder that has some with --cases, and suites that are in it"}}
	}
	var out []Problem
	add := func(do string, ids []string, format string, args ...any) {
		out = append(out, Problem{What: fmt.Sprintf(format, args...), Do: do, Cases: ids})
	}
	there := map[string]bool{}
	var twice []string
	suites := map[string]bool{}
	for _, c := range run.Cases {
		if there[c.ID] {
			twice = append(twice, c.ID)
		}
		there[c.ID], suites[c.Suite] = true, true
	}
	if len(twice) > 0 {
		add("give each case an id of its own", twice, "%s twice in the run", count(len(twice), "id"))
	}
	for _, s := range run.Meta.Suites {
		if !suites[s] {
			add("write cases for it, or leave it out", nil, "the suite %s has no cases", s)
		}
	}
	var outputs, grades []string
	for _, o := range run.Outputs {
		outputs = append(outputs, o.Case)
	}
	for _, g := range run.Grades {
		grades = append(grades, g.Case)
	}
	for _, list := range []struct {
		what string
		ids  []string
	}{{"outputs", outputs}, {"grades", grades}} {
		if odd := differ(there, list.ids); len(odd) > 0 {
			add(again, odd, "its %s are not those of its cases: it was cut short, or two runs are mixed", list.what)
		}
	}
	if meta, err := runner.NewMeta(run.Meta.Config, run.Meta.Versions, run.Cases); err != nil || meta.Hash != run.Meta.Hash {
		add(again, nil, "its cases are not those it was made with")
	}
	var degraded []string
	for _, o := range run.Outputs {
		if o.Degraded {
			degraded = append(degraded, o.Case)
		}
	}
	if len(degraded) > 0 {
		add("see that every part is up, and "+again, degraded, "less than the whole product answered in %s", count(len(degraded), "case"))
	}
	return out
}

// differ lists what is not in both, or more than once.
func differ(there map[string]bool, ids []string) []string {
	var odd []string
	seen := map[string]bool{}
	for _, id := range ids {
		if !there[id] || seen[id] {
			odd = append(odd, id)
		}
		seen[id] = true
	}
	for id := range there {
		if !seen[id] {
			odd = append(odd, id)
		}
	}
	slices.Sort(odd)
	return slices.Compact(odd)
}
