package web

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"frontdesk/internal/fault"
)

type body struct {
	ID     string          `json:"id"`
	Text   string          `json:"text"`
	Key    uuid.UUID       `json:"key"`
	Keys   []uuid.UUID     `json:"keys"`
	Least  *int            `json:"least"`
	Share  float64         `json:"share"`
	Really bool            `json:"really"`
	Inner  struct{ N int } `json:"inner"`
}

func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, code, text string }{
		"an object":             {`{"id":"1","text":"hi"}`, "", "hi"},
		"white space around it": {" \n{\"text\":\"hi\"}\n ", "", "hi"},
		"escaped characters":    {`{"text":"\u0068\u0069 \"\\\/"}`, "", `hi "\/`},
		"a surrogate pair":      {`{"text":"\ud83c\udf75"}`, "", "🍵"},
		"a pair, upper case":    {`{"text":"\uD83C\uDF75"}`, "", "🍵"},
		"brackets in a string":  {`{"text":"` + strings.Repeat("[{", 100) + `"}`, "", strings.Repeat("[{", 100)},
		"an escaped backslash":  {`{"text":"\\ud83d"}`, "", `\ud83d`},
		"a lone half":           {`{"text":"\ud83c x"}`, "invalid_unicode", ""},
		"a half at the end":     {`{"text":"\udf75"}`, "invalid_unicode", ""},
		"a half, then a letter": {`{"text":"\ud83c\u0041"}`, "invalid_unicode", ""},
		"a half in a key":       {`{"\ud83c":"x"}`, "invalid_unicode", ""},
		"broken UTF-8":          {"{\"text\":\"\xc3\x28\"}", "invalid_unicode", ""},
		"deep":                  {strings.Repeat(`{"id":`, 20), "json_too_deep", ""},
		"unknown":               {`{"x":1}`, "json_unknown_field", ""},
		"unknown, long":         {`{"` + strings.Repeat("x", 1000) + `":1}`, "json_unknown_field", ""},
		"twice":                 {`{}{}`, "json_syntax", ""},
		"nothing":               {``, "json_syntax", ""},
		"a number":              {`7`, "json_type", ""},
		"null":                  {`null`, "json_type", ""},
		"a bracket behind":      {`{}}`, "json_syntax", ""},
		"cut off":               {`{"text":"hi`, "json_syntax", ""},
		"a bad escape":          {`{"text":"\ux"}`, "json_syntax", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v body
			err := DecodeJSON([]byte(c.in), &v)
			f, _ := fault.As(err)
			switch {
			case c.code == "" && (err != nil || v.Text != c.text):
				t.Errorf("got %q, %v", v.Text, err)
			case c.code != "" && (f == nil || f.Code != c.code):
				t.Errorf("got %v, want %s", err, c.code)
			case f != nil && len(f.Public) > 200:
				t.Errorf("it repeats what was sent: %d bytes", len(f.Public))
			}
		})
	}
}

// A client's developer reads JSON's words there, never names of our types.
func TestDecodeJSON_SaysWhatAFieldTakes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`[]`:                  "The body has to be a JSON object.",
		`"text"`:              "The body has to be a JSON object.",
		`{"text":5}`:          `The field "text" has the wrong type: it takes a string.`,
		`{"key":5}`:           `The field "key" has the wrong type: it takes a string.`,
		`{"keys":"x"}`:        `The field "keys" has the wrong type: it takes a list.`,
		`{"keys":[5]}`:        `The field "keys" has the wrong type: it takes a string.`,
		`{"keys":["x"]}`:      "A field holds text that cannot be read as what it takes, an id for instance.",
		`{"least":"x"}`:       `The field "least" has the wrong type: it takes a number.`,
		`{"least":1.5}`:       `The field "least" has the wrong type: it takes a number.`,
		`{"share":1e999}`:     `The field "share" has the wrong type: it takes a number.`,
		`{"really":"yes"}`:    `The field "really" has the wrong type: it takes true or false.`,
		`{"inner":[]}`:        `The field "inner" has the wrong type: it takes an object.`,
		`{"inner":{"n":"x"}}`: `The field "inner.N" has the wrong type: it takes a number.`,
	} {
		f, ok := fault.As(DecodeJSON([]byte(in), &body{}))
		if !ok || f.Code != "json_type" || f.Public != want {
			t.Errorf("%s: %+v", in, f)
		}
	}
}

// FuzzDecodeJSON: whatever comes in, either it is refused with a code, or what
// comes out is what any other decoder would read, with nothing replaced.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{`{"id":"1","text":"hi"}`, `{"text":"\ud83c\udf75"}`, `{"text":"\ud83c"}`, `[[[[`, `{"text":"\u0000"}`, "\xff", `{"text":null}`, `{"id":"\\\u0041"}{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var v body
		if err := DecodeJSON(in, &v); err != nil {
			if fe, ok := fault.As(err); !ok || fe.Code == "" || fe.Public == "" {
				t.Fatalf("%q: %v has no code", in, err)
			}
			return
		}
		if !utf8.ValidString(v.Text) || strings.Count(v.Text, "\ufffd") > strings.Count(string(in), "\ufffd")+strings.Count(strings.ToLower(string(in)), `\ufffd`) {
			t.Fatalf("%q: %q was replaced", in, v.Text)
		}
		if !json.Valid(in) {
			t.Fatalf("%q is no JSON", in)
		}
	})
}
