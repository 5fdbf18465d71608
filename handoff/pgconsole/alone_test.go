package pgconsole_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

// talk begins a conversation with the assistant, at the database's time.
func (b *bench) talk(t *testing.T, site int32, texts ...string) convo.Key {
	t.Helper()
	key := convo.Key{Site: site, ID: bot.NewID()}
	b.now = b.now.Add(time.Minute)
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: site, Conversation: key.ID, Visitor: bot.NewID(), At: b.now}); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		b.tell(t, key, convo.Message{Author: convo.Customer, Text: text})
	}
	return key
}

// tell appends a message as a turn does.
func (b *bench) tell(t *testing.T, key convo.Key, m convo.Message) {
	t.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, `
WITH k AS (UPDATE conversations SET last_seq = last_seq + 1, last_at = now() WHERE site_id = $1 AND conversation_id = $2 RETURNING last_seq)
INSERT INTO events (site_id, conversation_id, seq, kind, body, at) SELECT $1, $2, last_seq, 'message', $3::json, now() FROM k`, key.Site, key.ID, body)
}

// indexAll reads all that was said, without waiting until it is due.
func (b *bench) indexAll(t *testing.T) {
	t.Helper()
	if err := b.store.Hasten(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.index(t)
}

// findsAlone holds what a search finds of both kinds against what it should.
func (b *bench) findsAlone(t *testing.T, what string, a handoff.Actor, s console.Search, cases []convo.ID, alone ...convo.Key) {
	t.Helper()
	s.Now, s.Limit = b.now, 100
	found, err := b.store.Search(t.Context(), a, s)
	if err != nil {
		t.Fatal(err)
	}
	var ids []convo.ID
	for _, k := range alone {
		ids = append(ids, k.ID)
	}
	if !slices.Equal(found.Cases, cases) || !slices.Equal(found.Alone, ids) {
		t.Errorf("%s: cases %v, not %v; conversations %v, not %v", what, found.Cases, cases, found.Alone, ids)
	}
	if n, err := b.store.SearchCount(t.Context(), a, s, 1000); err != nil || n != len(cases)+len(alone) {
		t.Errorf("%s: %d are counted: %v", what, n, err)
	}
}

func sesame() console.Search {
	return console.Search{Words: []console.SearchWord{word("sesame")}}
}

func TestSearch_FindsWhatTheAssistantHandledAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	b.say(t, c, convo.Customer, "sesame")
	asked := b.talk(t, mara.Site, "Where is my sesame?")
	answered := b.talk(t, mara.Site, "Wo ist mein Paket?")
	b.tell(t, answered, convo.Message{Author: convo.Bot, Text: "Sesame is sent within two days", Files: nil})
	greeted := convo.Key{Site: mara.Site, ID: bot.NewID()}
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: mara.Site, Conversation: greeted.ID, Visitor: bot.NewID(), At: b.now}); err != nil {
		t.Fatal(err)
	}
	b.tell(t, greeted, convo.Message{Author: convo.Bot, Text: "sesame? We say hello to everybody"})
	b.exec(t, `UPDATE conversations SET language = 'de-AT' WHERE conversation_id = $1`, answered.ID)
	between := b.now.Add(-30 * time.Second)
	elsewhere, _ := b.site(t, "elsewhere")
	b.talk(t, elsewhere.Site, "sesame of another shop")
	b.indexAll(t)

	cases := []convo.ID{c.ID}
	b.findsAlone(t, "the customer's words and the assistant's", mara, sesame(), cases, answered, asked)
	s := sesame()
	s.Only = "assistant"
	b.findsAlone(t, "without a case only", mara, s, nil, answered, asked)
	s.Only = "case"
	b.findsAlone(t, "with a case only", mara, s, cases)
	s = sesame()
	s.Languages = []string{"de"}
	b.findsAlone(t, "in a language", mara, s, nil, answered)
	s.Languages = []string{"fr", "de"}
	b.findsAlone(t, "in one of two", mara, s, nil, answered)
	s.Languages = []string{"d'e", "d|e"}
	b.findsAlone(t, "in what is no language", mara, s, nil)
	b.findsAlone(t, "no words", mara, console.Search{Only: "assistant"}, nil, answered, asked)
	b.findsAlone(t, "before", mara, console.Search{Only: "assistant", Before: between}, nil, asked)
	b.findsAlone(t, "after", mara, console.Search{Only: "assistant", After: between}, nil, answered)
	for name, only := range map[string]console.Search{
		"state": {State: "open"}, "queue": {Queues: []string{"service"}}, "reference": {Reference: c.Reference[:4]}, "has note": {Has: []string{"note"}},
		"agent": {Agents: []convo.ID{mara.Agent}}, "topic": {Topics: []string{"refunds"}}, "reason": {Reasons: []string{"asked"}},
	} {
		only.Limit, only.Now = 100, b.now
		if found, err := b.store.Search(t.Context(), mara, only); err != nil || len(found.Alone) != 0 {
			t.Errorf("%s: only a case has one, and %v is found: %v", name, found.Alone, err)
		}
	}
	b.findsAlone(t, "with a rating", mara, console.Search{Only: "assistant", Has: []string{"rating"}}, nil)
	b.exec(t, `INSERT INTO feedback (site_id, conversation_id, message_id, helpful, at) VALUES ($1, $2, $3, false, now())`, mara.Site, asked.ID, bot.NewID())
	b.findsAlone(t, "with a rating by now", mara, console.Search{Only: "assistant", Has: []string{"rating"}}, nil, asked)
	list, err := b.store.Alone(t.Context(), mara.Site, []convo.ID{asked.ID})
	if err != nil || len(list) != 1 || list[0].First != "Where is my sesame?" || list[0].Messages != 1 || list[0].Helpful == nil || *list[0].Helpful {
		t.Errorf("%+v, %v", list, err)
	}
}

// A conversation of nobody's queue is not theirs either who work in some queues.
func TestSearch_WhoWorksInSomeQueuesFindsNoneWithoutACase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	alone := b.talk(t, mara.Site, "sesame")
	b.indexAll(t)
	for _, c := range []struct {
		name   string
		role   handoff.Role
		queues []string
		finds  bool
	}{
		{"an agent of all queues", handoff.RoleAgent, nil, true},
		{"an agent of one", handoff.RoleAgent, []string{"service"}, false},
		{"an agent of none", handoff.RoleAgent, []string{}, false},
		{"who looks on everywhere", handoff.RoleReadOnly, nil, true},
		{"who looks on in one", handoff.RoleReadOnly, []string{"sales"}, false},
		{"a lead of one", handoff.RoleLead, []string{"service"}, true},
		{"an admin", handoff.RoleAdmin, nil, true},
		{"the terminal", handoff.RoleSystem, nil, true},
		{"nobody", "", nil, false},
	} {
		a := mara
		a.Role, a.Queues = c.role, c.queues
		var want []convo.Key
		if c.finds {
			want = append(want, alone)
		}
		b.findsAlone(t, c.name, a, sesame(), nil, want...)
	}
}

func TestSearch_PagesOfBothKindsGiveEachOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	var want []convo.ID
	for i := range 13 {
		if i%3 == 0 {
			want = append(want, b.open(t, mara.Site, "service", fmt.Sprintf("sesame %d", i)).ID)
		} else {
			want = append(want, b.talk(t, mara.Site, fmt.Sprintf("sesame %d", i)).ID)
		}
	}
	b.exec(t, `UPDATE cases SET opened_at = k.created_at FROM conversations k WHERE k.conversation_id = cases.conversation_id`)
	slices.Reverse(want)
	b.indexAll(t)
	ask := sesame()
	ask.Limit = 4
	k := console.Seeker{Desk: b.desk, Store: b.store, Now: func() time.Time { return b.now }}
	var got []convo.ID
	for {
		hits, next, err := k.Find(t.Context(), mara, ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			if len(h.Extracts) == 0 {
				t.Errorf("%+v says not where", h)
			}
			if h.Alone != nil {
				got = append(got, h.Alone.ID)
			} else {
				got = append(got, h.ID)
			}
		}
		if ask.Page = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v\n%v", got, want)
	}
}

// What a person gets is found as a case from that moment on, and once.
func TestSearch_AConversationThatBecomesACaseIsFoundAsOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	key := b.talk(t, mara.Site, "sesame")
	b.indexAll(t)
	b.findsAlone(t, "at first", mara, sesame(), nil, key)
	v, err := b.store.Visitor(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	o, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: v.ID, Reason: handoff.Asked})
	if err != nil {
		t.Fatal(err)
	}
	b.findsAlone(t, "at once", mara, console.Search{Only: "assistant"}, nil)
	list, err := b.store.Alone(t.Context(), mara.Site, []convo.ID{key.ID})
	if err != nil || len(list) != 1 || list[0].Case != o.Case.ID {
		t.Errorf("%+v, %v", list, err)
	}
	b.indexAll(t)
	b.findsAlone(t, "as a case", mara, sesame(), []convo.ID{o.Case.ID})
	b.exec(t, `UPDATE conversation_words_due SET due_at = now()`)
	b.index(t)
	var left int
	if err := b.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM conversation_words) + (SELECT count(*) FROM conversation_words_due)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows of it are left: %v", left, err)
	}
}

// A conversation that has been quiet leaves the list, and what is said in it
// after a pause is found all the same.
func TestIndexWords_AQuietConversationLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	b.indexAll(t) // the case's
	key := b.talk(t, mara.Site, "sesame")
	rows := func() (n int) {
		t.Helper()
		if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM conversation_words_due`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	var waited time.Duration
	for round := 0; rows() > 0; round++ {
		if round == 20 {
			t.Fatal("it never leaves")
		}
		var pause time.Duration
		b.exec(t, `UPDATE conversation_words_due SET due_at = now()`)
		if n, err := b.store.IndexWords(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d rows are taken: %v", n, err)
		}
		if rows() > 0 {
			if err := b.pool.QueryRow(t.Context(), `SELECT due_at - now() FROM conversation_words_due`).Scan(&pause); err != nil {
				t.Fatal(err)
			}
			waited += pause
		}
	}
	if waited < 30*time.Minute {
		t.Errorf("it left after %v", waited)
	}
	b.tell(t, key, convo.Message{Author: convo.Bot, Text: "an answer"})
	if rows() != 0 {
		t.Error("an answer within the pause makes a row: a turn would write one each time")
	}
	b.exec(t, `UPDATE conversations SET last_at = now() - interval '11 minutes' WHERE conversation_id = $1`, key.ID)
	b.tell(t, key, convo.Message{Author: convo.Customer, Text: "poppy"})
	b.indexAll(t)
	b.findsAlone(t, "after a pause", mara, console.Search{Words: []console.SearchWord{word("poppy")}}, nil, key)
}

// What is known of the customer only later, or of another one whose the
// conversation becomes, is found, and what was of the one before no more.
func TestIndexWords_GoesWithWhoseAConversationIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	key := b.talk(t, mara.Site, "sesame")
	b.indexAll(t)
	b.exec(t, `UPDATE visitors v SET name = 'Ænna' FROM conversations k WHERE k.conversation_id = $1 AND v.visitor_id = k.visitor_id`, key.ID)
	b.indexAll(t)
	anna := console.Search{Words: []console.SearchWord{word("aenna")}}
	b.findsAlone(t, "named later", mara, anna, nil, key)
	other := bot.NewID()
	b.exec(t, `INSERT INTO visitors (site_id, visitor_id, name, created_at) VALUES ($1, $2, 'Bert', now())`, mara.Site, other)
	b.exec(t, `UPDATE conversations SET visitor_id = $2 WHERE conversation_id = ANY ($1)`, []convo.ID{key.ID, c.Conversation.ID}, other)
	b.indexAll(t)
	b.findsAlone(t, "of another one by now", mara, anna, nil)
	b.findsAlone(t, "theirs", mara, console.Search{Words: []console.SearchWord{word("bert")}}, []convo.ID{c.ID}, key)
}

func TestSearch_ErasingAVisitorReachesConversationsWithoutACase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	key := b.talk(t, mara.Site, "sesame")
	b.indexAll(t)
	b.tell(t, key, convo.Message{Author: convo.Customer, Text: "open, sesame"})
	v, err := b.store.Visitor(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.convs.Erase(t.Context(), mara.Site, v.ID); err != nil {
		t.Fatal(err)
	}
	b.indexAll(t)
	var left int
	if err := b.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM conversation_words) + (SELECT count(*) FROM conversation_words_due)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left: %v", left, err)
	}
}

// Several processes read while customers write and are erased: every word that
// is left is found in the end, and nobody waits for ever.
func TestIndexWords_OfConversationsInSeveralProcesses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	const each = 12
	keys := make([]convo.Key, 8)
	for i := range keys {
		keys[i] = b.talk(t, mara.Site, "sesame")
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				err := b.store.Hasten(t.Context())
				if err == nil {
					_, err = b.store.IndexWords(t.Context())
				}
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i, key := range keys {
		writers.Go(func() {
			for n := range each {
				b.tell(t, key, convo.Message{Author: convo.Customer, Text: fmt.Sprintf("said%dx%d", i, n)})
			}
			if i%2 == 1 {
				v, err := b.store.Visitor(t.Context(), key)
				if err == nil {
					_, err = b.convs.Erase(t.Context(), mara.Site, v.ID)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	b.indexAll(t)
	for i, key := range keys {
		for n := range each {
			ask := console.Search{Words: []console.SearchWord{{Terms: []string{fmt.Sprintf("said%dx%d", i, n)}, Whole: true}}}
			if i%2 == 1 {
				b.findsAlone(t, "erased", mara, ask, nil)
			} else {
				b.findsAlone(t, "said", mara, ask, nil, key)
			}
		}
	}
}
