package pgdesk

import (
	"testing"

	"frontdesk/bot/convo"
)

func TestQuoted_NamesFilesAndHoldsNone(t *testing.T) {
	t.Parallel()
	label := convo.File{Name: "label.pdf", Size: 12_345, URL: "/v1/secret"}
	for want, m := range map[string]convo.Message{
		"Here it is.":                        {Text: "Here it is."},
		"Here it is.\n\n📎 label.pdf (13 kB)": {Text: "Here it is.", Files: []convo.File{label}},
		"📎 label.pdf (13 kB)\n📎 a (1 kB)":    {Files: []convo.File{label, {Name: "a", Size: 1}}},
	} {
		if got := quoted(m); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
