package mood

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"frontdesk/triage/cues"
	"frontdesk/triage/text"
)

// Conduct is how a customer has behaved so far.
type Conduct struct {
	Repeats       int // messages before that say the same
	FailedAnswers int // times they said that an answer did not help
	Waited        time.Duration
}

// Feeling is how a customer feels, and how much it presses.
type Feeling struct {
	Mood    float64 // -1 … 1
	Urgency float64 // 0 … 1
	Why     []string
}

//go:embed lexicon.json
var lexiconJSON []byte

// tone is a group of phrases of one weight.
type tone int

const (
	great tone = iota
	good
	mild
	fault
	bad
	awful
	not
	very
	plain
	urgent
	soon
	wait
	today  // today, tonight, now: presses where something else does too
	need   // words of needing
	common // usual words, which tell the language and nothing else
	tones
)

// weight is what a phrase of a tone adds. Set by hand on the lexicon's own
// words; bounded() makes one awful word -0.7 and one good one 0.5.
func (t tone) weight() float64 {
	return [tones]float64{great: 3.2, good: 1.8, mild: .7, fault: -.7, bad: -1.7, awful: -3.3}[t]
}

func (t tone) String() string {
	return [tones]string{"great", "good", "mild", "fault", "bad", "awful", "not", "very", "plain", "urgent", "soon", "wait", "today", "need", "common"}[t]
}

// Reader reads feelings. It is safe for concurrent use.
type Reader struct {
	codes   []string
	phrases text.Phrases // ids: the language's place × tones + tone
	presses *cues.Book
}

// New reads the lexicon that is built in.
func New() (*Reader, error) {
	var all map[string]map[string][]string
	if err := json.Unmarshal(lexiconJSON, &all); err != nil {
		return nil, fmt.Errorf("mood: lexicon.json: %w", err)
	}
	presses, err := readPresses()
	if err != nil {
		return nil, err
	}
	r := &Reader{codes: slices.Sorted(maps.Keys(all)), presses: presses}
	var phrases text.PhraseList
	for i, code := range r.codes {
		for t := range tones {
			list := all[code][t.String()]
			if len(list) == 0 {
				return nil, fmt.Errorf("mood: lexicon.json: %s has no %s", code, t)
			}
			for _, p := range list {
				if err := phrases.Add(p, i*int(tones)+int(t)); err != nil {
					return nil, fmt.Errorf("mood: lexicon.json: %s: %w", code, err)
				}
			}
		}
	}
	r.phrases = phrases.Phrases()
	return r, nil
}

// longest is how many words of a text are read: the first ones and the last.
const longest = 1200

// Read reads a text and a conduct.
func (r *Reader) Read(s string, c Conduct) Feeling {
	t := text.Normal(s)
	ws := t.Words
	if len(ws) > longest {
		ws = slices.Concat(ws[:longest/2], ws[len(ws)-longest/2:])
	}
	m := look(s, t)
	var f Feeling
	sum, press := r.weigh(s, t, ws, m, &f)
	press = r.press(s, t, press, &f)
	sum, press = m.add(sum, press, &f)
	f.Mood, f.Urgency = bounded(sum), press
	conduct(c, &f)
	f.Mood = max(-1, min(1, f.Mood))
	f.Urgency = max(0, min(1, f.Urgency+.2*max(0, -f.Mood-.4)))
	return f
}

// bounded brings a sum of weights between -1 and 1.
func bounded(sum float64) float64 { return sum / math.Sqrt(sum*sum+10) }

// conduct makes a mood worse and a matter more urgent.
func conduct(c Conduct, f *Feeling) {
	worse, more := 0.0, 0.0
	if n := min(max(c.Repeats, 0), 4); n > 0 {
		worse, more = worse+.1*float64(n), more+.08*float64(n)
		f.Why = append(f.Why, fmt.Sprintf("said %d times before", c.Repeats))
	}
	if n := min(max(c.FailedAnswers, 0), 4); n > 0 {
		worse, more = worse+.12*float64(n), more+.06*float64(n)
		f.Why = append(f.Why, fmt.Sprintf("%d answers did not help", c.FailedAnswers))
	}
	// Five minutes in a chat are long, an hour is very long: half of the effect
	// at ten minutes.
	if w := c.Waited.Minutes(); w >= 2 {
		share := w / (w + 10)
		worse, more = worse+.15*share, more+.3*share
		f.Why = append(f.Why, fmt.Sprintf("has waited %d minutes", int(min(w, 1e6))))
	}
	f.Mood -= worse
	f.Urgency += more
}
