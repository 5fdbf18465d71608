package evals

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
)

// Packed is a labelled conversation with the packet that was made of it.
type Packed struct {
	PacketCase
	Packet packet.Packet
}

// PacketReport is what packets are worth.
type PacketReport struct {
	Conversations int
	Measures      []MessageMeasure
	Missed        []string // labelled, and not in the packet
	Extra         []string // in the packet, and not labelled
}

// ratio counts what holds, of how many.
type ratio struct{ n, of int }

func (t *ratio) add(ok bool) {
	t.of++
	if ok {
		t.n++
	}
}

// MeasurePackets holds packets against the labels. What a line cites is read
// from the conversation anew: the packet's own check is not asked.
func MeasurePackets(list []Packed) PacketReport {
	r := PacketReport{Conversations: len(list)}
	var english, other ratio
	var backed, facts, dead, listed, problem, tried, triedListed, answers, promised, promisedListed, mood, urgent ratio
	invented := 0
	byLabel := map[string]*ratio{}
	for _, p := range list {
		for _, l := range p.lines() {
			backed.add(l.backed)
			if !l.backed {
				r.Extra = append(r.Extra, fmt.Sprintf("%s: not backed: %s", p.ID, l.what))
			}
		}
		for _, f := range p.Packet.Facts {
			if !p.stands(f.From[0], f.Value, convo.Customer) {
				invented++
			}
			ok := slices.ContainsFunc(p.Labels.Facts, func(l FactLabel) bool { return p.sameFact(l, f, false) })
			listed.add(ok)
			if !ok {
				r.Extra = append(r.Extra, fmt.Sprintf("%s [%d] %s %q: nobody labelled it", p.ID, f.From[0].Seq, f.Label, f.Value))
			}
		}
		for _, l := range p.Labels.Facts {
			t := byLabel[l.Label]
			if t == nil {
				t = &ratio{}
				byLabel[l.Label] = t
			}
			i := slices.IndexFunc(p.Packet.Facts, func(f packet.Fact) bool { return p.sameFact(l, f, true) })
			facts.add(i >= 0)
			t.add(i >= 0)
			if p.Language == "en" {
				english.add(i >= 0)
			} else {
				other.add(i >= 0)
			}
			if i < 0 {
				r.Missed = append(r.Missed, fmt.Sprintf("%s [%d] %s %q: %s", p.ID, l.N, l.Label, l.Value, p.Events[l.N-1].Text))
				continue
			}
			same := p.Packet.Facts[i].Superseded == l.Superseded
			dead.add(same)
			if !same {
				r.Missed = append(r.Missed, fmt.Sprintf("%s [%d] %s %q: superseded is %v: %s", p.ID, l.N, l.Label, l.Value, l.Superseded, p.Events[l.N-1].Text))
			}
		}
		ok := p.problemFound()
		problem.add(ok)
		if !ok {
			said := "none"
			if p.Packet.Problem != nil {
				said = p.Packet.Problem.Text
			}
			r.Missed = append(r.Missed, fmt.Sprintf("%s problem [%d] %q: got %q", p.ID, p.Labels.ProblemN, p.Labels.Problem, said))
		}
		for _, l := range p.Labels.Tried {
			ok := slices.ContainsFunc(p.Packet.Tried, func(q packet.Quote) bool { return p.overlaps(q.From[0], l.N, l.Text) })
			tried.add(ok)
			if !ok {
				r.Missed = append(r.Missed, fmt.Sprintf("%s tried [%d] %q: %s", p.ID, l.N, l.Text, p.Events[l.N-1].Text))
			}
		}
		for _, q := range p.Packet.Tried {
			ok := false
			for _, l := range p.Labels.Tried {
				ok = ok || p.overlaps(q.From[0], l.N, l.Text)
			}
			triedListed.add(ok)
			if !ok {
				r.Extra = append(r.Extra, fmt.Sprintf("%s tried [%d] %q: nobody labelled it", p.ID, q.From[0].Seq, q.Text))
			}
		}
		for _, l := range p.Labels.Answers {
			i := slices.IndexFunc(p.Packet.Answers, func(s packet.Shown) bool { return s.Article == l.Article && int(s.From[0].Seq) == l.N })
			ok := i >= 0 && p.Packet.Answers[i].Received == l.Received
			answers.add(ok)
			if !ok {
				r.Missed = append(r.Missed, fmt.Sprintf("%s answer [%d] %s: %s; then %s", p.ID, l.N, l.Article, l.Received, p.after(l.N)))
			}
		}
		var said []int
		for _, s := range p.Packet.Promised {
			said = append(said, int(s.From[0].Seq))
			ok := slices.Contains(p.Labels.Promised, int(s.From[0].Seq))
			promisedListed.add(ok)
			if !ok {
				r.Extra = append(r.Extra, fmt.Sprintf("%s promised %q: nobody labelled it", p.ID, s.Text))
			}
		}
		for _, n := range p.Labels.Promised {
			promised.add(slices.Contains(said, n))
			if !slices.Contains(said, n) {
				r.Missed = append(r.Missed, fmt.Sprintf("%s promised [%d] %q", p.ID, n, p.Events[n-1].Text))
			}
		}
		mood.add(p.Packet.Mood != nil && p.Packet.Mood.Word == p.Labels.Mood)
		urgent.add(p.Packet.Urgency != nil && (p.Packet.Urgency.Value >= .5) == p.Labels.Urgent)
	}
	add := func(name string, t ratio, aim string) {
		r.Measures = append(r.Measures, MessageMeasure{name, shareOf(t.n, t.of), aim})
	}
	add("lines backed by what they cite", backed, "≥ .99")
	add("labelled facts in the packet", facts, "≥ .90")
	labels := make([]string, 0, len(byLabel))
	for l := range byLabel {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	for _, l := range labels {
		add("  "+l, *byLabel[l], "")
	}
	add("  of English conversations", english, "")
	add("  of the others", other, "")
	add("facts invented: not in their message", ratio{invented, listed.of}, "0")
	add("facts listed that are labelled", listed, "")
	add("facts superseded or not, as labelled", dead, "")
	add("problem: the labelled words, most of them", problem, "")
	add("tried: labelled ones in the packet", tried, "")
	add("tried: listed ones that are labelled", triedListed, "")
	add("answers: received as labelled", answers, "")
	add("promised: labelled ones in the packet", promised, "")
	add("promised: listed ones that are labelled", promisedListed, "")
	add("mood: bad, fair or good", mood, "")
	add("urgent or not", urgent, "")
	return r
}

// sameFact says whether a fact of the packet is a labelled one: of the same
// label, and the same value or, in the same message, most of the same words.
// anywhere takes the later places of a fact, too.
func (p Packed) sameFact(l FactLabel, f packet.Fact, anywhere bool) bool {
	if factLabel(f.Label) != l.Label {
		return false
	}
	if letters(f.Value) == letters(l.Value) {
		return true
	}
	refs := f.From
	if !anywhere {
		refs = refs[:1]
	}
	return slices.ContainsFunc(refs, func(r packet.Ref) bool {
		return int(r.Seq) == l.N && p.common(r, l.N, l.Value) >= .5
	})
}

// factLabel is the label that labellers have for one of the packet's.
func factLabel(label string) string {
	switch label {
	case packet.Tracking, packet.Invoice, packet.ReturnCode, packet.Voucher, packet.IBAN, packet.SoftVersion, packet.Code,
		packet.TaxNumber, packet.CardEnd, packet.Wording, packet.Reference:
		return "other"
	case packet.Place:
		return packet.Address
	default:
		return label
	}
}

// letters is a value without signs and case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// common is the share of two stretches of a message that both cover: words that
// stand there several times are taken where they overlap most.
func (p Packed) common(r packet.Ref, n int, words string) float64 {
	text, best := p.Events[n-1].Text, 0.0
	for at := 0; ; {
		i := strings.Index(text[at:], words)
		if i < 0 {
			return best
		}
		best = max(best, overlap(r.From, r.To, at+i, at+i+len(words)))
		at += i + 1
	}
}

// overlaps says whether a cited part shares words with a labelled one: a third
// of what both cover, or one lies within the other.
func (p Packed) overlaps(r packet.Ref, n int, words string) bool {
	if int(r.Seq) != n {
		return false
	}
	cited := p.Events[n-1].Text[r.From:r.To]
	return p.common(r, n, words) >= 1./3 || strings.Contains(cited, words) || strings.Contains(words, cited)
}

// problemFound says whether the problem's line shares words with the labelled
// one.
func (p Packed) problemFound() bool {
	q := p.Packet.Problem
	return q != nil && p.overlaps(q.From[0], p.Labels.ProblemN, p.Labels.Problem)
}

// after is what was said after an event, for whoever reads what was missed.
func (p Packed) after(n int) string {
	var b strings.Builder
	for _, e := range p.Events[n:min(len(p.Events), n+3)] {
		fmt.Fprintf(&b, "[%s %.120s] ", e.Author, e.Text)
	}
	return b.String()
}

// Print shows a report to a person.
func (r PacketReport) Print(w io.Writer) {
	fmt.Fprintf(w, "%d conversations\n", r.Conversations)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\tof\tpart\t95 %\taim")
	for _, m := range r.Measures {
		fmt.Fprintf(tw, "%s\t%d\t%.3f\t%.2f–%.2f\t%s\n", m.Name, m.Share.Of, m.Share.Value, m.Share.Low, m.Share.High, m.Aim)
	}
	tw.Flush() //nolint:errcheck // to standard output
}
