package proc

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Progress is where setup says how far it is: people read it, no program does.
type Progress struct {
	w        io.Writer
	terminal bool
	every    time.Duration

	mu    sync.Mutex
	drawn bool // a bar stands on the terminal's last line
}

// NewProgress writes to w. On a terminal a bar is redrawn in place; elsewhere
// plain lines come every few seconds.
func NewProgress(w io.Writer) *Progress {
	p := &Progress{w: w, every: 3 * time.Second}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&fs.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb" {
			p.terminal, p.every = true, 150*time.Millisecond
		}
	}
	return p
}

// Say prints a line.
func (p *Progress) Say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// clear takes the bar off the terminal's line; the caller holds the lock.
func (p *Progress) clear() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

func (p *Progress) draw(label string, done, total int64, since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	done = min(done, total)
	const width = 28
	filled := int(width * done / max(total, 1))
	rate := float64(done) / max(time.Since(since).Seconds(), 0.001)
	text := fmt.Sprintf("%3d %%  %6.1f of %.1f MB  %5.1f MB/s", 100*done/max(total, 1), mb(done), mb(total), rate/1e6)
	if !p.terminal {
		fmt.Fprintf(p.w, "  %s %s\n", label, text)
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K  %s [%s%s] %s", label, strings.Repeat("#", filled), strings.Repeat(".", width-filled), text)
	p.drawn = true
}

func mb(n int64) float64 { return float64(n) / 1e6 }

// watch reports how much of total has arrived under dir until stop is called.
// pip has no progress that a program can read, so the folder it downloads into
// is measured.
func (p *Progress) watch(label, dir string, total int64) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	since := time.Now()
	wg.Go(func() {
		tick := time.NewTicker(p.every)
		defer tick.Stop()
		var most int64
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				most = max(most, largest(dir))
				p.draw(label, most, total, since)
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
		p.mu.Lock()
		p.clear()
		p.mu.Unlock()
	}
}

// largest is the size of the biggest file under dir. pip writes the wheel to a
// temporary file and then copies it, so a sum would count it twice.
func largest(dir string) int64 {
	var most int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // files come and go while pip works
		}
		if info, err := d.Info(); err == nil {
			most = max(most, info.Size())
		}
		return nil
	})
	return most
}
