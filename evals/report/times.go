package report

import (
	"bytes"
	_ "embed" // the page of times
	"fmt"
	"html/template"
	"strings"

	"frontdesk/evals/runner"
)

//go:embed timing.html
var timingText string

// timesView is the page of times and costs. It is a page of its own, since nothing
// of a report differs between two runs of the same.
type timesView struct {
	CSS          template.CSS
	Name, Report string
	All          runner.Spread
	Classes      []classView
	Suites       []runner.SuiteTime
	Sum          runner.Cost
	Turns        int
}

type classView struct {
	runner.ClassTime
	Late, Never []runner.LateTurn
	MoreLate    int
	MoreNever   int
}

// mostLate is how many turns of a class are listed that are out of it.
const mostLate = 300

// timing is the page that shows the times; a run without any has one that says so.
func timing(d *data) ([]byte, error) {
	times := runner.TimesOf(d.Run.Timings)
	v := timesView{CSS: template.CSS(css), Name: d.Run.Meta.Config, Report: PageFile, All: times.All, Suites: times.Suites}
	for _, c := range times.Classes {
		v.Classes = append(v.Classes, classView{
			ClassTime: c, Late: c.Late[:min(mostLate, len(c.Late))], Never: c.Never[:min(mostLate, len(c.Never))],
			MoreLate: max(0, len(c.Late)-mostLate), MoreNever: max(0, len(c.Never)-mostLate),
		})
	}
	for _, s := range times.Suites {
		v.Sum, v.Turns = v.Sum.Plus(s.Cost), v.Turns+s.Turns
	}
	t, err := template.New("timing").Funcs(template.FuncMap{"ms": millis, "each": each}).Parse(timingText)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, v)
	return b.Bytes(), err
}

func millis(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// each is how many of something a turn has.
func each(n, turns int) string {
	if turns == 0 {
		return "–"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", float64(n)/float64(turns)), ".00")
}
