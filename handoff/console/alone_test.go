package console_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
)

// talk is a conversation that the assistant has alone.
func (b *bench) talk(texts ...string) visit {
	b.t.Helper()
	v := visit{key: convo.Key{Site: b.site, ID: bot.NewID()}, visitor: bot.NewID()}
	if _, err := b.convs.Open(b.t.Context(), bot.Opening{Site: b.site, Conversation: v.key.ID, Visitor: v.visitor, At: time.Now()}); err != nil {
		b.t.Fatal(err)
	}
	for _, text := range texts {
		b.says(v, text)
	}
	return v
}

type foundAlone struct {
	Results []struct {
		Case         *struct{} `json:"case"`
		Conversation *struct {
			ID       string `json:"id"`
			First    string `json:"first"`
			Messages int    `json:"messages"`
		} `json:"conversation"`
		Extracts []struct {
			By string `json:"by"`
		} `json:"extracts"`
	} `json:"results"`
}

func TestSearch_ShowsConversationsWithoutACaseAsSuch(t *testing.T) {
	t.Parallel()
	b := start(t)
	alone := b.talk("sesame, please", "card •••• 1111")
	b.says(b.visit("service", ""), "sesame of a case")
	b.finds("lea", "sesame", 2)
	var got foundAlone
	b.search("lea", "sesame 1111", "").into(t, &got)
	if len(got.Results) != 1 || got.Results[0].Case != nil || got.Results[0].Conversation == nil || got.Results[0].Conversation.ID != alone.key.ID.String() ||
		got.Results[0].Conversation.First != "sesame, please" || got.Results[0].Conversation.Messages < 2 || len(got.Results[0].Extracts) == 0 || got.Results[0].Extracts[0].By != "customer" {
		t.Errorf("%+v", got)
	}
	for q, want := range map[string]int{"is:assistant": 1, "is:case": 1, "sesame is:assistant": 1, "is:assistant has:note": 0, "sesame is:open is:assistant": 0, "is:assistant after:2020-01-01 before:2199-01-01": 1} {
		b.finds("lea", q, want)
		b.finds("rita", q, want) // looks on everywhere
	}
	for _, q := range []string{"is:assistant", "please", "1111"} { // works in some queues
		b.finds("mara", q, 0)
	}
	b.finds("mara", "sesame", 1)
	var kept viewList
	b.do("lea", "PUT", "/views/new", map[string]any{"name": "The assistant's", "query": "is:assistant", "shared": true}).into(t, &kept)
	if len(kept.Views) != 1 || kept.Views[0].Count != 1 {
		t.Errorf("%+v", kept)
	}
	b.do("mara", "GET", "/views", nil).into(t, &kept)
	if len(kept.Views) != 1 || kept.Views[0].Count != 0 {
		t.Errorf("of an agent of some queues: %+v", kept)
	}
}

func TestConversation_WithoutACaseIsReadByWhomNoQueueBounds(t *testing.T) {
	t.Parallel()
	b := start(t)
	alone := b.talk("sesame, please")
	for range 70 {
		b.says(alone, "and more")
	}
	mine := b.visit("service", "")
	empty := b.talk()
	path := func(v visit, more string) string { return "/conversations/" + v.key.ID.String() + more }
	for _, c := range []struct {
		as, path string
		want     int
	}{
		{"lea", path(alone, ""), 200},
		{"rita", path(alone, ""), 200},
		{"mara", path(alone, ""), 404},
		{"omar", path(alone, ""), 404},
		{"nobody", path(alone, ""), 401},
		{"lea", path(alone, "/messages?before=10"), 200},
		{"mara", path(alone, "/messages"), 404},
		{"lea", path(alone, "/messages?limit=x"), 400},
		{"lea", path(alone, "/files/"+bot.NewID().String()), 404},
		{"mara", path(alone, "/files/"+bot.NewID().String()), 404},
		{"lea", path(empty, ""), 404},
		{"lea", path(mine, "/messages"), 404}, // read as its case
		{"lea", "/conversations/" + bot.NewID().String(), 404},
		{"lea", "/conversations/x", 404},
	} {
		if a := b.do(c.as, "GET", c.path, nil); a.status != c.want || c.want != 200 && strings.Contains(a.body, "sesame") {
			t.Errorf("%s %s: %d %s", c.as, c.path, a.status, a.body)
		}
	}
	type page struct {
		Conversation struct {
			First string `json:"first"`
			Case  string `json:"case"`
		} `json:"conversation"`
		Messages struct {
			Lines []struct {
				Seq  int64           `json:"seq"`
				Body json.RawMessage `json:"body"`
			} `json:"lines"`
			More bool `json:"more"`
		} `json:"messages"`
	}
	var got page
	b.do("lea", "GET", path(alone, ""), nil).into(t, &got)
	if got.Conversation.First != "sesame, please" || !got.Messages.More || len(got.Messages.Lines) == 0 {
		t.Errorf("%+v", got.Conversation)
	}
	// What has become a case is opened as one, where that may be read.
	got = page{}
	b.do("lea", "GET", path(mine, ""), nil).into(t, &got)
	if got.Conversation.Case != mine.id() || len(got.Messages.Lines) != 0 || got.Conversation.First != "" {
		t.Errorf("%+v", got)
	}
	if a := b.do("mara", "GET", path(mine, ""), nil); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
	// A conversation of another site is not there.
	b.exec(`INSERT INTO sites (name) VALUES ('elsewhere')`)
	b.exec(`INSERT INTO visitors (site_id, visitor_id, created_at) SELECT site_id, $1, now() FROM sites WHERE name = 'elsewhere'`, alone.visitor)
	b.exec(`INSERT INTO conversations (site_id, conversation_id, visitor_id, created_at, last_at) SELECT site_id, $2, $1, now(), now() FROM sites WHERE name = 'elsewhere'`, alone.visitor, mine.opened.Case.ID)
	if a := b.do("lea", "GET", "/conversations/"+mine.id(), nil); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
