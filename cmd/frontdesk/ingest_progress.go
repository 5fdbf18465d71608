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
	p := &ingestProgress{w: w, every: 5 * time.Second}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.terminal, p.every = true, 200*time.Millisecond
		}
	}
	p.last = time.Now()
	return p
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
