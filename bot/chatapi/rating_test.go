package chatapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/handoff"
	"frontdesk/handoff/pgdesk"
	"frontdesk/internal/fault"
)

// rated is an instance with a visitor whose case was closed, and asked about.
func rated(t *testing.T) (*bench, *visitor, string) {
	t.Helper()
	b := start(t, options{})
	promises, err := pgdesk.NewPromises(pgdesk.PromisesConfig{Pool: b.pool, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	b.api.Ratings = promises
	b.site(t, "shop", `{"language": "en"}`)
	v := b.visitor(t, nil)
	var c humanResponse
	v.do(t, "POST", "/human", `{"contact": "ada@example.org"}`).json(t, &c)
	return b, v, c.Case.String()
}

func (b *bench) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) ask(t *testing.T, id string) {
	t.Helper()
	b.exec(t, `UPDATE cases SET state = 'closed', closed_at = now() WHERE case_id = $1`, id)
	b.exec(t, `INSERT INTO case_ratings (site_id, case_id, conversation_id, queue, asked_by, asked_at)
SELECT site_id, case_id, conversation_id, queue, 'page', now() FROM cases WHERE case_id = $1`, id)
}

// link makes a link of a mail.
func (b *bench) link(t *testing.T, id, purpose string, ends time.Duration) string {
	t.Helper()
	secret := sha256.Sum256([]byte(bot.NewID().String()))
	hash := sha256.Sum256(secret[:])
	b.exec(t, `INSERT INTO mail_codes (site_id, code_hash, purpose, case_id, conversation_id, address, language, expires_at)
SELECT site_id, $2, $3, case_id, conversation_id, 'ada@example.org', 'de', $4 FROM cases WHERE case_id = $1`, id, hash[:], purpose, time.Now().Add(ends))
	return "/mail/1." + base64.RawURLEncoding.EncodeToString(secret[:])
}

func (b *bench) scores(t *testing.T) (satisfaction, ease int, comment string) {
	t.Helper()
	err := b.pool.QueryRow(t.Context(), `SELECT coalesce(satisfaction, 0), coalesce(ease, 0), comment FROM case_ratings`).Scan(&satisfaction, &ease, &comment)
	if err != nil {
		t.Fatal(err)
	}
	return satisfaction, ease, comment
}

func TestRating_OnThePage(t *testing.T) {
	t.Parallel()
	b, v, id := rated(t)
	if r := v.do(t, "POST", "/rating", `{"satisfaction": 5}`); r.status != 409 || r.code() != "rating_not_asked" {
		t.Fatalf("before it was asked: %d %s", r.status, r.body)
	}
	b.ask(t, id)
	for body, code := range map[string]string{
		`{"satisfaction": 6}`: "score", `{"satisfaction": -1}`: "score", `{}`: "rating", `{"case": "x", "ease": 1}`: "rating_not_asked",
		`{"case": "01a203fc-9772-728b-9cbe-740f6724fcbc", "ease": 1}`: "rating_not_asked", `{"comment": "` + strings.Repeat("x", 2001) + `"}`: "comment",
		`{"stars": 5}`: "unknown_field", `{"satisfaction": 4.5}`: "json_type",
	} {
		if r := v.do(t, "POST", "/rating", body); r.status < 400 || r.status >= 500 || r.code() != code && !strings.HasPrefix(r.code(), "json") {
			t.Errorf("%.40s: %d %s", body, r.status, r.body)
		}
	}
	for _, body := range []string{`{"satisfaction": 4}`, `{"case": "` + id + `", "ease": 2, "comment": "my card is 4111111111111111"}`} {
		if r := v.do(t, "POST", "/rating", body); r.status != 204 {
			t.Fatalf("%s: %d %s", body, r.status, r.body)
		}
	}
	if s, e, c := b.scores(t); s != 4 || e != 2 || c != "my card is •••• 1111" {
		t.Errorf("%d %d %q", s, e, c)
	}
	stranger := b.visitor(t, nil)
	if r := b.do(t, "POST", "/v1/conversations/"+v.id+"/rating", `{"satisfaction": 1}`, "Authorization", "Bearer "+stranger.token); r.status != 409 {
		t.Errorf("a stranger rated: %d %s", r.status, r.body)
	}
}

func TestMailPage_OpeningChangesNothing(t *testing.T) {
	t.Parallel()
	b, _, id := rated(t)
	b.ask(t, id)
	confirm, rate := b.link(t, id, "confirm", time.Hour), b.link(t, id, "rating", time.Hour)
	for range 3 {
		for path, want := range map[string]string{confirm: "Ja, das ist meine Adresse", rate + "?score=4": `value="4" required checked`} {
			r := b.do(t, "GET", path, nil)
			policy := r.header.Get("Content-Security-Policy")
			if r.status != 200 || !strings.Contains(string(r.body), want) || strings.Contains(policy, "unsafe") || strings.Contains(string(r.body), "<script") {
				t.Fatalf("%d %s\n%s", r.status, policy, r.body)
			}
			if r.header.Get("Referrer-Policy") != "no-referrer" || r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("the code may leak: %v", r.header)
			}
		}
	}
	if s, _, _ := b.scores(t); s != 0 {
		t.Errorf("opening rated: %d", s)
	}
	var confirmed, used int
	if err := b.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM confirmed_addresses), (SELECT count(*) FROM mail_codes WHERE used_at IS NOT NULL)`).Scan(&confirmed, &used); err != nil || confirmed+used != 0 {
		t.Errorf("opening confirmed: %d %d, %v", confirmed, used, err)
	}
	if strings.Contains(b.log.String(), strings.TrimPrefix(rate, "/mail/1.")) {
		t.Error("the code stands in the log")
	}
}

func TestMailPage_ThePressOfTheButton(t *testing.T) {
	t.Parallel()
	b, _, id := rated(t)
	b.ask(t, id)
	confirm, rate := b.link(t, id, "confirm", time.Hour), b.link(t, id, "rating", time.Hour)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for range 2 { // pressed twice is pressed once
		if r := b.do(t, "POST", confirm, "", form...); r.status != 200 || !strings.Contains(string(r.body), "Danke.") {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	var address string
	if err := b.pool.QueryRow(t.Context(), `SELECT address FROM confirmed_addresses`).Scan(&address); err != nil || address != "ada@example.org" {
		t.Errorf("%q, %v", address, err)
	}
	for body, want := range map[string]int{"satisfaction=9": 400, "satisfaction=x": 400, "": 400, "comment=" + strings.Repeat("x", 2001): 400} {
		if r := b.do(t, "POST", rate, body, form...); r.status != want {
			t.Errorf("%.20s: %d", body, r.status)
		}
	}
	if r := b.do(t, "POST", rate, "satisfaction=5&ease=4&comment=%3Cscript%3E+gut", form...); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if s, e, c := b.scores(t); s != 5 || e != 4 || c != "<script> gut" {
		t.Errorf("%d %d %q", s, e, c)
	}
	for name, path := range map[string]string{
		"run out": b.link(t, id, "rating", -time.Hour), "none": "/mail/x", "another site's": strings.Replace(rate, "/1.", "/2.", 1), "long": "/mail/" + strings.Repeat("a", 3000),
	} {
		for _, method := range []string{"GET", "POST"} {
			if r := b.do(t, method, path, nil, form...); r.status != 404 || !strings.Contains(r.header.Get("Content-Type"), "text/html") {
				t.Errorf("%s %s: %d %s", method, name, r.status, r.header.Get("Content-Type"))
			}
		}
	}
}

func TestMailPage_EveryLanguageIsWhole(t *testing.T) {
	t.Parallel()
	m, err := newMailPages()
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]map[string]any
	if err := json.Unmarshal(mailPageJSON, &raw); err != nil || len(raw) != 12 {
		t.Fatalf("%d languages, %v", len(raw), err)
	}
	for lang, texts := range raw {
		for key := range raw["en"] {
			if texts[key] == nil || texts[key] == "" {
				t.Errorf("%s: no %s", lang, key)
			}
		}
		for key, places := range map[string][]string{"confirm": {"{address}", "{site}"}, "rate": {"{reference}", "{site}"}} {
			for _, p := range places {
				if !strings.Contains(texts[key].(string), p) {
					t.Errorf("%s: %s lacks %s", lang, key, p)
				}
			}
		}
	}
	if _, lang := m.in("xx"); lang != "en" {
		t.Error(lang)
	}
	if fault.KindOf(handoff.ErrLink) != fault.NotFound {
		t.Error("a link that is none is not found")
	}
}
