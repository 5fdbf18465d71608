package fakemodel

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Answer is what one call will get; a Fault changes it.
type Answer struct {
	Status  int         // 200
	Header  http.Header // beside Content-Type
	Model   string      // the name the answer carries
	Vectors [][]float32 // one a text
	Indexes []int       // the index each vector is labelled with
	Plain   bool        // floats although base64 was asked for

	// Raw, where not nil, is sent in place of the JSON made of the vectors.
	Raw []byte

	Delay   time.Duration   // waited before the first byte
	Hang    <-chan struct{} // waited for before the first byte
	CutAt   int             // > 0: the connection is reset after so many bytes of the body
	Reset   bool            // the connection is reset before the first byte
	Request Request         // what was asked
}

// embeddings answers one call.
func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) {
	req, err := readRequest(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	fault := s.next(req)
	defer s.inFlight.Add(-1)
	if s.cfg.Serial {
		s.serial.Lock()
		defer s.serial.Unlock()
	}
	if len(req.Input) == 0 {
		writeError(w, http.StatusBadRequest, "input must not be empty")
		return
	}
	a := &Answer{Status: http.StatusOK, Header: http.Header{}, Model: s.cfg.Model, Delay: s.cfg.Latency, Request: req}
	if fault == nil && req.Encoding == "base64" && len(req.Input) == 1 && req.Dimensions == 0 {
		s.quick(w, r, a)
		return
	}
	for i, text := range req.Input {
		a.Vectors = append(a.Vectors, s.vector(text, req.Dimensions))
		a.Indexes = append(a.Indexes, i)
	}
	if fault != nil {
		fault(a)
	}
	if !s.wait(r, a) {
		reset(w)
		return
	}
	body := a.Raw
	if body == nil {
		body = encode(a)
	}
	s.write(w, a, body)
}

// quick answers the commonest call from the bytes of the last such answer, so
// that in a benchmark the stub costs little beside what is measured.
func (s *Server) quick(w http.ResponseWriter, r *http.Request, a *Answer) {
	text := a.Request.Input[0]
	s.mu.Lock()
	body, ok := s.made[text]
	s.mu.Unlock()
	if !ok {
		a.Vectors, a.Indexes = [][]float32{s.vector(text, 0)}, []int{0}
		body = string(encode(a))
		s.mu.Lock()
		if len(s.made) < maxRecorded {
			s.made[text] = body
		}
		s.mu.Unlock()
	}
	if !s.wait(r, a) {
		reset(w)
		return
	}
	s.write(w, a, []byte(body))
}

// wait is false when nobody is there any more to be answered.
func (s *Server) wait(r *http.Request, a *Answer) bool {
	if a.Delay > 0 {
		timer := time.NewTimer(a.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return false
		case <-s.done:
			return false
		}
	}
	if a.Hang == nil {
		return true
	}
	select {
	case <-a.Hang:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}

func (s *Server) write(w http.ResponseWriter, a *Answer, body []byte) {
	if a.Reset {
		reset(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	for k, v := range a.Header {
		w.Header()[k] = v
	}
	if !s.cfg.Chunked {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.Status)
	if a.CutAt > 0 && a.CutAt < len(body) {
		_, _ = w.Write(body[:a.CutAt])
		_ = http.NewResponseController(w).Flush()
		reset(w)
		return
	}
	_, _ = w.Write(body)
}

// reset cuts the connection so that the client sees RST rather than an end.
func reset(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 has nothing to hijack
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func writeError(w http.ResponseWriter, status int, msg string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(errorBody(msg, ""))
}

func errorBody(msg, code string) []byte {
	e := map[string]any{"message": msg, "type": "invalid_request_error", "code": nil}
	if code != "" {
		e["code"] = code
	}
	b, err := json.Marshal(map[string]any{"error": e})
	if err != nil {
		panic(err) // strings always marshal
	}
	return b
}

// encode writes the answer by hand: NaN and Inf, which JSON has no words for,
// are written as Python's json does.
func encode(a *Answer) []byte {
	b := make([]byte, 0, 128+len(a.Vectors)*64)
	b = append(b, `{"object":"list","data":[`...)
	for i, v := range a.Vectors {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"object":"embedding","index":`...)
		b = strconv.AppendInt(b, int64(a.Indexes[i]), 10)
		b = append(b, `,"embedding":`...)
		if a.Request.Encoding == "base64" && !a.Plain {
			b = append(b, '"')
			b = base64.StdEncoding.AppendEncode(b, littleEndian(v))
			b = append(b, '"')
		} else {
			b = appendFloats(b, v)
		}
		b = append(b, '}')
	}
	b = append(b, `],"model":`...)
	b = strconv.AppendQuote(b, a.Model)
	return append(b, `,"usage":{"prompt_tokens":1,"total_tokens":1}}`...)
}

func littleEndian(v []float32) []byte {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return raw
}

func appendFloats(b []byte, v []float32) []byte {
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		switch f := float64(x); {
		case math.IsNaN(f):
			b = append(b, "NaN"...)
		case math.IsInf(f, 1):
			b = append(b, "Infinity"...)
		case math.IsInf(f, -1):
			b = append(b, "-Infinity"...)
		default:
			b = strconv.AppendFloat(b, f, 'g', -1, 32)
		}
	}
	return append(b, ']')
}
