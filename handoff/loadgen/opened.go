package loadgen

import (
	"context"
	"encoding/json"
	"time"
)

// openCase is what a page knows of the case that is open in it.
type openCase struct {
	id    string
	since time.Time
	from  int64 // numbers up to here came with the page
	last  int64
	got   map[int64]bool
	said  int  // of the customer
	whole bool // nothing was cut out of it: gaps count
}

// said takes an event of the open case's conversation.
func (d *desk) said(e event, o *openCase) error {
	var ev struct {
		Case string `json:"case"`
		Line struct {
			Seq  int64   `json:"seq"`
			Kind string  `json:"kind"`
			Body message `json:"body"`
		} `json:"line"`
	}
	if err := json.Unmarshal(e.data, &ev); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if o == nil || o != d.open || o.id != ev.Case {
		return nil // of the case before, on its way out
	}
	if ev.Line.Seq <= o.last {
		d.load.ledger.broken(DeskGap, "case %s: event %d is shown again after %d", o.id, ev.Line.Seq, o.last)
		return nil
	}
	o.last = ev.Line.Seq
	o.got[o.last] = true
	if ev.Line.Kind == "message" && ev.Line.Body.Author == "customer" {
		o.said++
		d.load.ledger.hears(TookToAgent, nameOf(ev.Line.Body.Text), o.since)
		close(d.stirred)
		d.stirred = make(chan struct{})
	}
	return nil
}

// page is a case with its conversation.
type page struct {
	Case     row   `json:"case"`
	Messages lines `json:"messages"`
}

type lines struct {
	Lines []struct {
		Seq int64 `json:"seq"`
	} `json:"lines"`
	More bool `json:"more"`
}

// openUp shows a case and begins a stream with its conversation.
func (d *desk) openUp(ctx context.Context, to *door, id string) error {
	began := time.Now()
	var p page
	if _, err := to.insist(ctx, d.as, "GET", deskPath+"/cases/"+id, nil, &p); err != nil {
		return err
	}
	d.load.ledger.times.Add(TookCase, time.Since(began))
	o := &openCase{id: id, since: time.Now(), got: map[int64]bool{}, whole: true}
	for _, l := range p.Messages.Lines {
		o.from = max(o.from, l.Seq)
	}
	o.last = o.from
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = o
	if d.again != nil {
		d.again()
	}
	return nil
}

// leaveCase goes on without an open case.
func (d *desk) leaveCase() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = nil
}

// leaveWhole says that of the open case something may have been left out.
func (d *desk) leaveWhole() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open != nil {
		d.open.whole = false
	}
}

// checkOpen holds what was shown of the open case against its conversation.
func (d *desk) checkOpen(ctx context.Context, to *door) {
	d.mu.Lock()
	o := d.open
	d.mu.Unlock()
	if o == nil {
		return
	}
	var p lines
	if _, err := to.insist(ctx, d.as, "GET", deskPath+"/cases/"+o.id+"/messages?limit=200", nil, &p); err != nil {
		return // it is no longer theirs
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !o.whole || d.open != o {
		return
	}
	for _, l := range p.Lines {
		if l.Seq > o.from && l.Seq < o.last && !o.got[l.Seq] {
			d.load.ledger.broken(DeskGap, "case %s: event %d was not shown, %d was", o.id, l.Seq, o.last)
		}
	}
}

// heardOf waits until the customer of the open case has said more than n things.
func (d *desk) heardOf(ctx context.Context, n int) bool {
	for {
		d.mu.Lock()
		said, changed := 0, d.stirred
		if d.open != nil {
			said = d.open.said
		}
		d.mu.Unlock()
		if said > n {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}
