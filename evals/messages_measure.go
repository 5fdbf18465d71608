package evals

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"frontdesk/triage"
)

// Read is what triage makes of a labelled message, with no knowledge of any
// business.
type Read struct {
	Labelled
	Decision triage.Decision
	Parts    []triage.Span // that may be matters of their own
}

// Share is a part of a whole with its 95 % interval (Wilson's, which holds for
// small numbers and near 0 and 1).
type Share struct {
	Of int // the whole
	Interval
}

func shareOf(n, of int) Share {
	if of == 0 {
		return Share{}
	}
	const z = 1.96
	p, m := float64(n)/float64(of), float64(of)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Share{Of: of, Interval: Interval{Value: p, Low: max(0, middle-half), High: min(1, middle+half)}}
}

// MessageMeasure is one line of what the sets say.
type MessageMeasure struct {
	Name  string
	Share Share
	Aim   string // as issues state it; empty: none
}

// MessageReport is what triage's reading of messages is worth.
type MessageReport struct {
	Measures []MessageMeasure
	Wish     CorpusCalibration // of wanting a person
	MoodR    float64           // correlation of mood
	UrgencyR float64
	Own      float64 // area under the curve of needing the customer's own data
	Missed   []string
	Alarms   []string
}

// MeasureMessages holds what was read against the labels.
func MeasureMessages(sets map[string][]Read) MessageReport {
	var r MessageReport
	add := func(name string, list []Read, aim string, hit func(Read) bool) {
		if len(list) == 0 {
			return // a part without this set
		}
		n := 0
		for _, m := range list {
			if hit(m) {
				n++
			}
		}
		r.Measures = append(r.Measures, MessageMeasure{name, shareOf(n, len(list)), aim})
	}
	of := func(set string, keep func(Read) bool) []Read {
		return slices.DeleteFunc(slices.Clone(sets[set]), func(m Read) bool { return !keep(m) })
	}
	kind := func(k string) func(Read) bool { return func(m Read) bool { return m.Kind == k } }
	fired := func(m Read) bool { return m.Decision.Rule != "" }
	wants := func(m Read) bool { return m.Decision.WantsHumanP >= 0.5 }

	add("must-go, plain: found", of("mustgo", kind("plain")), "≥ .98", fired)
	add("must-go, veiled: found", of("mustgo", kind("veiled")), "≥ .85", fired)
	add("must-go: by the right rule", of("mustgo", fired), "", func(m Read) bool { return m.Decision.Rule == m.Rule })
	add("must-go: false alarms", sets["mustgo_decoys"], "≤ .02", fired)
	add("  … on ordinary messages", of("mustgo_decoys", func(m Read) bool { return m.Near == "ordinary" }), "", fired)
	add("wants a person: found", sets["person"], "≥ .75", wants)
	for _, k := range []string{"outright", "angry", "story", "despair"} {
		aim := ""
		if k == "outright" {
			aim = "≥ .95"
		}
		add("  "+k, of("person", kind(k)), aim, wants)
	}
	add("wants a person: false alarms", sets["person_decoys"], "≤ .02", wants)
	add("personal data: spans found", spansOf(sets["pii"]), "", spanFound)
	for _, k := range []string{"email", "phone", "card", "iban", "order", "address"} {
		add("  "+k, slices.DeleteFunc(spansOf(sets["pii"]), func(m Read) bool { return m.Spans[0].Kind != k }), "", spanFound)
	}
	add("personal data: clean messages touched", of("pii", func(m Read) bool { return len(m.Spans) == 0 }), "≤ .01",
		func(m Read) bool { return len(m.Decision.Personal) > 0 })
	several := func(m Read) bool { return len(m.Labelled.Parts) > 1 }
	add("several matters: told apart", of("matters", several), "", func(m Read) bool { return len(m.Parts) > 1 })
	add("several matters: each part by its own span", of("matters", several), "", everyPartFound)
	add("one matter: taken for several", of("matters", func(m Read) bool { return !several(m) }), "", func(m Read) bool { return len(m.Parts) > 1 })
	add("own data needed or not", sets["account"], "", func(m Read) bool { return (m.Decision.OwnDataP >= 0.5) == *m.Account })
	add("mood: bad, fair or good", sets["mood"], "", func(m Read) bool { return third(m.Decision.Mood) == third(*m.Mood) })
	add("urgency: pressing or not", of("mood", func(m Read) bool { return *m.Urgency != 0.5 }), "", func(m Read) bool {
		return (m.Decision.Urgency >= 0.5) == (*m.Urgency == 1)
	})
	var all []Read
	for _, name := range Open.names() {
		all = append(all, sets[name]...)
	}
	right := func(m Read) bool { return m.Decision.Language == m.Lang }
	add("language, five words and more", slices.DeleteFunc(slices.Clone(all), func(m Read) bool { return wordsIn(m.Text) < 5 }), "≥ .97", right)
	add("language, fewer", slices.DeleteFunc(slices.Clone(all), func(m Read) bool { return wordsIn(m.Text) >= 5 }), "≥ .90 with the page's known", right)

	var wish []Judged
	for _, m := range slices.Concat(sets["person"], sets["person_decoys"]) {
		wish = append(wish, Judged{P: m.Decision.WantsHumanP, Right: m.Of == ""})
	}
	r.Wish, _ = calibrate(wish)
	r.MoodR = correlation(sets["mood"], func(m Read) (float64, float64) { return m.Decision.Mood, *m.Mood })
	r.UrgencyR = correlation(sets["mood"], func(m Read) (float64, float64) { return m.Decision.Urgency, *m.Urgency })
	var own []Judged
	for _, m := range sets["account"] {
		own = append(own, Judged{P: m.Decision.OwnDataP, Right: *m.Account})
	}
	account, _ := calibrate(own)
	r.Own = account.AUROC
	for _, m := range sets["mustgo"] {
		if !fired(m) {
			r.Missed = append(r.Missed, fmt.Sprintf("%s %s %s %s: %s", m.ID, m.Lang, m.Rule, m.Kind, m.Text))
		}
	}
	for _, m := range sets["person"] {
		if !wants(m) {
			r.Missed = append(r.Missed, fmt.Sprintf("%s %s %s %.2f: %s", m.ID, m.Lang, m.Kind, m.Decision.WantsHumanP, m.Text))
		}
	}
	for _, m := range slices.Concat(sets["mustgo_decoys"], sets["person_decoys"]) {
		if m.Of == "mustgo" && fired(m) || m.Of == "person" && wants(m) {
			r.Alarms = append(r.Alarms, fmt.Sprintf("%s %s %s %.2f: %s", m.ID, m.Lang, m.Decision.Rule, m.Decision.WantsHumanP, m.Text))
		}
	}
	return r
}

// third is bad, fair or good.
func third(mood float64) int {
	switch {
	case mood <= -0.25:
		return -1
	case mood >= 0.25:
		return 1
	}
	return 0
}

// wordsIn counts words; a script without spaces has two characters a word.
func wordsIn(text string) int {
	dense := 0
	for _, r := range text {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			dense++
		}
	}
	return len(strings.Fields(text)) + dense/2
}

// spansOf is one entry a labelled span.
func spansOf(list []Read) []Read {
	var out []Read
	for _, m := range list {
		for _, s := range m.Spans {
			one := m
			one.Spans = append(one.Spans[:0:0], s)
			out = append(out, one)
		}
	}
	return out
}

// spanFound says whether a span of the same kind covers most of the labelled one
// and little else.
func spanFound(m Read) bool {
	from := strings.Index(m.Text, m.Spans[0].Text)
	to := from + len(m.Spans[0].Text)
	return slices.ContainsFunc(m.Decision.Personal, func(p triage.Personal) bool {
		return p.Kind == m.Spans[0].Kind && overlap(p.From, p.To, from, to) >= 0.5
	})
}

// overlap is the common part of two ranges, of all that they cover.
func overlap(a, b, c, d int) float64 {
	common := min(b, d) - max(a, c)
	if common <= 0 {
		return 0
	}
	return float64(common) / float64(max(b, d)-min(a, c))
}

// everyPartFound says whether each labelled part has a span of its own.
func everyPartFound(m Read) bool {
	for _, p := range m.Labelled.Parts {
		from := strings.Index(m.Text, p.Text)
		if !slices.ContainsFunc(m.Parts, func(s triage.Span) bool { return overlap(s.From, s.To, from, from+len(p.Text)) >= 0.5 }) {
			return false
		}
	}
	return true
}

// correlation is Pearson's.
func correlation(list []Read, pair func(Read) (float64, float64)) float64 {
	var sx, sy, sxx, syy, sxy float64
	n := float64(len(list))
	for _, m := range list {
		x, y := pair(m)
		sx, sy, sxx, syy, sxy = sx+x, sy+y, sxx+x*x, syy+y*y, sxy+x*y
	}
	d := math.Sqrt((n*sxx - sx*sx) * (n*syy - sy*sy))
	if d == 0 {
		return 0
	}
	return (n*sxy - sx*sy) / d
}

// Print shows a report to a person.
func (r MessageReport) Print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\tof\tpart\t95 %\taim")
	for _, m := range r.Measures {
		fmt.Fprintf(tw, "%s\t%d\t%.3f\t%.2f–%.2f\t%s\n", m.Name, m.Share.Of, m.Share.Value, m.Share.Low, m.Share.High, m.Aim)
	}
	tw.Flush() //nolint:errcheck // to standard output
	fmt.Fprintf(w, "wants a person: calibration error %.3f above chance (aim ≤ .05)\n", r.Wish.Excess)
	fmt.Fprintf(w, "mood: correlation %.2f; urgency: %.2f; own data: area under the curve %.3f\n", r.MoodR, r.UrgencyR, r.Own)
}
