package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/embeddings", s.only(http.MethodPost, s.embeddings))
	mux.HandleFunc("/v1/models", s.only(http.MethodGet, s.list))
	mux.HandleFunc("/health", s.only(http.MethodGet, s.healthy))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		s.refuse(w, &problem{status: http.StatusNotFound, code: "not_found", message: "There is nothing at this path."})
	})
	return mux
}

func (s *Server) only(method string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			s.refuse(w, &problem{status: http.StatusMethodNotAllowed, code: "method", message: "This path takes " + method + "."})
			return
		}
		h(w, r)
	}
}

func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) {
	req, p := s.read(w, r)
	if p != nil {
		s.refuse(w, p)
		return
	}
	size := answerBytes(req)
	if size > s.cfg.AnswerBytes && len(req.texts) > 1 {
		s.refuse(w, tooMuch("answer_too_large", "The answer would be too large. Send fewer texts in a call."))
		return
	}
	size = min(size, s.cfg.AnswerBytes) // one text is always taken
	if !s.answer.take(size, s.cfg.AnswerBytes) {
		s.refuse(w, busy("Too many answers are under way."))
		return
	}
	defer s.answer.give(size)

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // runs of a call that failed are not begun
	c := newCall(ctx, req.encoder, req.kind, req.tokens, req.texts)
	if !s.queue.add(c) {
		s.refuse(w, busy("Too many texts are waiting."))
		return
	}
	defer s.queue.drop(c)
	select {
	case <-c.done:
	case <-ctx.Done():
		return // the caller has left, or the server stops
	}
	s.answered(w, req, c)
}

func (s *Server) answered(w http.ResponseWriter, req request, c *call) {
	vectors, err := c.result()
	if c.ctx.Err() != nil {
		return
	}
	var body []byte
	if err == nil {
		body, err = answer(req, vectors)
	}
	if err != nil {
		s.log.Error("encode failed", "model", req.model, "kind", string(req.kind), "texts", len(req.texts), "err", err)
		s.refuse(w, &errEncode)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.BodyWait))
	s.write(w, http.StatusOK, body)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
}

// model is an entry of /v1/models.
type model struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Created   int64  `json:"created"`
	OwnedBy   string `json:"owned_by"`
	Dims      int    `json:"dims"`
	TokenDims int    `json:"token_dims"`
	MaxTokens int    `json:"max_tokens"`
}

// list names the models. The same with token vectors are not named: whoever
// looks for a model to get vectors from must not find them.
func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	all := make([]model, 0, len(s.names))
	for _, name := range s.names {
		e := s.models[name]
		all = append(all, model{
			ID: name, Object: "model", OwnedBy: "frontdesk",
			Dims: e.Dims(), TokenDims: e.TokenDims(), MaxTokens: e.MaxTokens(),
		})
	}
	s.json(w, http.StatusOK, map[string]any{"object": "list", "data": all})
}

// healthy says whether the workers come to the end of their runs.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	status, word := http.StatusOK, "ok"
	for i := range s.began {
		if at := s.began[i].Load(); at != 0 && s.now().Sub(time.Unix(0, at)) > s.cfg.StuckAfter {
			status, word = http.StatusServiceUnavailable, "stuck"
		}
	}
	models := make(map[string]string, len(s.names))
	for _, name := range s.names {
		models[name] = s.notes[name]
	}
	s.json(w, status, map[string]any{"status": word, "models": models})
}

func (s *Server) json(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // numbers and strings only: never
		status, body = http.StatusInternalServerError, []byte(`{}`)
	}
	s.write(w, status, body)
}
