package bot

import "frontdesk/triage"

// standing is what looking up leaves with a turn: a second look begins without it,
// and where that finds nothing it is what holds.
type standing struct {
	trace   Trace
	newest  string
	earlier []string
	decided *triage.Decision
	two     *twoMatters
	each    bool
}

func (t *Turn) standing() standing {
	return standing{trace: t.trace, newest: t.newest, earlier: t.earlier, decided: t.decided, two: t.two, each: t.each}
}

func (t *Turn) put(f standing) {
	t.trace, t.newest, t.earlier, t.decided, t.two, t.each = f.trace, f.newest, f.earlier, f.decided, f.two, f.each
}
