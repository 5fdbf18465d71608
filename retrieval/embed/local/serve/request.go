package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/retrieval/embed/local"
)

// request is a call that was understood.
type request struct {
	model   string
	encoder local.Encoder
	kind    local.Kind
	tokens  bool
	base64  bool
	texts   []string
}

// read takes a call's body. Its bytes are held against the budget until it is
// taken apart.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (request, *problem) {
	size := r.ContentLength
	if size < 0 {
		size = s.cfg.MaxBodyBytes
	}
	tooLarge := tooMuch("body_too_large", fmt.Sprintf("The body is larger than %d bytes.", s.cfg.MaxBodyBytes))
	if size > s.cfg.MaxBodyBytes {
		return request{}, tooLarge
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return request{}, &problem{status: http.StatusUnsupportedMediaType, code: "content_encoding", message: "Send the body as it is, without Content-Encoding."}
	}
	if !s.bodies.take(size, s.cfg.BodyBytes) {
		return request{}, busy("Too many calls are being read.")
	}
	defer s.bodies.give(size)

	// A read deadline on the server would end the context of calls that wait
	// their turn; so it holds for the body alone.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(s.cfg.BodyWait))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.cfg.MaxBodyBytes))
	_ = conn.SetReadDeadline(time.Time{})
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return request{}, tooLarge
	}
	if err != nil {
		return request{}, &problem{status: http.StatusRequestTimeout, code: "body_incomplete", message: "The body did not arrive whole."}
	}
	return s.parse(body)
}

func (s *Server) parse(body []byte) (request, *problem) {
	var in struct {
		Model      string          `json:"model"`
		Input      json.RawMessage `json:"input"`
		InputType  string          `json:"input_type"`
		Encoding   string          `json:"encoding_format"`
		Dimensions *int            `json:"dimensions"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && t.Field != "" {
			return request{}, bad("field_type", t.Field, "The field "+t.Field+" is of another type than it should be.")
		}
		return request{}, bad("not_json", "", "The body is not a JSON object.")
	}
	var req request
	var p *problem
	if req.model, req.encoder, req.tokens, p = s.model(in.Model); p != nil {
		return request{}, p
	}
	switch in.InputType {
	case "":
		req.kind = s.cfg.DefaultKind
	case "query":
		req.kind = local.Query
	case "passage", "document":
		req.kind = local.Passage
	default:
		return request{}, bad("input_type", "input_type", "The field input_type is query or passage.")
	}
	switch in.Encoding {
	case "", "float":
	case "base64":
		req.base64 = true
	default:
		return request{}, bad("encoding_format", "encoding_format", "The field encoding_format is float or base64.")
	}
	if in.Dimensions != nil && (req.tokens || *in.Dimensions != req.encoder.Dims()) {
		return request{}, bad("dimensions", "dimensions", "The model has one width: leave out dimensions.")
	}
	if req.texts, p = s.texts(in.Input); p != nil {
		return request{}, p
	}
	return req, nil
}

// model finds a model by the name asked for; without one, the only model.
func (s *Server) model(asked string) (name string, e local.Encoder, tokens bool, p *problem) {
	if asked == "" && len(s.names) == 1 {
		asked = s.names[0]
	}
	if asked == "" {
		return "", nil, false, bad("model_missing", "model", "Name a model; /v1/models lists them.")
	}
	plain, tokens := strings.CutSuffix(asked, tokensSuffix)
	e, ok := s.models[plain]
	if !ok {
		return "", nil, false, &problem{status: http.StatusNotFound, code: "model_not_found", param: "model", message: "There is no such model; /v1/models lists them."}
	}
	return asked, e, tokens, nil
}

// texts reads input: a text, or an array of them, which is read no further than
// it may be long.
func (s *Server) texts(input json.RawMessage) ([]string, *problem) {
	wrong := bad("input_type_wrong", "input", "The field input is a text or an array of texts, at least one.")
	if len(input) == 0 {
		return nil, wrong
	}
	if input[0] != '[' {
		var text *string
		if err := json.Unmarshal(input, &text); err != nil || text == nil {
			return nil, wrong
		}
		return []string{s.cut(*text)}, nil
	}
	dec := json.NewDecoder(bytes.NewReader(input))
	if _, err := dec.Token(); err != nil {
		return nil, wrong
	}
	var texts []string
	for dec.More() {
		if len(texts) == s.cfg.MaxTexts {
			return nil, tooMuch("too_many_texts", fmt.Sprintf("A call may have %d texts.", s.cfg.MaxTexts))
		}
		var text *string
		if err := dec.Decode(&text); err != nil || text == nil {
			return nil, wrong
		}
		texts = append(texts, s.cut(*text))
	}
	if len(texts) == 0 {
		return nil, wrong
	}
	return texts, nil
}

// cut keeps a text's beginning: an encoder reads no more.
func (s *Server) cut(text string) string {
	if len(text) <= s.cfg.MaxTextBytes {
		return text
	}
	end := s.cfg.MaxTextBytes
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end]) // lets go of the rest
}
