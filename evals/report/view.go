package report

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"frontdesk/evals/gate"
	"frontdesk/evals/stats"
)

// view is the page as its template takes it.
type view struct {
	CSS                template.CSS
	Tone, Word, Why    string
	Name               string // of the configuration
	Facts              []fact
	Problems           []gate.Problem
	Changed            []gate.Change
	Compared           bool
	Flips              []flipView
	MoreFlips          int
	New, NewFails      string // sets
	Unjudged           string // likewise
	UnjudgedN          int
	NewN, NewFailsN    int
	Severe             string
	SevereN            int
	Suites             []partRow
	Slices             []sliceGroup
	Measures           []measureRow
	Stages             []stageRow
	Charts             []chart
	Tables             []tableView
	Differs            string // in the configuration
	Sets               []set
	Failing            []suiteCases
	Passing            []suiteCases
	Folded             int // failing cases without their turns
	Baseline, Accepted string
	Grader, Cases      int
	Versions           []fact
}

type fact struct{ Name, Value, Note, Link string }

type partRow struct {
	Name, Tone, Verdict          string
	Cases, Fails, Lost, Gained   int
	FailsSet, LostSet, GainedSet string
	Pass, Interval, Was          string
	Change, ChangeInterval       string
	P, Least                     string
	Bar                          template.HTML
}

type sliceGroup struct {
	Kind  string
	Rows  []partRow
	Quiet int // of few cases, not shown
}

type measureRow struct {
	Name, Is, Interval, Was, Change, ChangeInterval string
	Set                                             string // cases that make it less than it could be
	Turns                                           int
	Bar                                             template.HTML
}

type stageRow struct {
	Name, Set string
	N         int
	Share     string
}

func (d *data) view() view {
	r, s := d.Result, &sets{}
	v := view{
		CSS: template.CSS(css), Tone: tone(r.Verdict), Word: heading(r.Verdict), Why: sentence(r), Name: d.Run.Meta.Config,
		Problems: r.Problems, Changed: r.Changed, Baseline: r.Baseline, Grader: d.Run.Meta.Grader, Cases: r.Cases,
		Compared: d.compared,
	}
	if r.Configuration != nil {
		v.Differs = r.Configuration.Says
	}
	if d.Baseline != nil && len(d.Baseline.Accepted) > 0 {
		a := d.Baseline.Accepted[len(d.Baseline.Accepted)-1]
		v.Accepted = fmt.Sprintf("accepted by %s on %s: %s", a.By, clip(a.At, 40), a.Reason)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Run.Meta.Versions)) {
		v.Versions = append(v.Versions, fact{Name: name, Value: d.Run.Meta.Versions[name]})
	}
	failing := d.failing()
	for _, p := range append([]gate.Part{r.All}, r.Suites...) {
		if p.Cases > 0 {
			v.Suites = append(v.Suites, d.partRow(p, failing, v.Compared, s))
		}
	}
	v.Slices, v.Measures, v.Stages = d.sliceGroups(failing, v.Compared, s), d.measureRows(failing, s), d.stageRows(s)
	v.Charts = charts(d, s)
	if v.NewN, v.NewFailsN = len(r.New), len(r.NewFails); v.NewN > 0 {
		v.New, v.NewFails = s.add("New cases", r.New), s.add("New cases that fail", r.NewFails)
	}
	if v.UnjudgedN = len(r.Unjudged); v.UnjudgedN > 0 {
		v.Unjudged = s.add("Cases of which nothing could be judged", r.Unjudged)
	}
	if v.SevereN = len(r.Severe); v.SevereN > 0 {
		v.Severe = s.add("Severe cases that fail", r.Severe)
	}
	v.facts(r)
	room := budget
	if v.Tables = d.tableViews(s); len(v.Tables) > 0 {
		room -= tableBudget
	}
	left := d.flipViews(&v, room)
	folded := d.caseViews(&v, left)
	v.Sets = s.list
	for i := range v.Sets {
		v.Sets[i].folded = folded
	}
	return v
}

// facts are the first screen's figures.
func (v *view) facts(r gate.Result) {
	if len(v.Suites) == 0 {
		return
	}
	all := v.Suites[0]
	v.Facts = append(v.Facts, fact{Name: "pass", Value: all.Pass, Note: fmt.Sprintf("%d of %s; 95 %%: %s", all.Cases-all.Fails, counted(all.Cases, "case"), all.Interval), Link: "suites"})
	if v.Compared {
		v.Facts = append(
			v.Facts,
			fact{Name: "change", Value: all.Change, Note: "points; 95 %: " + all.ChangeInterval, Link: "suites"},
			fact{Name: "newly fail", Value: fmt.Sprint(all.Lost), Note: fmt.Sprintf("%d newly pass", all.Gained), Link: "changed"},
			fact{Name: "least effect", Value: all.Least, Note: "points: a smaller change would rarely show", Link: "how"},
		)
	}
	if v.SevereN > 0 {
		v.Facts = append(v.Facts, fact{Name: "severe cases fail", Value: fmt.Sprint(v.SevereN), Note: fmt.Sprintf("%d of them newly", len(r.All.Severe)), Link: v.Severe})
	}
}

// failing are the failing cases by every part they are in.
func (d *data) failing() map[gate.Key][]string {
	out := map[gate.Key][]string{}
	for _, c := range d.Run.Cases {
		g := d.grades[c.ID]
		bad := map[string]bool{}
		for _, check := range g.Failed() {
			bad[check.Kind] = true
		}
		for kind := range bad {
			out[gate.Key{Kind: gate.KindCheck, Name: kind}] = append(out[gate.Key{Kind: gate.KindCheck, Name: kind}], c.ID)
		}
		if g.Pass {
			continue
		}
		keys := []gate.Key{{Kind: gate.KindAll, Name: "all"}, {Kind: gate.KindSuite, Name: c.Suite}, {Kind: gate.KindSeverity, Name: c.Severity}, {Kind: gate.KindLanguage, Name: c.Lang}}
		for _, t := range c.Tags {
			keys = append(keys, gate.Key{Kind: gate.KindTag, Name: t})
		}
		for _, k := range keys {
			out[k] = append(out[k], c.ID)
		}
	}
	return out
}

func (d *data) partRow(p gate.Part, failing map[gate.Key][]string, compared bool, s *sets) partRow {
	title := p.Name
	if p.Kind != gate.KindAll {
		title = p.Kind + " " + p.Name
	}
	fails := failing[gate.Key{Kind: p.Kind, Name: p.Name}]
	if compared { // new ones are listed elsewhere
		fails = slices.DeleteFunc(slices.Clone(fails), func(id string) bool { return d.was[id] == nil })
	}
	row := partRow{
		Name: p.Name, Tone: tone(p.Verdict), Verdict: verdictWord(p.Verdict), Cases: p.Cases,
		Fails: p.Cases - int(p.Is.Value*float64(p.Cases)+0.5), Lost: len(p.Lost), Gained: len(p.Gained),
		Pass: percent(p.Is.Value), Interval: between(p.Is), Bar: whisker(p.Is, p.Was, compared),
	}
	if row.Fails > 0 {
		row.FailsSet = s.add("Failing: "+title, fails)
	}
	if !compared {
		return row
	}
	row.Was, row.Change, row.ChangeInterval = percent(p.Was.Value), signed(p.Change.Value), betweenSigned(p.Change)
	row.P, row.Least = pValue(p.Adjusted), fmt.Sprintf("%.1f", 100*p.Least)
	if len(p.Lost) > 0 {
		row.LostSet = s.add("Newly failing: "+title, p.Lost)
	}
	if len(p.Gained) > 0 {
		row.GainedSet = s.add("Newly passing: "+title, p.Gained)
	}
	return row
}

// leastSlice is how many cases a slice has that is shown where nothing says more
// about it.
const leastSlice = 5

func (d *data) sliceGroups(failing map[gate.Key][]string, compared bool, s *sets) []sliceGroup {
	groups := map[string]*sliceGroup{}
	var out []sliceGroup
	for _, p := range byConcern(d.Result.Slices) {
		g := groups[p.Kind]
		if g == nil {
			g = &sliceGroup{Kind: p.Kind}
			groups[p.Kind] = g
		}
		if p.Cases < leastSlice && len(p.Lost) == 0 {
			g.Quiet++
			continue
		}
		g.Rows = append(g.Rows, d.partRow(p, failing, compared, s))
	}
	for _, kind := range []string{gate.KindLanguage, gate.KindCheck, gate.KindSeverity, gate.KindTag} {
		if g := groups[kind]; g != nil && len(g.Rows) > 0 {
			out = append(out, *g)
		}
	}
	return out
}

// byConcern puts first what somebody should look at.
func byConcern(list []gate.Part) []gate.Part {
	list = slices.Clone(list)
	rank := func(p gate.Part) int {
		return slices.Index([]gate.Verdict{gate.Regression, gate.Soft, gate.Improvement, gate.Stable, "", gate.Insufficient}, p.Verdict)
	}
	slices.SortStableFunc(list, func(a, b gate.Part) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Is.Value, b.Is.Value), cmp.Compare(b.Cases, a.Cases), strings.Compare(a.Name, b.Name))
	})
	return list
}

func (d *data) measureRows(failing map[gate.Key][]string, s *sets) []measureRow {
	var out []measureRow
	behind := map[string][]string{}
	for key, ids := range failing {
		if key.Kind == gate.KindCheck {
			behind[gate.CheckMeasure+key.Name] = ids
		}
	}
	if list, err := gate.Keep(d.Run); err == nil { // a run that is not whole has no measures
		for _, k := range list {
			for _, m := range gate.Missed(k) {
				behind[m] = append(behind[m], k.Case)
			}
		}
	}
	for _, m := range d.Result.Measures {
		row := measureRow{Name: m.Name, Turns: m.Turns, Is: fmt.Sprintf("%.3f", m.Is.Value), Interval: fmt.Sprintf("%.3f–%.3f", m.Is.Low, m.Is.High), Bar: whisker(m.Is, m.Was, m.Paired)}
		if m.Paired {
			row.Was = fmt.Sprintf("%.3f", m.Was.Value)
			row.Change, row.ChangeInterval = signed(m.Change.Value), betweenSigned(m.Change)
		}
		if ids := behind[m.Name]; len(ids) > 0 {
			row.Set = s.add("Turns, "+m.Name+": not all right in", ids)
		}
		out = append(out, row)
	}
	return out
}

func (d *data) stageRows(s *sets) []stageRow {
	by := map[string][]string{}
	n := 0
	for _, st := range d.Stages {
		if g, ok := d.grades[st.Case]; ok && !g.Pass {
			by[st.Stage] = append(by[st.Stage], st.Case)
			n++
		}
	}
	var out []stageRow
	for _, name := range slices.Sorted(maps.Keys(by)) {
		out = append(out, stageRow{name, s.add("Lost at "+name, by[name]), len(by[name]), percent(stats.Wilson(len(by[name]), n).Value)})
	}
	slices.SortStableFunc(out, func(a, b stageRow) int { return cmp.Compare(b.N, a.N) })
	return out
}
