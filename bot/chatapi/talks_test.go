package chatapi

import (
	"strconv"
	"strings"
	"testing"
)

func (v *visitor) talks(t *testing.T) []talkView {
	t.Helper()
	var list struct{ Conversations []talkView }
	r := v.b.do(t, "GET", "/v1/conversations", nil, v.auth()...)
	if r.status != 200 {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	r.json(t, &list)
	return list.Conversations
}

func TestTalks_AreTheVisitorsOwnNewestFirst(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", `{"language": "en"}`)
	v, other := b.visitor(t, nil), b.visitor(t, nil)
	if got := v.talks(t); len(got) != 0 {
		t.Errorf("nothing was said, and the list has %v", got)
	}
	first := strings.Repeat("ü", 200)
	for n, say := range []string{first, "and again"} {
		v.do(t, "POST", "/messages", map[string]string{"client_msg_id": "a" + strconv.Itoa(n), "text": say})
	}
	other.do(t, "POST", "/messages", map[string]string{"client_msg_id": "b", "text": "somebody else's"})
	second := *v
	var c conversationResponse
	b.do(t, "POST", "/v1/conversations", nil, v.auth()...).json(t, &c)
	second.id, second.token = c.Conversation.String(), c.Token
	second.do(t, "POST", "/messages", map[string]string{"client_msg_id": "c", "text": "the second one"})
	got := v.talks(t)
	if len(got) != 2 || got[0].Conversation.String() != second.id || got[1].Conversation.String() != v.id {
		t.Fatalf("got %v", got)
	}
	if got[0].Text != "the second one" || got[1].Text != strings.Repeat("ü", 120) || got[1].Owner != "bot" || got[1].At.IsZero() {
		t.Errorf("got %v", got)
	}
	if r := b.do(t, "GET", "/v1/conversations", nil); r.status != 401 {
		t.Errorf("without a token: %d", r.status)
	}
	if r := b.do(t, "GET", "/v1/conversations", nil, "Authorization", "Bearer "+v.token+"x"); r.status != 401 {
		t.Errorf("with a made-up token: %d", r.status)
	}
}
