package chatapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"frontdesk/bot/convo"
)

func TestBadInput_Bodies(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	fmt.Fprint(w, `{"client_msg_id":"1","text":"hi"}`)
	_ = w.Close()
	text := func(s string) string { return `{"client_msg_id":"1","text":"` + s + `"}` }
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		code    string
	}{
		"no body":                  {"", nil, 415, "media_type"},
		"empty text":               {text(""), nil, 400, "message_blank"},
		"blank text":               {text(`  \n\t `), nil, 400, "message_blank"},
		"zero-width only":          {text("\u200b\u200d\ufeff\u2060"), nil, 400, "message_blank"},
		"bidirectional marks only": {text("\u202e\u2066\u2069\u200f"), nil, 400, "message_blank"},
		"8,001 characters":         {text(strings.Repeat("a", 8001)), nil, 413, "message_too_long"},
		"100,000 characters":       {text(strings.Repeat("a", 100_000)), nil, 413, "body_too_large"},
		"1,000,000 characters":     {text(strings.Repeat("a", 1_000_000)), nil, 413, "body_too_large"},
		"invalid UTF-8":            {text("\xff\xfe"), nil, 400, "invalid_unicode"},
		"a lone high surrogate":    {text(`\ud83d`), nil, 400, "invalid_unicode"},
		"a lone low surrogate":     {text(`x \ude00`), nil, 400, "invalid_unicode"},
		"surrogates swapped":       {text(`\ude00\ud83d`), nil, 400, "invalid_unicode"},
		"NUL":                      {text(`a\u0000b`), nil, 400, "invalid_text"},
		"no client_msg_id":         {`{"text":"hi"}`, nil, 400, "client_msg_id"},
		"a long client_msg_id":     {`{"client_msg_id":"` + strings.Repeat("x", 65) + `","text":"hi"}`, nil, 400, "client_msg_id"},
		"spaces in client_msg_id":  {`{"client_msg_id":"a b","text":"hi"}`, nil, 400, "client_msg_id"},
		"10,000 levels":            {strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), nil, 400, "json_too_deep"},
		"10,000 levels in a field": {`{"client_msg_id":"1","text":"hi","x":` + strings.Repeat(`{"x":`, 10_000) + "1" + strings.Repeat("}", 10_000) + "}", nil, 400, "json_too_deep"},
		"17 levels":                {`{"x":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + "}", nil, 400, "json_too_deep"},
		"an unknown field":         {`{"client_msg_id":"1","text":"hi","admin":true}`, nil, 400, "json_unknown_field"},
		"a wrong type":             {`{"client_msg_id":"1","text":{"a":1}}`, nil, 400, "json_type"},
		"an array":                 {`["hi"]`, nil, 400, "json_type"},
		"not JSON":                 {`{"client_msg_id":`, nil, 400, "json_syntax"},
		"two values":               {text("hi") + text("ho"), nil, 400, "json_syntax"},
		"words after it":           {text("hi") + " x", nil, 400, "json_syntax"},
		"form data":                {"client_msg_id=1&text=hi", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "media_type"},
		"text/plain":               {text("hi"), []string{"Content-Type", "text/plain"}, 415, "media_type"},
		"XML":                      {"<a/>", []string{"Content-Type", "application/xml"}, 415, "media_type"},
		"gzip":                     {gz.String(), []string{"Content-Encoding", "gzip"}, 415, "content_encoding"},
		"an encoding that is none": {text("hi"), []string{"Content-Encoding", "br"}, 415, "content_encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body any = c.body
			if c.body == "" {
				body = nil
			}
			r := v.do(t, "POST", "/messages", body, c.headers...)
			if r.status != c.status || r.code() != c.code {
				t.Errorf("got %d %s, want %d %s: %s", r.status, r.code(), c.status, c.code, r.body)
			}
			if strings.Contains(string(r.body), strings.Repeat("a", 16)) {
				t.Errorf("the answer repeats what was sent: %s", r.body)
			}
		})
	}
}

func TestBadInput_TextsThatArePlainWordsToUs(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	for name, text := range map[string]string{
		"HTML":             `<script>alert(1)</script><img src=x onerror=alert(1)>`,
		"SQL":              `'; DROP TABLE events; --`,
		"template braces":  `{{.Secret}} ${7*7} {{7*7}} <%= 7 %> #{7}`,
		"emoji only":       "🫖🔥",
		"8,000 characters": strings.Repeat("é", 8000),
		"bidi among words": "abc\u202egnirts\u202c def",
		"surrogate pair":   "tea \U0001F375",
		"quotes":           `"\\' %s %d \n`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := b.visitor(t, nil)
			if m := v.say(t, text); m.Outcome != convo.Answer {
				t.Fatalf("got %+v", m)
			}
			var view struct {
				Messages []convo.Message `json:"messages"`
			}
			v.do(t, "GET", "", nil).json(t, &view)
			if len(view.Messages) != 2 || view.Messages[0].Text != text || view.Messages[0].Author != convo.Customer {
				t.Errorf("kept as %+v", view.Messages[0])
			}
		})
	}
}

func TestBadInput_Conversations(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	for name, c := range map[string]struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		"one that does not exist":      {"GET", "/v1/conversations/" + uuid.NewString(), nil, 404, "no_such_conversation"},
		"no id at all":                 {"GET", "/v1/conversations/nonsense", nil, 404, "no_such_conversation"},
		"message to none":              {"POST", "/v1/conversations/" + uuid.NewString() + "/messages", messageRequest{ClientMsgID: "1", Text: "hi there you"}, 404, "no_such_conversation"},
		"events of none":               {"GET", "/v1/conversations/" + uuid.NewString() + "/events", nil, 404, "no_such_conversation"},
		"typing to none":               {"POST", "/v1/conversations/" + uuid.NewString() + "/typing", "{}", 404, "no_such_conversation"},
		"human for none":               {"POST", "/v1/conversations/" + uuid.NewString() + "/human", "{}", 404, "no_such_conversation"},
		"feedback on none":             {"POST", "/v1/conversations/" + uuid.NewString() + "/feedback", `{"message":"` + uuid.NewString() + `","helpful":true}`, 404, "no_such_conversation"},
		"feedback on no message":       {"POST", v.path("/feedback"), `{"message":"` + uuid.NewString() + `","helpful":true}`, 404, "no_such_message"},
		"feedback without a word":      {"POST", v.path("/feedback"), `{"message":"` + uuid.NewString() + `"}`, 400, "helpful"},
		"feedback of 2,001 characters": {"POST", v.path("/feedback"), `{"message":"` + uuid.NewString() + `","helpful":true,"comment":"` + strings.Repeat("x", 2001) + `"}`, 400, "comment"},
		"a cursor of letters":          {"GET", v.path("?before=x"), nil, 400, "cursor"},
		"a limit of none":              {"GET", v.path("?limit=0"), nil, 400, "cursor"},
		"a limit of many":              {"GET", v.path("?limit=101"), nil, 400, "cursor"},
		"an unknown reason":            {"POST", v.path("/human"), `{"reason":"because"}`, 400, "handoff_reason"},
		"a long contact":               {"POST", v.path("/human"), `{"contact":"` + strings.Repeat("x", 201) + `"}`, 400, "contact"},
		"typing with words":            {"POST", v.path("/typing"), `{"text":"secret"}`, 400, "json_unknown_field"},
		"another method":               {"DELETE", v.path(""), nil, 405, "method_not_allowed"},
		"another address":              {"GET", "/v1/agents", nil, 404, "no_such_route"},
		"a site that is not there":     {"POST", "/v1/conversations", `{"site":"nowhere"}`, 404, "no_such_site"},
		"a language that is none":      {"POST", "/v1/conversations", `{"language":"../../etc"}`, 400, "language"},
		"a page of numbers":            {"POST", "/v1/conversations", `{"page":7}`, 400, "page"},
		"a page with other fields":     {"POST", "/v1/conversations", `{"page":{"cookie":"x"}}`, 400, "page"},
		"a page of 2,001 characters":   {"POST", "/v1/conversations", `{"page":"` + strings.Repeat("x", 2001) + `"}`, 400, "page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := b.do(t, c.method, c.path, c.body, v.auth()...)
			if r.status != c.status || r.code() != c.code {
				t.Errorf("got %d %s, want %d %s: %s", r.status, r.code(), c.status, c.code, r.body)
			}
		})
	}
}
