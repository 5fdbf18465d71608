package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/handoff"
)

// claimed is a visit whose case mara has.
func (b *bench) claimed() visit {
	b.t.Helper()
	v := b.visit("service", "my parcel is not here")
	b.do("mara", "POST", "/cases/"+v.id()+"/claim", nil).into(b.t, &struct{}{})
	return v
}

func TestSupervision_AWhisperReachesNobodyElse(t *testing.T) {
	t.Parallel()
	b := start(t)
	g, err := b.desk.AddAgent(t.Context(), handoff.System(b.site, "test"), handoff.Agent{Email: "noor@shop.example", Name: "noor", Role: handoff.RoleAgent, Capacity: 5})
	if err != nil {
		t.Fatal(err)
	}
	b.who["noor"] = handoff.Actor{Site: b.site, Agent: g.ID, Name: "noor", Role: handoff.RoleAgent, Queues: []string{"service"}}
	v := b.claimed()
	id := "/cases/" + v.id()
	var begun struct{ Cursor string }
	b.do("mara", "GET", "/start", nil).into(t, &begun)
	mara, noor := b.stream("mara", "cursor="+begun.Cursor+"&case="+v.id()), b.stream("noor", "cursor="+begun.Cursor+"&case="+v.id())
	rita := b.stream("rita", "cursor="+begun.Cursor+"&case="+v.id())

	const secret = "HUSH: offer her 20 %"
	for _, r := range []struct {
		as, path string
		body     any
		status   int
		code     string
	}{
		{"noor", "/whispers", map[string]any{"text": secret}, 403, "desk_forbidden"},
		{"rita", "/whispers", map[string]any{"text": secret}, 403, "desk_forbidden"},
		{"omar", "/whispers", map[string]any{"text": secret}, 404, "no_such_case"},
		{"lea", "/whispers", map[string]any{"text": "  "}, 400, "text"},
		{"lea", "/whispers", map[string]any{"text": secret, "to": "customer"}, 400, ""},
		{"lea", "/whispers", map[string]any{"text": secret}, 200, ""},
		{"mara", "/whispers", map[string]any{"text": "HUSH back"}, 200, ""},
	} {
		if got := b.do(r.as, "POST", id+r.path, r.body); got.status != r.status || !strings.Contains(got.body, r.code) {
			t.Errorf("%s: %d %s", r.as, got.status, got.body)
		}
	}
	b.await(mara, "changes", `"whisper"`)
	for _, x := range []struct {
		as   string
		sees bool
	}{{"mara", true}, {"lea", true}, {"noor", false}, {"rita", false}} {
		for _, path := range []string{id, id + "/log", id + "/log?after=1"} {
			got := b.do(x.as, "GET", path, nil)
			if got.status != 200 || strings.Contains(got.body, "HUSH: offer") != x.sees || strings.Contains(got.body, "HUSH back") != x.sees {
				t.Errorf("%s, %s: %d, sees %v", x.as, path, got.status, strings.Contains(got.body, "HUSH"))
			}
		}
	}
	for _, path := range []string{id + "/messages", id + "/visitor", "/cases?view=open"} {
		if got := b.do("lea", "GET", path, nil); strings.Contains(got.body, "HUSH") {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	// What the customer can read: the conversation's own events.
	events, _, err := b.convs.Messages(t.Context(), v.key, 0, 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if strings.Contains(string(e.Body), "HUSH") {
			t.Errorf("the customer reads %s", e.Body)
		}
	}
	// Nor are colleagues told that there was one: something later reaches them, and
	// nothing of a whisper before it.
	if got := b.do("lea", "POST", id+"/notes", map[string]any{"text": "for all"}); got.status != 200 {
		t.Fatal(got.body)
	}
	for name, events := range map[string]<-chan told{"noor": noor, "rita": rita} {
		for limit := time.After(15 * time.Second); ; {
			var e told
			select {
			case e = <-events:
			case <-limit:
				t.Fatalf("nothing reached %s", name)
			}
			if strings.Contains(e.data, "whisper") || strings.Contains(e.data, "HUSH") {
				t.Errorf("%s is told: %s", name, e.data)
			}
			if strings.Contains(e.data, `"note"`) {
				break
			}
		}
	}
}

func TestSupervision_ALeadWatchesWhatIsWritten(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.claimed()
	id := "/cases/" + v.id()
	lea := b.stream("lea", "cursor=&case="+v.id())
	mara := b.stream("mara", "cursor=&case="+v.id())
	rita := b.stream("rita", "cursor=&case="+v.id())
	draft := func(as, text, note string) {
		t.Helper()
		if got := b.do(as, "PUT", id+"/draft", map[string]any{"text": text, "note": note}); got.status != http.StatusNoContent {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	draft("mara", "I am so sor", "NOTE of mine")
	e := b.await(lea, "writing", "I am so sor")
	if !strings.Contains(e.data, `"name":"mara"`) || strings.Contains(e.data, "NOTE") {
		t.Errorf("%s", e.data)
	}
	draft("mara", "I am so sorry about the parcel", "")
	b.await(lea, "writing", "about the parcel")
	// What somebody begins who does not have the case is theirs alone.
	draft("rita", "RITA's own", "")
	draft("mara", "", "")
	if e := b.await(lea, "writing", `"text":""`); strings.Contains(e.data, "RITA") {
		t.Errorf("%s", e.data)
	}
	draft("mara", "Once more", "")
	b.await(lea, "writing", "Once more")
	for name, events := range map[string]<-chan told{"mara": mara, "rita": rita} {
		limit := time.After(15 * time.Second)
		for beats := 0; beats < 2; { // all that was on its way has come by then
			select {
			case e := <-events:
				if e.event == "writing" {
					t.Errorf("%s is shown %s", name, e.data)
				}
				if e.event == "beat" {
					beats++
				}
			case <-limit:
				t.Fatal("no beat")
			}
		}
	}
	// A page that opens the case now is told what stands there.
	again := b.stream("lea", "cursor=&case="+v.id())
	b.await(again, "writing", "Once more")
}

func TestSupervision_ATakeOverTellsTheOtherWhoAndWhy(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.claimed()
	id := "/cases/" + v.id()
	var begun struct{ Cursor string }
	b.do("mara", "GET", "/start", nil).into(t, &begun)
	mara := b.stream("mara", "cursor="+begun.Cursor)
	for as, status := range map[string]int{"omar": 403, "rita": 403, "mara": 403} {
		if got := b.do(as, "POST", id+"/takeover", map[string]any{"why": "mine"}); got.status != status {
			t.Errorf("%s: %d %s", as, got.status, got.body)
		}
	}
	if got := b.do("lea", "POST", id+"/takeover", map[string]any{}); got.status != 400 || !strings.Contains(got.body, `"why"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	var done struct {
		Case struct {
			AgentName string `json:"agent_name"`
			Version   int64
		}
	}
	b.do("lea", "POST", id+"/takeover", map[string]any{"why": "The press asks about it"}).into(t, &done)
	if done.Case.AgentName != "lea" {
		t.Errorf("%+v", done)
	}
	if e := b.await(mara, "changes", `"taken_over"`); !strings.Contains(e.data, `"yours":true`) {
		t.Errorf("%s", e.data)
	}
	if got := b.do("mara", "GET", id+"/log", nil); !strings.Contains(got.body, "The press asks about it") {
		t.Errorf("%s", got.body)
	}
	if got := b.do("mara", "POST", id+"/replies", map[string]any{"client_msg_id": "1", "text": "One moment"}); got.status != 409 || !strings.Contains(got.body, "case_taken") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestReply_ShowsNoSourceThatDoesNotSayIt(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, sql := range []string{
		`INSERT INTO generations (site_id, generation, state, source_hash) VALUES ($1, 3, 'published', '')`,
		`INSERT INTO articles (site_id, generation, article, article_id, title, url, audience, body, content_hash) VALUES
			($1, 3, 1, 'returns', 'Returns', '/help/returns', 0, E'Grüße.\n\nYou have **45 days**.\n\nOpen *Orders*.', ''),
			($1, 3, 2, 'goodwill', 'Goodwill', '', 1, 'Up to 20 % off.', '')`,
		`UPDATE sites SET published = 3 WHERE site_id = $1`,
	} {
		if _, err := b.pool.Exec(t.Context(), sql, b.site); err != nil {
			t.Fatal(err)
		}
	}
	v := b.claimed()
	cite := func(article, quote string) map[string]any {
		return map[string]any{"article": article, "title": "FORGED", "url": "https://evil.example", "quote": quote, "generation": 1, "from": 0, "to": 9}
	}
	var said struct {
		Message struct {
			Citations []struct {
				Article, Title, URL, Quote string
				Generation, From, To       int
			}
		}
	}
	b.do("mara", "POST", "/cases/"+v.id()+"/replies", map[string]any{
		"client_msg_id": "1", "text": "You have 45 days. Open Orders.", "suggested": "You have 45 days.", "article": "returns",
		"citations": []any{
			cite("returns", "You have **45 days**.\n…\nOpen *Orders*."), cite("returns", "You have 90 days."), cite("goodwill", "Up to 20 % off."), cite("nothing", "You have"),
		},
	}).into(t, &said)
	got := said.Message.Citations
	if len(got) != 2 || got[0].Quote != "You have **45 days**." || got[1].Quote != "Open *Orders*." {
		t.Fatalf("%+v", got)
	}
	for _, c := range got {
		var there string
		err := b.pool.QueryRow(t.Context(), `SELECT convert_from(substring(convert_to(body, 'UTF8') FROM $2 FOR $3), 'UTF8') FROM articles WHERE site_id = $1 AND generation = 3 AND article = 1`, b.site, c.From+1, c.To-c.From).Scan(&there)
		if err != nil || there != c.Quote || c.Title != "Returns" || c.URL != "/help/returns" || c.Generation != 3 {
			t.Errorf("%+v: %q stands there, %v", c, there, err)
		}
	}
	if got := b.do("mara", "GET", "/cases/"+v.id()+"/log", nil); !strings.Contains(got.body, `"article":"returns"`) || !strings.Contains(got.body, `"edited":`) {
		t.Errorf("%s", got.body)
	}
	if got := b.do("mara", "POST", "/cases/"+v.id()+"/suggestion", map[string]any{"article": "returns", "why": "out of date"}); got.status != 200 || !strings.Contains(got.body, `"unused"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.do("rita", "POST", "/cases/"+v.id()+"/suggestion", map[string]any{"article": "returns"}); got.status != 403 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
