package mood

import (
	_ "embed"
	"fmt"
	"regexp"
	"sync"

	"frontdesk/triage/cues"
	"frontdesk/triage/text"
)

//go:embed presses.json
var pressesJSON []byte

// What a cue of presses.json says.
const (
	pressNow   = "now"   // within the hour, or it costs by the minute, or somebody stands outside
	pressSoon  = "soon"  // by a day that is near
	pressWait  = "wait"  // has waited, or said it before
	pressMoney = "money" // money taken, or out of reach
	pressCalm  = "calm"  // there is no hurry
	pressClock = "clock" // says what time it is, if a time follows
)

// pressWorth is how much a cue makes a matter press; those that stand beside the
// strongest add a little each.
func pressWorth(rule string) float64 {
	switch rule {
	case pressNow, pressClock:
		return .7
	case pressSoon:
		return .35
	case pressMoney:
		return .3
	case pressWait:
		return .25
	default:
		return 0
	}
}

const (
	// another is what a further cue adds, and mostOthers what all of them do.
	another, mostOthers = .03, .12
	// calmed is what is left of a matter's press where its writer says that
	// there is no hurry.
	calmed = .3
)

// timeFollows is what makes an hour a time of day: somebody who says what time it
// is now has little of it.
var timeFollows = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\s?[:.hH点點時时]\s?(?:[0-5]\d)|\s?[点點時时]|\s?(?:am|pm|uhr|uur)\b|\s+(?:menos|meno)\s)`)
})

// press is how much a text presses by what it says of time, and what says so.
// found is by the phrases of the lexicon.
func (r *Reader) press(s string, t text.Text, found float64, f *Feeling) float64 {
	best, more, calm := found, 0.0, false
	for _, c := range r.presses.Find(t).Cues {
		if c.Rule == pressClock && !timeFollows().MatchString(s[c.To:]) {
			continue
		}
		calm = calm || c.Rule == pressCalm
		worth := pressWorth(c.Rule)
		if worth > best {
			best = worth
		} else if worth > 0 {
			more += another
		}
		if len(f.Why) < mostWhy {
			f.Why = append(f.Why, fmt.Sprintf("%q: %s", s[c.From:c.To], c.Rule))
		}
	}
	best = min(best+min(more, mostOthers), .95)
	if calm {
		best *= calmed
	}
	return best
}

// readPresses reads the cues that are built in.
func readPresses() (*cues.Book, error) {
	// Nothing takes such a cue back from afar: what does is written as a mask.
	book, err := cues.Read(pressesJSON, 0)
	if err != nil {
		return nil, fmt.Errorf("mood: presses.json: %w", err)
	}
	return book, nil
}
