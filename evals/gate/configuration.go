package gate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/evals/runner"
)

// Configuration says whether the run was made with what the baseline was: the
// knowledge, the encoders, settings, tables and weights. Two that are not the same
// are not comparable as one configuration, and are compared as a change.
type Configuration struct {
	Same bool   `json:"same"`
	Was  string `json:"was"` // hash of the baseline's
	Is   string `json:"is"`  // hash of the run's
	// Says is what changed, in plain words; empty where nothing did.
	Says string `json:"says,omitempty"`
}

// Change is a part of the configuration that is another one than in the baseline.
type Change struct {
	Name string `json:"name"`
	What string `json:"what"` // in plain words
	Was  string `json:"was"`  // empty: there was none
	Is   string `json:"is"`
	// Detail is what changed in it, where more is known than that it did.
	Detail string `json:"detail,omitempty"`
}

// Names of what a run is made with that are more than folders of weights.
const (
	Knowledge = "knowledge"
	Setting   = "setting " // before a setting's name
	Topic     = "topic "   // before a topic of the table that gives each its desk
)

// parts says what lies in the folders of the product whose files decide.
func parts() map[string]string {
	return map[string]string{
		Knowledge: "knowledge", "encoders": "encoders", "reranker": "reranker", "words": "the way words are cut",
		"bot": "the bot's texts and tables", "handoff": "the desk's texts and defaults", "handoff/estimate": "words of waiting times",
		"handoff/packet": "words of the packet", "handoff/pgdesk": "words of the desk's jobs", "internal/proc": "pins of what is fetched",
		"retrieval": "weights of the ranking", "retrieval/embed": "facts about the encoders", "retrieval/embed/local/data": "weights of the encoders' heads",
		"retrieval/embed/local/tok": "the encoders' tokens", "retrieval/seek": "words of the search", "retrieval/words": "lists of words",
		"triage": "tables and phrases of triage", "triage/lang": "weights of languages", "triage/matters": "words of several matters",
		"triage/model": "weights of triage", "triage/mood": "words of moods", "triage/mustgo": "weights of must-go rules", "triage/mustgo/phrases": "phrases of must-go rules",
		"triage/own": "weights of own data", "triage/pii": "words of personal data", "triage/text": "words of texts", "triage/wish": "weights of wishes for a person",
		"triage/wish/phrases": "phrases of wishes for a person",
	}
}

func what(name string) string {
	if s, ok := strings.CutPrefix(name, Topic); ok {
		return "desk of topic " + s
	}
	return cmp.Or(parts()[name], name)
}

// longestShown is how many characters of an old and a new value are shown in a
// sentence; what is longer is named alone.
const longestShown = 80

func isHash(s string) bool {
	return len(s) >= 16 && strings.Trim(s, "0123456789abcdef") == ""
}

// short says that both values are for people to read.
func (c Change) short() bool {
	ok := func(s string) bool { return !isHash(s) && utf8.RuneCountInString(s) <= longestShown }
	return ok(c.Was) && ok(c.Is)
}

// Says is the change in a few words.
func (c Change) Says() string {
	switch {
	case c.Detail != "":
		return c.What + " (" + c.Detail + ")"
	case c.short():
		return fmt.Sprintf("%s (%s → %s)", c.What, cmp.Or(c.Was, "none"), cmp.Or(c.Is, "none"))
	}
	return c.What
}

// rank puts first what people set, and last what is built in.
func (c Change) rank() int {
	switch {
	case strings.HasPrefix(c.Name, Setting):
		return 0
	case strings.HasPrefix(c.Name, Topic):
		return 1
	case c.Name == Knowledge, c.Name == "encoders", c.Name == "reranker":
		return 2
	}
	return 3
}

// changed lists what the configuration has of another version.
func changed(was, is runner.Meta) []Change {
	names := slices.Concat(slices.Collect(maps.Keys(was.Versions)), slices.Collect(maps.Keys(is.Versions)))
	slices.Sort(names)
	var out []Change
	for _, name := range slices.Compact(names) {
		c := Change{Name: name, What: what(name), Was: was.Versions[name], Is: is.Versions[name]}
		if c.Was == c.Is || !noted(was.Versions, name) || !noted(is.Versions, name) {
			continue
		}
		if name == Knowledge {
			c.Detail = articles(was.Articles, is.Articles)
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Change) int { return cmp.Compare(a.rank(), b.rank()) })
	return out
}

// noted says whether a list of versions is of a program that notes such a thing: a
// baseline of before settings, desks or a reranker were noted tells nothing of
// them. A folder of weights that one of them lacks was not there.
func noted(versions map[string]string, name string) bool {
	for _, kind := range []string{Setting, Topic, "reranker"} {
		if strings.HasPrefix(name, kind) {
			for other := range versions {
				if strings.HasPrefix(other, kind) {
					return true
				}
			}
			return false
		}
	}
	return true
}

// articles says which articles changed; empty where one side does not name its own.
func articles(was, is map[string]string) string {
	if len(was) == 0 || len(is) == 0 {
		return ""
	}
	var other, added, gone []string
	for _, id := range slices.Sorted(maps.Keys(is)) {
		switch before, there := was[id]; {
		case !there:
			added = append(added, id)
		case before != is[id]:
			other = append(other, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(was)) {
		if _, there := is[id]; !there {
			gone = append(gone, id)
		}
	}
	var say []string
	for _, list := range []struct {
		ids  []string
		what string
	}{{other, "changed"}, {added, "new"}, {gone, "gone"}} {
		if n := len(list.ids); n > 0 {
			const most = 5
			say = append(say, fmt.Sprintf("%s %s: %s%s", count(n, "article"), list.what, strings.Join(list.ids[:min(most, n)], ", "), more(n-most)))
		}
	}
	return strings.Join(say, "; ")
}

// configure says whether the configuration is the baseline's. compared says
// whether anything is compared.
func (r *Result) configure(meta runner.Meta, b *Baseline, compared bool) {
	r.Configuration = &Configuration{Same: len(r.Changed) == 0, Was: b.Meta.Configuration(), Is: meta.Configuration()}
	if r.Configuration.Same {
		return
	}
	const most = 8
	var say []string
	for _, c := range r.Changed[:min(most, len(r.Changed))] {
		say = append(say, c.Says())
	}
	rest := "they are compared as a change from the one to the other."
	if !compared {
		rest = "nothing is compared here."
	}
	r.Configuration.Says = fmt.Sprintf("Not the same configuration as baseline %s. Changed: %s%s. As one configuration the two are not comparable; %s",
		b.Name, strings.Join(say, "; "), more(len(r.Changed)-most), rest)
}

// holdKnowledge refuses the knowledge of another shop: what was right there says
// nothing of what is right here. One that is reordered a little at a time keeps
// most of its articles.
func (r *Result) holdKnowledge(meta runner.Meta, b *Baseline) {
	there := 0
	for id := range b.Meta.Articles {
		if _, ok := meta.Articles[id]; ok {
			there++
		}
	}
	if n := len(b.Meta.Articles); len(meta.Articles) > 0 && 2*there < n {
		r.refuse(Problem{
			What: fmt.Sprintf("the knowledge is another one: of the %s of baseline %s %d are in it", count(n, "article"), b.Name, there),
			Do:   "run it on the knowledge of the baseline with --knowledge, or accept this run as a baseline of its own: `frontdesk eval accept RUN --as ANOTHER --reason …`",
		})
	}
}

// holdLabels refuses desks that cases expect by a table of topics that holds no
// more: a topic has another desk now, and a case of that topic wants another one
// than that. Which topic a case is of it says itself, or else the run does.
func (r *Result) holdLabels(run runner.Folder, b *Baseline) {
	desks, moved := map[string]string{}, map[string]bool{}
	for name, desk := range run.Meta.Versions {
		if topic, ok := strings.CutPrefix(name, Topic); ok {
			desks[topic] = desk
			before := b.Meta.Versions[name]
			moved[topic] = before != "" && before != desk
		}
	}
	replies := map[string][]string{} // topics, by turn
	for _, o := range run.Outputs {
		for _, reply := range o.Replies {
			replies[o.Case] = append(replies[o.Case], reply.Topic)
		}
	}
	var stale []string
	for _, c := range run.Cases {
		for i, t := range c.Turns {
			topics := []string(t.Expect.Topic)
			if len(topics) == 0 && i < len(replies[c.ID]) {
				topics = []string{replies[c.ID][i]}
			}
			fits := func(topic string) bool { return t.Expect.Desk.Has(desks[topic]) }
			isMoved := func(topic string) bool { return moved[topic] }
			if len(t.Expect.Desk) > 0 && slices.ContainsFunc(topics, isMoved) && !slices.ContainsFunc(topics, fits) {
				stale = append(stale, c.ID)
				break
			}
		}
	}
	if len(stale) > 0 {
		r.refuse(Problem{
			What: fmt.Sprintf("a topic has another desk than when baseline %s was accepted, and %s still labelled by the table before", b.Name, are(len(stale), "case")), Cases: stale,
			Do: fmt.Sprintf("give them the desk that is right by the new table (or name their topic, where the run took them for another one), then `frontdesk eval rescore --as %s --cases FOLDER --reason …`, and run again", b.Name),
		})
	}
}

func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}
