package soak

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/stage"
)

var many = flag.Int("burst", 500, "how many customers TestBurst has come at once")

const (
	// atOnce is how many press at the same moment.
	atOnce = 64
	// room is what the house's people hold at once.
	room = agentsAtWork * capacityOfEach
)

// TestBurst has everybody come in the same minute: nobody is lost, everybody has
// words, packet, ladder and a place of their own, the desk's list and its counts
// answer, the ladder climbs, cases are offered and closed from the front of the
// line, and nobody is forgotten. `-burst 5000` is the whole of it.
func TestBurst(t *testing.T) {
	h := build(t, stage.Program(t, "../.."), 0, 0)
	defer h.close()
	h.run("queue", "routes", "[]") // one line for all
	h.run("queue", "set", "service", `notify={"update_s":10}`)
	c := newCrowd(t, h, *many)
	present, leave := context.WithCancel(t.Context())
	defer leave() // before the house waits for what runs in it
	staff := h.staff(present)
	slow := h.watch(present)
	for _, part := range []struct {
		name string
		play func()
	}{
		{"all press", c.press},
		{"all of it is stored", c.stored},
		{"everybody has a place", func() { c.placed(staff[0]) }},
		{"everybody is told that they still wait", c.climbs},
		{"those in front are served", func() { c.served(staff) }},
		{"nobody is forgotten", c.stored},
	} {
		began := time.Now()
		part.play()
		t.Logf("%s: %v", part.name, time.Since(began).Round(time.Millisecond))
		if t.Failed() {
			return
		}
	}
	leave()
	t.Logf("%d cases; the longest transaction took %v", c.n, <-slow)
}

// crowd are customers who come together.
type crowd struct {
	t    *testing.T
	h    *house
	n    int
	web  *caller
	all  []pressed
	line []shown // who waits, as the desk lists it
}

// pressed is one of them.
type pressed struct {
	conversation, token string
	told                promise
}

// promise is what the press of the button is answered with.
type promise struct {
	Reference string `json:"reference"`
	Queue     string `json:"queue"`
	Position  int    `json:"position"`
	Estimate  string `json:"estimate"`
}

// shown is a row of the desk's list.
type shown struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Due       time.Time `json:"due"`
}

func newCrowd(t *testing.T, h *house, n int) *crowd {
	t.Helper()
	return &crowd{t: t, h: h, n: n, web: newCaller(), all: make([]pressed, n)}
}

// each does something for every customer, many at the same moment.
func (c *crowd) each(f func(i int) error) {
	c.t.Helper()
	var wg sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		wg.Go(func() {
			for i := range next {
				if err := f(i); err != nil {
					c.t.Errorf("customer %d: %v", i+1, err)
				}
			}
		})
	}
	for i := range c.n {
		next <- i
	}
	close(next)
	wg.Wait()
}

func (c *crowd) base(i int) string { return "http://" + c.h.doors[i%len(c.h.doors)].addr }

// press has each begin a conversation and ask for a person.
func (c *crowd) press() {
	c.t.Helper()
	c.each(func(i int) error {
		var begun struct{ Conversation, Token string }
		if _, err := c.web.call(c.t.Context(), http.MethodPost, c.base(i)+"/v1/conversations", nil, map[string]string{"language": "en"}, &begun); err != nil {
			return err
		}
		c.all[i].conversation, c.all[i].token = begun.Conversation, begun.Token
		return c.ask(i, fmt.Sprintf("Order KW-%07d has not come", 1000000+i))
	})
}

// ask presses the button; what it is answered with stands in told.
func (c *crowd) ask(i int, text string) error {
	p := &c.all[i]
	p.told = promise{}
	in := map[string]string{}
	if text != "" {
		in["text"] = text
	}
	_, err := c.web.call(c.t.Context(), http.MethodPost, c.base(i)+"/v1/conversations/"+p.conversation+"/human",
		http.Header{"Authorization": {"Bearer " + p.token}}, in, &p.told)
	if err == nil && (p.told.Reference == "" || p.told.Position < 1 || p.told.Position > c.n) {
		err = fmt.Errorf("told %+v", p.told)
	}
	return err
}

// stored holds the tables against what everybody was told.
func (c *crowd) stored() {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), c.h.dsn)
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, w := range held(c.t.Context(), conn) {
		c.t.Error(w)
	}
	references := map[string]bool{}
	for _, p := range c.all {
		references[p.told.Reference] = true
	}
	var cases, known, packets, problems, ladders int
	c.h.scan(`SELECT count(*), count(*) FILTER (WHERE packet IS NOT NULL), count(DISTINCT problem) FILTER (WHERE problem LIKE 'Order KW-% has not come'),
(SELECT count(*) FROM case_ladders) FROM cases`, &cases, &packets, &problems, &ladders)
	if err := conn.QueryRow(c.t.Context(), `SELECT count(*) FROM cases WHERE reference = ANY ($1)`, keysOf(references)).Scan(&known); err != nil {
		c.t.Fatal(err)
	}
	for what, got := range map[string]int{"cases": cases, "references that were told": known, "packets": packets, "problems in their own words": problems, "ladders": ladders} {
		if got != c.n {
			c.t.Errorf("%d %s of %d customers", got, what, c.n)
		}
	}
}

// placed reads the whole line as the desk lists it, and has each customer ask
// for their place: each has their own, in that order.
func (c *crowd) placed(a *person) {
	c.t.Helper()
	c.line = a.waiting()
	if len(c.line) != c.n {
		c.t.Errorf("%d of %d are listed", len(c.line), c.n)
	}
	if !slices.IsSortedFunc(c.line, func(x, y shown) int { return x.Due.Compare(y.Due) }) {
		c.t.Error("the line is not in the order of who is due")
	}
	at := map[string]int{}
	for i, s := range c.line {
		at[s.Reference] = i + 1
	}
	if len(at) != len(c.line) {
		c.t.Errorf("%d rows are of %d cases", len(c.line), len(at))
	}
	c.each(func(i int) error {
		before := c.all[i].told.Reference
		if err := c.ask(i, ""); err != nil {
			return err
		}
		switch p := c.all[i].told; {
		case p.Reference != before:
			return fmt.Errorf("%s is %s now", before, p.Reference)
		case p.Position != at[p.Reference]:
			return fmt.Errorf("%s is told place %d and listed at %d", p.Reference, p.Position, at[p.Reference])
		case p.Estimate != "": // nobody has been served yet
			return fmt.Errorf("told %q, and nothing is known", p.Estimate)
		}
		return nil
	})
	if n := a.counted("service"); n != c.n {
		c.t.Errorf("the wall counts %d of %d", n, c.n)
	}
}

// long is how long something may take that is done for each of them.
func (c *crowd) long() time.Duration { return patience + time.Duration(c.n)*50*time.Millisecond }

// climbs waits until the ladder has told each that they still wait.
func (c *crowd) climbs() {
	c.t.Helper()
	var silent int
	for deadline := time.Now().Add(c.long()); ; time.Sleep(100 * time.Millisecond) {
		c.h.scan(`SELECT count(*) FROM cases c LEFT JOIN case_ladders l USING (site_id, case_id) WHERE c.state = 'waiting' AND coalesce(l.updates, 0) = 0`, &silent)
		if silent == 0 {
			return
		}
		if time.Now().After(deadline) {
			c.t.Errorf("%d of %d have heard nothing while they wait", silent, c.n)
			return
		}
	}
}

// served has the house's people be asked about cases, take them and close them,
// twice as many as they have room for: those in front, each once.
func (c *crowd) served(staff []*person) {
	c.t.Helper()
	c.h.run("queue", "set", "service", "distribution=push", "offer=60s")
	closed := map[string]bool{}
	for range 2 {
		for _, o := range c.offered(room) {
			i := slices.IndexFunc(staff, func(p *person) bool { return p.login.Email == o.email })
			if i < 0 {
				c.t.Fatalf("offered to %q", o.email)
			}
			if closed[o.id] {
				c.t.Errorf("%s is offered again, and is closed", o.id)
			}
			closed[o.id] = true
			staff[i].act(o.id, "claim", map[string]any{})
			staff[i].act(o.id, "close", map[string]any{"ended": "solved"})
		}
	}
	for i, s := range c.line[:min(len(closed), len(c.line))] {
		if !closed[s.ID] {
			c.t.Errorf("place %d was passed over by somebody behind it", i+1)
		}
	}
}

// offer is a case that somebody is asked about.
type offer struct{ id, email string }

// offered waits until so many are being asked about; more there never are.
func (c *crowd) offered(want int) (list []offer) {
	c.t.Helper()
	for deadline := time.Now().Add(c.long()); ; time.Sleep(50 * time.Millisecond) {
		list = list[:0]
		var joined []string
		c.h.scan(`SELECT coalesce(array_agg(c.case_id || ' ' || a.email), '{}') FROM cases c JOIN agents a ON a.site_id = c.site_id AND a.agent_id = c.offered_to
WHERE c.state = 'waiting' AND c.offered_until > now()`, &joined)
		for _, s := range joined {
			var o offer
			if _, err := fmt.Sscanf(s, "%s %s", &o.id, &o.email); err != nil {
				c.t.Fatal(err)
			}
			list = append(list, o)
		}
		if len(list) > want {
			c.t.Fatalf("%d are offered to people with room for %d", len(list), want)
		}
		if len(list) == want {
			return list
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%d are offered to people with room for %d", len(list), want)
		}
	}
}

func keysOf(m map[string]bool) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

// waiting reads the whole line, page by page.
func (p *person) waiting() (all []shown) {
	p.h.t.Helper()
	after := ""
	for {
		var page struct {
			Cases []shown `json:"cases"`
			Next  string  `json:"next"`
		}
		p.ask(http.MethodGet, "/cases?view=waiting&queue=service&limit=200&after="+url.QueryEscape(after), nil, &page)
		all = append(all, page.Cases...)
		if after = page.Next; after == "" {
			return all
		}
	}
}
