package chatapi

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
	"frontdesk/handoff"
)

// photo is a JPEG that says in Exif where it was taken and that it is to be
// turned to the right.
func photo(tb testing.TB, w, h int) []byte {
	tb.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{byte(x * 7), byte(y * 5), byte(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		tb.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x01\x0e\x00\x02\x00\x00\x00\x04HOME\x00\x00\x00\x00 GPS 52.5200 13.4050"
	app1 := append([]byte{0xff, 0xe1, byte((len(exif) + 2) >> 8), byte(len(exif) + 2)}, exif...)
	return append(append([]byte{0xff, 0xd8}, app1...), b.Bytes()[2:]...)
}

func drawn(tb testing.TB, w, h int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// send sends a file in one body.
func (v *visitor) send(tb testing.TB, name string, raw []byte) response {
	tb.Helper()
	return v.do(tb, "POST", "/files", raw, "X-File-Name", name)
}

func (v *visitor) sent(tb testing.TB, name string, raw []byte) convo.File {
	tb.Helper()
	r := v.send(tb, name, raw)
	if r.status != 201 && r.status != 200 {
		tb.Fatalf("%s: %d %s", name, r.status, r.body)
	}
	var f convo.File
	r.json(tb, &f)
	return f
}

func TestFiles_APictureIsSentShownAndReadBack(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	raw := photo(t, 1200, 800)
	f := v.sent(t, "..%2F..%2Fmy%20%E2%80%AEgpj.kettle.exe", raw)
	if f.Name != "my gpj.kettle.exe.jpg" || f.Type != "image/jpeg" || f.Width != 800 || f.Height != 1200 || f.URL != v.path("/files/"+f.ID.String()) {
		t.Fatalf("%+v", f)
	}
	said := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "", "files": []string{f.ID.String()}})
	var turn messageResponse
	said.json(t, &turn)
	if turn.Outcome != convo.None || len(turn.Messages) != 1 || !strings.Contains(turn.Messages[0].Text, "can't look at files") || !turn.Messages[0].OfferPerson {
		t.Fatalf("%d %s", said.status, said.body)
	}
	if n := len(b.finder.questions()); n != 0 {
		t.Errorf("%d searches for no words", n)
	}
	var view conversationView
	v.do(t, "GET", "", nil).json(t, &view)
	if !bytes.Contains(view.Messages[0], []byte(`"files":[{"id":"`+f.ID.String())) {
		t.Errorf("%s", view.Messages[0])
	}
	for _, c := range []struct {
		query     string
		w, h      int
		different bool
	}{{"", 800, 1200, false}, {"?size=small", 426, 640, true}} {
		r := v.b.do(t, "GET", f.URL+c.query, nil, v.auth()...)
		got, err := jpeg.Decode(bytes.NewReader(r.body))
		if err != nil || got.Bounds().Dx() != c.w || got.Bounds().Dy() != c.h {
			t.Fatalf("%q: %d %v %v", c.query, r.status, err, got)
		}
		if bytes.Contains(r.body, []byte("GPS")) || bytes.Contains(r.body, []byte("HOME")) || bytes.Contains(r.body, []byte("Exif")) {
			t.Errorf("%q: it says where it was taken", c.query)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control": "private", "Content-Disposition": "inline;", "Content-Type": "image/jpeg",
		} {
			if !strings.HasPrefix(r.header.Get(name), want) {
				t.Errorf("%s: %q", name, r.header.Get(name))
			}
		}
		again := v.b.do(t, "GET", f.URL+c.query, nil, append(v.auth(), "If-None-Match", r.header.Get("Etag"))...)
		if again.status != http.StatusNotModified || len(again.body) != 0 {
			t.Errorf("%q: %d with %d bytes", c.query, again.status, len(again.body))
		}
	}
	// A yes to the offer brings a person.
	if turn := v.say(t, "yes please"); turn.Outcome != convo.Queued {
		t.Errorf("%+v", turn)
	}
}

func TestFiles_TheWordsAreAnsweredAndThePictureIsToldOf(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, map[string]any{"language": "de"})
	f := v.sent(t, "a.png", drawn(t, 3, 3))
	r := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "how do I send this back?", "files": []string{f.ID.String()}})
	var turn messageResponse
	r.json(t, &turn)
	if turn.Outcome != convo.Answer || len(turn.Messages) != 2 || len(turn.Messages[0].Citations) == 0 || !turn.Messages[1].OfferPerson {
		t.Fatalf("%s", r.body)
	}
	// The same again is the same turn; the same name with other files is not.
	again := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "how do I send this back?", "files": []string{f.ID.String()}})
	other := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "how do I send this back?"})
	if again.status != 200 || other.code() != "client_msg_id_reused" {
		t.Errorf("%d %s, %d %s", again.status, again.body, other.status, other.body)
	}
}

func TestFiles_ALargeOneComesInPieces(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	raw := []byte("%PDF-1.7\n" + strings.Repeat("0123456789abcdef\n", 90_000) + "%%EOF\n")
	total := len(raw)
	piece := func(from, to int) response {
		return v.do(t, "POST", "/files", raw[from:to], "X-File-Name", "invoice.pdf", "X-File-Upload", "one", "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, total))
	}
	at := 0
	for n := 0; at < total; n++ {
		to := min(total, at+files.MaxPiece)
		if n == 1 { // the answer was lost: it is sent again, and one that comes too early is not kept
			if r := piece(0, files.MaxPiece); r.status != 202 || !strings.Contains(string(r.body), fmt.Sprint(at)) {
				t.Fatalf("%d %s", r.status, r.body)
			}
			if r := piece(total-100, total); r.status != 202 || !strings.Contains(string(r.body), fmt.Sprint(at)) {
				t.Fatalf("%d %s", r.status, r.body)
			}
		}
		r := piece(at, to)
		if to == total {
			var f convo.File
			r.json(t, &f)
			if r.status != 201 || f.Type != "application/pdf" || f.Size != int64(total) || f.Width != 0 {
				t.Fatalf("%d %s", r.status, r.body)
			}
			if last := piece(at, to); last.status != 200 || !bytes.Contains(last.body, []byte(f.ID.String())) {
				t.Errorf("the last piece again: %d %s", last.status, last.body)
			}
			got := v.b.do(t, "GET", f.URL, nil, v.auth()...)
			if !bytes.Equal(got.body, raw) || !strings.HasPrefix(got.header.Get("Content-Disposition"), `attachment; filename="invoice.pdf"`) {
				t.Errorf("%d, %d bytes, %s", got.status, len(got.body), got.header.Get("Content-Disposition"))
			}
			break
		}
		if r.status != 202 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		at = to
	}
	// Another size under the same name is another file.
	if r := v.do(t, "POST", "/files", raw[:10], "X-File-Upload", "two", "Content-Range", "bytes 0-9/1000"); r.status != 202 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := v.do(t, "POST", "/files", raw[10:20], "X-File-Upload", "two", "Content-Range", "bytes 10-19/2000"); r.code() != "file_changed" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestFiles_WhatIsNotTakenIsSaidInWords(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	bomb := drawn(t, 2, 2)
	copy(bomb[16:], "\x00\x00\xff\xff\x00\x00\xff\xff") // 65,535 × 65,535 pixels, in 80 bytes
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for name, c := range map[string]struct {
		raw    []byte
		header []string
		status int
		code   string
	}{
		"nothing":                       {[]byte{}, nil, 400, "file_empty"},
		"an SVG with a script":          {[]byte(`<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), nil, 415, "file_svg"},
		"an SVG behind a doctype":       {[]byte("\ufeff<!DOCTYPE svg PUBLIC \"x\" \"y\">\n<s:svg xmlns:s='http://www.w3.org/2000/svg'/>"), nil, 415, "file_svg"},
		"a photo of an iPhone":          {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + strings.Repeat("x", 100)), nil, 415, "file_heic"},
		"an archive that is no picture": {[]byte("PK\x03\x04" + strings.Repeat("\x00", 100)), []string{"Content-Type", "image/png", "X-File-Name", "cat.png"}, 415, "file_archive"},
		"a program":                     {[]byte("MZ\x90\x00\x03\x00\x00\x00"), []string{"X-File-Name", "cat.jpg"}, 415, "file_kind"},
		"a film":                        {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00" + strings.Repeat("x", 50)), nil, 415, "file_film"},
		"a picture that is none":        {[]byte("\x89PNG\r\n\x1a\nno, not at all"), nil, 400, "file_broken"},
		"a picture that is cut":         {photo(t, 300, 300)[:4000], nil, 400, "file_broken"},
		"a bomb of pixels":              {bomb, nil, 413, "file_pixels"},
		"an old text":                   {[]byte("Gr\xfc\xdfe aus K\xf6ln, das ist ein l\xe4ngerer Text"), nil, 415, "file_text"},
		"a PDF that stops":              {[]byte("%PDF-1.4\nand no end"), nil, 400, "file_broken"},
		"more than there may be":        {[]byte("x"), []string{"X-File-Upload", "a", "Content-Range", "bytes 0-0/10485761"}, 413, "file_too_large"},
		"60 MB at once":                 {[]byte("x"), []string{"X-File-Upload", "a", "Content-Range", "bytes 0-0/62914560"}, 413, "file_too_large"},
		"a piece that is too long":      {bytes.Repeat([]byte("x"), files.MaxPiece+1), nil, 413, "file_piece"},
		"a piece without a name":        {[]byte("xx"), []string{"Content-Range", "bytes 0-1/20"}, 400, "file_upload"},
		"a range that is none":          {[]byte("xx"), []string{"X-File-Upload", "a", "Content-Range", "bytes 5-1/20"}, 400, "file_range"},
		"a range of another length":     {[]byte("xx"), []string{"X-File-Upload", "a", "Content-Range", "bytes 0-9/20"}, 400, "file_range"},
		"packed":                        {[]byte("xx"), []string{"Content-Encoding", "gzip"}, 415, "content_encoding"},
	} {
		r := v.do(t, "POST", "/files", c.raw, c.header...)
		if r.status != c.status || r.code() != c.code {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM files`) + b.count(t, `SELECT count(*) FROM file_pieces`); n != 0 {
		t.Errorf("%d rows are left of what was refused", n)
	}
}

func (b *bench) count(tb testing.TB, sql string, args ...any) (n int) {
	tb.Helper()
	if err := b.pool.QueryRow(tb.Context(), sql, args...).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestFiles_AreTheirConversationsAlone(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", `{}`)
	mine, theirs := b.visitor(t, nil), b.visitor(t, nil)
	f := mine.sent(t, "a.png", drawn(t, 4, 4))
	second := &visitor{b: b, token: mine.token, id: ""}
	opened := b.do(t, "POST", "/v1/conversations", nil, mine.auth()...)
	var c conversationResponse
	opened.json(t, &c)
	second.id = c.Conversation.String()
	for name, r := range map[string]response{
		"read with another's token":        b.do(t, "GET", f.URL, nil, theirs.auth()...),
		"read in another's conversation":   theirs.do(t, "GET", "/files/"+f.ID.String(), nil),
		"read in one's other conversation": second.do(t, "GET", "/files/"+f.ID.String(), nil),
		"one that is not":                  mine.do(t, "GET", "/files/"+bot.NewID().String(), nil),
		"no id":                            mine.do(t, "GET", "/files/..%2f..%2fetc", nil),
		"sent to another's":                b.do(t, "POST", mine.path("/files"), []byte("hello"), theirs.auth()...),
		"sent along by another": theirs.do(t, "POST", "/messages",
			map[string]any{"client_msg_id": "1", "text": "", "files": []string{f.ID.String()}}),
		"sent along elsewhere": second.do(t, "POST", "/messages",
			map[string]any{"client_msg_id": "1", "text": "hello", "files": []string{f.ID.String()}}),
		"sent along twice": mine.do(t, "POST", "/messages",
			map[string]any{"client_msg_id": "1", "text": "hello", "files": []string{f.ID.String(), f.ID.String()}}),
	} {
		if r.status != 404 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := b.do(t, "GET", f.URL, nil); r.status != 401 {
		t.Errorf("without a token: %d", r.status)
	}
	if r := mine.do(t, "POST", "/messages", map[string]any{"client_msg_id": "2", "text": "", "files": []string{f.ID.String(), f.ID.String(), f.ID.String(), f.ID.String(), f.ID.String(), f.ID.String()}}); r.code() != "files_many" {
		t.Errorf("six of them: %d %s", r.status, r.body)
	}
	if n := b.count(t, `SELECT count(*) FROM events WHERE body ->> 'author' = 'customer'`); n != 0 {
		t.Errorf("%d messages of those that were refused", n)
	}
}

func TestFiles_TheSameBytesAreKeptOnce(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	raw := photo(t, 40, 30)
	first, second := v.sent(t, "a.jpg", raw), v.sent(t, "b.jpg", raw)
	if first != second || b.count(t, `SELECT count(*) FROM files`) != 1 {
		t.Errorf("%+v and %+v", first, second)
	}
	if other := b.visitor(t, nil).sent(t, "a.jpg", raw); other.ID == first.ID {
		t.Error("another conversation has the same file")
	}
}

// TestFiles_AnAgentsFileIsThereOnceItWasSent tries one that an agent has only
// put in.
func TestFiles_AnAgentsFileIsThereOnceItWasSent(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	key := convo.Key{Site: site, ID: mustID(t, v.id)}
	s, err := files.New(files.Deps{Store: b.store, Log: b.api.Log, Now: time.Now, NewID: bot.NewID}, files.Config{})
	if err != nil {
		t.Fatal(err)
	}
	raw := drawn(t, 9, 9)
	taken, err := s.Take(t.Context(), files.Piece{Key: key, By: files.ByAgent, Name: "a.png", Total: int64(len(raw)), Bytes: raw})
	if err != nil {
		t.Fatal(err)
	}
	path := "/files/" + taken.File.ID.String()
	if r := v.do(t, "GET", path, nil); r.status != 404 {
		t.Errorf("before it was sent: %d", r.status)
	}
	if r := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "", "files": []string{taken.File.ID.String()}}); r.status != 404 {
		t.Errorf("sent by the customer: %d %s", r.status, r.body)
	}
	// The same bytes of the customer's are a file of theirs.
	if own := v.sent(t, "a.png", raw); own.ID == taken.File.ID {
		t.Error("one file of two sides")
	}
}

func mustID(tb testing.TB, s string) (id convo.ID) {
	tb.Helper()
	if err := id.UnmarshalText([]byte(s)); err != nil {
		tb.Fatal(err)
	}
	return id
}

// TestFiles_TellThePersonWhoIsWaitedFor sends one while somebody waits in line.
func TestFiles_TellThePersonWhoIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	if r := v.do(t, "POST", "/human", map[string]any{"reason": string(handoff.Asked)}); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	f := v.sent(t, "a.png", drawn(t, 9, 9))
	r := v.do(t, "POST", "/messages", map[string]any{"client_msg_id": "1", "text": "", "files": []string{f.ID.String()}})
	var turn messageResponse
	r.json(t, &turn)
	if turn.Outcome != convo.Relayed || len(turn.Messages) != 0 {
		t.Errorf("%d %s", r.status, r.body)
	}
}
