package pgconsole_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"frontdesk/bot"
	"frontdesk/bot/convo"
	"frontdesk/handoff"
	"frontdesk/handoff/console"
)

func (b *bench) colleague(t *testing.T, like handoff.Actor, name string, role handoff.Role) handoff.Actor {
	t.Helper()
	g, err := b.desk.AddAgent(t.Context(), handoff.System(like.Site, "test"), handoff.Agent{Email: name + "@shop.example", Name: name, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return handoff.Actor{Site: like.Site, Agent: g.ID, Name: name, Role: role}
}

func TestViews_AreOnesOwnOrEverybodys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	lea := b.colleague(t, mara, "lea", handoff.RoleLead)
	elsewhere, _ := b.site(t, "elsewhere")
	put := func(a handoff.Actor, v console.SavedView) (convo.ID, error) {
		v.At, v.By = b.now, a.Name
		if v.ID == (convo.ID{}) {
			v.ID = bot.NewID()
		}
		_, err := b.store.PutView(t.Context(), a, v, 30)
		return v.ID, err
	}
	must := func(id convo.ID, err error) convo.ID {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	names := func(a handoff.Actor) (out []string) {
		t.Helper()
		list, err := b.store.Views(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			out = append(out, v.Name)
		}
		return out
	}
	one := must(put(mara, console.SavedView{Name: "one", Query: "is:open"}))
	two := must(put(mara, console.SavedView{Name: "two", Query: "is:late", Place: 1}))
	all := must(put(lea, console.SavedView{Name: "all", Query: "refund", Shared: true}))
	if got := names(mara); !slices.Equal(got, []string{"one", "two", "all"}) {
		t.Errorf("mara: %v", got)
	}
	if got := names(lea); !slices.Equal(got, []string{"all"}) {
		t.Errorf("lea: %v", got)
	}
	if got := names(elsewhere); got != nil {
		t.Errorf("elsewhere: %v", got)
	}
	if err := b.store.OrderViews(t.Context(), mara, []convo.ID{two, one, all}, false); err != nil {
		t.Fatal(err)
	}
	if got := names(mara); !slices.Equal(got, []string{"two", "one", "all"}) {
		t.Errorf("in another order: %v", got)
	}
	for what, err := range map[string]error{
		"a colleague's is changed": func() error { _, err := put(lea, console.SavedView{ID: one, Name: "x", Query: "x"}); return err }(),
		"a shared one is changed":  func() error { _, err := put(mara, console.SavedView{ID: all, Name: "x", Query: "x"}); return err }(),
		"a colleague's is removed": b.store.RemoveView(t.Context(), lea, one, true),
		"a shared one is removed":  b.store.RemoveView(t.Context(), mara, all, false),
	} {
		if !errors.Is(err, console.ErrNoView) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := b.store.RemoveView(t.Context(), mara, one, false); err != nil {
		t.Fatal(err)
	}
	must(put(mara, console.SavedView{ID: one, Name: "one", Query: "is:open", Place: 9})) // the undo
	if got := names(mara); !slices.Equal(got, []string{"two", "one", "all"}) {
		t.Errorf("after the undo: %v", got)
	}
}

func TestViews_ManyAtOnceKeepTheLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mara, _ := b.site(t, "shop")
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if _, err := b.store.PutView(t.Context(), mara, console.SavedView{ID: bot.NewID(), Name: "x", Query: "x", At: b.now}, 5); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if list, err := b.store.Views(t.Context(), mara); err != nil || len(list) != 5 {
		t.Errorf("%d, %v", len(list), err)
	}
}
