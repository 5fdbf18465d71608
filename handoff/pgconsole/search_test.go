package pgconsole_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

func word(terms ...string) console.SearchWord { return console.SearchWord{Terms: terms} }

// say appends a message to a case's conversation.
func (b *bench) say(t *testing.T, c handoff.Case, author convo.Author, text string) {
	t.Helper()
	b.exec(t, `
WITH k AS (UPDATE conversations SET last_seq = last_seq + 1 WHERE site_id = $1 AND conversation_id = $2 RETURNING last_seq)
INSERT INTO events (site_id, conversation_id, seq, kind, body, at)
SELECT $1, $2, last_seq, 'message', json_build_object('author', $3::text, 'text', $4::text), $5 FROM k`,
		c.Conversation.Site, c.Conversation.ID, string(author), text, b.now)
}

func (b *bench) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// open makes one more case of a site, in a queue.
func (b *bench) open(t *testing.T, site int32, queue, text string) handoff.Case {
	t.Helper()
	key, visitor := convo.Key{Site: site, ID: bot.NewID()}, bot.NewID()
	b.now = b.now.Add(time.Minute)
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: site, Conversation: key.ID, Visitor: visitor, At: b.now}); err != nil {
		t.Fatal(err)
	}
	o, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Reason: handoff.Asked, Queue: queue})
	if err != nil {
		t.Fatal(err)
	}
	b.say(t, o.Case, convo.Customer, text)
	return o.Case
}

func (b *bench) index(t *testing.T) {
	t.Helper()
	for {
		n, err := b.store.IndexWords(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (b *bench) find(t *testing.T, a handoff.Actor, s console.Search) []convo.ID {
	t.Helper()
	s.Now = b.now
	if s.Limit == 0 {
		s.Limit = 100
	}
	found, err := b.store.Search(t.Context(), a, s)
	if err != nil {
		t.Fatal(err)
	}
	n, err := b.store.SearchCount(t.Context(), a, s, 1000)
	if err != nil || s.Page == "" && found.Next == "" && n != len(found.Cases) {
		t.Fatalf("%d are counted, %d found: %v", n, len(found.Cases), err)
	}
	return found.Cases
}

func (b *bench) wants(t *testing.T, what string, a handoff.Actor, s console.Search, want ...handoff.Case) {
	t.Helper()
	var ids []convo.ID
	for _, c := range want {
		ids = append(ids, c.ID)
	}
	if got := b.find(t, a, s); !slices.Equal(got, ids) {
		t.Errorf("%s: %v, not %v", what, got, ids)
	}
}

func TestSearch_FindsWhatEverybodySaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, first := b.site(t, "shop")
	second := b.open(t, mara.Site, "service", "My kettle (KW-204417) leaks, 退货政策是什么?")
	b.say(t, first, convo.Bot, "Unser Rückgaberecht: 30 Tage")
	b.say(t, first, convo.Agent, "I send you a label for the kettle today")
	if _, err := b.desk.Note(t.Context(), mara, handoff.Target{Case: first.ID}, "rude on the telephone", nil); err != nil {
		t.Fatal(err)
	}
	b.exec(t, `UPDATE visitors v SET name = 'Ænna Müller' FROM conversations k WHERE k.site_id = $1 AND k.conversation_id = $2 AND v.site_id = k.site_id AND v.visitor_id = k.visitor_id`, mara.Site, second.Conversation.ID)
	b.index(t)
	words := func(w ...console.SearchWord) console.Search { return console.Search{Words: w} }
	b.wants(t, "both, the newest first", mara, words(word("kettle")), second, first)
	b.wants(t, "the beginning of a word", mara, words(word("ruckgab")), first)
	b.wants(t, "words of several messages", mara, words(word("30"), word("label")), first)
	b.wants(t, "side by side", mara, words(word("kw", "2044")), second)
	b.wants(t, "not side by side", mara, words(word("kw", "leaks")))
	b.wants(t, "no spaces between words", mara, words(console.SearchWord{Terms: []string{"退货", "货政"}, Whole: true}), second)
	b.wants(t, "a note", mara, words(word("telephone")), first)
	b.wants(t, "cases with a note", mara, console.Search{Has: []string{"note"}}, first)
	b.wants(t, "a customer's name", mara, words(word("muller")), second)
	b.wants(t, "the reference", mara, console.Search{Reference: strings.ReplaceAll(second.Reference, "-", "")[:5]}, second)
	b.wants(t, "nothing", mara, words(word("dishwasher")))
}

func TestSearch_Filters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, old := b.site(t, "shop")
	sold := b.open(t, mara.Site, "sales", "a kettle")
	b.exec(t, `UPDATE cases SET topic = 'Refunds', product = 'K2', language = 'de-AT', desk = 'support', reason = 'angry' WHERE site_id = $1 AND case_id = $2`, mara.Site, sold.ID)
	if _, err := b.desk.Claim(t.Context(), mara, handoff.Target{Case: old.ID}); err != nil {
		t.Fatal(err)
	}
	b.index(t)
	for name, c := range map[string]struct {
		s    console.Search
		want []handoff.Case
	}{
		"queue":     {console.Search{Queues: []string{"sales"}}, []handoff.Case{sold}},
		"topic":     {console.Search{Topics: []string{"refunds"}}, []handoff.Case{sold}},
		"product":   {console.Search{Products: []string{"k2"}}, []handoff.Case{sold}},
		"language":  {console.Search{Languages: []string{"de"}}, []handoff.Case{sold}},
		"desk":      {console.Search{Desks: []string{"support"}}, []handoff.Case{sold}},
		"reason":    {console.Search{Reasons: []string{"angry"}}, []handoff.Case{sold}},
		"agent":     {console.Search{Agents: []convo.ID{mara.Agent}}, []handoff.Case{old}},
		"claimed":   {console.Search{State: "claimed"}, []handoff.Case{old}},
		"waiting":   {console.Search{State: "waiting"}, []handoff.Case{sold}},
		"open":      {console.Search{State: "open"}, []handoff.Case{sold, old}},
		"closed":    {console.Search{State: "closed"}, nil},
		"before":    {console.Search{Before: sold.OpenedAt}, []handoff.Case{old}},
		"after":     {console.Search{After: sold.OpenedAt}, []handoff.Case{sold}},
		"either of": {console.Search{Queues: []string{"sales", "service"}}, []handoff.Case{sold, old}},
		"no file":   {console.Search{Has: []string{"file"}}, nil},
		"no rating": {console.Search{Has: []string{"rating"}}, nil},
	} {
		b.wants(t, name, mara, c.s, c.want...)
	}
}

// An agent of one queue finds nothing of another's, nor counts it, nor does any
// page of theirs end at it; another site's words are other words.
func TestSearch_AnAgentOfOneQueueNeverFindsAnothers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, mine := b.site(t, "shop")
	b.say(t, mine, convo.Customer, "sesame")
	elsewhere, other := b.site(t, "elsewhere")
	b.say(t, other, convo.Customer, "sesame")
	secret := b.open(t, mara.Site, "sales", "sesame and a secret")
	b.index(t)
	b.wants(t, "somebody of all queues", mara, console.Search{Words: []console.SearchWord{word("sesame")}}, secret, mine)
	b.wants(t, "another site", elsewhere, console.Search{Words: []console.SearchWord{word("sesame")}}, other)
	mara.Queues = []string{"service"}
	b.wants(t, "theirs", mara, console.Search{Words: []console.SearchWord{word("sesame")}}, mine)
	b.wants(t, "by its words", mara, console.Search{Words: []console.SearchWord{word("secret")}})
	b.wants(t, "by its reference", mara, console.Search{Reference: strings.ReplaceAll(secret.Reference, "-", "")})
	b.wants(t, "by its queue", mara, console.Search{Queues: []string{"sales"}})
	if _, err := b.desk.Claim(t.Context(), handoff.Actor{Site: mara.Site, Agent: mara.Agent, Name: "Mara", Role: handoff.RoleAgent}, handoff.Target{Case: secret.ID}); err != nil {
		t.Fatal(err)
	}
	b.wants(t, "their own wherever it stands", mara, console.Search{Words: []console.SearchWord{word("secret")}}, secret)
	mara.Queues = []string{}
	b.wants(t, "of no queue", mara, console.Search{Words: []console.SearchWord{word("sesame")}}, secret)
}

func TestSearch_PagesByKeyGiveEachOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	var want []convo.ID
	for i := range 11 {
		want = append(want, b.open(t, mara.Site, "service", fmt.Sprintf("sesame %d", i)).ID)
	}
	slices.Reverse(want)
	b.index(t)
	var got []convo.ID
	ask := console.Search{Words: []console.SearchWord{word("sesame")}, Limit: 3}
	for {
		found, err := b.store.Search(t.Context(), mara, ask)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, found.Cases...)
		if ask.Page = found.Next; found.Next == "" {
			break
		}
		if len(got) == 3 { // what is opened meanwhile moves nobody
			b.open(t, mara.Site, "service", "sesame later")
			b.index(t)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v\n%v", got, want)
	}
	for _, bad := range []string{"x", "eCB5", "Mjk5OS0wMS0wMVQwMDowMDowMFogeA"} {
		ask.Page = bad
		if _, err := b.store.Search(t.Context(), mara, ask); err == nil {
			t.Errorf("%q is a page", bad)
		}
	}
}

// What is erased is found no more, and is not made again by a reading that was
// due.
func TestSearch_ErasingAVisitorReachesTheWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	b.say(t, c, convo.Customer, "sesame")
	b.index(t)
	b.say(t, c, convo.Customer, "open, sesame")
	v, err := b.store.Visitor(t.Context(), c.Conversation)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.convs.Erase(t.Context(), mara.Site, v.ID); err != nil {
		t.Fatal(err)
	}
	b.index(t)
	var left int
	if err := b.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM case_words) + (SELECT count(*) FROM case_words_due)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left: %v", left, err)
	}
	b.wants(t, "erased", mara, console.Search{Words: []console.SearchWord{word("sesame")}})
}

// Several processes read at once while customers write: in the end every word
// is found.
func TestIndexWords_SeveralProcessesLoseNoWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	const each = 20
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				if _, err := b.store.IndexWords(t.Context()); err != nil {
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
	for w := range 2 {
		writers.Go(func() {
			for i := range each {
				b.say(t, c, convo.Customer, fmt.Sprintf("said%dx%d", w, i))
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	b.index(t)
	for w := range 2 {
		for i := range each {
			b.wants(t, "said", mara, console.Search{Words: []console.SearchWord{{Terms: []string{fmt.Sprintf("said%dx%d", w, i)}, Whole: true}}}, c)
		}
	}
}

func TestSayings_AreWhatTheExtractsAreCutFrom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, c := b.site(t, "shop")
	b.say(t, c, convo.Customer, "<b>sesame</b>")
	if _, err := b.desk.Note(t.Context(), mara, handoff.Target{Case: c.ID}, "poppy", nil); err != nil {
		t.Fatal(err)
	}
	said, err := b.store.Sayings(t.Context(), mara.Site, []convo.ID{c.ID})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range said[c.ID] {
		got = append(got, x.By+" "+x.Text)
	}
	if !slices.Contains(got, "customer <b>sesame</b>") || !slices.Contains(got, "note poppy") {
		t.Errorf("%q", got)
	}
}
