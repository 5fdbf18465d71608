package packet_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestMake_ReadsWhatStrangersWrite has ways of saying each kind of fact that no
// labelled conversation has: a row is a language, what is said, and facts that
// have to be found in it, parted by "; ".
func TestMake_ReadsWhatStrangersWrite(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	all := strangers()
	maps.Copy(all, strangersMore())
	maps.Copy(all, strangersWide())
	maps.Copy(all, strangersKinds())
	for name, rows := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, row := range rows {
				lines := strings.Split(row[1], " // ")
				p := m.Make(input(row[0], said(lines...)))
				got := told(p.Facts)
				for want := range strings.SplitSeq(row[2], "; ") {
					if no, ok := strings.CutPrefix(want, "no "); ok {
						if strings.Contains(got, no) {
							t.Errorf("%s %s:\n got %s, where none is", row[0], row[1], got)
						}
						continue
					}
					if !slices.Contains(strings.Split(got, " | "), want) {
						t.Errorf("%s %s:\n got %s\nwant %s", row[0], row[1], got, want)
					}
				}
			}
		})
	}
}
