package evals_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/evals"
	"frontdesk/handoff/packet"
	"frontdesk/internal/fault"
)

// share gives a measure of a report.
func share(t *testing.T, r evals.PacketReport, name string) float64 {
	t.Helper()
	i := slices.IndexFunc(r.Measures, func(m evals.MessageMeasure) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("no measure %q", name)
	}
	return r.Measures[i].Share.Value
}

// Each row spoils every packet in one way, which its measure has to see.
func TestMeasurePackets_SeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const backed, invented, found = "lines backed by what they cite", "facts invented: not in their message", "labelled facts in the packet"
	good := evals.MeasurePackets(packed(t))
	for name, row := range map[string]struct {
		spoil   func(p *packet.Packet)
		measure string
		worse   func(was, is float64) bool
	}{
		"facts nobody said": {
			func(p *packet.Packet) {
				for i := range p.Facts {
					p.Facts[i].Value += "x"
				}
			}, invented, func(_, is float64) bool { return is == 1 },
		},
		"facts of the wrong kind": {
			func(p *packet.Packet) {
				for i := range p.Facts {
					p.Facts[i].Label = packet.Quantity
				}
			}, backed, func(was, is float64) bool { return is < was-.1 },
		},
		"facts left out": {
			func(p *packet.Packet) { p.Facts = nil }, found, func(_, is float64) bool { return is == 0 },
		},
		"a problem made up": {
			func(p *packet.Packet) {
				if p.Problem != nil {
					p.Problem.Text = "Something is wrong."
				}
			}, backed, func(was, is float64) bool { return is < was },
		},
		"answers said to have helped, without a word": {
			func(p *packet.Packet) {
				for i, s := range p.Answers {
					p.Answers[i].Received, p.Answers[i].From = packet.Helped, s.From[:2]
				}
			}, backed, func(was, is float64) bool { return is < was },
		},
		"promises in other words": {
			func(p *packet.Packet) {
				for i := range p.Promised {
					p.Promised[i].Text = "You get your money back."
				}
			}, backed, func(was, is float64) bool { return is < was },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := packed(t)
			for i := range list {
				row.spoil(&list[i].Packet)
			}
			was, is := share(t, good, row.measure), share(t, evals.MeasurePackets(list), row.measure)
			if !row.worse(was, is) {
				t.Errorf("%s was %.3f and is %.3f", row.measure, was, is)
			}
		})
	}
}

func TestReadPacketCases_RefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ line, says string }{
		"no JSON":                     {"{", "1:"},
		"a field nobody knows":        {`{"id":"a","language":"en","mad":1}`, "mad"},
		"no events":                   {`{"id":"a","language":"en"}`, "events"},
		"a number left out":           {`{"id":"a","language":"en","events":[{"n":2,"author":"customer","text":"hi"}],"labels":{"problem":"hi","problem_n":1}}`, "number"},
		"a fact that stands nowhere":  {`{"id":"a","language":"en","events":[{"n":1,"author":"customer","text":"hi"}],"labels":{"problem":"hi","problem_n":1,"facts":[{"label":"date","value":"x","n":1}]}}`, "does not stand"},
		"a problem that stands not":   {`{"id":"a","language":"en","events":[{"n":1,"author":"customer","text":"hi"}],"labels":{"problem":"ho","problem_n":1}}`, "problem"},
		"a fact of a message to come": {`{"id":"a","language":"en","events":[{"n":1,"author":"customer","text":"hi"}],"labels":{"problem":"hi","problem_n":1,"facts":[{"label":"date","value":"hi","n":7}]}}`, "does not stand"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "open.jsonl"), []byte(row.line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := evals.ReadPacketCases(dir, evals.Open)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A sealed half that was changed is not scored.
func TestReadPacketCases_HoldsTheSealedHalfAgainstItsHash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sealed.jsonl":  `{"id":"a","language":"en","events":[{"n":1,"author":"customer","text":"hi"}],"labels":{"problem":"hi","problem_n":1}}` + "\n",
		"SEALED.sha256": strings.Repeat("0", 64) + "  sealed.jsonl\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := evals.ReadPacketCases(dir, evals.Sealed); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("got %v", err)
	}
}
