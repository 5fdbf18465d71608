package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk"
)

// noDecision are the endings of embedded files that decide nothing about a turn,
// and the folders of which none does: pages, letters and interfaces.
func noDecision(file string) bool {
	switch filepath.Ext(file) {
	case ".html", ".css", ".js", ".svg", ".sql", ".py":
		return true
	}
	for _, of := range []string{"bot/chatapi/", "handoff/console/", "handoff/mail/", "triage/lang/train/"} {
		if strings.HasPrefix(file, of) {
			return true
		}
	}
	return false
}

// Whatever a package of the product embeds and decides by is among the versions
// of a run: two runs with other weights never call themselves alike.
func TestVersions_KnowAllThatIsEmbedded(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	for _, slice := range []string{"bot", "handoff", "retrieval", "triage"} {
		for file := range embedded(t, root, slice) {
			if noDecision(file) {
				continue
			}
			if _, err := fs.Stat(frontdesk.Decides, file); err != nil {
				t.Errorf("%s is embedded, and no version knows it: add it to Decides in doc.go of the root", file)
			}
		}
	}
	versions, err := (&app{}).versionsOf(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{"retrieval", "triage/mustgo", "triage/mustgo/phrases", "triage/wish", "triage/own", "triage/mood", "triage/model", "triage/matters", "triage/lang", "retrieval/seek", "bot", "handoff/packet"} {
		if versions[of] == "" {
			t.Errorf("no version of %s", of)
		}
	}
}

// Another encoder, a reranker, another setting or desk of a topic is another
// configuration, and is named by what it is, not by a hash alone.
func TestVersions_NameWhatARunIsMadeWith(t *testing.T) {
	t.Parallel()
	of := func(c config) map[string]string {
		t.Helper()
		versions, err := (&app{config: c}).versionsOf(nil)
		if err != nil {
			t.Fatal(err)
		}
		return versions
	}
	plain := of(config{})
	for name, want := range map[string]string{"reranker": "none", "setting risk": "0.2", "setting queue": "main", "topic payment": "service", "topic fault": "support"} {
		if plain[name] != want {
			t.Errorf("%s: %q", name, plain[name])
		}
	}
	if plain["setting threshold"] == "" || plain["setting maybe"] == "" || !strings.Contains(plain["encoders"], " ") {
		t.Errorf("%v", plain)
	}
	other := of(config{EmbeddingsURL: "http://e.example/v1", EmbeddingsModel: "large-3", RerankURL: "http://r.example", RerankModel: "reads-1"})
	if other["encoders"] != "large-3" || other["reranker"] != "reads-1" {
		t.Errorf("%v", other)
	}
	if unnamed := of(config{EmbeddingsURL: "http://e.example/v1"}); unnamed["encoders"] == plain["encoders"] {
		t.Errorf("%v", unnamed)
	}
}

// embedded are the files that the packages below a folder embed, by their paths
// from the root.
func embedded(t *testing.T, root, below string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, below), func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && slices.Contains([]string{"testdata", "node_modules", "dist"}, d.Name()) {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range file.Comments {
			for _, c := range group.List {
				patterns, ok := strings.CutPrefix(c.Text, "//go:embed ")
				for _, p := range strings.Fields(patterns) {
					if !ok {
						break
					}
					found, err := filepath.Glob(filepath.Join(filepath.Dir(path), p))
					if err != nil {
						return err
					}
					for _, f := range found {
						addFiles(t, out, root, f)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatalf("nothing is embedded below %s: this test looks in the wrong place", below)
	}
	return out
}

func addFiles(t *testing.T, into map[string]bool, root, path string) {
	t.Helper()
	err := filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		from, err := filepath.Rel(root, file)
		into[filepath.ToSlash(from)] = true
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
