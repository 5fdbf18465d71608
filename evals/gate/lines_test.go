package gate

import (
	"bytes"
	"fmt"
	"testing"
)

// A baseline is read in one go, however many cases it has: what numbers its lines
// for the sake of errors looks at each byte once.
func TestDecode_LooksAtEachByteOnce(t *testing.T) {
	t.Parallel()
	b := Baseline{Format: FormatVersion, Name: "default"}
	for i := range 500 {
		b.Cases = append(b.Cases, Kept{Case: fmt.Sprintf("c-%03d", i), Suite: "s", Severity: "normal", Asked: "a", Expects: "e"})
	}
	text, err := b.marshal()
	if err != nil {
		t.Fatal(err)
	}
	d := newDecoding("default.json", text)
	got, err := d.baseline()
	if err != nil || len(got.Cases) != len(b.Cases) {
		t.Fatalf("%d cases, %v", len(got.Cases), err)
	}
	if d.lines.looked > len(text) {
		t.Errorf("%d bytes were looked at for the lines of a file of %d", d.lines.looked, len(text))
	}
	if last, want := d.lines.at(text, len(text)), 1+bytes.Count(text, []byte("\n")); last != want {
		t.Errorf("it ends in line %d, want %d", last, want)
	}
}
