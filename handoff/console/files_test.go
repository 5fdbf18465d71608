package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/files"
)

func drawn(tb testing.TB, w, h int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// head is how an answer begins.
type head struct {
	StatusCode int
	Header     http.Header
}

// raw sends bytes as they are; headers come in pairs.
func (b *bench) raw(as, method, path string, body []byte, headers ...string) (head, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set(agentHeader, as)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req) //nolint:forbidigo // a test's call to its own server
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return head{resp.StatusCode, resp.Header}, string(got)
}

// customerSends says something with a picture; what it is.
func (b *bench) customerSends(v visit, w, h int) convo.File {
	b.t.Helper()
	raw := drawn(b.t, w, h)
	taken, err := b.files.Take(b.t.Context(), files.Piece{Key: v.key, Visitor: v.visitor, Name: "leak.png", Total: int64(len(raw)), Bytes: raw})
	if err != nil {
		b.t.Fatal(err)
	}
	turn := bot.NewID()
	_, err = b.convs.Record(b.t.Context(), bot.Record{
		Key: v.key, Visitor: v.visitor, Turn: turn, ClientMsgID: turn.String(), Files: []convo.ID{taken.File.ID},
		Message: convo.Message{ID: bot.NewID(), Turn: &turn, Author: convo.Customer, Text: ""},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return *taken.File
}

func TestFiles_WhatACustomerSendsIsReadByTheirQueueAlone(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "it leaks")
	other := b.visit("sales", "something else")
	f := b.customerSends(v, 900, 40)
	path := "/cases/" + v.id() + "/files/" + f.ID.String()
	resp, body := b.raw("mara", "GET", path, nil)
	got, err := png.Decode(strings.NewReader(body))
	if err != nil || got.Bounds().Dx() != 900 {
		t.Fatalf("%d %v", resp.StatusCode, err)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control": "private", "Content-Disposition": `inline; filename="leak.png"`,
	} {
		if !strings.HasPrefix(resp.Header.Get(name), want) {
			t.Errorf("%s: %q", name, resp.Header.Get(name))
		}
	}
	if resp, body := b.raw("mara", "GET", path+"?size=small", nil); resp.StatusCode != 200 || len(body) == 0 {
		t.Errorf("the small one: %d", resp.StatusCode)
	}
	for name, c := range map[string]struct {
		as, path string
		status   int
	}{
		"somebody of another queue":       {"omar", path, 404},
		"the same file of another case":   {"omar", "/cases/" + other.id() + "/files/" + f.ID.String(), 404},
		"a lead, under another case":      {"lea", "/cases/" + other.id() + "/files/" + f.ID.String(), 404},
		"a lead":                          {"lea", path, 200},
		"who only reads":                  {"rita", path, 200},
		"nobody":                          {"nobody", path, 401},
		"a file that is not":              {"mara", "/cases/" + v.id() + "/files/" + bot.NewID().String(), 404},
		"no id":                           {"mara", "/cases/" + v.id() + "/files/x", 404},
		"a case that is another's number": {"mara", "/cases/" + v.key.ID.String() + "/files/" + f.ID.String(), 404},
	} {
		if resp, body := b.raw(c.as, "GET", c.path, nil); resp.StatusCode != c.status {
			t.Errorf("%s: %d %.100s", name, resp.StatusCode, body)
		}
	}
}

func TestFiles_AnAgentsGoWithTheirReply(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "it leaks")
	id := "/cases/" + v.id()
	label := []byte("%PDF-1.7\nlabel\n%%EOF\n")
	// In two pieces, the second twice.
	resp, body := b.raw("mara", "POST", id+"/files", label[:10], "X-File-Name", "return%20label.pdf", "X-File-Upload", "1", "Content-Range", fmt.Sprintf("bytes 0-9/%d", len(label)))
	if resp.StatusCode != 202 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	var f convo.File
	for _, want := range []int{201, 200} {
		resp, body = b.raw("mara", "POST", id+"/files", label[10:], "X-File-Name", "return%20label.pdf", "X-File-Upload", "1", "Content-Range", fmt.Sprintf("bytes 10-%d/%d", len(label)-1, len(label)))
		if resp.StatusCode != want || json.Unmarshal([]byte(body), &f) != nil || f.Name != "return label.pdf" {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
	}
	reply := map[string]any{"client_msg_id": "a", "text": "", "files": []string{f.ID.String()}}
	if r := b.do("mara", "POST", id+"/replies", reply); r.status != 409 && r.status != 403 {
		t.Errorf("before it is claimed: %d %s", r.status, r.body)
	}
	b.do("mara", "POST", id+"/claim", nil)
	for range 2 { // sent twice it is said once
		var said struct {
			Message convo.Message
			Seq     int64
		}
		b.do("mara", "POST", id+"/replies", reply).into(t, &said)
		if said.Message.Text != "" || len(said.Message.Files) != 1 || said.Message.Files[0].ID != f.ID {
			t.Fatalf("%+v", said)
		}
	}
	if r := b.do("mara", "POST", id+"/replies", map[string]any{"client_msg_id": "a", "text": ""}); !strings.Contains(r.body, "text") || r.status != 400 {
		t.Errorf("nothing at all: %d %s", r.status, r.body)
	}
	if r := b.do("mara", "POST", id+"/replies", map[string]any{"client_msg_id": "a", "text": "", "files": []string{bot.NewID().String()}}); r.status != 409 {
		t.Errorf("the same name with another file: %d %s", r.status, r.body)
	}
	// And its customer reads it.
	if _, err := b.files.Open(t.Context(), v.key, f.ID, files.ByVisitor, false); err != nil {
		t.Error(err)
	}
}

func TestFiles_WhoMaySendThem(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "it leaks")
	raw := drawn(t, 3, 3)
	for as, want := range map[string]int{"mara": 201, "omar": 404, "rita": 403, "nobody": 401} {
		if resp, body := b.raw(as, "POST", "/cases/"+v.id()+"/files", raw, "X-File-Name", "a.png"); resp.StatusCode != want {
			t.Errorf("%s: %d %s", as, resp.StatusCode, body)
		}
	}
	customers := b.customerSends(v, 7, 7)
	b.do("mara", "POST", "/cases/"+v.id()+"/claim", nil)
	for name, id := range map[string]string{"a customer's": customers.ID.String(), "one that is not": bot.NewID().String()} {
		r := b.do("mara", "POST", "/cases/"+v.id()+"/replies", map[string]any{"client_msg_id": name[:1], "text": "here", "files": []string{id}})
		if r.status != 404 || !strings.Contains(r.body, "no_such_file") {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for name, raw := range map[string][]byte{"file_svg": []byte("<svg onload=alert(1)>"), "file_archive": []byte("PK\x03\x04...."), "file_broken": []byte("\x89PNG\r\n\x1a\nx")} {
		resp, body := b.raw("mara", "POST", "/cases/"+v.id()+"/files", raw, "Content-Type", "image/png")
		if resp.StatusCode < 400 || !strings.Contains(body, name) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}
