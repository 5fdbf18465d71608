package web

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"frontdesk/internal/fault"
)

const (
	// MaxBody is what a JSON body may weigh: twice the longest message.
	MaxBody = 64 << 10
	// maxDepth is far more than any of our bodies nests.
	maxDepth = 16
)

// Decode reads the request's body, one JSON object, into v. An absent body
// leaves v as it is where optional is true.
//
// Errors: Unsupported for another media type or any Content-Encoding (a gzip
// body would pass the size limit and then grow), TooLarge, Invalid for
// everything that is not exactly one object with known fields in valid Unicode.
func Decode(c *fiber.Ctx, v any, optional bool) error {
	if enc := c.Get(fiber.HeaderContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return fault.New(fault.Unsupported, "content_encoding", "Send the body without Content-Encoding.")
	}
	body := c.Request().Body() // raw: c.Body() would decompress
	if len(body) == 0 && optional {
		return nil
	}
	mt, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || mt != fiber.MIMEApplicationJSON {
		return fault.New(fault.Unsupported, "media_type", "Send JSON with Content-Type: application/json.")
	}
	if len(body) > MaxBody {
		return fault.New(fault.TooLarge, "body_too_large", fmt.Sprintf("The body has %d bytes; at most %d are taken.", len(body), MaxBody))
	}
	return DecodeJSON(body, v)
}

// DecodeJSON is Decode for bytes that are there already.
func DecodeJSON(body []byte, v any) error {
	if err := checkJSON(body); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return jsonFault(err)
	}
	if len(bytes.TrimSpace(body[dec.InputOffset():])) > 0 {
		return fault.New(fault.Invalid, "json_syntax", "The body holds more than one JSON value.")
	}
	if bytes.TrimSpace(body)[0] != '{' { // null fits every type
		return errNoObject
	}
	return nil
}

// jsonFault says what is wrong in our words: the decoder's own repeat what the
// client sent.
func jsonFault(err error) error {
	if f, ok := fault.As(err); ok { // a field's own
		return f
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return errNoObject
		}
		return fault.New(fault.Invalid, "json_type", fmt.Sprintf("The field %q has the wrong type: it takes %s.", e.Field, typeWords(e.Type)))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if len(name) > 60 {
			name = "with a long name"
		}
		return fault.New(fault.Invalid, "json_unknown_field", "There is no field "+name+" here.")
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Wrap(err, fault.Invalid, "json_type", "A field holds text that cannot be read as what it takes, an id for instance.")
	}
	return fault.Wrap(err, fault.Invalid, "json_syntax", "The body is not valid JSON.")
}

// typeWords are what JSON calls a type of ours.
func typeWords(t reflect.Type) string {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) { // an id, a time
		return "a string"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return typeWords(t.Elem())
	default:
		return "a number"
	}
}

var (
	errNoObject  = fault.New(fault.Invalid, "json_type", "The body has to be a JSON object.")
	errDepth     = fault.New(fault.Invalid, "json_too_deep", fmt.Sprintf("The JSON nests deeper than %d levels.", maxDepth))
	errUTF8      = fault.New(fault.Invalid, "invalid_unicode", "The body is not valid UTF-8.")
	errSurrogate = fault.New(fault.Invalid, "invalid_unicode", "The JSON holds half of a surrogate pair (\\ud800–\\udfff): send both halves, or the character itself.")
)

// checkJSON refuses what encoding/json would let pass: deep nesting (it goes
// to 10,000 levels), invalid UTF-8 and lone surrogates (both silently become
// U+FFFD, and the customer's words would be changed).
func checkJSON(b []byte) error {
	if !utf8.Valid(b) {
		return errUTF8
	}
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch ch := b[i]; {
		case inString && ch == '\\':
			width, ok := escape(b[i:])
			if !ok {
				return errSurrogate
			}
			i += width - 1
		case ch == '"':
			inString = !inString
		case inString:
		case ch == '{' || ch == '[':
			if depth++; depth > maxDepth {
				return errDepth
			}
		case ch == '}' || ch == ']':
			depth--
		}
	}
	return nil
}

// escape measures the escape at the start of b; ok is false for a \u that is
// half of a surrogate pair. Other malformed escapes are left to the decoder.
func escape(b []byte) (width int, ok bool) {
	r, good := hex4(b)
	if !good {
		return 2, true
	}
	switch {
	case r >= 0xDC00 && r <= 0xDFFF:
		return 0, false
	case r >= 0xD800 && r <= 0xDBFF:
		low, good := hex4(b[6:])
		return 12, good && low >= 0xDC00 && low <= 0xDFFF
	default:
		return 6, true
	}
}

func hex4(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 32)
	return n, err == nil
}
