package pgdesk

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/bot/pgconvo"
	"frontdesk/handoff"
	"frontdesk/internal/fault"
	"frontdesk/internal/pgtest"
)

// published remembers what the watchers were told.
type published struct {
	mu     sync.Mutex
	events []convo.Event
}

func (p *published) Publish(_ convo.Key, events []convo.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, events...)
}

type bundle struct {
	pool  *pgxpool.Pool
	convs *pgconvo.Store
	desk  *Desk
	told  *published
	site  int32
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: pgtest.New(t), told: &published{}}
	var err error
	if b.convs, err = pgconvo.New(b.pool); err != nil {
		t.Fatal(err)
	}
	b.desk = b.with(t, b.convs)
	b.site = b.addSite(t, "shop")
	return b
}

func (b *bundle) with(t *testing.T, c Conversations) *Desk {
	t.Helper()
	texts, err := handoff.LoadTexts()
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(b.pool, c, b.told, texts, time.Now, bot.NewID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (b *bundle) addSite(t *testing.T, name string) (id int32) {
	t.Helper()
	if err := b.pool.QueryRow(t.Context(), `INSERT INTO sites (name) VALUES ($1) RETURNING site_id`, name).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bundle) conversation(t *testing.T, site int32) (convo.Key, convo.ID) {
	t.Helper()
	key, visitor := convo.Key{Site: site, ID: bot.NewID()}, bot.NewID()
	if _, err := b.convs.Open(t.Context(), bot.Opening{Site: site, Conversation: key.ID, Visitor: visitor, Language: "de", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return key, visitor
}

func (b *bundle) count(t *testing.T, sql string) (n int) {
	t.Helper()
	if err := b.pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOpen_TheWordsComeWithTheCase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key, visitor := b.conversation(t, b.site)
	o, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Queue: "main", Reason: handoff.Asked, Note: "help"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Position != 1 || o.Repeat || o.Case.State != handoff.Waiting || len(o.Events) != 3 {
		t.Errorf("got %+v", o)
	}
	if words := string(o.Events[2].Body); !strings.Contains(words, o.Case.Reference) || !strings.Contains(words, "Menschen") {
		t.Errorf("not in the conversation's language: %s", words)
	}
	stored, err := b.convs.Events(t.Context(), key, 0, 10)
	if err != nil || len(stored) != 3 || len(b.told.events) != 3 {
		t.Errorf("%v: %d stored, %d told", err, len(stored), len(b.told.events))
	}
	again, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Queue: "main", Reason: handoff.Angry})
	if err != nil || !again.Repeat || again.Case.ID != o.Case.ID || len(b.told.events) != 3 {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// broken fails when the words are to be written.
type broken struct{ *pgconvo.Store }

func (broken) Append(batch *pgx.Batch, _ convo.Key, _ convo.State, _ convo.Append) ([]convo.Event, error) {
	batch.Queue("SELECT 1 / 0")
	return nil, nil
}

func TestOpen_NoCaseWithoutTheWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key, visitor := b.conversation(t, b.site)
	if _, err := b.with(t, broken{b.convs}).Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Queue: "main", Reason: handoff.Asked}); err == nil {
		t.Fatal("no error")
	}
	if n := b.count(t, `SELECT count(*) FROM cases`); n != 0 || len(b.told.events) != 0 {
		t.Errorf("%d cases, %d events told", n, len(b.told.events))
	}
	if st, err := b.convs.Conversation(t.Context(), key, visitor); err != nil || st.Owner != convo.OwnerBot || st.Version != 1 {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestOpen_RefusesWhatIsNotTheCallers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key, _ := b.conversation(t, b.site)
	for name, r := range map[string]handoff.Request{
		"another visitor": {Key: key, Visitor: bot.NewID()},
		"another site":    {Key: convo.Key{Site: b.addSite(t, "other"), ID: key.ID}},
		"nowhere":         {Key: convo.Key{Site: b.site, ID: bot.NewID()}},
	} {
		if _, err := b.desk.Open(t.Context(), r); !errors.Is(err, handoff.ErrNoConversation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Turn: bot.NewID(), Fence: 1, Queue: "main", Reason: handoff.Asked}); !errors.Is(err, handoff.ErrFenced) || !errors.Is(err, bot.ErrFenced) {
		t.Errorf("a turn that is not open: %v", err)
	}
}

func TestOpen_ManyAtOnceStandInLine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const people = 12
	refs, places := map[string]bool{}, map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range people {
		key, visitor := b.conversation(t, b.site)
		for range 2 { // each presses twice
			wg.Go(func() {
				o, err := b.desk.Open(context.Background(), handoff.Request{Key: key, Visitor: visitor, Queue: "main", Reason: handoff.Asked})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				refs[o.Case.Reference] = true
				places[o.Position]++
			})
		}
	}
	wg.Wait()
	if len(refs) != people || b.count(t, `SELECT count(*) FROM cases`) != people {
		t.Errorf("%d references", len(refs))
	}
	other := b.addSite(t, "other")
	key, visitor := b.conversation(t, other)
	if o, err := b.desk.Open(t.Context(), handoff.Request{Key: key, Visitor: visitor, Queue: "main", Reason: handoff.Asked}); err != nil || o.Position != 1 {
		t.Errorf("another site's line: %+v, %v", o, err)
	}
	list, err := b.desk.Waiting(t.Context(), "shop", 100)
	if err != nil || len(list) != people {
		t.Fatalf("%d wait, %v", len(list), err)
	}
	for i := 1; i < len(list); i++ {
		if list[i].OpenedAt.Before(list[i-1].OpenedAt) {
			t.Error("not longest first")
		}
	}
	if all, err := b.desk.Waiting(t.Context(), "", 100); err != nil || len(all) != people+1 {
		t.Errorf("%d of all sites wait, %v", len(all), err)
	}
}

func TestOpen_WithoutADatabaseSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key, _ := b.conversation(t, b.site)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.desk.Open(ctx, handoff.Request{Key: key})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Unavailable || f.RetryAfter == 0 {
		t.Errorf("got %v", err)
	}
}
