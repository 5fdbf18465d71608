package chatapi

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

func TestToken_ReachesItsOwnAndNothingElse(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "one", "")
	b.site(t, "two", "")
	mine := b.visitor(t, `{"site":"one"}`)
	other := b.visitor(t, `{"site":"one"}`)
	elsewhere := b.visitor(t, `{"site":"two"}`)
	bend := func(part int) string { // another byte in header, claims or signature
		parts := strings.Split(mine.token, ".")
		raw := []byte(parts[part])
		raw[len(raw)/2] ^= 1
		parts[part] = string(raw)
		return strings.Join(parts, ".")
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		s, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	claims := jwt.MapClaims{"iss": "frontdesk", "aud": "visitor", "sub": uuid.NewString(), "site": 1, "exp": time.Now().Add(time.Hour).Unix()}
	for name, c := range map[string]struct {
		auth   string
		status int
		code   string
	}{
		"its own":            {"Bearer " + mine.token, 200, ""},
		"lower case":         {"bearer " + mine.token, 200, ""},
		"missing":            {"", 401, "token_missing"},
		"basic":              {"Basic " + mine.token, 401, "token_missing"},
		"empty":              {"Bearer ", 401, "token_missing"},
		"of another visitor": {"Bearer " + other.token, 404, "no_such_conversation"},
		"of another site":    {"Bearer " + elsewhere.token, 404, "no_such_conversation"},
		"header tampered":    {"Bearer " + bend(0), 401, "token_invalid"},
		"claims tampered":    {"Bearer " + bend(1), 401, "token_invalid"},
		"signature tampered": {"Bearer " + bend(2), 401, "token_invalid"},
		"nonsense":           {"Bearer nonsense", 401, "token_invalid"},
		"another secret":     {"Bearer " + sign(jwt.SigningMethodHS256, []byte("another secret of thirty-two bytes!"), claims), 401, "token_invalid"},
		"algorithm none":     {"Bearer " + sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims), 401, "token_invalid"},
		"another algorithm":  {"Bearer " + sign(jwt.SigningMethodHS512, b.api.Secret, claims), 401, "token_invalid"},
		"no expiry":          {"Bearer " + sign(jwt.SigningMethodHS256, b.api.Secret, jwt.MapClaims{"iss": "frontdesk", "aud": "visitor", "sub": uuid.NewString(), "site": 1}), 401, "token_invalid"},
		"for agents":         {"Bearer " + sign(jwt.SigningMethodHS256, b.api.Secret, jwt.MapClaims{"iss": "frontdesk", "aud": "agent", "sub": uuid.NewString(), "site": 1, "exp": time.Now().Add(time.Hour).Unix()}), 401, "token_invalid"},
		"no visitor":         {"Bearer " + sign(jwt.SigningMethodHS256, b.api.Secret, jwt.MapClaims{"iss": "frontdesk", "aud": "visitor", "sub": "me", "site": 1, "exp": time.Now().Add(time.Hour).Unix()}), 401, "token_invalid"},
		"ten thousand bytes": {"Bearer " + strings.Repeat("x", 10_000), 431, "headers_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := b.try(t.Context(), "GET", mine.path(""), nil, "Authorization", c.auth)
			if c.status == 431 {
				if err == nil || r.status != 431 { // not described: no handler saw it
					t.Errorf("got %d %v", r.status, err)
				}
				return
			}
			if err != nil || r.status != c.status || r.code() != c.code {
				t.Errorf("got %v %d %s, want %d %s", err, r.status, r.body, c.status, c.code)
			}
		})
	}
	for _, rest := range []string{"/messages", "/human", "/typing", "/feedback"} {
		body := any("{}")
		if rest == "/messages" {
			body = messageRequest{ClientMsgID: "1", Text: "let me in"}
		}
		if rest == "/feedback" {
			body = `{"message":"` + uuid.NewString() + `","helpful":true}`
		}
		for _, token := range []string{other.token, elsewhere.token} {
			if r := b.do(t, "POST", mine.path(rest), body, "Authorization", "Bearer "+token); r.status != 404 {
				t.Errorf("%s with another's token: %d %s", rest, r.status, r.body)
			}
		}
	}
	if r := b.do(t, "GET", mine.path("/events"), nil, "Authorization", "Bearer "+other.token); r.status != 404 {
		t.Errorf("events with another's token: %d", r.status)
	}
	if r := b.do(t, "GET", mine.path("")+"?token="+mine.token, nil); r.status != 401 {
		t.Errorf("a token in the URL is taken: %d", r.status)
	}
}

func TestToken_RunsOutAndIsRenewedWithinItsGrace(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := start(t, options{now: clock.Now})
	b.site(t, "shop", "")
	v := b.visitor(t, nil)
	clock.add(59 * time.Minute)
	if r := v.do(t, "GET", "", nil); r.status != 200 {
		t.Fatalf("before its end: %d %s", r.status, r.body)
	}
	clock.add(2 * time.Minute)
	if r := v.do(t, "GET", "", nil); r.status != 401 || r.code() != "token_expired" {
		t.Errorf("after its end: %d %s", r.status, r.body)
	}
	if r := b.do(t, "POST", "/v1/conversations", nil, v.auth()...); r.status != 401 || r.code() != "token_expired" {
		t.Errorf("a new conversation with it: %d %s", r.status, r.body)
	}
	clock.add(23 * time.Hour)
	r := b.do(t, "POST", "/v1/token", nil, v.auth()...)
	var fresh tokenResponse
	r.json(t, &fresh)
	if r.status != 200 {
		t.Fatalf("within the grace: %d %s", r.status, r.body)
	}
	old := v.token
	v.token = fresh.Token
	if r := v.do(t, "GET", "", nil); r.status != 200 {
		t.Errorf("with the new one: %d %s", r.status, r.body)
	}
	clock.add(2 * time.Hour)
	if r := b.do(t, "POST", "/v1/token", nil, "Authorization", "Bearer "+old); r.status != 401 || r.code() != "token_expired" {
		t.Errorf("after the grace: %d %s", r.status, r.body)
	}
}

func TestToken_KeepsTheVisitor(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "one", "")
	b.site(t, "two", "")
	v := b.visitor(t, `{"site":"one"}`)
	r := b.do(t, "POST", "/v1/conversations", nil, v.auth()...) // the token's site, though there is no default
	if r.status != 201 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	r = b.do(t, "POST", "/v1/conversations", `{"site":"one"}`, v.auth()...)
	var c conversationResponse
	r.json(t, &c)
	second := &visitor{b: b, token: v.token, id: c.Conversation.String()}
	if r := second.do(t, "GET", "", nil); r.status != 200 {
		t.Errorf("the first token does not reach the second conversation: %d", r.status)
	}
	if r := b.do(t, "POST", "/v1/conversations", `{"site":"two"}`, v.auth()...); r.status != 403 || r.code() != "token_other_site" {
		t.Errorf("on another site: %d %s", r.status, r.body)
	}
	if r := b.do(t, "POST", "/v1/conversations", `{"site":"one"}`, "Authorization", "Bearer nonsense"); r.status != 401 {
		t.Errorf("a wrong token is ignored: %d", r.status)
	}
}

func TestToken_OfAnErasedVisitorIsWorthless(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	site := b.site(t, "shop", "")
	v := b.visitor(t, nil)
	who, err := b.api.tokens.read(v.token, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Erase(t.Context(), site, who.visitor); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/token", "/v1/conversations"} {
		if r := b.do(t, "POST", path, nil, v.auth()...); r.status != 401 || r.code() != "token_revoked" {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if r := v.do(t, "GET", "", nil); r.status != 404 {
		t.Errorf("the conversation is still there: %d", r.status)
	}
}

// shopKeys are a shop's keys, as settings and as what signs.
type shopKeys struct {
	settings string
	hmac     []byte
	ed       ed25519.PrivateKey
}

func newShopKeys(t *testing.T) shopKeys {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := shopKeys{hmac: []byte("thirty-two bytes that a shop keeps"), ed: priv}
	settings, err := json.Marshal(map[string]any{"identity_keys": []map[string]string{
		{"kid": "h", "alg": "HS256", "key": base64.StdEncoding.EncodeToString(k.hmac)},
		{"kid": "e", "alg": "EdDSA", "key": base64.StdEncoding.EncodeToString(pub)},
		{"kid": "short", "alg": "HS256", "key": base64.StdEncoding.EncodeToString([]byte("short"))},
	}})
	if err != nil {
		t.Fatal(err)
	}
	k.settings = string(settings)
	return k
}

func (k shopKeys) sign(t *testing.T, kid string, change func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": "customer-7", "aud": "shop", "exp": time.Now().Add(5 * time.Minute).Unix(), "jti": uuid.NewString(), "name": "Ada", "email": "ada@example.org", "plan": "gold"}
	if change != nil {
		change(claims)
	}
	method, key := jwt.SigningMethod(jwt.SigningMethodHS256), any(k.hmac)
	if kid == "e" {
		method, key = jwt.SigningMethodEdDSA, k.ed
	}
	tok := jwt.NewWithClaims(method, claims)
	tok.Header["kid"] = kid
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func identity(token string) map[string]string { return map[string]string{"identity": token} }

func TestIdentity_VerifiedSubjectKeepsItsVisitor(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	anonymous := b.visitor(t, nil)
	first := b.visitor(t, identity(k.sign(t, "h", nil)))
	second := b.visitor(t, identity(k.sign(t, "e", nil)))
	if r := b.do(t, "GET", first.path(""), nil, second.auth()...); r.status != 200 {
		t.Errorf("the same subject is another visitor: %d", r.status)
	}
	other := b.visitor(t, identity(k.sign(t, "h", func(c jwt.MapClaims) { c["sub"] = "customer-8" })))
	if r := b.do(t, "GET", first.path(""), nil, other.auth()...); r.status != 404 {
		t.Errorf("another subject reaches it: %d", r.status)
	}
	// A shared machine: what an anonymous visitor wrote is not the next customer's.
	r := b.do(t, "POST", "/v1/conversations", identity(k.sign(t, "h", func(c jwt.MapClaims) { c["sub"] = "customer-9" })), anonymous.auth()...)
	var c conversationResponse
	r.json(t, &c)
	if !c.Verified {
		t.Errorf("not verified: %s", r.body)
	}
	if r := b.do(t, "GET", anonymous.path(""), nil, "Authorization", "Bearer "+c.Token); r.status != 404 {
		t.Errorf("the anonymous conversation went over: %d", r.status)
	}
	var name, attributes string
	err := b.pool.QueryRow(t.Context(), `SELECT name, attributes::text FROM visitors WHERE subject = 'customer-7'`).Scan(&name, &attributes)
	if err != nil || name != "Ada" || !strings.Contains(attributes, "gold") {
		t.Errorf("%v: kept %q %s", err, name, attributes)
	}
}

func TestIdentity_IsVerifiedOrRefused(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	b.site(t, "keyless", "")
	used := k.sign(t, "h", nil)
	b.visitor(t, map[string]string{"site": "shop", "identity": used})
	other := shopKeys{hmac: []byte("thirty-two bytes that nobody keeps")}
	confused := func() string { // the public key taken for a secret
		var s struct {
			Keys []struct{ Key string } `json:"identity_keys"`
		}
		_ = json.Unmarshal([]byte(k.settings), &s)
		pub, _ := base64.StdEncoding.DecodeString(s.Keys[1].Key)
		tok := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "x", "aud": "shop", "exp": time.Now().Add(time.Minute).Unix(), "jti": "1"})
		tok.Header["kid"] = "e"
		signed, err := tok.SignedString(pub)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	without := func(claim string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, claim) } }
	for name, c := range map[string]struct{ site, token, code string }{
		"used before":          {"shop", used, "identity_replayed"},
		"a wrong key":          {"shop", other.sign(t, "h", nil), "identity_invalid"},
		"an unknown kid":       {"shop", k.sign(t, "z", nil), "identity_key"},
		"a key too short":      {"shop", k.sign(t, "short", nil), "identity_key"},
		"the wrong algorithm":  {"shop", confused(), "identity_invalid"},
		"a wrong audience":     {"shop", k.sign(t, "h", func(c jwt.MapClaims) { c["aud"] = "another" }), "identity_audience"},
		"no audience":          {"shop", k.sign(t, "h", without("aud")), "identity_incomplete"},
		"expired":              {"shop", k.sign(t, "h", func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Hour).Unix() }), "identity_expired"},
		"not yet":              {"shop", k.sign(t, "h", func(c jwt.MapClaims) { c["nbf"] = time.Now().Add(time.Hour).Unix() }), "identity_invalid"},
		"no expiry":            {"shop", k.sign(t, "h", without("exp")), "identity_incomplete"},
		"no subject":           {"shop", k.sign(t, "h", without("sub")), "identity_incomplete"},
		"no jti":               {"shop", k.sign(t, "h", without("jti")), "identity_incomplete"},
		"NUL in the subject":   {"shop", k.sign(t, "h", func(c jwt.MapClaims) { c["sub"] = "a\x00b" }), "identity_incomplete"},
		"nonsense":             {"shop", "nonsense", "identity_invalid"},
		"huge":                 {"shop", strings.Repeat("x", 10_000), "identity_invalid"},
		"a site without a key": {"keyless", k.sign(t, "h", func(c jwt.MapClaims) { c["aud"] = "keyless" }), "identity_key"},
		"one of our tokens":    {"shop", b.visitor(t, `{"site":"shop"}`).token, "identity_key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := b.do(t, "POST", "/v1/conversations", map[string]string{"site": c.site, "identity": c.token})
			if r.status != 401 || r.code() != c.code {
				t.Errorf("got %d %s, want 401 %s", r.status, r.body, c.code)
			}
		})
	}
}

func TestIdentity_AtOnceIsUsedOnce(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	k := newShopKeys(t)
	b.site(t, "shop", k.settings)
	token := k.sign(t, "h", nil)
	results := make(chan int, 8)
	for range 8 {
		go func() {
			r, err := b.try(t.Context(), "POST", "/v1/conversations", identity(token))
			if err != nil {
				results <- 0
				return
			}
			results <- r.status
		}()
	}
	count := map[int]int{}
	for range 8 {
		count[<-results]++
	}
	if fmt.Sprint(count) != "map[201:1 401:7]" {
		t.Errorf("got %v", count)
	}
}
