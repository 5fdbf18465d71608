package pgdesk

import (
	"strconv"
	"strings"

	"frontdesk/bot/convo"
)

// quoted is an agent's message as a letter quotes it: its files are named and stay
// where they are. A letter is kept by servers that nobody here can ask to erase
// it, its address may be shared, and many refuse what is large.
func quoted(m convo.Message) string {
	parts := make([]string, 0, 1+len(m.Files))
	if m.Text != "" {
		parts = append(parts, m.Text)
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, "📎 "+f.Name+" ("+kilobytes(f.Size)+")")
	}
	if len(names) > 0 {
		parts = append(parts, strings.Join(names, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

// kilobytes is a size as every language writes it.
func kilobytes(n int64) string { return strconv.FormatInt(max(1, (n+999)/1000), 10) + " kB" }
