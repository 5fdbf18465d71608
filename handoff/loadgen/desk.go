package loadgen

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const deskPath = "/desk/api/v1"

// row is a case as the desk shows it.
type row struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Queue     string `json:"queue"`
	State     string `json:"state"`
	Agent     string `json:"agent"`
	Link      string `json:"link"`
	Aside     bool   `json:"aside"`
	Version   int64  `json:"version"`
}

// desk is one page of the desk: its stream, and what that has shown.
type desk struct {
	load *Load
	no   int
	as   func() who
	door *door

	mu      sync.Mutex
	me      string // the agent's id
	queues  []string
	scope   []string // the queues they work in; nil: all
	cursor  string
	since   time.Time      // of the first cursor
	rows    map[string]row // as last shown
	unsure  map[string]bool
	waiting []string // ids, oldest first
	stirred chan struct{}
	open    *openCase
	over    bool               // the session has ended
	again   context.CancelFunc // ends the stream that is read, so that another begins
}

func newDesk(l *Load, no int, as func() who, d *door) *desk {
	return &desk{load: l, no: no, as: as, door: d, rows: map[string]row{}, unsure: map[string]bool{}, stirred: make(chan struct{})}
}

// start loads the page.
func (d *desk) start(ctx context.Context) error {
	var out struct {
		Me struct {
			Agent  string   `json:"agent"`
			Queues []string `json:"queues"`
		} `json:"me"`
		Queues []struct {
			Queue string `json:"queue"`
		} `json:"queues"`
		Cursor string `json:"cursor"`
	}
	at := time.Now()
	if _, err := d.door.insist(ctx, d.as, "GET", deskPath+"/start", nil, &out); err != nil {
		return err
	}
	d.mu.Lock()
	d.me, d.scope, d.cursor = out.Me.Agent, out.Me.Queues, out.Cursor
	d.queues = d.queues[:0]
	for _, q := range out.Queues {
		d.queues = append(d.queues, q.Queue)
	}
	if d.since.IsZero() {
		d.since = at
	}
	d.mu.Unlock()
	return d.list(ctx)
}

// list reads the open cases anew. What was shown before and is not among them
// is no longer sure.
func (d *desk) list(ctx context.Context) error {
	d.mu.Lock()
	for id := range d.rows {
		d.unsure[id] = true
	}
	d.mu.Unlock()
	after := ""
	for range 50 {
		var out struct {
			Cases []row  `json:"cases"`
			Next  string `json:"next"`
		}
		if _, err := d.door.insist(ctx, d.as, "GET", deskPath+"/cases?view=open&limit=200&after="+url.QueryEscape(after), nil, &out); err != nil {
			return err
		}
		d.mu.Lock()
		for _, r := range out.Cases {
			d.put(r)
		}
		d.mu.Unlock()
		if after = out.Next; after == "" {
			return nil
		}
	}
	return nil
}

// put keeps a row; the lock is held.
func (d *desk) put(r row) {
	was, known := d.rows[r.ID]
	if known && was.Version > r.Version {
		return // a list that was read before a change which the stream has shown
	}
	d.rows[r.ID] = r
	delete(d.unsure, r.ID)
	if r.State == "waiting" && (!known || was.State != "waiting") {
		d.waiting = append(d.waiting, r.ID)
	}
	close(d.stirred)
	d.stirred = make(chan struct{})
}

// follow reads the stream until ctx ends, coming back where it left off.
func (d *desk) follow(ctx context.Context) {
	var lost time.Time
	for ctx.Err() == nil {
		reading, cancel := context.WithCancel(ctx)
		d.mu.Lock()
		d.again = cancel
		path, cursor, open := d.path(), d.cursor, d.open
		d.mu.Unlock()
		s, err := d.door.c.open(reading, d.door.base(), d.as(), path, cursor)
		if err == nil {
			d.door.wait = 0
			if !lost.IsZero() {
				d.load.ledger.times.Add(TookBack, time.Since(lost))
				lost = time.Time{}
			}
			err = d.read(ctx, s, open)
			s.close()
			if reading.Err() == nil {
				d.load.ledger.count("desks' streams broken")
				lost = time.Now()
			}
		}
		asked := reading.Err() != nil
		cancel()
		if ctx.Err() != nil {
			return
		}
		if asked { // for another case
			continue
		}
		if r := refused(err); r != nil && r.Status == 404 {
			d.leaveCase() // it went to another queue
			continue
		} else if r != nil && r.Status == 401 {
			d.end()
			return
		} else if r != nil && !passing(err) {
			d.load.ledger.broken(BadAnswer, "the desk's stream: %v", err)
			return
		}
		if !d.door.failed(ctx) {
			return
		}
	}
}

func (d *desk) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	close(d.stirred)
	d.stirred = make(chan struct{})
}

// path is the stream's address; the lock is held.
func (d *desk) path() string {
	p := deskPath + "/stream?tab=load" + strconv.Itoa(d.no)
	if d.open != nil {
		p += "&case=" + d.open.id + "&after=" + strconv.FormatInt(d.open.last, 10)
	}
	return p
}

// read takes events until the stream ends, which was begun with a case open.
func (d *desk) read(ctx context.Context, s *events, open *openCase) error {
	base := d.door.base()
	go d.present(ctx, base)
	for {
		e, err := s.read()
		if err != nil {
			return err
		}
		if e.id != "" {
			d.mu.Lock()
			d.cursor = e.id
			d.mu.Unlock()
		}
		switch e.name {
		case "changes":
			err = d.changes(e)
		case "said":
			err = d.said(e, open)
		case "reset":
			d.load.ledger.count("desks told to load everything")
			d.leaveWhole()
			if err := d.start(ctx); err != nil {
				return err
			}
		case "beat":
			go d.present(ctx, base)
		case "over":
			return &refusal{Status: 401, Code: "over"}
		}
		if err != nil {
			d.load.ledger.broken(BadAnswer, "the desk's stream: %s cannot be read: %v", e.name, err)
		}
	}
}

// present renews the presence; where it fails the next beat does.
func (d *desk) present(ctx context.Context, base string) {
	_, _ = d.door.c.call(ctx, base, d.as(), "POST", deskPath+"/presence", map[string]string{"status": "online"}, nil)
}

func (d *desk) changes(e event) error {
	var ev struct {
		Cases []struct {
			Row row `json:"row"`
		} `json:"cases"`
		Gone []string `json:"gone"`
	}
	if err := json.Unmarshal(e.data, &ev); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range ev.Cases {
		d.load.ledger.shown(c.Row.ID)
		d.put(c.Row)
	}
	for _, id := range ev.Gone {
		delete(d.rows, id)
		d.unsure[id] = true
	}
	d.load.ledger.count("desks' batches")
	return nil
}

// next is a case to take up: one's own, or the one that waits longest as far
// as this page knows. changed tells of the next change.
func (d *desk) next() (id string, own bool, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, r := range d.rows {
		if r.State == "claimed" && r.Agent == d.me {
			return id, true, d.stirred
		}
	}
	for len(d.waiting) > 0 {
		id := d.waiting[0]
		if d.rows[id].State == "waiting" {
			return id, false, d.stirred
		}
		d.waiting = d.waiting[1:]
	}
	return "", false, d.stirred
}

// forget drops a case that could not be had; a change brings it back.
func (d *desk) forget(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) > 0 && d.waiting[0] == id {
		d.waiting = d.waiting[1:]
	}
}

// shows says what the page shows of a case; sure is false where it need not be
// the newest.
func (d *desk) shows(id string) (r row, known, sure bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, known = d.rows[id]
	return r, known, !d.unsure[id]
}

// wasThere says whether the page was open at a moment.
func (d *desk) wasThere(at time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !at.IsZero() && at.After(d.since)
}
