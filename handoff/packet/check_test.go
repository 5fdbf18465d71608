package packet_test

import (
	"testing"

	"frontdesk/handoff/packet"
)

// Each row takes one piece of evidence away; the line it was of must go, and no
// other.
func TestCheck_DropsWhatHasNoEvidence(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for name, row := range map[string]struct {
		spoil func(p *packet.Packet, in *packet.Input)
		gone  func(p packet.Packet) bool
	}{
		"a fact without a source": {
			func(p *packet.Packet, _ *packet.Input) { p.Facts[0].From = nil },
			func(p packet.Packet) bool { return len(p.Facts) == 2 },
		},
		"a fact that is not what its message says": {
			func(p *packet.Packet, _ *packet.Input) { p.Facts[0].Value = "S4" },
			func(p packet.Packet) bool { return len(p.Facts) == 2 && p.Facts[0].Value == "E07" },
		},
		"a fact one byte off": {
			func(p *packet.Packet, _ *packet.Input) {
				p.Facts[0].From = []packet.Ref{{Kind: packet.RefMessage, ID: messageID(1).String(), Seq: 1, From: 8, To: 10}}
			},
			func(p packet.Packet) bool { return len(p.Facts) == 2 },
		},
		"a fact past the end of its message": {
			func(p *packet.Packet, _ *packet.Input) {
				p.Facts[0].From = []packet.Ref{{Kind: packet.RefMessage, ID: messageID(1).String(), Seq: 1, From: 7, To: 9000}}
			},
			func(p packet.Packet) bool { return len(p.Facts) == 2 },
		},
		"a fact from a message that is not there": {
			func(p *packet.Packet, _ *packet.Input) { p.Facts[0].From[0].ID = messageID(4000).String() },
			func(p packet.Packet) bool { return len(p.Facts) == 2 },
		},
		"a fact in the bot's words": {
			func(p *packet.Packet, _ *packet.Input) {
				p.Facts[0] = packet.Fact{Label: packet.ErrorCode, Value: "Flush", From: []packet.Ref{{Kind: packet.RefMessage, ID: messageID(2).String(), Seq: 2, From: 0, To: 5}}}
			},
			func(p packet.Packet) bool { return len(p.Facts) == 2 },
		},
		"a problem that was made up": {
			func(p *packet.Packet, _ *packet.Input) { p.Problem.Text = "it is broken" },
			func(p packet.Packet) bool { return p.Problem == nil },
		},
		"something tried that nobody wrote": {
			func(p *packet.Packet, _ *packet.Input) { p.Tried[0].Text = "I took it apart" },
			func(p packet.Packet) bool { return len(p.Tried) == 0 },
		},
		"an answer that was not shown": {
			func(p *packet.Packet, _ *packet.Input) { p.Answers[0].Article = "s3-filter" },
			func(p packet.Packet) bool { return len(p.Answers) == 0 },
		},
		"a promise in other words": {
			func(p *packet.Packet, _ *packet.Input) { p.Promised[0].Text = "We refund you." },
			func(p packet.Packet) bool { return len(p.Promised) == 0 },
		},
		"an identity that nobody signed": {
			func(_ *packet.Packet, in *packet.Input) { in.Identity = nil },
			func(p packet.Packet) bool { return p.Identity == nil && len(p.Consent) == 1 },
		},
		"a desk from a call that was not made": {
			func(p *packet.Packet, _ *packet.Input) {
				p.Desk.From = []packet.Ref{{Kind: packet.RefCall, ID: messageID(3000).String()}}
			},
			func(p packet.Packet) bool { return p.Desk == nil && p.Topic != nil },
		},
		"a reason without a word": {
			func(p *packet.Packet, _ *packet.Input) { p.Reason.Value = "" },
			func(p packet.Packet) bool { return p.Reason == nil },
		},
		"a mood of a message that is not there": {
			func(p *packet.Packet, _ *packet.Input) { p.Mood.From[0].Seq = 80 },
			func(p packet.Packet) bool { return p.Mood == nil },
		},
		"an earlier case that is not there": {
			func(_ *packet.Packet, in *packet.Input) { in.Earlier = nil },
			func(p packet.Packet) bool { return len(p.Earlier) == 0 },
		},
		"a consent that is kept nowhere": {
			func(p *packet.Packet, _ *packet.Input) { p.Consent[0].From[0].Kind = packet.RefCase },
			func(p packet.Packet) bool { return len(p.Consent) == 0 },
		},
		"a reply that the article does not say": {
			func(p *packet.Packet, _ *packet.Input) { p.Reply.Text = "Throw it away." },
			func(p packet.Packet) bool { return p.Reply == nil },
		},
		"a next step from nowhere": {
			func(p *packet.Packet, _ *packet.Input) { p.Next.From = nil },
			func(p packet.Packet) bool { return p.Next == nil },
		},
		"a page that is another": {
			func(p *packet.Packet, _ *packet.Input) { p.Page.From[0].ID = "https://elsewhere.example" },
			func(p packet.Packet) bool { return p.Page == nil },
		},
		"nothing at all": {
			func(*packet.Packet, *packet.Input) {},
			func(p packet.Packet) bool { return len(p.Facts) == 3 && p.Problem != nil && p.Reply != nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := full()
			p := m.Make(in)
			if len(p.Facts) != 3 || p.Problem == nil || p.Reply == nil || p.Next == nil {
				t.Fatalf("the whole packet lacks a line: %+v", p)
			}
			row.spoil(&p, &in)
			if got := packet.Check(p, in); !row.gone(got) {
				t.Errorf("kept: %+v", got)
			}
		})
	}
}
