package packet

import (
	"errors"

	"frontdesk/triage/pii"
)

// Feel reads how a message sounds: mood from -1 to 1, urgency from 0 to 1.
type Feel func(text string) (mood, urgency float64)

// Deps are what a Maker needs.
type Deps struct {
	PII  *pii.Finder
	Feel Feel // nil: no mood where the input has no readings
}

// Maker makes packets. It is safe for concurrent use.
type Maker struct {
	pii  *pii.Finder
	feel Feel
	book *book
}

// New reads the lists that are built in.
func New(d Deps) (*Maker, error) {
	if d.PII == nil {
		return nil, errors.New("packet: a finder of personal data is needed")
	}
	b, err := readBook()
	if err != nil {
		return nil, err
	}
	return &Maker{pii: d.PII, feel: d.Feel, book: b}, nil
}

// Make reads a conversation and gives its packet, checked. The same input gives
// the same packet.
func (m *Maker) Make(in Input) Packet {
	t := m.read(in)
	x := &reading{m: m, in: in, t: t}
	p := Packet{
		Version: Version, Seq: t.last, Made: stamp(in.Now),
		Facts: x.held(x.facts()), Files: sentFiles(t), Tried: m.tried(t), Answers: m.answers(in, t), Promised: m.promised(t),
		Consent: consents(in), Earlier: earlier(in),
	}
	p.Problem = m.problem(t)
	caseLines(&p, in, t)
	who(&p, in, t)
	m.feelings(&p, in, t)
	p.Next = next(p)
	p.Reply = reply(in, t, p)
	return Check(p, in)
}

// patterned says whether a value is one by a site's own patterns.
func (m *Maker) patterned(value string, patterns []string) bool {
	for _, s := range m.pii.FindWith(value, patterns) {
		if s.Kind == pii.Order && s.From == 0 && s.To == len(value) {
			return true
		}
	}
	return false
}
