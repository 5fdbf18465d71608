package chatapi

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
	"frontdesk/internal/web"
)

// FuzzMessageBody: a body is refused with a code, or gives a text that can be
// stored, shown and searched.
func FuzzMessageBody(f *testing.F) {
	for _, s := range []string{
		`{"client_msg_id":"1","text":"How long?"}`, `{"text":"\ud83d"}`, `{"text":"\u0000"}`, `{"text":"\u200b"}`, `{"client_msg_id":"1","text":"4111 1111 1111 1111"}`,
		`{"client_msg_id":1}`, `[]`, `{"client_msg_id":"a","text":"b","c":1}`, "\xff", `{"text":"` + strings.Repeat("x", 9000) + `"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var req messageRequest
		err := web.DecodeJSON(body, &req)
		text := ""
		if err == nil {
			text, err = bot.CleanText(req.Text)
		}
		if err != nil {
			if e, ok := fault.As(err); !ok || e.Code == "" || web.Status(e.Kind) < 400 || web.Status(e.Kind) >= 500 {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > bot.MaxText {
			t.Fatalf("%q gave %q", body, text)
		}
	})
}

// FuzzLastEventID: only what an id of ours looks like is taken, and it is
// taken for what it is.
func FuzzLastEventID(f *testing.F) {
	for _, s := range []string{"", "1", "00", "-1", "1e3", "９", "9223372036854775807", "9223372036854775808", " 1", "1\n2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := lastEventID(s)
		want, werr := strconv.ParseInt(s, 10, 64)
		switch {
		case s == "" && (n != 0 || err != nil):
			t.Fatalf("nothing became %d, %v", n, err)
		case err == nil && s != "" && (n < 0 || werr != nil || n != want):
			t.Fatalf("%q became %d", s, n)
		case err != nil && fault.KindOf(err) != fault.Invalid:
			t.Fatalf("%q: %v", s, err)
		}
	})
}

// FuzzFrame: whatever an event's body holds, one frame comes back as it was.
func FuzzFrame(f *testing.F) {
	f.Add(int64(7), `{"text":"a\n\ndata: b"}`)
	f.Add(int64(0), `{}`)
	f.Fuzz(func(t *testing.T, seq int64, text string) {
		body := mustJSON(map[string]string{"text": text})
		frames := parseFrames(string(frame(nil, convo.Event{Seq: seq, Kind: convo.KindMessage, Body: body})))
		if len(frames) != 1 || frames[0].data != string(body) || frames[0].event != "message" || (seq > 0) != (frames[0].id != "") {
			t.Fatalf("%q gave %+v", body, frames)
		}
	})
}
