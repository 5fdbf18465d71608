package harvest

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
)

// yamlOf writes candidates as cases with comments for who labels them. It is
// written by hand, since a comment belongs between two lines.
func yamlOf(site, split, day string, list []Candidate) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Candidates from conversations of the site %s, harvested %s: the %s split.
# Read each, say under expect what a right reply does, and delete what is no case.
# Until a case expects something, no run takes it. What stands in square brackets was
# personal. Proposals come of what people did; they may be wrong.
`, site, day, split)
	if split == Frozen {
		b.WriteString("# These only ever judge: tune and train on nothing in this file.\n")
	}
	fmt.Fprintf(&b, "suite: harvest-%s\nwriter: customers\ncases:\n", split)
	for _, c := range list {
		fmt.Fprintf(&b, "  - id: %s\n", c.ID)
		fmt.Fprintf(&b, "    tags: [%s, %s]\n", split, strings.Join(c.Why, ", "))
		fmt.Fprintf(&b, "    source: %s\n", quoted(fmt.Sprintf("harvest %s %s %s", c.Conversation, c.Day, strings.Join(c.Why, ","))))
		if c.Language != "" {
			fmt.Fprintf(&b, "    lang: %s\n", quoted(c.Language))
		}
		b.WriteString("    turns:\n")
		if c.Cut {
			b.WriteString("      # earlier turns were left out\n")
		}
		for i, say := range c.Say {
			fmt.Fprintf(&b, "      - say: %s\n", quoted(say))
			if i < len(c.Say)-1 {
				continue
			}
			fmt.Fprintf(&b, "        # was: %s\n", comment(c.Was))
			for _, p := range c.Proposed {
				fmt.Fprintf(&b, "        # proposed: %s\n", comment(p))
			}
			b.WriteString("        expect: {}\n")
		}
	}
	return b.Bytes()
}

// quoted is a text between quotation marks, as YAML has it. What cannot be seen is
// written by its number.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// comment is a text on one line.
func comment(s string) string { return strings.Join(strings.Fields(s), " ") }
