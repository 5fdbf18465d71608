package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/pgtest"
	"frontdesk/triage"
	"frontdesk/triage/pgtriage"
)

func TestDemoPolicy_KnowsTheShopsOrderNumbersAndLeavesAnOwnPolicyAlone(t *testing.T) {
	t.Parallel()
	a := &app{getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	newRootCommand(a)
	a.config.DatabaseURL = pgtest.DSN(t)
	err := a.withStore(t.Context(), func(st *store) error {
		site, _, err := st.AddSite(t.Context(), demoSite)
		if err != nil {
			return err
		}
		settled, err := pgtriage.New(st.pool, time.Now)
		if err != nil {
			return err
		}
		patterns := func() []string {
			if err := demoPolicy(t.Context(), st); err != nil {
				t.Fatal(err)
			}
			s, err := settled.Settled(t.Context(), site.ID)
			if err != nil {
				t.Fatal(err)
			}
			return s.Policy.OrderNumbers
		}
		if got := patterns(); len(got) != 1 || got[0] != demoOrders {
			t.Errorf("got %q", got)
		}
		if err := settled.SetPolicy(t.Context(), site.ID, triage.Policy{OrderNumbers: []string{"X-[0-9]+"}}); err != nil {
			return err
		}
		if got := patterns(); len(got) != 1 || got[0] != "X-[0-9]+" {
			t.Errorf("an own policy was replaced: %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
