package main

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/evals/cases"
	"frontdesk/retrieval"
)

const howToShip = "write evals/shop/case-vectors.bin again as docs/evals.md says, and commit it"

// A run of the demo shop's cases on a fresh clone computes no vector: every sixteenth
// case by its id's hash is played here, with nothing kept in the home, and looked
// into where it fails.
func TestEvalRun_OfTheShopComputesNoVector(t *testing.T) {
	t.Parallel()
	k := shippedEncoders(t)
	shop, suites := k.someCases(func(c cases.Case) bool { return sha256.Sum256([]byte(c.ID))[1]%16 == 0 })
	_, stderr := k.run(0, "", "eval", "run", "--knowledge", shop, "--cases", suites, "--out", filepath.Join(k.folder, "out"), "--baseline", "none")
	if !strings.Contains(stderr, "\n0 vectors had to be computed") {
		t.Errorf("a run of the committed cases computes vectors: %s\n%s", howToShip, stderr)
	}
}

// Whatever the customers of the shop's cases say has its vectors, whether triage has
// it looked up today or not: all cases are held against the file, without playing
// them.
func TestShippedVectors_AreOfAllThatTheShopsCustomersSay(t *testing.T) {
	t.Parallel()
	root, ok := repositoryRoot()
	if !ok {
		t.Fatal("no repository")
	}
	list, err := cases.Read(t.Context(), os.DirFS(filepath.Join(root, "evals", "suites", "shop")))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(shopFolder, caseVectors))
	if err != nil {
		t.Fatal(err)
	}
	files, err := retrieval.ReadVectorFiles(data)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d encoders, %v", len(files), err)
	}
	said, lacks := saidIn(list), 0
	for _, text := range said {
		// The second one is asked in English alone.
		if _, ok := files[0].Get(files[0].Model.Name, keptHash(retrieval.EmbedQuery, text)); !ok {
			if lacks++; lacks <= 5 {
				t.Errorf("%q is not in it: %s", text, howToShip)
			}
		}
	}
	if len(said) < 1500 || lacks > 0 {
		t.Errorf("of %d texts %d lack", len(said), lacks)
	}
}

// someCases writes those of the demo shop's cases that are wanted into a folder.
func (k *knowledge) someCases(want func(cases.Case) bool) (shop, suites string) {
	k.t.Helper()
	root, ok := repositoryRoot()
	if !ok {
		k.t.Fatal("no repository")
	}
	list, err := cases.Read(k.t.Context(), os.DirFS(filepath.Join(root, "evals", "suites", "shop")))
	if err != nil {
		k.t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range list {
		if !want(c) {
			continue
		}
		data, err := json.Marshal(c)
		if err != nil {
			k.t.Fatal(err)
		}
		b.Write(append(data, '\n'))
	}
	k.write("some/cases.jsonl", b.String())
	return filepath.Join(root, "evals", "shop", "knowledge"), filepath.Join(k.folder, "some")
}
