package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"frontdesk/bot"
	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

// lineLimit bounds a line of a batch; a longer one is an error of its own, not
// the end of the run.
const lineLimit = 8 << 20

// jsonLines answers each line of in with a line of out, in order, several at a
// time. answer returns what to print, or an error with the line's id. A line
// that has no answer gives {"id","error"} and makes the whole run fail at its end.
func jsonLines(ctx context.Context, in io.Reader, out io.Writer, parallel int, answer func(context.Context, []byte) (id json.RawMessage, result any, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type reply struct {
		line []byte
		bad  bool
	}
	queue := make(chan chan reply, parallel) // its length bounds how many are at work
	var readErr error
	go func() {
		defer close(queue)
		r := bufio.NewReaderSize(in, 64<<10)
		for first := true; ctx.Err() == nil; first = false {
			line, tooLong, err := readLine(r)
			if first { // editors of some systems begin a file with a mark
				line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
			}
			if len(bytes.TrimSpace(line)) > 0 || tooLong {
				c := make(chan reply, 1)
				select {
				case queue <- c:
				case <-ctx.Done():
					return
				}
				go func() {
					var id json.RawMessage
					var result any
					err := fmt.Errorf("the line is longer than %d bytes", lineLimit)
					if !tooLong {
						id, result, err = answer(ctx, line)
					}
					b, bad := encodeReply(id, result, err)
					c <- reply{b, bad}
				}()
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					readErr = err
				}
				return
			}
		}
	}()
	w := bufio.NewWriter(out)
	failed := false
	for c := range queue {
		r := <-c
		if ctx.Err() != nil {
			break
		}
		failed = failed || r.bad
		if _, err := w.Write(append(r.line, '\n')); err != nil {
			return err
		}
		if len(queue) == 0 { // nothing is waiting: whoever reads along sees it now
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(w.Flush(), ctx.Err(), readErr); err != nil {
		return err
	}
	if failed {
		return exitError{exitFailed}
	}
	return nil
}

// readLine reads up to a line's end; of a line that is too long only the end
// is looked for.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > lineLimit {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

func encodeReply(id json.RawMessage, result any, err error) (line []byte, bad bool) {
	if err == nil {
		b, merr := json.Marshal(result)
		if merr == nil {
			return b, false
		}
		err = merr
	}
	if id == nil {
		id = json.RawMessage("null")
	}
	b, merr := json.Marshal(map[string]any{"id": id, "error": plain(err).Error()})
	if merr != nil {
		b = []byte(`{"id":null,"error":"the answer cannot be written"}`)
	}
	return b, true
}

// searchLine is one question of a batch.
type searchLine struct {
	ID      json.RawMessage `json:"id"`
	Text    string          `json:"text"`
	K       int             `json:"k"`
	History []evals.Said    `json:"history"` // what went before, oldest first
}

func (a *app) searchLines(ctx context.Context, f retrieval.Finder, q retrieval.Query) error {
	const parallel = 8
	reader, err := triage.NewReader()
	if err != nil {
		return err
	}
	return jsonLines(ctx, a.stdin, a.stdout, parallel, func(ctx context.Context, line []byte) (json.RawMessage, any, error) {
		var in searchLine
		if err := json.Unmarshal(line, &in); err != nil {
			return idOf(line), nil, lineError("question", err)
		}
		q := q
		follow := bot.ReadFollow(reader, in.Text, pastOf(in.History)) // as a conversation would ask it
		q.Text, q.Newest, q.Earlier = follow.Text, in.Text, follow.Earlier
		if in.K != 0 {
			q.K = in.K
		}
		ev, err := f.Search(ctx, q)
		if err != nil {
			return in.ID, nil, err
		}
		return in.ID, searchAnswer(in.ID, ev), nil
	})
}

// lineError says in JSON's words, not in those of our types, what is wrong with
// a line.
func lineError(what string, err error) error {
	te, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok:
		return fmt.Errorf("this is no %s: %w", what, err)
	case te.Field == "":
		return fmt.Errorf("this is no %s: it has to be a JSON object", what)
	default:
		return fmt.Errorf("this is no %s: %q is of the wrong type: %s", what, te.Field, te.Value)
	}
}

// idOf is the id of a line whose other fields are wrong; nil where it has none.
func idOf(line []byte) json.RawMessage {
	var l struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &l) != nil {
		var te *json.UnmarshalTypeError
		if !errors.As(json.Unmarshal(line, &l), &te) {
			return nil
		}
	}
	return l.ID
}

// searchReply is a line of the batch contract; what the contract does not name
// may grow.
type searchReply struct {
	ID         json.RawMessage `json:"id,omitempty"`
	Answerable float64         `json:"answerable"`
	Hits       []searchHit     `json:"hits"`
	Language   string          `json:"language,omitempty"`
	Generation int             `json:"generation"`
	Degraded   []string        `json:"degraded,omitempty"`
}

type searchHit struct {
	Article string   `json:"article"`
	Section string   `json:"section"` // path of headings
	Text    string   `json:"text"`
	Score   float64  `json:"score"`
	Title   string   `json:"title,omitempty"`
	From    int      `json:"from"`
	To      int      `json:"to"`
	Why     []string `json:"why,omitempty"`
}

func searchAnswer(id json.RawMessage, ev retrieval.Evidence) searchReply {
	r := searchReply{ID: id, Answerable: ev.P, Hits: make([]searchHit, 0, len(ev.Hits)), Language: ev.Lang, Generation: ev.Generation, Degraded: ev.Degraded}
	for _, h := range ev.Hits {
		r.Hits = append(r.Hits, searchHit{
			Article: h.ArticleID, Section: strings.Join(h.Heading, " > "), Text: h.Text, Score: h.Score,
			Title: h.Title, From: h.From, To: h.To, Why: h.Why,
		})
	}
	return r
}
