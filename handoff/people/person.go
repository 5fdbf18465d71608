package people

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

// Site is a site as a person of it knows it.
type Site struct {
	ID   int32
	Name string
}

// Person is somebody of the desk.
type Person struct {
	ID        convo.ID
	Email     string // lower case
	Name      string // customers read it
	Role      handoff.Role
	Queues    []string // that they work in; nil: all; empty: none
	Disabled  bool
	Password  bool      // has one
	Sessions  int       // live ones
	SeenAt    time.Time // last use of any session; zero: never
	CreatedAt time.Time
}

// Actor is the person as whoever does something. An admin works in every queue
// whatever their list says.
func (p Person) Actor(site int32) handoff.Actor {
	a := handoff.Actor{Site: site, Agent: p.ID, Name: p.Name, Role: p.Role, Queues: p.Queues}
	if May(p.Role, CasesEverywhere) {
		a.Queues = nil
	}
	return a
}

// Email brings an address into the one form it is kept in. Error: ErrEmail.
func Email(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	local, domain, ok := strings.Cut(s, "@")
	bad := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]`, r) }
	if !ok || local == "" || len(s) > 254 || len(local) > 64 || strings.Contains(domain, "@") || strings.ContainsFunc(s, bad) ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") || domain == "" {
		return "", ErrEmail
	}
	return s, nil
}

// Name brings a name into the form it is kept in. Error: ErrName.
func Name(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 100 || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError
	}) {
		return "", ErrName
	}
	return s, nil
}

// checkQueues refuses a scope with a queue that is not there, and puts it in
// order without repeats; nil stays nil.
func checkQueues(queues, there []string) ([]string, error) {
	if queues == nil {
		return nil, nil
	}
	out := slices.Clone(queues)
	slices.Sort(out)
	out = slices.Compact(out)
	for _, q := range out {
		if !slices.Contains(there, q) {
			return nil, unknownQueue(q)
		}
	}
	if out == nil {
		out = []string{}
	}
	return out, nil
}

// clean is a line from a request's header as it is kept: short, valid, printable.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	for len(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
