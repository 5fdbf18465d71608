package pgdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/mail"
)

// postman is a mail server that does what a test tells it to.
type postman struct {
	mu   sync.Mutex
	sent []mail.Message
	fail func(m mail.Message) error // nil: takes everything
}

func (p *postman) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(m); err != nil {
			return err
		}
	}
	if _, err := m.Bytes(); err != nil {
		return err
	}
	p.sent = append(p.sent, m)
	return nil
}

func (p *postman) From() netmail.Address { return netmail.Address{Address: "help@shop.example"} }

// to are the subjects of what an address got.
func (p *postman) to(address string) (subjects []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.sent {
		if m.To == address {
			subjects = append(subjects, m.Subject)
		}
	}
	return subjects
}

func (p *postman) last(t *testing.T) mail.Message {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sent) == 0 {
		t.Fatal("no mail")
	}
	return p.sent[len(p.sent)-1]
}

// play is a scene in which promises are kept by the test's own clock: it takes
// the jobs out of the queue's table in the order in which they are due.
type play struct {
	*scene
	promises *Promises
	keeper   *Keeper
	post     *postman
	// crash says whether the process dies before this job's transaction commits,
	// twice whether a job that was done is done again.
	crash, twice func() bool
}

func newPlay(t *testing.T) *play {
	t.Helper()
	p := &play{scene: scenery(t), post: &postman{}}
	var err error
	if p.promises, err = NewPromises(PromisesConfig{Pool: p.pool, Logger: p.desk.Logger, Now: p.clock.now}); err != nil {
		t.Fatal(err)
	}
	p.desk = p.another(t, func(d *Deps) { d.Promiser, d.Estimator = p.promises, p.promises })
	p.keep(t, KeeperConfig{Postman: p.post, Base: func() string { return "https://shop.example/" }})
	// The sites' queues are made when they are first asked for.
	if _, err := p.desk.Queues(t.Context(), p.root); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *play) keep(t *testing.T, cfg KeeperConfig) {
	t.Helper()
	k, err := NewKeeper(p.desk, p.promises, cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.keeper = k
}

// queue changes a queue.
func (p *play) queue(t *testing.T, name string, change func(*handoff.Queue)) {
	t.Helper()
	list, err := p.desk.Queues(t.Context(), p.root)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(q handoff.Queue) bool { return q.Queue == name })
	if i < 0 {
		t.Fatalf("no queue %s", name)
	}
	change(&list[i])
	if err := p.desk.SetQueue(t.Context(), p.root, list[i]); err != nil {
		t.Fatal(err)
	}
}

type pendingJob struct {
	id      int64
	kind    string
	args    []byte
	attempt int
	at      time.Time
}

const selectNextJob = `
SELECT id, kind, args, attempt, scheduled_at FROM river_job
WHERE state IN ('scheduled', 'available', 'retryable')
ORDER BY scheduled_at, id LIMIT 1`

// pass lets time go by, doing what falls due.
func (p *play) pass(t *testing.T, d time.Duration) {
	t.Helper()
	end := p.clock.now().Add(d)
	for n := 0; ; n++ {
		if n > 20000 {
			t.Fatal("the jobs come to no end")
		}
		var j pendingJob
		err := p.pool.QueryRow(t.Context(), selectNextJob).Scan(&j.id, &j.kind, &j.args, &j.attempt, &j.at)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && j.at.After(end) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if wait := j.at.Sub(p.clock.now()); wait > 0 {
			p.clock.pass(wait)
		}
		p.run(t, j)
	}
	p.clock.pass(end.Sub(p.clock.now()))
}

var errCrash = errors.New("the process died")

// run does one job as the queue would.
func (p *play) run(t *testing.T, j pendingJob) {
	t.Helper()
	finished := false
	done := func(ctx context.Context, tx pgx.Tx) error {
		if p.crash != nil && p.crash() {
			return errCrash
		}
		finished = true
		_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'completed', finalized_at = now() WHERE id = $1`, j.id)
		return err
	}
	again, err := p.work(t, j, done)
	if finished && err == nil && p.twice != nil && p.twice() {
		// Taken for dead and rescued, though it was done.
		_, err = p.work(t, j, func(context.Context, pgx.Tx) error { return nil })
	}
	switch {
	case err != nil:
		p.exec(t, `UPDATE river_job SET state = 'retryable', attempt = attempt + 1, scheduled_at = $2 WHERE id = $1`, j.id, p.clock.now().Add(tryAgain(j.attempt+1)))
	case again > 0:
		p.exec(t, `UPDATE river_job SET state = 'scheduled', scheduled_at = $2 WHERE id = $1`, j.id, p.clock.now().Add(again))
	case !finished:
		p.exec(t, `UPDATE river_job SET state = 'completed', finalized_at = now() WHERE id = $1`, j.id)
	}
}

func (p *play) work(t *testing.T, j pendingJob, done finish) (time.Duration, error) {
	t.Helper()
	switch j.kind {
	case "case_step":
		var a StepArgs
		if err := json.Unmarshal(j.args, &a); err != nil {
			t.Fatal(err)
		}
		return p.keeper.do(t.Context(), a, done)
	case "mail":
		var a MailArgs
		if err := json.Unmarshal(j.args, &a); err != nil {
			t.Fatal(err)
		}
		return 0, p.keeper.sendMail(t.Context(), a, j.attempt+1, done)
	default:
		t.Fatalf("a job of kind %q", j.kind)
		return 0, nil
	}
}

// system are the service's own words in a conversation.
func (p *play) system(t *testing.T, key convo.Key) (out []string) {
	t.Helper()
	for _, s := range p.said(t, key) {
		if rest, ok := strings.CutPrefix(s, "system: "); ok {
			out = append(out, rest)
		}
	}
	return out
}

// has says how many of the lines hold a text.
func has(lines []string, text string) (n int) {
	for _, l := range lines {
		if strings.Contains(l, text) {
			n++
		}
	}
	return n
}

func (p *play) mails(t *testing.T, id convo.ID) (out []string) {
	t.Helper()
	list, err := p.promises.Mails(t.Context(), p.site, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		out = append(out, fmt.Sprintf("%s %s", m.Kind, m.State))
	}
	return out
}

func (p *play) claim(t *testing.T, a handoff.Actor, id convo.ID) {
	t.Helper()
	if _, err := p.desk.Claim(t.Context(), a, handoff.Target{Case: id}); err != nil {
		t.Fatal(err)
	}
}

func (p *play) reply(t *testing.T, a handoff.Actor, id convo.ID, text string) {
	t.Helper()
	_, err := p.desk.Reply(t.Context(), a, handoff.Target{Case: id}, handoff.Reply{ClientMsgID: p.desk.NewID().String(), Text: text})
	if err != nil {
		t.Fatal(err)
	}
}

var link = regexp.MustCompile(`https://shop\.example/mail/([A-Za-z0-9_.-]+)`)

// code is the code of the link in a mail.
func code(t *testing.T, m mail.Message) string {
	t.Helper()
	found := link.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("no link in %s", m.Text)
	}
	return found[1]
}

func contact(address string) func(*handoff.Request) {
	return func(r *handoff.Request) { r.Contact = address }
}

func english(r *handoff.Request) { r.Language = "en" }

// waiting opens a case in an English conversation of its own.
func (p *play) waiting(t *testing.T, change ...func(*handoff.Request)) handoff.Case {
	t.Helper()
	return p.scene.waiting(t, append(change, english)...)
}

func (p *play) opened(t *testing.T, key convo.Key, visitor convo.ID) handoff.Opened {
	t.Helper()
	return p.scene.opened(t, key, visitor, english)
}
