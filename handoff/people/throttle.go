package people

import (
	"crypto/sha256"
	"net/netip"
	"strings"
	"time"
)

// Rule bounds tries: Burst at once, and one more each Every.
type Rule struct {
	Burst int
	Every time.Duration
}

// Span is how long an allowance takes to be whole again.
func (r Rule) Span() time.Duration { return time.Duration(r.Burst) * r.Every }

// Take counts one try against an allowance that would be whole at fullAt (zero:
// it is). It returns the new moment, or, where nothing is left, how long to
// wait. The store does the same in one statement; this is the one place that
// says what it means, and a test holds them against each other.
func (r Rule) Take(fullAt, now time.Time) (next time.Time, wait time.Duration) {
	next = now
	if fullAt.After(now) {
		next = fullAt
	}
	next = next.Add(r.Every)
	if over := next.Sub(now) - r.Span(); over > 0 {
		return fullAt, over
	}
	return next, 0
}

// Place is an address as tries are counted by it: an IPv6 address is its /64,
// which is what one customer of a provider has.
func Place(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	if !addr.IsValid() {
		return "unknown"
	}
	return addr.String()
}

// key is what tries are counted by; hashed, so that the table holds no address
// of anybody, and none that was mistyped.
func key(parts ...string) []byte {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return h[:]
}
