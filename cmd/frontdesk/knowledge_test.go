package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fakemodel"
	"frontdesk/internal/pg"
	"frontdesk/internal/pgtest"
)

// knowledge is a database and a scripted embedder of a test's own, with a
// folder to ingest.
type knowledge struct {
	t      *testing.T
	env    map[string]string
	model  *fakemodel.Server
	pool   *pgxpool.Pool
	folder string
}

func newKnowledge(t *testing.T) *knowledge {
	t.Helper()
	dsn := pgtest.DSN(t)
	pool, err := pg.Open(t.Context(), dsn, pg.PoolConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	model := fakemodel.New(t, fakemodel.Config{Dims: 32})
	return &knowledge{
		t: t, model: model, pool: pool, folder: t.TempDir(),
		env: map[string]string{
			"DATABASE_URL": dsn, "EMBEDDINGS_BASE_URL": model.URL, "EMBEDDINGS_MODEL": model.Model(),
			"FRONTDESK_HOME": filepath.Join(t.TempDir(), "home"), "HOME": t.TempDir(),
		},
	}
}

func (k *knowledge) write(name, text string) {
	k.t.Helper()
	path := filepath.Join(k.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		k.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		k.t.Fatal(err)
	}
}

func (k *knowledge) remove(name string) {
	k.t.Helper()
	if err := os.Remove(filepath.Join(k.folder, name)); err != nil {
		k.t.Fatal(err)
	}
}

// run runs a command line and holds its status against the wanted one.
func (k *knowledge) run(want int, stdin string, args ...string) (stdout, stderr string) {
	k.t.Helper()
	status, stdout, stderr := cli(k.t, k.env, stdin, args...)
	if status != want {
		k.t.Fatalf("frontdesk %s: status %d, want %d\n%s\n%s", strings.Join(args, " "), status, want, stdout, stderr)
	}
	return stdout, stderr
}

func (k *knowledge) ingest(want int) (stdout, stderr string) {
	k.t.Helper()
	return k.run(want, "", "ingest", "--site", "shop", k.folder)
}

// first is the article of the best hit for a question.
func (k *knowledge) first(question string) string {
	k.t.Helper()
	out, _ := k.run(0, "", "search", "--site", "shop", "--json", question)
	var r searchReply
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		k.t.Fatal(err)
	}
	if len(r.Hits) == 0 {
		return ""
	}
	return r.Hits[0].Article
}

// embedded counts the texts of articles that were embedded. A model that
// nothing is known about is asked for its width besides.
func (k *knowledge) embedded() int {
	n := 0
	for _, text := range k.model.Inputs() {
		if strings.Contains(text, "\n") {
			n++
		}
	}
	return n
}

func contains(t *testing.T, where, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not say %q:\n%s", where, p, text)
		}
	}
}

func TestIngest_PublishesThenSaysThatNothingChanged(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("returns.md", "---\nquestions:\n  - How do I send it back?\n---\n# Returns\n\nYou have 45 days.\n")
	k.write("faq.jsonl", `{"id":"hours","title":"Opening hours","questions":["When are you open?"],"answer":"From nine to five."}`+"\n")
	out, _ := k.ingest(0)
	contains(t, "stdout", out, "published generation 1", "2 articles (2 new, 0 changed, 0 retired)", "4 embedded")
	texts := k.embedded()
	out, _ = k.ingest(0)
	contains(t, "stdout", out, "nothing has changed", "generation 1 stays")
	if k.embedded() != texts {
		t.Error("the second run embedded something")
	}
	if got := k.first("when are you open"); got != "hours" {
		t.Errorf("found %q", got)
	}
}

func TestIngest_RetiresWhatVanishedAndEmbedsOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("a.md", "# Lids\n\nThe lid opens by a button.\n")
	k.write("b.md", "# Parcels\n\nThe parcel comes by van.\n")
	k.ingest(0)
	texts := k.embedded()
	k.remove("a.md")
	k.write("c.md", "# Codes\n\nThe code comes by text.\n")
	out, _ := k.ingest(0)
	contains(t, "stdout", out, "2 articles (1 new, 0 changed, 1 retired)", "1 taken over", "1 embedded")
	if got := k.embedded() - texts; got != 1 {
		t.Errorf("%d texts embedded, want 1", got)
	}
	if got := k.first("the lid opens by a button"); got == "a" {
		t.Error("a retired article is found")
	}
}

func TestIngest_BadFilesAreNamedTheGoodOnesGoIn(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("good.md", "# Good\n\nThis one is fine.\n")
	k.write("bad.md", "---\ntitle: [unclosed\n---\n# Bad\n\nText.\n")
	k.write("half.jsonl", "{\"id\":\"one\",\"title\":\"One\",\"answer\":\"Fine.\"}\n{\"id\":\"two\",\"ans\n")
	out, errs := k.ingest(exitFailed)
	contains(t, "stdout", out, "2 articles")
	contains(t, "stderr", errs, filepath.Join(k.folder, "bad.md"), filepath.Join(k.folder, "half.jsonl")+":2")
	if got := k.first("this one is fine"); got != "good" {
		t.Errorf("found %q", got)
	}
}

func TestIngest_NothingGoodLeavesWhatIsPublished(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("a.md", "# Lids\n\nThe lid opens.\n")
	k.ingest(0)
	k.write("a.md", "---\n: {\n---\n")
	if _, errs := k.ingest(exitFailed); !strings.Contains(errs, "stays as it is") {
		t.Errorf("stderr: %s", errs)
	}
	k.run(exitFailed, "", "ingest", "--site", "shop", filepath.Join(k.folder, "nowhere"))
	k.run(exitFailed, "", "ingest", "--site", "shop", t.TempDir())
	if got := k.first("the lid opens"); got != "a" {
		t.Errorf("found %q: the old knowledge is gone", got)
	}
}

func TestIngest_AnEmbedderThatAnswersNonsenseLeavesWhatIsPublished(t *testing.T) {
	t.Parallel()
	// The model is asked for its width first; another width from then on is a fault.
	article := func(r fakemodel.Request) bool { return strings.Contains(strings.Join(r.Input, " "), "closes") }
	for _, c := range []struct {
		name  string
		fault fakemodel.Fault
		says  []string
	}{
		{"too many vectors", fakemodel.Count(3), []string{"3 vectors for 1 texts", "check EMBEDDINGS_BASE_URL"}},
		{"no vectors", fakemodel.Count(0), []string{"0 vectors for 1 texts", "check EMBEDDINGS_BASE_URL"}},
		{"other dimensions", fakemodel.When(article, fakemodel.Dims(31)), []string{"31", "32", "EMBEDDINGS_"}},
		{"NaN", fakemodel.NaN(), []string{"a number that is none", "restart it or load the model again"}},
		{"nothing", fakemodel.Body(200, "application/json", nil), []string{"nothing", "EMBEDDINGS_"}},
		{"10 MB of text", fakemodel.Text(10 << 20), []string{"EMBEDDINGS_BASE_URL"}},
		{"a refused key", fakemodel.Status(401, "no", "invalid_api_key"), []string{"Set EMBEDDINGS_API_KEY"}},
		{"HTML", fakemodel.HTML(200), []string{"EMBEDDINGS_BASE_URL"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := newKnowledge(t)
			k.write("a.md", "# Lids\n\nThe lid opens.\n")
			k.ingest(0)
			k.write("a.md", "# Lids\n\nThe lid closes.\n")
			k.model.Always(c.fault)
			_, errs := k.ingest(exitFailed)
			contains(t, "standard error", errs, c.says...)
			if len(errs) > 2000 {
				t.Errorf("%d bytes of error", len(errs))
			}
			k.model.Heal()
			out, _ := k.run(0, "", "search", "--site", "shop", "the lid")
			contains(t, "search", out, "The lid opens.")
			out, _ = k.ingest(0)
			contains(t, "the next ingest", out, "1 changed")
		})
	}
}

func TestIngest_WithoutVectorsIsFoundByWordsAndSaysSo(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("a.md", "# Lids\n\nThe lid opens.\n")
	k.run(0, "", "ingest", "--site", "shop", "--without-vectors", k.folder)
	if k.model.Calls() != 0 {
		t.Error("the embedder was asked")
	}
	out, _ := k.run(0, "", "search", "--site", "shop", "lid")
	contains(t, "search", out, "degraded: vectors took no part", "The lid opens.")
}

func TestIngest_VectorFileGoesOutAndComesIn(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.write("a.md", "# Lids\n\nThe lid opens.\n")
	file := filepath.Join(t.TempDir(), "vectors.bin")
	k.run(0, "", "ingest", "--site", "shop", "--export-vectors", file, k.folder)
	texts := k.embedded()
	out, _ := k.run(0, "", "ingest", "--site", "other", "--vectors", file, k.folder)
	contains(t, "stdout", out, "1 from the file, 0 embedded")
	if k.embedded() != texts {
		t.Error("the embedder was asked all the same")
	}
	if err := os.WriteFile(file, []byte("no vectors"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, errs := k.run(exitFailed, "", "ingest", "--site", "other", "--vectors", file, k.folder)
	contains(t, "stderr", errs, file, "--export-vectors")
}

func TestGeneration_ListsAndRollsBack(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	for _, text := range []string{"opens", "closes"} {
		k.write("a.md", "# Lids\n\nThe lid "+text+".\n")
		k.ingest(0)
	}
	out, _ := k.run(0, "", "generation", "list", "--site", "shop")
	contains(t, "list", out, "published", "retired")
	out, _ = k.run(0, "", "generation", "rollback", "--site", "shop")
	contains(t, "rollback", out, "shows generation 1")
	out, _ = k.run(0, "", "search", "--site", "shop", "lid")
	contains(t, "search", out, "The lid opens.")
	_, errs := k.run(exitFailed, "", "generation", "rollback", "--site", "shop", "--to", "9")
	contains(t, "stderr", errs, "generation list")
	out, _ = k.run(0, "", "generation", "list", "--site", "shop", "--json")
	var g struct{ Generation int }
	if err := json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &g); err != nil || g.Generation != 2 {
		t.Errorf("%s: %v", out, err)
	}
}

func TestSite_AddListSetDefaultRemove(t *testing.T) {
	t.Parallel()
	k := newKnowledge(t)
	k.run(0, "", "site", "add", "one")
	k.run(0, "", "site", "add", "two")
	k.run(exitFailed, "", "site", "add", "one")
	k.run(exitUsage, "", "site", "add", "Not A Name")
	secret := `[{"kid":"k1","alg":"HS256","key":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA=="}]`
	k.run(0, "", "site", "set", "one", "retention_days=30", "origins=https://Shop.example/,http://localhost:3000", "threshold=0.5", "identity_keys="+secret)
	out, _ := k.run(0, "", "site", "list")
	contains(t, "list", out, "one (default)", "two", `"retention_days":30`, "https://shop.example", `"threshold":0.5`)
	if strings.Contains(out, "c2VjcmV0") {
		t.Error("a key is shown")
	}
	k.run(0, "", "site", "set", "one", "threshold=", "retention_days=60")
	out, _ = k.run(0, "", "site", "list", "--json")
	if strings.Contains(out, "threshold") || !strings.Contains(out, `"retention_days":60`) {
		t.Errorf("%s", out)
	}
	for _, bad := range []string{"colour=red", "threshold=2", "threshold=NaN", "retention_days=-1", "origins=shop.example", "origins=https://a/b", "queue=a b", "identity_keys={}", "nothing"} {
		_, errs := k.run(exitUsage, "", "site", "set", "one", bad)
		if errs == "" {
			t.Errorf("%s: refused without a word", bad)
		}
	}
	k.run(0, "", "site", "default", "two")
	out, _ = k.run(0, "", "site", "list")
	contains(t, "list", out, "two (default)")
	k.run(exitUsage, "", "site", "remove", "one")
	k.run(0, "", "site", "remove", "one", "--yes")
	_, errs := k.run(exitFailed, "", "site", "remove", "one", "--yes")
	contains(t, "stderr", errs, "no such site")
}

func TestSite_SettingsSurviveWhatOthersWroteThere(t *testing.T) {
	t.Parallel()
	got, err := changeSettings(json.RawMessage(`{"other":{"deep":1},"queue":"main"}`), map[string]json.RawMessage{"queue": json.RawMessage("null")})
	if err != nil || string(got) != `{"other":{"deep":1}}` {
		t.Errorf("%s %v", got, err)
	}
	if _, err := changeSettings(json.RawMessage(`[]`), nil); err == nil {
		t.Error("a list passed for settings")
	}
	if got := string(hideSecrets(json.RawMessage(`{"identity_keys":[{"kid":"a","key":"s"}]}`))); got != `{"identity_keys":[{"key":"…","kid":"a"}]}` {
		t.Errorf("%s", got)
	}
}

var errTest = errors.New("test")
