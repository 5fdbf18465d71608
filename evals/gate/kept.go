package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
	"frontdesk/evals/runner"
)

// Kept is what is kept of a case: what it asked and what became of it.
type Kept struct {
	Case     string   `json:"case"`
	Suite    string   `json:"suite"`
	Pass     bool     `json:"pass"`
	Severity string   `json:"severity"`
	Lang     string   `json:"lang,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Article  string   `json:"article,omitempty"` // the first gold one: cases about one article go alike
	Asked    string   `json:"asked"`             // hash of what the customer does
	Expects  string   `json:"expects"`           // hash of what is expected
	// Checks are how many of each kind held, and of how many.
	Checks map[string]Held `json:"checks,omitempty"`
	// Ranks are the places of the first gold article among those found, a turn
	// each that names one; 0: it was not found.
	Ranks  []int         `json:"ranks,omitempty"`
	Failed []grade.Check `json:"failed,omitempty"`
}

// Held is how many checks held, of how many.
type Held [2]int

// Flipped is the case as if it had come out the other way: with all its checks
// held, or with none held of one kind, the n-th of its kinds. It is for
// comparisons of what did not happen.
func (k *Kept) Flipped(n int) Kept {
	out := *k
	out.Pass = !k.Pass
	out.Checks = maps.Clone(k.Checks)
	kinds := slices.Sorted(maps.Keys(k.Checks))
	if out.Pass {
		for _, kind := range kinds {
			out.Checks[kind] = Held{k.Checks[kind][1], k.Checks[kind][1]}
		}
	} else if len(kinds) > 0 {
		kind := kinds[n%len(kinds)]
		out.Checks[kind] = Held{0, k.Checks[kind][1]}
	}
	return out
}

// cluster is what goes alike with the case.
func (k *Kept) cluster() string {
	if k.Article != "" {
		return "article " + k.Article
	}
	return "case " + k.Case
}

// longestKept is how many characters of a check's words are kept.
const longestKept = 300

// Keep makes a run's cases what is kept of them, in the order of their ids. The
// run has been found whole.
func Keep(run runner.Folder) ([]Kept, error) {
	outputs := make(map[string]grade.Output, len(run.Outputs))
	for _, o := range run.Outputs {
		outputs[o.Case] = o
	}
	grades := make(map[string]grade.Grade, len(run.Grades))
	for _, g := range run.Grades {
		grades[g.Case] = g
	}
	out := make([]Kept, 0, len(run.Cases))
	for _, c := range run.Cases {
		k, err := keepOne(c, outputs[c.ID], grades[c.ID])
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", c.ID, err)
		}
		out = append(out, k)
	}
	slices.SortFunc(out, byCase)
	return out, nil
}

func keepOne(c cases.Case, o grade.Output, g grade.Grade) (Kept, error) {
	k := Kept{
		Case: c.ID, Suite: c.Suite, Severity: c.Severity, Lang: c.Lang, Tags: c.Tags, Pass: g.Pass,
		Article: firstArticle(c), Ranks: ranks(c, o),
	}
	var err error
	if k.Asked, k.Expects, err = hashes(c); err != nil {
		return k, err
	}
	for _, check := range g.Checks {
		if k.Checks == nil {
			k.Checks = map[string]Held{}
		}
		h := k.Checks[check.Kind]
		h[1]++
		if check.OK {
			h[0]++
		} else {
			check.Want, check.Got = short(check.Want), short(check.Got)
			k.Failed = append(k.Failed, check)
		}
		k.Checks[check.Kind] = h
	}
	return k, nil
}

func short(s string) string {
	r := []rune(s)
	if len(r) <= longestKept {
		return s
	}
	return string(r[:longestKept]) + "…"
}

// hashes tell a case from one that asks or expects something else. Tags, notes
// and severity change neither.
func hashes(c cases.Case) (asked, expects string, err error) {
	type act struct {
		Say, Press string
		Bubbles    bool `json:",omitempty"`
	}
	acts, wants := make([]act, 0, len(c.Turns)), make([]cases.Expect, 0, len(c.Turns))
	for _, t := range c.Turns {
		t.Expect.Latency = "" // reported, never judged
		acts, wants = append(acts, act{t.Say, t.Press, t.Bubbles}), append(wants, t.Expect)
	}
	if asked, err = hash(acts); err != nil {
		return "", "", err
	}
	expects, err = hash(wants)
	return asked, expects, err
}

func hash(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8]), nil
}

func firstArticle(c cases.Case) string {
	for _, t := range c.Turns {
		for _, list := range []cases.List{t.Expect.Top, t.Expect.Articles} {
			if len(list) > 0 {
				return list[0]
			}
		}
	}
	return ""
}

// ranks are where the gold was found, of the turns that the bot answered itself.
func ranks(c cases.Case, o grade.Output) []int {
	var out []int
	for i, t := range c.Turns {
		gold := slices.Concat(t.Expect.Top, t.Expect.Articles)
		if len(gold) == 0 || i >= len(o.Replies) || len(o.Replies[i].Hits) == 0 {
			continue
		}
		out = append(out, 1+slices.IndexFunc(o.Replies[i].Hits, func(a string) bool { return slices.Contains(gold, a) }))
	}
	return out
}

// Key names a slice.
type Key struct{ Kind, Name string }

// Keys are the slices that a case is in.
func (k *Kept) Keys() []Key {
	out := []Key{{KindSeverity, k.Severity}}
	if k.Lang != "" {
		out = append(out, Key{KindLanguage, k.Lang})
	}
	for _, t := range k.Tags {
		out = append(out, Key{KindTag, t})
	}
	for kind := range k.Checks {
		out = append(out, Key{KindCheck, kind})
	}
	slices.SortFunc(out, compareKeys)
	return slices.Compact(out)
}

// holds says whether the case is right as far as a slice goes: in one of a kind
// of check by these alone. ok is false where it has none of them.
func (k *Kept) holds(key Key) (holds, ok bool) {
	if key.Kind != KindCheck {
		return k.Pass, true
	}
	h, ok := k.Checks[key.Name]
	return h[0] == h[1], ok
}
