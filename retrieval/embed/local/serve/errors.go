package serve

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// problem is an answer that says what is wrong, in the shape of OpenAI's
// errors. Its words are ours and never a text's.
type problem struct {
	status  int
	code    string // for programs
	param   string // the field to blame, if one is
	message string
	again   bool // later the same may work: Retry-After is said
}

func (p *problem) kind() string {
	switch {
	case p.status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case p.status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

func bad(code, param, message string) *problem {
	return &problem{status: http.StatusBadRequest, code: code, param: param, message: message}
}

// tooMuch is 413: fewer or shorter texts in a call will do.
func tooMuch(code, message string) *problem {
	return &problem{status: http.StatusRequestEntityTooLarge, code: code, param: "input", message: message}
}

func busy(message string) *problem {
	return &problem{status: http.StatusTooManyRequests, code: "busy", message: message, again: true}
}

var errEncode = problem{status: http.StatusInternalServerError, code: "encode_failed", message: "The encoder failed at a text."}

func (s *Server) refuse(w http.ResponseWriter, p *problem) {
	type inner struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    string  `json:"code"`
	}
	e := inner{Message: p.message, Type: p.kind(), Code: p.code}
	if p.param != "" {
		e.Param = &p.param
	}
	if p.again {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(s.cfg.RetryAfter.Seconds()))))
	}
	body, err := json.Marshal(map[string]inner{"error": e})
	if err != nil { // strings only: never
		body = []byte(`{"error":{}}`)
	}
	s.write(w, p.status, body)
}

// write sends an answer whole.
func (s *Server) write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // who does not read it has left
}
