package main

import (
	"slices"
	"testing"

	"frontdesk/retrieval/pgvec"
)

// What a killed run leaves goes with the next one; what another run is using, and
// what people made, stays.
func TestOwnSites_AreRemovedByTheNextRunWhenNobodyHasThem(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	vec, err := pgvec.New(k.pool)
	if err != nil {
		t.Fatal(err)
	}
	st := &store{vec, k.pool}
	killed, letGo, err := addOwnSite(t.Context(), st, runSite)
	if err != nil {
		t.Fatal(err)
	}
	letGo()
	copied, letGo, err := addOwnSite(t.Context(), st, shadowSite)
	if err != nil {
		t.Fatal(err)
	}
	letGo()
	used, letGo, err := addOwnSite(t.Context(), st, runSite)
	if err != nil {
		t.Fatal(err)
	}
	defer letGo()
	if killed.Default || copied.Default || used.Default {
		t.Error("a run's site is the default one")
	}
	people := []string{"corpus-mine", "frontdesk-eval-mine", "mine", "shadow-mine"}
	for _, name := range people {
		if _, _, err := st.AddSite(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	articles, suites := k.lampCases()
	k.run(0, "", "eval", "run", "--knowledge", articles, "--cases", suites, "--out", k.t.TempDir(), "--baseline", "none")
	left, err := st.Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range left {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	want := append(slices.Clone(people), used.Name)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}
