package chatapi

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"frontdesk/bot/convo"
)

// as is the identity of another customer of the shop.
func as(subject string) func(jwt.MapClaims) {
	return func(c jwt.MapClaims) { c["sub"], c["name"] = subject, subject }
}

// identify tells who somebody is in mid-conversation, and takes the token that
// the answer gives.
func (v *visitor) identify(t *testing.T, token string) response {
	t.Helper()
	r := v.do(t, "POST", "/identity", identity(token))
	if r.status == 200 {
		var c conversationResponse
		r.json(t, &c)
		if c.Conversation.String() != v.id || !c.Verified {
			t.Errorf("another conversation, or an unknown customer: %s", r.body)
		}
		v.token = c.Token
	}
	return r
}

func TestIdentify_AnOpenCaseGoesOnAsTheCustomers(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	before := b.visitor(t, nil)
	v := &visitor{b: b, token: before.token}
	var made conversationResponse
	b.do(t, "POST", "/v1/conversations", nil, before.auth()...).json(t, &made)
	v.id = made.Conversation.String()
	v.say(t, "Where is my parcel?")
	var h humanResponse
	v.do(t, "POST", "/human", nil).json(t, &h)
	old, stream := v.token, v.watch(t, "")

	if r := v.identify(t, k.sign(t, "h", nil)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	// What the old token followed is told, and the old token is worth nothing here.
	stream.untilSignedIn()
	if r := b.do(t, "GET", v.path(""), nil, "Authorization", "Bearer "+old); r.status != 404 {
		t.Errorf("the token of before still reads: %d", r.status)
	}
	// What the same visitor wrote elsewhere stays theirs.
	if r := before.do(t, "GET", "", nil); r.status != 200 {
		t.Errorf("the other conversation of the unknown visitor: %d", r.status)
	}
	if r := b.do(t, "GET", before.path(""), nil, v.auth()...); r.status != 404 {
		t.Errorf("the other conversation went over too: %d", r.status)
	}
	// It is on the customer's list on another device, and goes on there.
	elsewhere := b.visitor(t, identity(k.sign(t, "h", nil)))
	if r := b.do(t, "GET", "/v1/conversations", nil, elsewhere.auth()...); !strings.Contains(string(r.body), v.id) {
		t.Errorf("not on the list of another device: %s", r.body)
	}
	if r := b.do(t, "POST", v.path("/messages"), messageRequest{ClientMsgID: "elsewhere", Text: "Hello?"}, elsewhere.auth()...); r.status != 200 || !strings.Contains(string(r.body), "relayed") {
		t.Errorf("it does not go on elsewhere: %d %s", r.status, r.body)
	}
	var subject, name, logged, actor string
	err := b.pool.QueryRow(t.Context(), `
SELECT v.subject, v.name, e.body ->> 'name', e.actor
FROM cases c
JOIN conversations k USING (site_id, conversation_id)
JOIN visitors v USING (site_id, visitor_id)
JOIN case_events e USING (site_id, case_id)
WHERE c.case_id = $1 AND e.kind = 'identified'`, h.Case).Scan(&subject, &name, &logged, &actor)
	if err != nil || subject != "customer-7" || name != "Ada" || logged != "Ada" || actor != "customer" {
		t.Errorf("%v: the desk has %q %q, the log %q by %q", err, subject, name, logged, actor)
	}
	var told2 int
	if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM desk_changes WHERE case_id = $1 AND kind = 'identified'`, h.Case).Scan(&told2); err != nil || told2 != 1 {
		t.Errorf("%v: the consoles were told %d times", err, told2)
	}
}

// untilSignedIn reads events up to the message that says that the customer has
// signed in.
func (s *stream) untilSignedIn() {
	s.t.Helper()
	for {
		e, ok := s.next()
		if !ok {
			s.t.Fatal("nobody was told that the customer signed in")
		}
		var m convo.Message
		if e.event == string(convo.KindMessage) && json.Unmarshal([]byte(e.data), &m) == nil && m.SignedIn {
			if m.Author != convo.System || m.Text == "" {
				s.t.Errorf("told by %q: %q", m.Author, m.Text)
			}
			return
		}
	}
}

func TestIdentify_AStreamOfTheTokenOfBeforeEnds(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := start(t, options{now: clock.Now})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	v := b.visitor(t, nil)
	v.do(t, "POST", "/human", nil)
	before := v.watch(t, "")
	if r := v.identify(t, k.sign(t, "h", nil)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	after := v.watch(t, "")
	before.untilSignedIn()
	after.untilSignedIn()
	v.say(t, "My order is the blue one.") // at once: the new token may be on its way yet
	before.until(convo.KindDone)
	after.until(convo.KindDone)
	clock.add(2 * time.Minute)
	v.say(t, "This is for the customer alone.")
	after.until(convo.KindDone)
	if e, ok := before.next(); ok {
		t.Errorf("the token of before still hears %s", e.data)
	}
}

func TestIdentify_TheSameAgainIsTheSame(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	v := b.visitor(t, nil)
	v.do(t, "POST", "/human", nil)
	old, token := v.auth(), k.sign(t, "h", nil)
	var wg sync.WaitGroup
	for range 6 { // the answer was lost, or never waited for
		wg.Go(func() {
			r, err := b.try(t.Context(), "POST", v.path("/identity"), identity(token), old...)
			if err != nil || r.status != 200 {
				t.Errorf("%v %d %s", err, r.status, r.body)
			}
		})
	}
	wg.Wait()
	if r := v.identify(t, token); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := v.do(t, "GET", "", nil); strings.Count(string(r.body), `"signed_in":true`) != 1 {
		t.Errorf("not said once: %s", r.body)
	}
	if r := v.identify(t, k.sign(t, "h", func(c jwt.MapClaims) { c["plan"] = "platinum" })); r.status != 200 {
		t.Fatalf("a fresh one, of the same customer: %d %s", r.status, r.body)
	}
	var plan string
	if err := b.pool.QueryRow(t.Context(), `SELECT attributes ->> 'plan' FROM visitors WHERE subject = 'customer-7'`).Scan(&plan); err != nil || plan != "platinum" {
		t.Errorf("%v: what the shop says now is %q", err, plan)
	}
	// A used one opens nothing else: neither to the holder of another token, nor
	// in another conversation.
	stranger := b.visitor(t, nil)
	for _, path := range []string{v.path("/identity"), stranger.path("/identity")} {
		if r := b.do(t, "POST", path, identity(token), stranger.auth()...); r.status != 401 || r.code() != "identity_replayed" {
			t.Errorf("used again: %d %s", r.status, r.body)
		}
	}
}

func TestIdentify_NobodyTakesSomebodyElsesConversation(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	b.site(t, "other", `{}`)
	mine := b.visitor(t, map[string]string{"site": "shop", "identity": k.sign(t, "h", nil)})
	unknown := b.visitor(t, `{"site":"shop"}`)
	third := k.sign(t, "h", as("customer-8"))
	for name, c := range map[string]struct {
		path, token, identity string
		status                int
		code                  string
	}{
		"a customer's, by another's identity":  {mine.path("/identity"), mine.token, third, 409, "other_customer"},
		"a customer's, by a stranger":          {mine.path("/identity"), unknown.token, third, 404, "no_such_conversation"},
		"a stranger's, by another stranger":    {unknown.path("/identity"), mine.token, third, 404, "no_such_conversation"},
		"without an identity":                  {unknown.path("/identity"), unknown.token, "", 401, "identity_invalid"},
		"with another site's":                  {unknown.path("/identity"), unknown.token, k.sign(t, "h", func(c jwt.MapClaims) { c["aud"] = "other" }), 401, "identity_audience"},
		"without a token":                      {unknown.path("/identity"), "", third, 401, "token_missing"},
		"with another site's token":            {unknown.path("/identity"), b.visitor(t, `{"site":"other"}`).token, third, 401, "identity_key"},
		"a conversation that is not there yet": {"/v1/conversations/01890000-0000-7000-8000-000000000000/identity", unknown.token, third, 404, "no_such_conversation"},
	} {
		r := b.do(t, "POST", c.path, identity(c.identity), "Authorization", "Bearer "+c.token)
		if r.status != c.status || r.code() != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, r.status, r.body, c.status, c.code)
		}
	}
	// What was refused has used nothing up: as ever it begins a conversation of its own.
	r := b.do(t, "POST", "/v1/conversations", identity(third), mine.auth()...)
	var c conversationResponse
	r.json(t, &c)
	if r.status != 201 || !c.Verified || b.do(t, "GET", mine.path(""), nil, "Authorization", "Bearer "+c.Token).status != 404 {
		t.Errorf("%d %s", r.status, r.body)
	}
	// And its own customer takes theirs up wherever they come from.
	lost := &visitor{b: b, id: mine.id, token: b.visitor(t, `{"site":"shop"}`).token}
	if r := lost.identify(t, k.sign(t, "h", nil)); r.status != 200 {
		t.Errorf("its own customer: %d %s", r.status, r.body)
	}
}

func TestIdentify_WhatHoldsOfTheVisitorGoesAlong(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	v := b.visitor(t, nil)
	who, err := b.api.tokens.read(v.token, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO blocked_visitors (site_id, visitor_id, by_name, at) VALUES ($1, $2, 'Mara', now())`,
		`INSERT INTO confirmed_addresses (site_id, visitor_id, address, confirmed_at) VALUES ($1, $2, 'ada@example.net', now())`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql, who.site, who.visitor); err != nil {
			t.Fatal(err)
		}
	}
	if r := v.identify(t, k.sign(t, "h", nil)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := v.do(t, "POST", "/human", nil); r.code() != "blocked" {
		t.Errorf("signing in undoes a block: %d %s", r.status, r.body)
	}
	var n int
	if err := b.pool.QueryRow(t.Context(), `
SELECT count(*) FROM confirmed_addresses a JOIN visitors v USING (site_id, visitor_id)
WHERE v.subject = 'customer-7' AND a.address = 'ada@example.net'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%v: the address they confirmed is forgotten", err)
	}
}
