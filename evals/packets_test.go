package evals_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/evals"
	"frontdesk/handoff/packet"
	"frontdesk/retrieval/sources"
	"frontdesk/triage/lang"
	"frontdesk/triage/mood"
	"frontdesk/triage/pii"
)

// packed makes the packets of the open half, as `eval packets` does.
func packed(t *testing.T) []evals.Packed {
	t.Helper()
	cases, err := evals.ReadPacketCases("packets", evals.Open)
	if err != nil {
		t.Fatal(err)
	}
	found, err := sources.Walk(t.Context(), []string{filepath.Join("shop", "knowledge")}, sources.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var articles []packet.Article
	for _, a := range found.Articles {
		articles = append(articles, packet.Article{Title: a.Title, Product: a.Product, Body: a.Body})
	}
	catalogue := packet.NewCatalogue(articles)
	finder, err := pii.New()
	if err != nil {
		t.Fatal(err)
	}
	feelings, err := mood.New()
	if err != nil {
		t.Fatal(err)
	}
	detect, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	maker, err := packet.New(packet.Deps{PII: finder, Feel: func(s string) (float64, float64) {
		f := feelings.Read(s, mood.Conduct{})
		return f.Mood, f.Urgency
	}})
	if err != nil {
		t.Fatal(err)
	}
	var out []evals.Packed
	for _, c := range cases {
		in := c.Input()
		in.Catalogue = catalogue
		var words strings.Builder
		for _, e := range c.Events {
			if e.Author == convo.Customer {
				words.WriteString(e.Text + "\n")
			}
		}
		in.Case.Language, _ = detect.Detect(words.String(), "")
		out = append(out, evals.Packed{PacketCase: c, Packet: maker.Make(in)})
	}
	return out
}

// The floors are the product's aims, on the half that may be read.
func TestMeasurePackets_OpenHalf(t *testing.T) {
	t.Parallel()
	report := evals.MeasurePackets(packed(t))
	var shown bytes.Buffer
	report.Print(&shown)
	t.Log("\n" + shown.String())
	floors := map[string]float64{"lines backed by what they cite": .99, "labelled facts in the packet": .90}
	for _, m := range report.Measures {
		if floor, ok := floors[m.Name]; ok && m.Share.Value < floor {
			t.Errorf("%s: %.3f, under %.2f", m.Name, m.Share.Value, floor)
		}
		if m.Name == "facts invented: not in their message" && m.Share.Value != 0 {
			t.Errorf("invented: %.3f", m.Share.Value)
		}
	}
	if os.Getenv("MISSES") != "" {
		for _, l := range append(report.Missed, report.Extra...) {
			t.Log(l)
		}
	}
}
