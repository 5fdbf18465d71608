package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// ingestProgress says how far an ingest is: one line that is rewritten on a
// terminal, else a line every few seconds.
type ingestProgress struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	last     time.Time
	open     bool // a line is under way on the terminal
	trouble  string
}

func newIngestProgress(w io.Writer) *ingestProgress {
	p := &ingestProgress{w: w, every: 5 * time.Second, terminal: onTerminal(w), last: time.Now()}
	if p.terminal {
		p.every = rewriteEvery
	}
	return p
}

// rewriteEvery is how often a line on a terminal is written anew.
const rewriteEvery = 200 * time.Millisecond

// onTerminal says whether somebody watches what is written.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *ingestProgress) tell(g retrieval.Progress) {
	trouble := ""
	if g.Trouble != nil {
		trouble = "internal"
		if f, ok := fault.As(g.Trouble); ok {
			trouble = f.Public
		}
	}
	if trouble != "" && trouble != p.trouble {
		p.end()
		fmt.Fprintf(p.w, "embedder: %s Trying again.\n", trouble)
	}
	p.trouble = trouble
	now := time.Now()
	if now.Sub(p.last) < p.every && (g.Done < g.Total || !p.open) {
		return
	}
	p.last = now
	line := fmt.Sprintf("embedding %d of %d", g.Done, g.Total)
	if g.Rate > 0 {
		line += fmt.Sprintf(", %.1f a second, about %s left", g.Rate, g.Remaining.Round(time.Second))
	}
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		p.open = true
		return
	}
	fmt.Fprintln(p.w, line)
}

// end closes the line under way.
func (p *ingestProgress) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}
