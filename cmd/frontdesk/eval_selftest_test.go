package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/evals/faults"
	"frontdesk/evals/report"
)

// shortForm writes a few dozen of the demo shop's cases, of every suite, into a
// folder: those whose ids' hashes say so, which other cases do not change, and the
// severe ones that were written for the faults.
func (k *knowledge) shortForm() (shop, suites string) {
	k.t.Helper()
	const every = 32
	return k.someCases(func(c cases.Case) bool {
		drawn := sha256.Sum256([]byte(c.ID))[0]%every == 0
		return drawn || c.Writer == "e" && c.Severity == cases.Severe
	})
}

// shippedEncoders is a bundle that embeds by the private encoders of the
// repository's home, as pgtest finds it, with nothing kept of earlier runs; of what
// vectors are shipped for, none runs.
func shippedEncoders(t *testing.T) *knowledge {
	t.Helper()
	k := realModel(t)
	root, ok := repositoryRoot()
	if !ok {
		t.Fatal("no repository")
	}
	home, err := filepath.Abs(cmp.Or(os.Getenv("FRONTDESK_HOME"), filepath.Join(root, ".frontdesk")))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	k.env["FRONTDESK_HOME"] = t.TempDir()
	for _, e := range entries {
		from, to := filepath.Join(home, e.Name()), filepath.Join(k.env["FRONTDESK_HOME"], e.Name())
		if e.Name() == "evals" {
			continue // where earlier runs keep vectors
		}
		if target, err := os.Readlink(from); err == nil {
			from = target
		}
		if err := os.Symlink(from, to); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// A short form of the test of the gate, on the engine that serves and by the
// vectors of the encoders that serve: a few dozen cases of every suite, and a fault
// of each kind. The whole is `frontdesk eval selftest`. Where cases, knowledge or
// encoders have changed, what lacks is computed, and this test says how to ship it:
// FRONTDESK_SHIP_VECTORS=1 has it write what a run of all cases does not ask.
func TestEvalSelftest_ShortForm(t *testing.T) {
	t.Parallel()
	k := shippedEncoders(t)
	shop, suites := k.shortForm()
	out := filepath.Join(k.folder, "out")
	kept := filepath.Join(k.folder, faultVectors)
	if os.Getenv("FRONTDESK_SHIP_VECTORS") != "" {
		kept = filepath.Join(shopFolder, faultVectors)
	}
	stdout, stderr := k.run(0, "", "eval", "selftest", "--knowledge", shop, "--cases", suites, "--out", out, "--nulls", "200", "--keep-vectors", kept,
		"--fault", "bot-speaks-after-takeover", "--fault", "masking-off", "--fault", "first-words-of-the-next-rule", "--fault", "wish-for-a-person-ignored")
	contains(t, "the table", stdout, "4 of 4 faults caught", "the right stage named for 4", "of 200 runs that are no worse", "report.html")
	contains(t, "its progress", stderr, "4 of 4: ")
	if !strings.Contains(stderr, "\n0 vectors had to be computed") {
		t.Error("vectors of the short form lack in evals/shop: write case-vectors.bin as docs/evals.md says, then run this test with FRONTDESK_SHIP_VECTORS=1, and commit both files")
	}
	data, err := os.ReadFile(filepath.Join(out, "selftest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table faults.Table
	if err := json.Unmarshal(data, &table); err != nil || len(table.Trials) != 4 || table.Program == "" || table.Cases < 40 {
		t.Errorf("%v: %d trials, %d cases by %q", err, len(table.Trials), table.Cases, table.Program)
	}
	page, err := os.ReadFile(filepath.Join(out, report.PageFile))
	if err != nil || !strings.Contains(string(page), "bot-speaks-after-takeover") {
		t.Errorf("the report does not show the table: %v", err)
	}
	if k.sites() != 0 {
		t.Error("the sites of the test stay")
	}
}

// A run says where its failing cases were lost, and the gate where those that it
// stops a release for were.
func TestEvalRun_SaysWhereItWasLost(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	articles, suites := k.lampCases()
	k.write("cases/lost.yaml", `suite: lost
cases:
  - id: lost-desk
    turns: [{say: "45 days to send a lamp back", expect: {desk: support}}]
  - id: lost-fact
    turns: [{say: "45 days to send a lamp back", expect: {articles: [returns]}}, {say: "I want to talk to a human", expect: {packet: {order: "KL-1"}}}]
`)
	baselines, run := filepath.Join(k.folder, "baselines"), filepath.Join(k.folder, "run")
	args := []string{"eval", "run", "--knowledge", articles, "--cases", suites, "--out", run, "--baselines", baselines}
	k.run(0, "", args...)
	list, err := report.ReadStages(run)
	at := map[string]string{}
	for _, s := range list {
		at[s.Case] = s.Stage
	}
	if err != nil || at["lost-desk"] != "triage" || at["lost-fact"] != "packet" || at["lamps-3"] != "" {
		t.Errorf("%v %v", err, list)
	}
	k.run(0, "", "eval", "accept", run, "--as", "default", "--reason", "all read", "--baselines", baselines)
	k.write("knowledge/light.md", "---\nid: light\ntitle: A bulb\naudience: agents\n---\n\nBulbs are sold in pairs.\n")
	k.write("cases/lamps.yaml", `suite: lamps
cases:
  - id: lamps-2
    turns:
      - {say: "the light flickers, red button", expect: {top: [light]}}
`)
	_, errs := k.run(1, "", args...)
	contains(t, "a gold article that is not there for customers", errs, "for agents only")
}
