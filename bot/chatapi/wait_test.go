package chatapi

import (
	"strings"
	"testing"

	"frontdesk/bot/convo"
)

func TestWait_TheCustomerKeepsTheirPlaceAndComesBack(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "shop", `{"language":"de"}`)
	first, v := b.visitor(t, nil), b.visitor(t, nil)
	if r := v.do(t, "POST", "/wait", `{"action":"cancel"}`); r.status != 409 || r.code() != "not_waiting" {
		t.Errorf("nobody waits: %d %s", r.status, r.body)
	}
	first.do(t, "POST", "/human", nil)
	var h humanResponse
	v.do(t, "POST", "/human", nil).json(t, &h)
	wait := func(body string) (w waitResponse) {
		t.Helper()
		r := v.do(t, "POST", "/wait", body)
		if r.status != 200 {
			t.Fatalf("%s: %d %s", body, r.status, r.body)
		}
		r.json(t, &w)
		return w
	}
	w := wait(`{"action":"assistant","contact":"ada@example.org"}`)
	if w.Owner != convo.OwnerBot || w.Position != 2 || w.Reference != h.Reference || w.Case != h.Case || w.Queue != h.Queue {
		t.Errorf("%+v", w)
	}
	if m := v.say(t, "How long do I have?"); m.Outcome != convo.Answer {
		t.Errorf("the assistant does not answer: %+v", m)
	}
	if w := wait(`{"action":"resume"}`); w.Owner != convo.OwnerQueue || w.Position != 2 {
		t.Errorf("%+v", w)
	}
	if m := v.say(t, "Hello?"); m.Outcome != convo.Relayed {
		t.Errorf("the assistant speaks: %+v", m)
	}
	if w := wait(`{"contact":"+44 20 7946 0000"}`); w.Owner != convo.OwnerQueue {
		t.Errorf("%+v", w)
	}
	if w := wait(`{"action":"cancel"}`); w.Owner != convo.OwnerBot || w.Position != 0 || w.Queue != "" {
		t.Errorf("%+v", w)
	}
	var contact, state, ended string
	if err := b.pool.QueryRow(t.Context(), `SELECT contact, state, ended FROM cases WHERE case_id = $1`, h.Case).Scan(&contact, &state, &ended); err != nil || contact != "+44 20 7946 0000" || state != "closed" || ended != "cancelled" {
		t.Errorf("%v: %q %q %q", err, contact, state, ended)
	}
	for body, code := range map[string]string{
		`{"action":"dance"}`: "wait_action",
		`{}`:                 "wait_action",
		`{"contact":"` + strings.Repeat("x", 201) + `"}`: "contact",
	} {
		if r := v.do(t, "POST", "/wait", body); r.status != 400 || r.code() != code {
			t.Errorf("%.40s: %d %s", body, r.status, r.body)
		}
	}
	other := b.visitor(t, nil)
	if r := b.do(t, "POST", first.path("/wait"), `{"action":"cancel"}`, other.auth()...); r.status != 404 {
		t.Errorf("another visitor's: %d %s", r.status, r.body)
	}
}
