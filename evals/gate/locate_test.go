package gate_test

import (
	"strings"
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/gate"
)

func TestLocate_NamesTheStagesOfWhatWasLost(t *testing.T) {
	t.Parallel()
	rows := world(800)
	for i := range rows {
		rows[i].fails = i%5 == 0
	}
	base := accepted(t, runOf(t, rows))
	lost := 0
	now := flip(rows, func(r row) bool {
		if r.suite != "suite-3" || r.fails {
			return false
		}
		lost++
		return lost <= 40
	})
	r := gate.Judge(runOf(t, now), base, gate.Config{})
	r.Locate(func(id string) string {
		switch {
		case id[len(id)-1] == '1':
			return "" // nobody looked
		case id[len(id)-1] < '8':
			return "ranking"
		}
		return "span"
	})
	if r.Verdict != gate.Regression || !strings.Contains(r.Why, "; lost at ranking (") || !strings.Contains(r.Why, ", span (") {
		t.Errorf("%s: %s", r.Verdict, r.Why)
	}
	if len(r.LostAt) != 2 || len(r.LostAt[0].Cases) <= len(r.LostAt[1].Cases) {
		t.Errorf("%+v", r.LostAt)
	}
	r.Locate(func(string) string { return "" })
	if strings.Contains(r.Why, "lost at") || r.LostAt != nil {
		t.Errorf("nobody looked, and it says %s", r.Why)
	}
}

func TestFlipped_IsTheCaseAsItCouldHaveComeOut(t *testing.T) {
	t.Parallel()
	k := gate.Kept{Case: "x", Severity: cases.Normal, Pass: true, Checks: map[string]gate.Held{"action": {2, 2}, "desk": {1, 1}}}
	for n, want := range map[int]string{0: "action", 1: "desk", 2: "action"} {
		f := k.Flipped(n)
		if f.Pass || f.Checks[want][0] != 0 || f.Checks[want][1] != k.Checks[want][1] {
			t.Errorf("%d: %+v", n, f)
		}
		if back := f.Flipped(n); !back.Pass || back.Checks["action"] != k.Checks["action"] || back.Checks["desk"] != k.Checks["desk"] {
			t.Errorf("%d and back: %+v", n, back)
		}
	}
	if !k.Pass || k.Checks["action"][0] != 2 {
		t.Errorf("it was changed: %+v", k)
	}
}
