package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

type askFlags struct {
	site                 string
	jsonl, explain, keep bool
}

func newAskCommand(a *app) *cobra.Command {
	var f askFlags
	c := &cobra.Command{
		Use:   "ask MESSAGE… | ask --jsonl",
		Short: "Say something as a customer would, and see what comes back",
		Long: `Run a conversation through the same engine that serves customers. Each
argument is one message, said after the reply to the one before. With --explain
the stored trace of each turn follows in words. Nothing of it is kept unless
--keep is given.

With --jsonl conversations come on standard input, one JSON object a line:
  {"id","say":["first message","second message"]}
and a line goes out for each, in the same order:
  {"id","turns":[{"action","text","citations","choices","desk","topic","reason","queue","first_byte_ms","total_ms"}]}
A line that cannot be answered gives {"id","error"}; the exit status is then 1.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.ask(cmd.Context(), f, args) },
	}
	c.Flags().StringVar(&f.site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&f.jsonl, "jsonl", false, "conversations on standard input, JSON Lines in and out")
	c.Flags().BoolVar(&f.explain, "explain", false, "print each turn's trace in words")
	c.Flags().BoolVar(&f.keep, "keep", false, "keep the conversations, and the cases they opened")
	return c
}

func (a *app) ask(ctx context.Context, f askFlags, args []string) error {
	if !f.jsonl && len(args) == 0 {
		return usageError{errors.New("no message: give one, or --jsonl")}
	}
	if f.jsonl && (len(args) > 0 || f.explain) {
		return usageError{errors.New("--jsonl takes neither messages nor --explain")}
	}
	// Nobody waits at the other end: better late with vectors than by words alone.
	front, err := a.openFront(ctx, frontConfig{need: needPostgres | needEmbedderSoon, awaitEmbedder: true, embedBudget: 5 * time.Second})
	if err != nil {
		return plain(err)
	}
	defer front.Close(ctx)
	site, err := front.site(ctx, f.site)
	if err != nil {
		return plain(err)
	}
	if f.jsonl {
		return a.askLines(ctx, front, site, f.keep)
	}
	return plain(a.askOnce(ctx, front, site, f, args))
}

// askLine is one conversation of a batch.
type askLine struct {
	ID  json.RawMessage `json:"id"`
	Say []string        `json:"say"`
}

type askReply struct {
	ID    json.RawMessage `json:"id"`
	Turns []askTurn       `json:"turns"`
}

// askTurn is one turn as the batch contract has it.
type askTurn struct {
	Action      string        `json:"action"`
	Text        string        `json:"text"`
	Citations   []askCitation `json:"citations"`
	Choices     []askChoice   `json:"choices"`
	Desk        string        `json:"desk"`
	Topic       string        `json:"topic"`
	Reason      string        `json:"reason"`
	Queue       string        `json:"queue"`
	FirstByteMS float64       `json:"first_byte_ms"`
	TotalMS     float64       `json:"total_ms"`
	Answerable  float64       `json:"answerable"`
	Degraded    []string      `json:"degraded,omitempty"`
}

type askCitation struct {
	Article string `json:"article"`
	Quote   string `json:"quote"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
}

type askChoice struct {
	Article string `json:"article"`
	Title   string `json:"title"`
	Quote   string `json:"quote"`
	Header  string `json:"header,omitempty"` // of a line that is a table's row
}

// askLines answers one conversation at a time, so that first_byte_ms is what
// one customer would have seen.
func (a *app) askLines(ctx context.Context, f *front, site *bot.Site, keep bool) error {
	var one sync.Mutex
	return jsonLines(ctx, a.stdin, a.stdout, 1, func(ctx context.Context, line []byte) (json.RawMessage, any, error) {
		one.Lock()
		defer one.Unlock()
		var in askLine
		if err := json.Unmarshal(line, &in); err != nil {
			return idOf(line), nil, lineError("conversation", err)
		}
		if len(in.Say) == 0 {
			return in.ID, nil, errors.New("there is nothing to say: say is empty")
		}
		talk, err := openTalk(ctx, f, site)
		if err != nil {
			return in.ID, nil, err
		}
		if !keep {
			defer talk.forget(ctx)
		}
		out := askReply{ID: in.ID, Turns: make([]askTurn, 0, len(in.Say))}
		for _, text := range in.Say {
			turn, _, err := talk.say(ctx, text)
			if err != nil {
				return in.ID, nil, err
			}
			out.Turns = append(out.Turns, turn)
		}
		return in.ID, out, nil
	})
}

// talk is one conversation of a made-up visitor.
type talk struct {
	front   *front
	site    *bot.Site
	key     convo.Key
	visitor convo.ID
	said    int
}

func openTalk(ctx context.Context, f *front, site *bot.Site) (*talk, error) {
	t := &talk{front: f, site: site, key: convo.Key{Site: int32(site.ID), ID: bot.NewID()}, visitor: bot.NewID()}
	_, err := f.convs.Open(ctx, bot.Opening{
		Site: t.key.Site, Conversation: t.key.ID, Visitor: t.visitor, Page: bot.Page{URL: "frontdesk:ask"}, At: f.deps.Now().UTC(),
	})
	return t, err
}

// forget erases the conversation with everything that came of it.
func (t *talk) forget(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = t.front.convs.Erase(ctx, t.key.Site, t.visitor) // what stays expires with the site's retention
}

func (t *talk) say(ctx context.Context, text string) (askTurn, bot.Reply, error) {
	began := time.Now()
	t.said++
	turn, err := t.front.engine.Say(ctx, bot.Say{
		Site: t.site, Key: t.key, Visitor: t.visitor, ClientMsgID: strconv.Itoa(t.said), Text: text,
	})
	if err != nil {
		return askTurn{}, bot.Reply{}, err
	}
	reply, err := turn.Run()
	if err != nil {
		return askTurn{}, bot.Reply{}, err
	}
	out := askTurnOf(reply)
	// A quoted reply comes whole: its first byte is its last.
	out.TotalMS = float64(time.Since(began).Microseconds()) / 1000
	out.FirstByteMS = out.TotalMS
	return out, reply, nil
}

// actions are the batch contract's words for how a turn ended.
func action(o convo.Outcome) string {
	switch o {
	case convo.Queued:
		return "handoff"
	case convo.Relayed:
		return "relay"
	case convo.Failed:
		return "none" // with the reason failure: the customer was told and offered a person
	default:
		return string(o)
	}
}

func askTurnOf(r bot.Reply) askTurn {
	out := askTurn{Action: action(r.Outcome), Citations: []askCitation{}, Choices: []askChoice{}}
	var texts []string
	for _, m := range r.Messages {
		texts = append(texts, m.Text)
		for _, c := range m.Citations {
			out.Citations = append(out.Citations, askCitation{Article: c.Article, Quote: c.Quote, Title: c.Title, URL: c.URL})
		}
		for _, c := range m.Choices {
			out.Choices = append(out.Choices, askChoice{Article: c.Article, Title: c.Title, Quote: c.Quote, Header: c.Header})
		}
	}
	out.Text = strings.Join(texts, "\n\n")
	for _, e := range r.Events {
		out.take(e)
	}
	return out
}

// take adds what an event says to the turn; a body that cannot be read adds nothing.
func (t *askTurn) take(e convo.Event) {
	switch e.Kind {
	case convo.KindDecision:
		var d convo.Decision
		if json.Unmarshal(e.Body, &d) == nil {
			t.Desk, t.Topic, t.Reason, t.Answerable, t.Degraded = d.Desk, d.Topic, d.Reason, d.P, d.Missing
		}
	case convo.KindOwner:
		var o convo.OwnerChange
		if json.Unmarshal(e.Body, &o) == nil {
			t.Queue = o.Queue
		}
	case convo.KindError:
		t.Reason = "failure"
	}
}
