package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed/local"
)

func testFolders(t *testing.T) local.Folders {
	t.Helper()
	f := pgtest.Encoders(t)
	return local.Folders{Library: f.Library, E5: f.E5, MiniLM: f.MiniLM, Made: t.TempDir()}
}

func TestTrainTokens_WhatIsBuiltInIsCountedOverWhatIsThere(t *testing.T) {
	t.Parallel()
	texts, err := trainTokensFlags{}.texts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "retrieval", "asked_tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	var shipped retrieval.AskedFile
	if err := json.Unmarshal(data, &shipped); err != nil {
		t.Fatal(err)
	}
	counted, err := countTokens(testFolders(t), texts, shipped.Origin.Date, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(counted.Origin, shipped.Origin) {
		t.Errorf("counted over other texts (%+v, now %+v): run %s", shipped.Origin, counted.Origin, shipped.Origin.Command)
	}
	for model, w := range counted.Models {
		if n := otherWeights(w, shipped.Models[model]); n > 0 {
			t.Errorf("%s: %d tokens weigh something else", model, n)
		}
	}
	if len(counted.Models) != len(local.Models()) || len(shipped.Models) != len(counted.Models) {
		t.Errorf("%d models, %d built in", len(counted.Models), len(shipped.Models))
	}
}

func TestTrainTokens_ReadsTheTrainingBusinessesAndTheShop(t *testing.T) {
	t.Parallel()
	c, err := openCorpus("")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := trainTokensFlags{}.texts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range c.Training() { // none of which is frozen
		b, err := c.Read(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range b.Messages {
			want = append(want, m.Text)
		}
	}
	if len(texts) < len(want)+100 || !slices.Equal(texts[:len(want)], want) {
		t.Errorf("%d texts, not the %d messages of the training businesses and the shop's", len(texts), len(want))
	}
	file := filepath.Join(t.TempDir(), "more.jsonl")
	if err := os.WriteFile(file, []byte(`{"id":"q","text":"is it far?","language":"en"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if texts, err = (trainTokensFlags{questions: file}).texts(t.Context()); err != nil || len(texts) != len(want)+1 || texts[len(want)] != "is it far?" {
		t.Errorf("%d texts: %v", len(texts), err)
	}
	if _, err := (trainTokensFlags{questions: file + "x"}).texts(t.Context()); err == nil {
		t.Error("a file that is not there was read")
	}
}
