package report

import (
	"bytes"
	"fmt"
	"strings"

	"frontdesk/evals/gate"
	"frontdesk/evals/grade"
)

// mostMarkdown is how long a comment may be, in bytes: GitHub takes 65,536
// characters.
const mostMarkdown = 60_000

// code is a text as Markdown shows it letter by letter: in a fence that is longer
// than any within, and on one line. Tables have none, for their bars.
func code(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + " " + s + " " + fence
}

// plainMarkdown escapes a text of ours that may hold names: ids, files, tags.
func plainMarkdown(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		case r == '@' || r == '#':
			// Mentions and issues are looked for after entities are read.
			b.WriteString(string(r) + "\u200b")
		case strings.ContainsRune("\\`*_{}[]<>|~!&$", r):
			// An entity is never a tag or a mark.
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func markdown(d *data) ([]byte, error) {
	var b bytes.Buffer
	r := d.Result
	mark := map[string]string{"bad": "❌", "warn": "⚠️", "good": "✅", "even": "✅", "dim": "➖"}[tone(r.Verdict)]
	fmt.Fprintf(&b, "## %s Frontdesk evals: %s\n\n%s\n\n", mark, strings.ToLower(heading(r.Verdict)), plainMarkdown(sentence(r)))
	if c := r.Configuration; c != nil && c.Says != "" {
		fmt.Fprintf(&b, "%s\n\n", plainMarkdown(clip(c.Says, 2000)))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "- **%s.** To do: %s%s\n", plainMarkdown(p.What), plainMarkdown(p.Do), listed(p.Cases, 10))
	}
	if len(r.Problems) > 0 {
		b.WriteByte('\n')
	}
	if len(r.Changed) > 0 {
		b.WriteString("<details><summary>What is different in the configuration</summary>\n\n")
		for _, c := range r.Changed {
			fmt.Fprintf(&b, "- %s\n", plainMarkdown(clip(c.Says(), 400)))
		}
		b.WriteString("\n</details>\n\n")
	}
	if len(r.Suites) > 0 {
		markdownParts(&b, "Suites", append([]gate.Part{r.All}, r.Suites...))
	}
	var notable []gate.Part
	for _, p := range r.Slices {
		if p.Verdict == gate.Regression || p.Verdict == gate.Soft || p.Verdict == gate.Improvement {
			notable = append(notable, p)
		}
	}
	if len(notable) > 0 {
		markdownParts(&b, "Slices that changed", notable[:min(len(notable), 40)])
	}
	if len(r.Unjudged) > 0 {
		fmt.Fprintf(&b, "%s: nothing that was expected could be judged, and so they pass%s.\n\n", counted(len(r.Unjudged), "case"), listed(r.Unjudged, 5))
	}
	if len(r.New) > 0 {
		fmt.Fprintf(&b, "%s new, %d of them failing; none is counted above.\n\n", counted(len(r.New), "case"), len(r.NewFails))
	}
	d.markdownFlips(&b)
	fmt.Fprintf(&b, "\nThe whole report is `%s` among the run's files.\n", PageFile)
	return b.Bytes(), nil
}

func listed(ids []string, most int) string {
	if len(ids) == 0 {
		return ""
	}
	var out []string
	for _, id := range ids[:min(most, len(ids))] {
		out = append(out, code(clip(id, 80)))
	}
	s := ": " + strings.Join(out, ", ")
	if more := len(ids) - most; more > 0 {
		s += fmt.Sprintf(", and %d more", more)
	}
	return s
}

const mostParts = 60 // rows of a table in the comment

func markdownParts(b *bytes.Buffer, title string, parts []gate.Part) {
	fmt.Fprintf(b, "| %s | cases | pass | 95 %% | change | 95 %% | newly fail / pass | p | least effect | verdict |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n", title)
	for _, p := range parts[:min(mostParts, len(parts))] {
		name := plainMarkdown(clip(p.Name, 60))
		if p.Kind != gate.KindSuite && p.Kind != gate.KindAll {
			name = p.Kind + " " + name
		}
		if p.Verdict == "" {
			fmt.Fprintf(b, "| %s | %d | %s | %s | – | – | – | – | – | %s |\n", name, p.Cases, percent(p.Is.Value), between(p.Is), verdictWord(p.Verdict))
			continue
		}
		fmt.Fprintf(b, "| %s | %d | %s | %s | %s | %s | %d / %d | %s | %.1f | %s |\n", name, p.Cases, percent(p.Is.Value), between(p.Is),
			signed(p.Change.Value), betweenSigned(p.Change), len(p.Lost), len(p.Gained), pValue(p.Adjusted), 100*p.Least, verdictWord(p.Verdict))
	}
	if more := len(parts) - mostParts; more > 0 {
		fmt.Fprintf(b, "\nand %d more\n", more)
	}
	b.WriteByte('\n')
}

// markdownFlips shows the cases that changed for as long as there is room.
func (d *data) markdownFlips(b *bytes.Buffer) {
	flips := d.Result.Flips
	if len(flips) == 0 {
		return
	}
	fmt.Fprintf(b, "### %s changed\n\n", counted(len(flips), "case"))
	for i, f := range flips {
		var one bytes.Buffer
		what := "newly passes"
		if f.Lost {
			what = "newly fails"
		}
		if f.Severe {
			what = "severe, " + what
		}
		c, g := d.cases[f.Case], d.grades[f.Case]
		turn := turnOf(g, d.was[f.Case])
		fmt.Fprintf(&one, "<details><summary>%s (%s): %s</summary>\n\n", plainMarkdown(clip(f.Case, 80)), plainMarkdown(clip(f.Suite, 40)), what)
		if turn < len(c.Turns) {
			fmt.Fprintf(&one, "- customer: %s\n", code(clip(said(c.Turns[turn].Say, c.Turns[turn].Press), 300)))
		}
		fmt.Fprintf(&one, "- before: %s\n- now: %s\n", code(answer(d.before[f.Case], turn)), code(answer(d.outputs[f.Case], turn)))
		for k, check := range g.Failed() {
			if k == 3 {
				break
			}
			fmt.Fprintf(&one, "- %s: wanted %s, got %s\n", check.Kind, code(clip(check.Want, 200)), code(clip(check.Got, 200)))
		}
		if st := d.stages[f.Case]; st.Stage != "" && f.Lost {
			fmt.Fprintf(&one, "- lost at %s: %s\n", plainMarkdown(clip(st.Stage, 40)), code(clip(st.Why, 200)))
		}
		one.WriteString("\n</details>\n")
		const tail = 300 // what comes after
		if b.Len()+one.Len()+tail > mostMarkdown {
			fmt.Fprintf(b, "\nand %d more, which stand in the whole report.\n", len(flips)-i)
			return
		}
		b.Write(one.Bytes())
	}
}

// turnOf is the turn, from 0, at which a case that changed went wrong, now or
// before.
func turnOf(g grade.Grade, was *gate.Kept) int {
	if failed := g.Failed(); len(failed) > 0 {
		return max(0, failed[0].Turn-1)
	}
	if was != nil && len(was.Failed) > 0 {
		return max(0, was.Failed[0].Turn-1)
	}
	return 0
}

// answer is what was said in a turn, on one line.
func answer(o grade.Output, turn int) string {
	if turn < 0 || turn >= len(o.Replies) {
		return "(no reply was kept)"
	}
	r := o.Replies[turn]
	s := did(r)
	if r.Text != "" {
		s += ": " + r.Text
	}
	for _, c := range r.Citations {
		s += " [" + c.Article + "]"
	}
	for _, c := range r.Choices {
		s += " (" + c.Article + ")"
	}
	return clip(s, 400)
}
