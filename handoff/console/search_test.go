package console_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
)

type searched struct {
	Results []struct {
		Case struct {
			ID        string `json:"id"`
			Reference string `json:"reference"`
		} `json:"case"`
		Extracts []struct {
			By     string `json:"by"`
			Seq    int64  `json:"seq"`
			Pieces []struct {
				Text string `json:"text"`
				Hit  bool   `json:"hit"`
			} `json:"pieces"`
		} `json:"extracts"`
	} `json:"results"`
	Next string `json:"next"`
}

func (b *bench) search(as, q, more string) answer {
	b.t.Helper()
	return b.do(as, "GET", "/search?q="+url.QueryEscape(q)+more, nil)
}

// finds waits until a search finds something: words are read a moment after
// they were said.
func (b *bench) finds(as, q string, want int) searched {
	b.t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var got searched
		b.search(as, q, "").into(b.t, &got)
		if len(got.Results) == want {
			return got
		}
		if time.Now().After(limit) {
			b.t.Fatalf("%s: %q finds %d, not %d", as, q, len(got.Results), want)
		}
	}
}

func (b *bench) says(v visit, text string) {
	b.t.Helper()
	body, err := json.Marshal(convo.Message{Author: convo.Customer, Text: text, At: time.Now()})
	if err != nil {
		b.t.Fatal(err)
	}
	_, err = b.pool.Exec(b.t.Context(), `
WITH k AS (UPDATE conversations SET last_seq = last_seq + 1 WHERE site_id = $1 AND conversation_id = $2 RETURNING last_seq)
INSERT INTO events (site_id, conversation_id, seq, kind, body, at) SELECT $1, $2, last_seq, 'message', $3::json, now() FROM k`, v.key.Site, v.key.ID, body)
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestSearch_ShowsWhereTheWordsStandAsText(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "")
	b.says(v, `My <b>kettle</b> & card •••• 1111, said "now"`)
	b.finds("mara", "kettle queue:service is:waiting agent:me", 0)
	got := b.finds("mara", `KETTL queue:Service is:waiting`, 1)
	if got.Results[0].Case.ID != v.id() || got.Results[0].Case.Reference == "" {
		t.Errorf("%+v", got)
	}
	text := ""
	for _, p := range got.Results[0].Extracts[0].Pieces {
		if p.Hit {
			text += "[" + p.Text + "]"
		} else {
			text += p.Text
		}
	}
	if text != `My <b>[kettle]</b> & card •••• 1111, said "now"` || got.Results[0].Extracts[0].By != "customer" || got.Results[0].Extracts[0].Seq == 0 {
		t.Errorf("%q of %+v", text, got.Results[0].Extracts)
	}
	b.finds("mara", "1111", 1)
	b.finds("mara", "4111111111111111", 0)
}

// Whoever asks with a hand-made request finds what they may read and no more:
// by words, by filters, by reference, by count, on a later page.
func TestSearch_IsBoundToTheQueuesOfWhoAsks(t *testing.T) {
	t.Parallel()
	b := start(t)
	theirs := b.visit("sales", "")
	b.says(theirs, "sesame secret")
	mine := b.visit("service", "")
	b.says(mine, "sesame mine")
	b.finds("lea", "sesame", 2)
	for _, q := range []string{"secret", "sesame secret", "ref:" + theirs.opened.Case.Reference, "is:open secret", "after:2020-01-01 secret"} {
		if a := b.search("mara", q, ""); a.status != 200 || strings.Contains(a.body, theirs.id()) || strings.Contains(a.body, "secret") {
			t.Errorf("%q: %d %s", q, a.status, a.body)
		}
	}
	for _, q := range []string{"queue:sales", "queue:sales secret", "queue:nowhere"} {
		if a := b.search("mara", q, ""); a.status != 400 || strings.Contains(a.body, theirs.id()) {
			t.Errorf("%q: %d %s", q, a.status, a.body)
		}
	}
	var page searched
	b.search("lea", "sesame", "&limit=1").into(t, &page)
	if a := b.search("mara", "sesame", "&limit=1&after="+page.Next); strings.Contains(a.body, theirs.id()) {
		t.Errorf("on a page of another's: %s", a.body)
	}
	b.finds("rita", "sesame", 2) // reads all, changes nothing
	b.finds("omar", "sesame", 1)
}

func TestSearch_RefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	b := start(t)
	for q, want := range map[string]string{"": "Say what to look for", "is:asleep": "is: has to be", "before:soon": "before:", strings.Repeat("x ", 300): "500", "()'\\:*&|!": "Say what to look for", "agent:nobody": "nobody"} {
		if a := b.search("mara", q, ""); a.status != 400 || !strings.Contains(a.body, want) || !strings.Contains(a.body, `"search"`) {
			t.Errorf("%q: %d %s", q, a.status, a.body)
		}
	}
	for _, more := range []string{"&after=x", "&limit=101", "&limit=-1"} {
		if a := b.search("mara", "kettle", more); a.status != 400 {
			t.Errorf("%s: %d %s", more, a.status, a.body)
		}
	}
	for _, q := range []string{"' OR 1=1 --", "a'b", `a\b`, "x & !y", "<->", "\u202eabc", "1:refund", "#note x"} {
		if a := b.search("mara", q, ""); a.status != 200 && !strings.Contains(a.body, "Say what") {
			t.Errorf("%q: %d %s", q, a.status, a.body)
		}
	}
}

type viewList struct {
	Views []struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Query  string `json:"query"`
		Shared bool   `json:"shared"`
		Count  int    `json:"count"`
		Broken string `json:"broken"`
	} `json:"views"`
	ID string `json:"id"`
}

func TestViews_CountWhatTheirReaderMaySee(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.visit("sales", "")
	b.visit("service", "")
	var made viewList
	b.do("lea", "PUT", "/views/new", map[string]any{"name": "What is open", "query": "is:open", "shared": true}).into(t, &made)
	b.do("lea", "PUT", "/views/new", map[string]any{"name": "Sales", "query": "queue:sales", "shared": true, "place": 1}).into(t, &made)
	if len(made.Views) != 2 || made.Views[0].Count != 2 || made.Views[1].Count != 1 {
		t.Errorf("%+v", made)
	}
	var seen viewList
	b.do("mara", "GET", "/views", nil).into(t, &seen)
	if len(seen.Views) != 2 || seen.Views[0].Count != 1 || seen.Views[1].Broken == "" || seen.Views[1].Count != 0 {
		t.Errorf("%+v", seen)
	}
}

func TestViews_WhoMayDoWhat(t *testing.T) {
	t.Parallel()
	b := start(t)
	own := map[string]any{"name": "Mine", "query": "agent:me"}
	all := map[string]any{"name": "All", "query": "is:open", "shared": true}
	var hers, shared viewList
	b.do("mara", "PUT", "/views/new", own).into(t, &hers)
	b.do("lea", "PUT", "/views/new", all).into(t, &shared)
	for _, c := range []struct {
		as, method, path string
		body             any
		want             int
	}{
		{"mara", "PUT", "/views/new", all, 403},
		{"mara", "PUT", "/views/" + shared.ID, own, 404},
		{"mara", "DELETE", "/views/" + shared.ID, nil, 404},
		{"omar", "PUT", "/views/" + hers.ID, own, 404},
		{"lea", "DELETE", "/views/" + hers.ID, nil, 404},
		{"mara", "PUT", "/views/order", map[string]any{"ids": []string{shared.ID}, "shared": true}, 403},
		{"mara", "PUT", "/views/order", map[string]any{"ids": []string{hers.ID}}, 204},
		{"rita", "PUT", "/views/new", own, 200},
		{"mara", "PUT", "/views/new", map[string]any{"name": " ", "query": "x"}, 400},
		{"mara", "PUT", "/views/new", map[string]any{"name": "x", "query": ""}, 400},
		{"mara", "PUT", "/views/new", map[string]any{"name": "x", "query": "is:nothing"}, 400},
		{"mara", "PUT", "/views/new", map[string]any{"name": strings.Repeat("x", 61), "query": "x"}, 400},
		{"mara", "PUT", "/views/not-an-id", own, 400},
		{"mara", "DELETE", "/views/" + hers.ID, nil, 204},
		{"mara", "DELETE", "/views/" + hers.ID, nil, 404},
		{"mara", "PUT", "/views/" + hers.ID, own, 200}, // the undo
		{"nobody", "GET", "/views", nil, 401},
		{"nobody", "GET", "/search?q=x", nil, 401},
	} {
		if a := b.do(c.as, c.method, c.path, c.body); a.status != c.want {
			t.Errorf("%s %s %s: %d %s", c.as, c.method, c.path, a.status, a.body)
		}
	}
	for i := range 29 {
		if a := b.do("mara", "PUT", "/views/new", map[string]any{"name": fmt.Sprint(i), "query": "x"}); a.status != 200 {
			t.Fatalf("%d: %d %s", i, a.status, a.body)
		}
	}
	if a := b.do("mara", "PUT", "/views/new", own); a.status != 409 || !strings.Contains(a.body, "many_views") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The agent of a queue that was taken away finds nothing of it at once.
func TestSearch_GoesWithTheRights(t *testing.T) {
	t.Parallel()
	b := start(t)
	v := b.visit("service", "")
	b.says(v, "sesame")
	b.finds("mara", "sesame", 1)
	mara := b.who["mara"]
	mara.Queues = []string{"support"}
	b.who["mara"] = mara
	b.finds("mara", "sesame", 0)
}
