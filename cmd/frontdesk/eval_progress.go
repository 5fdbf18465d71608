package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// runProgress says how far a run is: a bar that is rewritten on a terminal, else a
// line every two seconds.
type runProgress struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	now      func() time.Time
	all      int
	what     string
	began    time.Time
	last     time.Time
}

// barWidth is how many characters a bar has.
const barWidth = 24

func (a *app) casesProgress(all int, what string) func(int) {
	p := &runProgress{w: a.stderr, now: time.Now, terminal: onTerminal(a.stderr), every: 2 * time.Second, all: all, what: what}
	if p.terminal {
		p.every = rewriteEvery
	}
	p.began = p.now()
	p.last = p.began
	return p.tell
}

func (p *runProgress) tell(done int) {
	now := p.now()
	if done < p.all && now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	took := now.Sub(p.began)
	line := fmt.Sprintf("%d of %d %s, %s", done, p.all, p.what, took.Round(100*time.Millisecond))
	line += left(took, done, p.all)
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	full := barWidth * done / max(1, p.all)
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), line)
	if done >= p.all {
		fmt.Fprintln(p.w)
	}
}

// left says how long the rest takes, by what has been done; nothing where that is
// too little to tell, since the first of many waits for what all share.
func left(took time.Duration, done, all int) string {
	const tells = 50 // of so many parts one
	if done >= all || done*tells < all {
		return ""
	}
	return fmt.Sprintf(", about %s left", (took * time.Duration(all-done) / time.Duration(done)).Round(time.Second))
}
