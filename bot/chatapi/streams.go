package chatapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

var errLastEventID = fault.New(fault.Invalid, "last_event_id", "Last-Event-ID has to be the id of an event of this conversation.")

// beat is a comment: it keeps proxies from cutting a silent stream, and is how
// a client that is gone is noticed.
var beat = []byte(":\n\n")

// frame writes an event as server-sent events want it. Bodies are JSON on one
// line, so that one data line is enough.
func frame(b []byte, e convo.Event) []byte {
	if e.Seq > 0 {
		b = append(b, "id: "...)
		b = strconv.AppendInt(b, e.Seq, 10)
		b = append(b, '\n')
	}
	b = append(b, "event: "...)
	b = append(b, e.Kind...)
	b = append(b, "\ndata: "...)
	b = append(b, e.Body...)
	return append(b, "\n\n"...)
}

// lastEventID reads the header: absent means from the beginning.
func lastEventID(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, errLastEventID
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errLastEventID
	}
	return n, nil
}

func (a *API) getEvents(c *fiber.Ctx, v visit) error {
	after, err := lastEventID(c.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	st, err := a.Store.Conversation(c.UserContext(), v.key, v.visitor)
	if err != nil {
		return err
	}
	if after > st.LastSeq {
		return errLastEventID
	}
	release, err := a.streams.Take(string(v.visitor[:]))
	if err != nil {
		return err
	}
	sub := a.Hub.Subscribe(v.key, after) // first: what is read from now on is told, what was before is looked up
	return a.App.Stream(c, &logSource{
		sub: sub, marks: a.reads.Events(c.UserContext(), v.key), release: release, now: a.Now, until: v.expires,
		theirs: func() bool { return a.reaches(v) },
	})
}

// reaches says whether a token reaches its conversation still; a database that
// cannot say changes nothing.
func (a *API) reaches(v visit) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_, err := a.Store.Conversation(ctx, v.key, v.visitor)
	return !errors.Is(err, bot.ErrNoConversation)
}

// logSource streams a conversation's log as it grows.
type logSource struct {
	sub     *bot.Subscription
	release func()
	now     func() time.Time
	until   time.Time // the token's end
	marks   []convo.Event
	begun   bool
	// theirs is asked some while after the customer has signed in, when the new
	// token has had the time to arrive: the one of before hears no more then.
	theirs func() bool
	ask    time.Time // when; zero: there is nothing to ask
}

// signedInGrace is how long a stream goes on whose token was somebody unknown's:
// a client needs its new token before it comes back.
const signedInGrace = time.Minute

// Next is never asked for in vain: a subscription beats.
func (s *logSource) Next() ([]byte, error) {
	if !s.begun {
		s.begun = true
		b := []byte("retry: 2000\n\n")
		for _, e := range s.marks {
			b = frame(b, e)
		}
		s.marks = nil
		return b, nil
	}
	events, err := s.sub.Next(context.Background())
	if errors.Is(err, bot.ErrClosed) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, err
	}
	if s.over(len(events) == 0) {
		return nil, io.EOF // renew the token and come back with Last-Event-ID
	}
	if len(events) == 0 {
		return beat, nil
	}
	var b []byte // not kept: an idle stream holds no buffer
	for _, e := range events {
		b = frame(b, e)
		if signedIn(e) {
			s.ask = s.now().Add(signedInGrace)
		}
	}
	return b, nil
}

// over says whether the token has run out, which is looked at when nothing is to
// be told, or reaches this no more: then what was to be told comes with the
// client's next stream.
func (s *logSource) over(idle bool) bool {
	now := s.now()
	if !s.ask.IsZero() && now.After(s.ask) {
		s.ask = time.Time{}
		if !s.theirs() {
			return true
		}
	}
	return idle && now.After(s.until)
}

func signedIn(e convo.Event) bool {
	if e.Kind != convo.KindMessage || !bytes.Contains(e.Body, []byte(`"signed_in":true`)) {
		return false
	}
	var m convo.Message
	return json.Unmarshal(e.Body, &m) == nil && m.SignedIn
}

func (s *logSource) Close() {
	s.sub.Close()
	s.release()
}

// turnSource streams one turn. The turn runs in a goroutine of its own: neither
// a client that leaves nor one that reads slowly holds it up.
type turnSource struct {
	done  chan struct{}
	reply bot.Reply
	err   error

	tick  *time.Ticker
	begun bool
	ended bool
}

func newTurnSource(t *bot.Turn, every time.Duration) *turnSource {
	s := &turnSource{done: make(chan struct{}), tick: time.NewTicker(every)}
	go func() {
		defer close(s.done)
		s.reply, s.err = t.Run()
	}()
	return s
}

var typingFrame = []byte("event: typing\ndata: {\"author\":\"bot\"}\n\n")

func (s *turnSource) Next() ([]byte, error) {
	switch {
	case s.ended:
		return nil, io.EOF
	case !s.begun:
		s.begun = true
		select {
		case <-s.done: // over already: nobody needs to be told that it runs
		default:
			return typingFrame, nil
		}
	}
	select {
	case <-s.tick.C:
		return beat, nil
	case <-s.done:
	}
	s.ended = true
	var b []byte
	if s.err != nil {
		b = errorFrame(s.err)
	}
	for _, e := range s.reply.Events {
		b = frame(b, e)
	}
	return b, nil
}

func (s *turnSource) Close() { s.tick.Stop() }

// errorFrame ends a stream whose turn could not be brought to its end here: an
// event that is not stored, so without an id. The turn's own terminal event
// follows on the conversation's stream.
func errorFrame(err error) []byte {
	p := web.ProblemOf(err, "")
	return frame(nil, convo.Event{Kind: convo.KindError, Body: mustJSON(struct {
		Code string `json:"code"`
		Text string `json:"text"`
	}{p.Code, p.Detail})})
}
