package console_test

import (
	"bytes"
	"testing"

	"frontdesk/bot/convo"
	"frontdesk/handoff/packet"
)

func TestReply_AnswersWithWhoseCaseItIs(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "my parcel is not here")
	b.do("mara", "POST", "/cases/"+v.id()+"/claim", map[string]any{}).into(t, &struct{}{})
	var said struct{ Case struct{ Visitor convo.ID } }
	b.do("mara", "POST", "/cases/"+v.id()+"/replies", map[string]any{"client_msg_id": "r1", "text": "It is on its way."}).into(t, &said)
	if said.Case.Visitor != v.visitor {
		t.Errorf("of %s, not of %s", said.Case.Visitor, v.visitor)
	}
}

func TestPacketSchema_IsReadWithoutSigningIn(t *testing.T) {
	t.Parallel()
	b := start(t)
	r := b.do("nobody", "GET", "/packet.schema.json", nil)
	if r.status != 200 || !bytes.Equal([]byte(r.body), packet.Schema()) {
		t.Errorf("%d %.200s", r.status, r.body)
	}
}
