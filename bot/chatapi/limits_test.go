package chatapi

import (
	"testing"

	"frontdesk/internal/web"
)

func TestLimits_ThePaceOfOneVisitor(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := start(t, options{now: clock.Now, cfg: Config{VisitorRate: web.Rate{PerSecond: .5, Burst: 3}}})
	b.site(t, "shop", "")
	v, other := b.visitor(t, nil), b.visitor(t, nil)
	for range 3 {
		v.say(t, "How long?")
	}
	r := v.do(t, "POST", "/messages", messageRequest{ClientMsgID: "x", Text: "How long?"})
	if r.status != 429 || r.code() != "rate_limited" || r.header.Get("Retry-After") != "2" {
		t.Errorf("%d %s Retry-After %q", r.status, r.body, r.header.Get("Retry-After"))
	}
	for _, rest := range []string{"/typing", "/human", "/feedback"} {
		if r := v.do(t, "POST", rest, "{}"); r.status != 429 {
			t.Errorf("%s: %d", rest, r.status)
		}
	}
	other.say(t, "How long?")
	clock.add(2e9)
	v.sayAs(t, "x", "How long?")
}

func TestLimits_ThePaceOfOneAddress(t *testing.T) {
	t.Parallel()
	b := start(t, options{cfg: Config{AddressRate: web.Rate{PerSecond: .001, Burst: 3}, LimitLoopback: true}})
	b.site(t, "shop", "")
	for range 3 {
		b.visitor(t, nil)
	}
	r := b.do(t, "POST", "/v1/conversations", nil)
	if r.status != 429 || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := b.do(t, "GET", "/healthz", nil); r.status != 200 {
		t.Errorf("health: %d", r.status)
	}
}

func TestCORS_OnlyTheSitesOwnOrigins(t *testing.T) {
	t.Parallel()
	b := start(t, options{})
	b.site(t, "one", `{"origins":["https://one.example","https://both.example"]}`)
	b.site(t, "two", `{"origins":["https://two.example/"]}`)
	v := b.visitor(t, `{"site":"one"}`)
	const allow = "Access-Control-Allow-Origin"
	for origin, want := range map[string]string{
		"https://one.example":      "https://one.example",
		"https://both.example":     "https://both.example",
		"https://two.example":      "",
		"https://evil.example":     "",
		"http://one.example":       "",
		"https://one.example.evil": "",
		"null":                     "",
	} {
		r := v.do(t, "GET", "", nil, "Origin", origin)
		if got := r.header.Get(allow); got != want || r.header.Get("Vary") != "Origin" {
			t.Errorf("%s: %q, Vary %q", origin, got, r.header.Get("Vary"))
		}
		if r.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials are allowed", origin)
		}
		opened := b.do(t, "POST", "/v1/conversations", `{"site":"one"}`, "Origin", origin)
		if got := opened.header.Get(allow); got != want {
			t.Errorf("opening from %s: %q", origin, got)
		}
	}
	preflight := func(origin string) response {
		req, err := b.request(t.Context(), "OPTIONS", v.path("/messages"), nil, "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization, content-type")
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return response{status: resp.StatusCode, header: resp.Header}
	}
	if r := preflight("https://two.example"); r.status != 204 || r.header.Get(allow) != "https://two.example" ||
		r.header.Get("Access-Control-Allow-Headers") == "" || r.header.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("preflight: %d %v", r.status, r.header)
	}
	if r := preflight("https://evil.example"); r.header.Get(allow) != "" || r.header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("preflight from elsewhere: %v", r.header)
	}
	// An error has to be readable too: the widget shows what is wrong.
	if r := b.do(t, "GET", v.path(""), nil, "Origin", "https://one.example"); r.status != 401 || r.header.Get(allow) == "" {
		t.Errorf("an error: %d %v", r.status, r.header)
	}
}
