package packet_test

import (
	"slices"
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
)

// withFiles is a conversation in which the customer sends a photo twice and a
// paper once, and an agent sends something too.
func withFiles() packet.Input {
	photo := convo.File{ID: messageID(700), Name: "leak.jpg", Type: "image/jpeg", Size: 81234, Width: 800, Height: 600, URL: "/v1/x"}
	paper := convo.File{ID: messageID(701), Name: "invoice.pdf", Type: "application/pdf", Size: 4711, URL: "/v1/y"}
	own := convo.File{ID: messageID(702), Name: "label.pdf", Type: "application/pdf", Size: 9, URL: "/v1/z"}
	in := input("en", nil)
	for i, m := range []convo.Message{
		{Author: convo.Customer, Files: []convo.File{photo}},
		{Author: convo.Bot, Text: "I can't look at files."},
		{Author: convo.Customer, Text: "my kettle leaks", Files: []convo.File{photo, paper}},
		{Author: convo.Agent, Files: []convo.File{own}},
	} {
		m.ID, m.At = messageID(i+1), at()
		in.Events = append(in.Events, event(i+1, m))
	}
	return in
}

func TestFiles_AreListedOnceWithTheirMessage(t *testing.T) {
	t.Parallel()
	p := newMaker(t).Make(withFiles())
	if len(p.Files) != 2 {
		t.Fatalf("%+v", p.Files)
	}
	for i, want := range []struct {
		name string
		seq  int64
	}{{"leak.jpg", 1}, {"invoice.pdf", 3}} {
		if f := p.Files[i]; f.Name != want.name || len(f.From) != 1 || f.From[0].Seq != want.seq || f.From[0].Kind != packet.RefMessage {
			t.Errorf("%+v", f)
		}
	}
	if f := p.Files[0]; f.Width != 800 || f.Height != 600 || f.Size != 81234 || f.File != messageID(700).String() {
		t.Errorf("%+v", f)
	}
}

func TestFiles_WithoutEvidenceAreDropped(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for name, spoil := range map[string]func(f *packet.Sent){
		"no source":             func(f *packet.Sent) { f.From = nil },
		"another name":          func(f *packet.Sent) { f.Name = "leak.exe" },
		"another type":          func(f *packet.Sent) { f.Type = "text/html" },
		"a message without it":  func(f *packet.Sent) { f.From[0].ID, f.From[0].Seq = messageID(2).String(), 2 },
		"a message that is not": func(f *packet.Sent) { f.From[0].ID = messageID(4000).String() },
		"an event":              func(f *packet.Sent) { f.From[0] = packet.Ref{Kind: packet.RefEvent, Seq: 1} },
		"a file that is not":    func(f *packet.Sent) { f.File = messageID(4000).String() },
		"an agent's": func(f *packet.Sent) {
			*f = packet.Sent{File: messageID(702).String(), Name: "label.pdf", Type: "application/pdf", Size: 9, From: []packet.Ref{{Kind: packet.RefMessage, ID: messageID(4).String(), Seq: 4}}}
		},
	} {
		in := withFiles()
		p := m.Make(in)
		p.Files = slices.Clone(p.Files)
		spoil(&p.Files[0])
		if got := packet.Check(p, in); len(got.Files) != 1 || got.Files[0].Name != "invoice.pdf" {
			t.Errorf("%s: %+v", name, got.Files)
		}
	}
}
