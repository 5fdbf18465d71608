package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/handoff"
)

// TestDesk_ACaseOfAnotherQueueIsNotThere asks every address that names a case,
// as somebody who works elsewhere: not there, and not a word of it.
func TestDesk_ACaseOfAnotherQueueIsNotThere(t *testing.T) {
	t.Parallel()
	b := start(t)
	const secret = "my order 4711"
	stranger := b.stream("omar", "cursor=")
	v := b.visit("service", secret)
	other := b.visit("service", secret)
	id := "/cases/" + v.id()
	for _, r := range []struct {
		method, path string
		body         any
	}{
		{"GET", id, nil},
		{"GET", id + "/messages", nil},
		{"GET", id + "/log", nil},
		{"GET", id + "/visitor", nil},
		{"GET", "/stream?case=" + v.id(), nil},
		{"POST", id + "/claim", nil},
		{"POST", id + "/release", nil},
		{"POST", id + "/transfer", map[string]any{"queue": "sales"}},
		{"POST", id + "/escalate", nil},
		{"POST", id + "/snooze", map[string]any{"until": time.Now().Add(time.Hour)}},
		{"POST", id + "/priority", map[string]any{"priority": "high"}},
		{"POST", id + "/merge", map[string]any{"into": other.id()}},
		{"POST", id + "/close", nil},
		{"POST", id + "/reopen", nil},
		{"POST", id + "/replies", map[string]any{"client_msg_id": "x", "text": "hello"}},
		{"POST", id + "/notes", map[string]any{"text": "hello"}},
		{"POST", id + "/typing", nil},
		{"POST", id + "/read", map[string]any{"up": 1}},
		{"POST", id + "/whispers", map[string]any{"text": "hello"}},
		{"GET", id + "/suggestion", nil},
		{"POST", id + "/suggestion", map[string]any{"article": "a"}},
		{"PUT", id + "/draft", map[string]any{"text": "hello"}},
		{"GET", "/cases/" + bot.NewID().String(), nil},
		{"GET", "/cases/nonsense", nil},
	} {
		got := b.do("omar", r.method, r.path, r.body)
		if got.status != http.StatusNotFound || !strings.Contains(got.body, "no_such_case") || strings.Contains(got.body, secret) {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.body)
		}
		if got := b.do("nobody", r.method, r.path, r.body); got.status != http.StatusUnauthorized {
			t.Errorf("%s %s without a session: %d", r.method, r.path, got.status)
		}
	}
	for _, path := range []string{"/cases?view=open", "/cases?reference=" + v.opened.Case.Reference, "/queues", "/start"} {
		if got := b.do("omar", "GET", path, nil); got.status != 200 || strings.Contains(got.body, v.id()) || strings.Contains(got.body, secret) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := b.do("omar", "GET", "/cases?view=waiting&queue=service", nil); got.status != 404 {
		t.Errorf("another queue's list: %d", got.status)
	}
	// What reaches the stranger's stream is what is theirs: a case given to their
	// queue, and not one word of it before.
	if _, err := b.desk.Transfer(t.Context(), b.who["lea"], handoff.Target{Case: v.opened.Case.ID}, handoff.TransferTo{Queue: "sales"}); err != nil {
		t.Fatal(err)
	}
	if e := b.await(stranger, "changes", v.id()); strings.Count(e.data, `"row"`) != 1 || !strings.Contains(e.data, `"queue":"sales"`) {
		t.Errorf("%s", e.data)
	}
	// And it is gone from the page of whoever sees the old queue alone.
	mara := b.stream("mara", "cursor=")
	if _, err := b.desk.Transfer(t.Context(), b.who["lea"], handoff.Target{Case: v.opened.Case.ID}, handoff.TransferTo{Queue: "service"}); err != nil {
		t.Fatal(err)
	}
	b.await(stranger, "changes", `"gone":["`+v.id())
	b.await(mara, "changes", `"row"`)
}

func TestDesk_WhatIsSaidStaysWithTheQueue(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	var begun struct{ Cursor string }
	b.do("mara", "GET", "/start", nil).into(t, &begun)
	mara := b.stream("mara", "cursor="+begun.Cursor+"&case="+v.id())
	b.await(mara, "said", "")
	if _, err := b.desk.Transfer(t.Context(), b.who["lea"], handoff.Target{Case: v.opened.Case.ID}, handoff.TransferTo{Queue: "sales"}); err != nil {
		t.Fatal(err)
	}
	b.await(mara, "changes", `"gone":["`+v.id())
	if r := b.do("omar", "POST", "/cases/"+v.id()+"/claim", nil); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := b.do("omar", "POST", "/cases/"+v.id()+"/replies", map[string]any{"client_msg_id": "1", "text": "for your eyes only"}); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	// Two beats later all that was on its way has come.
	for range 2 {
		limit := time.After(15 * time.Second)
		for beat := false; !beat; {
			select {
			case e := <-mara:
				if strings.Contains(e.data, "eyes only") {
					t.Fatalf("it reached whoever no longer works there: %s", e.data)
				}
				beat = e.event == "beat"
			case <-limit:
				t.Fatal("no beat")
			}
		}
	}
}

func TestDesk_APageThatOpensManyCasesHoldsOneStream(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	for range 40 {
		b.stream("mara", "tab=one&case="+v.id())
	}
	for range 11 { // and eleven more pages beside it
		b.stream("mara", "tab="+bot.NewID().String())
	}
	if r := b.do("mara", "GET", "/stream?tab=thirteenth", nil); r.status != http.StatusTooManyRequests {
		t.Errorf("a page too many: %d", r.status)
	}
	b.stream("mara", "tab=one&case="+v.id())
	b.stream("lea", "tab=one") // of somebody else
}

func TestDesk_WhoOnlyReadsChangesNothing(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "hello")
	id := "/cases/" + v.id()
	for path, body := range map[string]any{
		"POST " + id + "/claim": nil, "POST " + id + "/close": nil, "POST " + id + "/typing": nil, "POST /cases/next": nil,
		"POST " + id + "/read":              map[string]any{"up": 1},
		"POST " + id + "/notes":             map[string]any{"text": "x"},
		"POST " + id + "/whispers":          map[string]any{"text": "x"},
		"POST " + id + "/takeover":          map[string]any{"why": "x"},
		"POST " + id + "/suggestion":        map[string]any{"article": "x"},
		"POST " + id + "/replies":           map[string]any{"client_msg_id": "x", "text": "x"},
		"PUT /canned/new":                   map[string]any{"short": "x", "title": "x", "text": "x"},
		"PUT /settings/queues/service":      map[string]any{"name": "Mine"},
		"PUT /settings/routes":              map[string]any{"routes": []any{}},
		"PUT /settings/rules":               map[string]any{"default_queue": "sales"},
		"PUT /blocks/" + v.visitor.String(): map[string]any{},
	} {
		method, path, _ := strings.Cut(path, " ")
		if got := b.do("rita", method, path, body); got.status != http.StatusForbidden {
			t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
		}
	}
	if got := b.do("rita", "GET", id, nil); got.status != 200 {
		t.Errorf("and may not read: %d", got.status)
	}
}
