package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// turnStream is what a turn's own stream carries beside its events.
type turnStream struct {
	turn   string        // "": everything of the conversation
	pieces <-chan string // of the reply, before it is whole
	cut    bool          // the connection breaks once the message is in
}

// events streams everything of a conversation after Last-Event-ID.
func (f *fakeAPI) events(w http.ResponseWriter, r *http.Request, c *fakeConv) {
	f.stream(w, r, c, turnStream{})
}

func (f *fakeAPI) stream(w http.ResponseWriter, r *http.Request, c *fakeConv, s turnStream) {
	after, _ := strconv.Atoi(r.Header.Get("Last-Event-ID")) // none: from the beginning
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	fmt.Fprint(w, ": hello\n\n")
	flush(w)
	// The one who waits for changes has to notice that nobody listens any more.
	gone := r.Context().Done()
	go func() {
		<-gone
		f.mu.Lock()
		defer f.mu.Unlock()
		f.changed.Broadcast()
	}()
	f.mu.Lock()
	if s.turn == "" { // from now on a cut reaches it
		f.listening++
		f.changed.Broadcast()
		defer func() {
			f.mu.Lock()
			f.listening--
			f.mu.Unlock()
		}()
	}
	epoch, typing, read := f.epoch, f.typing, map[string]int{}
	for {
		for ; after < len(c.events); after++ {
			e := c.events[after]
			if s.turn != "" && e.turn != s.turn {
				continue
			}
			send(w, strconv.Itoa(e.seq), e.kind, e.body)
			ends := s.turn != "" && (e.kind == "done" || e.kind == "error")
			if ends {
				f.mu.Unlock()
				return
			}
			if s.cut {
				f.mu.Unlock()
				panic(http.ErrAbortHandler)
			}
		}
		if s.turn == "" && typing != f.typing {
			typing = f.typing
			send(w, "", "typing", map[string]any{"author": "agent"})
		}
		for _, by := range []string{"agent", "customer"} {
			if up := c.read[by]; s.turn == "" && read[by] < up {
				read[by] = up
				send(w, "", "read", map[string]any{"by": by, "up": up})
			}
		}
		f.forward(w, s)
		if r.Context().Err() != nil {
			f.mu.Unlock()
			return
		}
		if epoch != f.epoch {
			f.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		f.changed.Wait()
	}
}

// forward sends what there is of the reply's pieces.
func (f *fakeAPI) forward(w http.ResponseWriter, s turnStream) {
	for {
		select {
		case piece := <-s.pieces:
			send(w, "", "delta", map[string]any{"text": piece})
		default:
			return
		}
	}
}

func send(w http.ResponseWriter, id, kind string, body any) {
	data, _ := json.Marshal(body) // maps of plain values
	if id != "" {
		fmt.Fprintf(w, "id: %s\n", id)
	}
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, data)
	flush(w)
}

func flush(w http.ResponseWriter) {
	if fl, ok := w.(http.Flusher); ok {
		fl.Flush()
	}
}
