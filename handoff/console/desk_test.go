package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
)

type caseBody struct {
	Case struct {
		ID        convo.ID
		State     string
		Queue     string
		Agent     *convo.ID
		AgentName string `json:"agent_name"`
		Ended     string
		Version   int64
		Visitor   convo.ID
	}
}

func TestDesk_ACaseFromItsArrivalToItsEnd(t *testing.T) {
	t.Parallel()
	b := start(t)
	var begun struct {
		Cursor string
		Me     struct{ Name string }
		Queues []struct{ Queue string }
	}
	b.do("mara", "GET", "/start", nil).into(t, &begun)
	if begun.Cursor == "" || begun.Me.Name != "mara" || len(begun.Queues) != 2 {
		t.Fatalf("%+v", begun)
	}
	events := b.stream("mara", "cursor="+begun.Cursor)
	v := b.visit("service", "my parcel is not here")
	b.await(events, "changes", v.opened.Case.Reference)

	var list struct{ Cases []struct{ ID, Note string } }
	b.do("mara", "GET", "/cases?view=waiting&queue=service", nil).into(t, &list)
	if len(list.Cases) != 1 || list.Cases[0].ID != v.id() || list.Cases[0].Note != "my parcel is not here" {
		t.Fatalf("%+v", list)
	}
	b.do("mara", "GET", "/cases?reference="+strings.ToLower(v.opened.Case.Reference), nil).into(t, &list)
	if len(list.Cases) != 1 {
		t.Fatal("not found by its reference")
	}

	var c caseBody
	b.do("mara", "POST", "/cases/"+v.id()+"/claim", map[string]any{}).into(t, &c)
	if c.Case.State != "claimed" || c.Case.AgentName != "mara" || c.Case.Visitor != v.visitor {
		t.Fatalf("%+v", c)
	}
	b.await(events, "changes", `"claimed"`)
	if r := b.do("lea", "POST", "/cases/"+v.id()+"/claim", map[string]any{}); r.status != 409 || !strings.Contains(r.body, "mara has this case") {
		t.Errorf("claimed twice: %d %s", r.status, r.body)
	}

	open := b.stream("mara", "case="+v.id()+"&after=0")
	var said struct {
		Seq    int64
		Repeat bool
	}
	reply := map[string]any{"client_msg_id": "r1", "text": "It is on its way."}
	b.do("mara", "POST", "/cases/"+v.id()+"/replies", reply).into(t, &said)
	b.await(open, "said", "It is on its way.")
	first := said.Seq
	b.do("mara", "POST", "/cases/"+v.id()+"/replies", reply).into(t, &said)
	if said.Seq != first || !said.Repeat {
		t.Errorf("sent twice, said twice: %+v", said)
	}

	if r := b.do("mara", "POST", "/cases/"+v.id()+"/notes", map[string]any{"text": "third time this week", "mentions": []string{b.who["lea"].Agent.String()}}); r.status != 200 {
		t.Fatalf("note: %d %s", r.status, r.body)
	}
	b.do("lea", "GET", "/cases?view=mentions", nil).into(t, &list)
	if len(list.Cases) != 1 {
		t.Error("who was mentioned does not find it")
	}
	b.do("mara", "POST", "/cases/"+v.id()+"/transfer", map[string]any{"queue": "support", "why": "a fault"}).into(t, &c)
	if c.Case.Queue != "support" || c.Case.State != "waiting" {
		t.Errorf("%+v", c)
	}
	b.do("mara", "POST", "/cases/next", map[string]any{"queues": []string{"support"}}).into(t, &c)
	if c.Case.ID.String() != v.id() {
		t.Error("the next one is not the only one")
	}
	if r := b.do("mara", "POST", "/cases/next", nil); r.status != http.StatusNoContent {
		t.Errorf("nothing waits: %d", r.status)
	}
	if r := b.do("mara", "POST", "/cases/"+v.id()+"/close", map[string]any{"version": c.Case.Version + 7}); r.status != 409 || !strings.Contains(r.body, "case_moved") {
		t.Errorf("closed on an older state: %d %s", r.status, r.body)
	}
	b.do("mara", "POST", "/cases/"+v.id()+"/close", map[string]any{"version": c.Case.Version, "ended": "solved", "memo": "Found the parcel."}).into(t, &c)
	if c.Case.State != "closed" || c.Case.Ended != "solved" {
		t.Errorf("%+v", c)
	}
	var whole struct {
		Case     struct{ State string }
		Messages struct {
			Lines []struct{ Kind string }
		}
		Log []struct{ Kind string }
	}
	b.do("lea", "GET", "/cases/"+v.id(), nil).into(t, &whole)
	kinds := ""
	for _, e := range whole.Log {
		kinds += e.Kind + " "
	}
	for _, want := range []string{"opened", "claimed", "replied", "note", "transferred", "closed"} {
		if !strings.Contains(kinds, want) {
			t.Errorf("the log lacks %q: %s", want, kinds)
		}
	}
	b.do("mara", "POST", "/cases/"+v.id()+"/reopen", nil).into(t, &c)
	if c.Case.State != "claimed" {
		t.Errorf("%+v", c)
	}
}

func TestDesk_WhatAPageKeeps(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	id := "/cases/" + v.id()
	if r := b.do("mara", "PUT", id+"/draft", map[string]any{"text": "Dear", "note": "call back"}); r.status != 204 {
		t.Fatalf("draft: %d %s", r.status, r.body)
	}
	var whole struct {
		Draft *struct{ Text, Note string }
	}
	b.do("mara", "GET", id, nil).into(t, &whole)
	if whole.Draft == nil || whole.Draft.Text != "Dear" || whole.Draft.Note != "call back" {
		t.Errorf("%+v", whole.Draft)
	}
	whole.Draft = nil
	b.do("lea", "GET", id, nil).into(t, &whole)
	if whole.Draft != nil {
		t.Error("somebody else's draft")
	}
	if r := b.do("mara", "PUT", id+"/draft", map[string]any{"text": strings.Repeat("x", 8001)}); r.status != 413 {
		t.Errorf("a draft without end: %d", r.status)
	}

	var canned struct{ ID convo.ID }
	b.do("mara", "PUT", "/canned/new", map[string]any{"short": "hi", "title": "Hello", "text": "Hello {customer}"}).into(t, &canned)
	if r := b.do("mara", "PUT", "/canned/new", map[string]any{"short": "HI", "title": "Again", "text": "x"}); r.status != 409 {
		t.Errorf("two of one name: %d %s", r.status, r.body)
	}
	if r := b.do("mara", "PUT", "/canned/new", map[string]any{"short": "no good", "title": "x", "text": "x"}); r.status != 400 {
		t.Errorf("a short name with a space: %d", r.status)
	}
	if r := b.do("omar", "GET", "/canned", nil); !strings.Contains(r.body, "Hello {customer}") {
		t.Error("colleagues do not have it")
	}
	if r := b.do("mara", "DELETE", "/canned/"+canned.ID.String(), nil); r.status != 204 {
		t.Errorf("remove: %d", r.status)
	}

	if r := b.do("mara", "POST", "/passages", map[string]any{"text": "returns"}); !strings.Contains(r.body, `"internal":true`) {
		t.Errorf("%s", r.body)
	}
	if r := b.do("mara", "POST", "/passages", map[string]any{"text": "away"}); r.status != 503 {
		t.Errorf("a search that is away: %d", r.status)
	}
	if r := b.do("mara", "POST", "/passages", map[string]any{"text": "  "}); r.status != 400 {
		t.Errorf("a search for nothing: %d", r.status)
	}
}

func TestDesk_WhoIsThereAndWhoLooks(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	lea := b.stream("lea", "case="+v.id())
	var p struct{ Status string }
	b.do("mara", "POST", "/presence", map[string]any{"case": v.id()}).into(t, &p)
	if p.Status != "online" {
		t.Errorf("%+v", p)
	}
	b.await(lea, "looking", `"mara","typing":false`)
	if r := b.do("mara", "POST", "/cases/"+v.id()+"/typing", map[string]any{}); r.status != 204 {
		t.Fatalf("typing: %d %s", r.status, r.body)
	}
	b.await(lea, "looking", `"mara","typing":true`)
	b.do("mara", "POST", "/presence", map[string]any{"status": "break"}).into(t, &p)
	if p.Status != "break" {
		t.Errorf("%+v", p)
	}
	if r := b.do("mara", "POST", "/presence", map[string]any{"status": "asleep"}); r.status != 400 {
		t.Errorf("no such status: %d", r.status)
	}
	b.await(lea, "beat", "")

	// The customer learns that somebody types once the case is theirs.
	customer := b.hub.Subscribe(v.key, 1<<40)
	defer customer.Close()
	if r := b.do("mara", "POST", "/cases/"+v.id()+"/claim", nil); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := b.do("mara", "POST", "/cases/"+v.id()+"/typing", map[string]any{"note": true}); r.status != 204 {
		t.Fatal(r.status)
	}
	if r := b.do("mara", "POST", "/cases/"+v.id()+"/typing", map[string]any{}); r.status != 204 {
		t.Fatal(r.status)
	}
	typed := 0
	for typed == 0 {
		events, err := customer.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == convo.KindTyping {
				typed++
			}
		}
	}
}

func TestDesk_EachSideSeesHowFarTheOtherHasRead(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	customer := b.hub.Subscribe(v.key, 1<<40)
	defer customer.Close()
	read := func(who string, up int) {
		t.Helper()
		if r := b.do(who, "POST", "/cases/"+v.id()+"/read", map[string]any{"up": up}); r.status != 204 {
			t.Fatalf("%s: %d %s", who, r.status, r.body)
		}
	}
	read("mara", 1) // not theirs yet: nobody is told
	if r := b.do("mara", "POST", "/cases/"+v.id()+"/claim", nil); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	read("lea", 2) // a lead who looks on
	read("mara", 2)
	read("mara", 1<<40) // beyond the end
	reads := bot.NewReads(b.convs, b.hub, time.Now)
	if err := reads.Mark(t.Context(), v.key, convo.Read{By: convo.Customer, Up: 1}); err != nil {
		t.Fatal(err)
	}
	var told []string
	for len(told) < 2 {
		events, err := customer.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == convo.KindRead {
				told = append(told, string(e.Body))
			}
		}
	}
	if told[0] != `{"by":"agent","up":2}` || told[1] != `{"by":"customer","up":1}` {
		t.Errorf("the customer's side was told %v", told)
	}
	// A page that opens the case later is told how it stands, and what follows.
	mara := b.stream("mara", "case="+v.id())
	b.await(mara, "read", `{"by":"customer","up":1}`)
	if err := reads.Mark(t.Context(), v.key, convo.Read{By: convo.Customer, Up: 2}); err != nil {
		t.Fatal(err)
	}
	b.await(mara, "read", `{"by":"customer","up":2}`)
}

func TestDesk_TheCustomersEarlierCases(t *testing.T) {
	t.Parallel()
	b := start(t)
	old := b.visit("sales", "an offer, please")
	second := visit{key: convo.Key{Site: b.site, ID: bot.NewID()}, visitor: old.visitor}
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: b.site, Conversation: second.key.ID, Visitor: old.visitor, Known: true, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	second = b.ask(second, "service", "where is it")
	b.exec(`UPDATE conversations SET page = '{"url":"https://shop.example/k2","title":"K2"}' WHERE conversation_id = $1`, old.key.ID)
	b.exec(`INSERT INTO case_ratings (site_id, case_id, conversation_id, queue, asked_by, asked_at, satisfaction, comment, rated_at)
		VALUES ($1, $2, $3, 'sales', 'page', now(), 2, 'slow', now())`, b.site, old.opened.Case.ID, old.key.ID)
	var got struct {
		ID      convo.ID
		Ratings []struct {
			Reference, Comment string
			Satisfaction       int
		}
		Earlier []struct {
			First string
			Page  map[string]string
			Cases []struct {
				ID        *convo.ID
				Reference string
			}
		}
	}
	b.do("lea", "GET", "/cases/"+second.id()+"/visitor", nil).into(t, &got)
	if got.ID != old.visitor || len(got.Earlier) != 1 || len(got.Earlier[0].Cases) != 1 || got.Earlier[0].Cases[0].ID == nil {
		t.Fatalf("%+v", got)
	}
	if len(got.Ratings) != 1 || got.Ratings[0].Satisfaction != 2 || got.Ratings[0].Comment != "slow" || got.Earlier[0].Page["url"] != "https://shop.example/k2" {
		t.Errorf("%+v", got)
	}
	got.Earlier, got.Ratings = nil, nil
	b.do("mara", "GET", "/cases/"+second.id()+"/visitor", nil).into(t, &got)
	if len(got.Earlier) != 1 || got.Earlier[0].Cases[0].ID != nil || got.Earlier[0].First != "" || got.Earlier[0].Page != nil || len(got.Ratings) != 0 || got.Earlier[0].Cases[0].Reference == "" {
		t.Errorf("a case of a queue that is not theirs: %+v", got)
	}
}

func TestDesk_Settings(t *testing.T) {
	t.Parallel()
	b := start(t)
	var s struct {
		Queues []handoff.Queue
		Routes []handoff.Route
		Rules  handoff.Rules
	}
	b.do("lea", "GET", "/settings", nil).into(t, &s)
	if len(s.Queues) < 6 || len(s.Routes) == 0 || s.Rules.DefaultQueue != "service" {
		t.Fatalf("%+v", s)
	}
	b.do("lea", "PUT", "/settings/queues/vip", map[string]any{"name": "VIP", "first_reply_s": 60}).into(t, &s)
	b.do("lea", "PUT", "/settings/routes", map[string]any{"routes": []map[string]any{{"group": []string{"gold"}, "queue": "vip", "priority": "high"}}}).into(t, &s)
	if len(s.Routes) != 1 || s.Routes[0].Queue != "vip" || s.Routes[0].Priority != handoff.High {
		t.Errorf("%+v", s.Routes)
	}
	v := b.visit("service", "hello")
	var dry struct{ Cases []handoff.DryRun }
	b.do("lea", "POST", "/settings/dry-run", map[string]any{"routes": []map[string]any{{"queue": "sales", "priority": "low"}}}).into(t, &dry)
	if len(dry.Cases) != 1 || dry.Cases[0].Would != "sales" {
		t.Errorf("%+v", dry)
	}
	b.do("lea", "PUT", "/settings/queues/sales", map[string]any{"name": "Sales", "notify": map[string]any{"lead_s": 60, "leads": []string{"boss@shop.example"}}}).into(t, &s)
	for _, path := range []string{"/settings", "/start", "/queues"} {
		if body := b.do("omar", "GET", path, nil).body; strings.Contains(body, "boss@shop.example") || !strings.Contains(body, `"lead_s":60`) {
			t.Errorf("%s to an agent: %s", path, body)
		}
		if body := b.do("lea", "GET", path, nil).body; !strings.Contains(body, "boss@shop.example") {
			t.Errorf("%s to a lead: %s", path, body)
		}
	}
	dry.Cases = nil
	if b.do("omar", "POST", "/settings/dry-run", nil).into(t, &dry); len(dry.Cases) != 0 {
		t.Errorf("a case of a queue that is not theirs: %+v", dry)
	}
	for _, who := range []string{"mara", "rita"} {
		for _, method := range []string{"PUT", "DELETE"} {
			if r := b.do(who, method, "/blocks/"+v.visitor.String(), nil); r.status != http.StatusForbidden {
				t.Errorf("%s of a block by %s: %d", method, who, r.status)
			}
		}
		if r := b.do(who, "GET", "/blocks", nil); r.status != http.StatusForbidden {
			t.Errorf("blocks read by %s: %d", who, r.status)
		}
	}
	var team struct {
		Agents []struct {
			Name  string
			Email string
		}
	}
	b.do("mara", "GET", "/agents", nil).into(t, &team)
	for _, g := range team.Agents {
		if g.Email != "" {
			t.Errorf("an agent reads the address of %s", g.Name)
		}
	}
	b.do("lea", "PUT", "/blocks/"+v.visitor.String(), map[string]any{"why": "insults"}).into(t, &struct{}{})
	if r := b.do("lea", "GET", "/blocks", nil); !strings.Contains(r.body, "insults") {
		t.Errorf("%s", r.body)
	}
	if r := b.do("lea", "DELETE", "/settings/queues/vip?into=service", nil); r.status == 200 && strings.Contains(r.body, `"vip"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestDesk_BadInputEndsInAProblem(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	id := "/cases/" + v.id()
	for _, r := range []struct {
		method, path string
		body         string
		status       int
	}{
		{"POST", id + "/claim", `{"version":-1}`, 400},
		{"POST", id + "/claim", `{"nonsense":1}`, 400},
		{"POST", id + "/transfer", `{}`, 400},
		{"POST", id + "/transfer", `{"agent":"x"}`, 400},
		{"POST", id + "/transfer", `{"queue":"attic"}`, 404},
		{"POST", id + "/priority", `{"priority":"now"}`, 400},
		{"POST", id + "/merge", `{"into":"nowhere"}`, 404},
		{"POST", id + "/close", `{"ended":"vanished"}`, 400},
		{"POST", id + "/replies", `{"client_msg_id":"","text":"x"}`, 400},
		{"POST", id + "/replies", `{"client_msg_id":"a b","text":"x"}`, 400},
		{"PUT", "/settings/queues/service", `{"name":""}`, 400},
		{"GET", "/cases?view=everything", "", 400},
		{"GET", "/cases?limit=x", "", 400},
		{"GET", "/cases?after=x", "", 400},
		{"GET", "/cases?agent=x", "", 400},
		{"GET", id + "/messages?before=-1", "", 400},
		{"GET", "/stream?cursor=" + strings.Repeat("x", 5000), "", 400},
	} {
		var body any
		if r.body != "" {
			body = json.RawMessage(r.body)
		}
		if got := b.do("lea", r.method, r.path, body); got.status != r.status || !strings.Contains(got.body, `"code":`) {
			t.Errorf("%s %s %s: %d %s", r.method, r.path, r.body, got.status, got.body)
		}
	}
}

func TestDesk_ThePageIsGuarded(t *testing.T) {
	t.Parallel()
	b := start(t)
	root := strings.TrimSuffix(b.base, "/api/v1")
	for path, want := range map[string]int{"": 200, "/join": 200, "/assets/x/desk.js": 200, "/assets/x/index.html": 404, "/assets/x/nothing.js": 404} {
		resp, err := http.Get(root + path) //nolint:gosec // a test's call to its own server
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if want == 200 && path == "" && (strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self'") || !strings.Contains(policy, "trusted-types 'none'")) {
			t.Errorf("the page's policy: %s", policy)
		}
	}
}
