package handoff

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

//go:embed defaults.json
var defaultsJSON []byte

// Setup is all that a site chose about its desk.
type Setup struct {
	Rules  Rules   `json:"rules"`
	Queues []Queue `json:"queues"`
	Routes []Route `json:"routes"`
}

// Defaults is what a site has before anybody changed anything.
func Defaults() (Setup, error) {
	var s Setup
	if err := json.Unmarshal(defaultsJSON, &s); err != nil {
		return s, fmt.Errorf("the default queues: %w", err)
	}
	return s, s.Check()
}

// Check refuses a setup whose parts do not fit together.
func (s Setup) Check() error {
	for _, q := range s.Queues {
		if err := q.Check(); err != nil {
			return err
		}
		for _, o := range q.Overflow {
			if _, ok := s.Queue(o); !ok {
				return Bad("overflow of "+q.Queue, fmt.Sprintf("there is no queue %q", o))
			}
		}
	}
	for _, r := range s.Routes {
		err := r.Check(func(name string) bool { _, ok := s.Queue(name); return ok })
		if err != nil {
			return err
		}
	}
	if _, ok := s.Queue(s.Rules.DefaultQueue); !ok {
		return Bad("default_queue", fmt.Sprintf("there is no queue %q", s.Rules.DefaultQueue))
	}
	return s.Rules.Check()
}

// Queue finds one by its short name.
func (s Setup) Queue(name string) (Queue, bool) {
	i := slices.IndexFunc(s.Queues, func(q Queue) bool { return q.Queue == name })
	if i < 0 {
		return Queue{}, false
	}
	return s.Queues[i], true
}

// Default is the queue of whatever no route is for.
func (s Setup) Default() Queue {
	if q, ok := s.Queue(s.Rules.DefaultQueue); ok {
		return q
	}
	return Queue{Queue: s.Rules.DefaultQueue, Name: s.Rules.DefaultQueue, Distribution: ByClaim}
}

// Route says where a matter goes: the first line of the table that fits and
// whose queue takes anything, else fallback, else the default queue. line is 0
// where none fitted.
func (s Setup) Route(m Matter, fallback string) (q Queue, p Priority, line int) {
	for from := 0; from < len(s.Routes); {
		r, n := Choose(s.Routes[from:], m)
		if n == 0 {
			break
		}
		from += n
		if q, ok := s.Queue(r.Queue); ok && !q.Closed {
			return q, r.Priority, from
		}
	}
	if q, ok := s.Queue(fallback); ok && !q.Closed {
		return q, Normal, 0
	}
	return s.Default(), Normal, 0
}

// Above is where an escalation from a queue goes: the next tier of its desk and
// product, else of its desk, else the escalations queue.
func (s Setup) Above(from Queue) (Queue, bool) {
	best, found := Queue{}, false
	for _, q := range s.Queues {
		fits := !q.Closed && q.Queue != from.Queue && q.Tier > from.Tier && q.Tier < topTier && from.Tier > 0 &&
			q.Desk == from.Desk && (q.Product == "" || q.Product == from.Product)
		switch {
		case !fits:
		case !found, q.Tier < best.Tier, q.Tier == best.Tier && q.Product != "" && best.Product == "":
			best, found = q, true
		}
	}
	if found {
		return best, true
	}
	for _, q := range s.Queues {
		if q.Tier == topTier && q.Queue != from.Queue && !q.Closed {
			return q, true
		}
	}
	return Queue{}, false
}

// topTier marks the queue that everything escalates to in the end.
const topTier = 9

const (
	defaultMaxOpen  = 3
	defaultMaxDay   = 12
	defaultMaxMoves = 8
	noLimit         = 1 << 30
)

func limit(n, absent int) int {
	switch {
	case n == 0:
		return absent
	case n < 0:
		return noLimit
	default:
		return n
	}
}

// Open is how many open cases one visitor may have.
func (r Rules) Open() int { return limit(r.MaxOpen, defaultMaxOpen) }

// Day is how many cases one visitor may open in 24 hours.
func (r Rules) Day() int { return limit(r.MaxDay, defaultMaxDay) }

// Moves is how often a case may be passed on between two answers.
func (r Rules) Moves() int { return limit(r.MaxMoves, defaultMaxMoves) }

// Location is the site's time zone.
func (r Rules) Location() *time.Location {
	if loc, err := time.LoadLocation(r.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// Check refuses rules that cannot mean anything.
func (r Rules) Check() error {
	if r.Zone == "Local" {
		return Bad("zone", "name a time zone, Europe/Berlin for instance")
	}
	if _, err := time.LoadLocation(r.Zone); err != nil {
		return Bad("zone", fmt.Sprintf("there is no time zone %q", r.Zone))
	}
	return nil
}
