package packet

import "frontdesk/bot/convo"

// The mood is bad below and good above these: the thirds that triage's reader of
// moods is measured by.
const badMood, goodMood = -.25, .25

// A mood has a trend where it moved by so much.
const moodStep = .3

// felt is a message with how it sounds.
type felt struct {
	s             *said
	mood, urgency float64
}

// feelings fills in mood, its trend and urgency.
func (m *Maker) feelings(p *Packet, in Input, t *transcript) {
	list := m.felt(in, t)
	if len(list) == 0 {
		if in.Case.Mood != nil {
			p.Mood = &Mood{Now: *in.Case.Mood, Word: moodWord(*in.Case.Mood), Trend: "steady", From: []Ref{{Kind: RefCase, ID: in.Case.ID.String()}}}
		}
		if in.Case.Urgency != nil {
			p.Urgency = &Reading{Value: *in.Case.Urgency, From: []Ref{{Kind: RefCase, ID: in.Case.ID.String()}}}
		}
		return
	}
	// The latest message that sounds like anything: "4711" after an outburst is
	// no good mood.
	now, first, most := list[len(list)-1], list[0], list[0]
	for _, f := range list {
		if f.mood <= badMood/2 || f.mood >= goodMood/2 {
			now = f
		}
		if f.urgency > most.urgency {
			most = f
		}
	}
	mood := &Mood{Now: rounded(now.mood), Word: moodWord(now.mood), Trend: "steady", From: []Ref{now.s.whole()}}
	if len(list) > 1 && now.s != first.s {
		mood.From = []Ref{first.s.whole(), now.s.whole()}
		switch d := now.mood - first.mood; {
		case d <= -moodStep:
			mood.Trend = "falling"
		case d >= moodStep:
			mood.Trend = "rising"
		}
	}
	p.Mood = mood
	p.Urgency = &Reading{Value: rounded(most.urgency), From: []Ref{most.s.whole()}}
}

// felt lists how the customer's messages sound, as far as anybody says so.
func (m *Maker) felt(in Input, t *transcript) []felt {
	by := map[convo.ID]MessageReading{}
	for _, r := range in.Readings {
		by[r.Message] = r
	}
	var out []felt
	for _, s := range t.customer {
		r, ok := by[s.ID]
		switch {
		case s.Choice != nil:
		case ok:
			out = append(out, felt{s, bounded(r.Mood, -1, 1), bounded(r.Urgency, 0, 1)})
		case m.feel != nil:
			mood, urgency := m.feel(s.body)
			out = append(out, felt{s, bounded(mood, -1, 1), bounded(urgency, 0, 1)})
		}
	}
	return out
}

// bounded brings a number between two; what is no number is the lower one or 0.
func bounded(x, low, high float64) float64 {
	if x != x {
		return max(low, 0)
	}
	return max(low, min(high, x))
}

func moodWord(mood float64) string {
	switch {
	case mood <= badMood:
		return "bad"
	case mood >= goodMood:
		return "good"
	default:
		return "fair"
	}
}

// rounded keeps two digits: more is noise.
func rounded(x float64) float64 {
	n := x * 100
	if n < 0 {
		return float64(int(n-.5)) / 100
	}
	return float64(int(n+.5)) / 100
}
