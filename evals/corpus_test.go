package evals

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/fault"
)

// folder writes files of a corpus into a folder of the test's own.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	lampBusiness = `{"slug":"lamps","name":"Lamps","trade":"lamps","languages":["en"],"voice":"plain","products":[{"line":"Desk","models":["D1"]}],"topics":{"returns":"service"}}`
	lampMessage  = `{"id":"lamps-1","text":"can it go back","language":"en","kind":["indirect"],"expect":"answer","gold":["returns"],"also":[],"facts":["30 days"],"near":[],"between":[],"desk":"service","topic":"returns","product":"","matters":[]}`
	lampArticle  = "---\nid: returns\ntitle: Returns\n---\n\nWithin 30 days.\n"
)

func lamps(change func(map[string]string)) map[string]string {
	files := map[string]string{
		"lamps/business.json":        lampBusiness,
		"lamps/messages.jsonl":       lampMessage + "\n",
		"lamps/knowledge/returns.md": lampArticle,
	}
	if change != nil {
		change(files)
	}
	return files
}

func TestCorpus_ReadsABusiness(t *testing.T) {
	t.Parallel()
	c, err := OpenCorpus(folder(t, lamps(nil)), readArticles)
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Read(t.Context(), "lamps")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Training()) != 1 || len(c.Frozen()) != 0 || b.Frozen || len(b.Articles) != 1 || b.Messages[0].Facts[0] != "30 days" || b.Topics["returns"] != "service" {
		t.Errorf("%+v", b)
	}
}

func TestCorpus_NamesTheFileAndLineThatIsWrong(t *testing.T) {
	t.Parallel()
	line := func(from, to string) func(map[string]string) {
		return func(f map[string]string) {
			f["lamps/messages.jsonl"] = lampMessage + "\n\n" + strings.Replace(strings.Replace(lampMessage, "lamps-1", "lamps-2", 1), from, to, 1) + "\n"
		}
	}
	for name, row := range map[string]struct {
		change func(map[string]string)
		says   string
	}{
		"a key nobody knows":          {line(`"desk"`, `"desc"`), "messages.jsonl:3"},
		"half a line":                 {line(`"matters":[]}`, ``), "messages.jsonl:3"},
		"more after the line":         {line(`"matters":[]}`, `"matters":[]} {}`), "messages.jsonl:3"},
		"an id twice":                 {line("lamps-2", "lamps-1"), "line 1 already"},
		"no id":                       {line("lamps-2", ""), "no id"},
		"no text":                     {line("can it go back", " "), "no text"},
		"no language":                 {line(`"en"`, `""`), "no language"},
		"an expectation nobody knows": {line(`"expect":"answer"`, `"expect":"maybe"`), `"maybe"`},
		"a desk that does not exist":  {line(`"desk":"service"`, `"desk":"sales"`), `"sales"`},
		"a tag that does not exist":   {line(`"indirect"`, `"oblique"`), `"oblique"`},
		"history without a role":      {line(`"kind"`, `"history":[{"role":"me","text":"x"}],"kind"`), "role"},
		"no message":                  {func(f map[string]string) { f["lamps/messages.jsonl"] = "\n" }, "no message"},
		"messages missing":            {func(f map[string]string) { delete(f, "lamps/messages.jsonl") }, "messages.jsonl"},
		"business with another slug": {func(f map[string]string) {
			f["lamps/business.json"] = strings.Replace(lampBusiness, "lamps", "lights", 1)
		}, `"lights"`},
		"business with an unknown key": {func(f map[string]string) { f["lamps/business.json"] = "{\n\n\"slogan\":1}" }, "business.json:3"},
		"business without topics": {func(f map[string]string) {
			f["lamps/business.json"] = strings.Split(lampBusiness, `,"topics"`)[0] + "}"
		}, "topics"},
		"an article that does not parse": {func(f map[string]string) { f["lamps/knowledge/b.md"] = "---\ntopic: a: b\n---\nx\n" }, "problems"},
		"no article":                     {func(f map[string]string) { f["lamps/knowledge/returns.md"] = "" }, "knowledge"},
	} {
		c, err := OpenCorpus(folder(t, lamps(row.change)), readArticles)
		if err == nil {
			_, err = c.Read(t.Context(), "lamps")
		}
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want words about %q", name, err, row.says)
		}
	}
	if _, err := OpenCorpus(t.TempDir(), readArticles); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty folder: %v", err)
	}
	c, err := OpenCorpus(folder(t, lamps(nil)), readArticles)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context(), "../lamps"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a business that is not there: %v", err)
	}
}

// frozenLamps is a corpus with one frozen business, by its list of hashes.
func frozenLamps(t *testing.T, slug string, change func(map[string]string)) string {
	t.Helper()
	files := map[string]string{}
	for name, text := range lamps(nil) {
		files[strings.Replace(name, "lamps/", slug+"/", 1)] = strings.Replace(text, `"slug":"lamps"`, `"slug":"`+slug+`"`, 1)
	}
	dir := folder(t, files)
	var list strings.Builder
	for name := range files {
		sum, err := hashOf(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		list.WriteString(sum + "  " + name + "\n")
	}
	more := map[string]string{hashFile: list.String()}
	if change != nil {
		change(more)
	}
	for name, text := range more {
		if text == "" {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && name != hashFile {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCorpus_AFrozenBusinessIsScoredAndNeverTrainedOn(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"cabinet", "lamps"} { // by name, and by the list
		c, err := OpenCorpus(frozenLamps(t, slug, nil), readArticles)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Training()) != 0 || len(c.Frozen()) != 1 {
			t.Errorf("training %v, frozen %v", c.Training(), c.Frozen())
		}
		if _, err := c.Read(t.Context(), slug); !errors.Is(err, ErrFrozen) {
			t.Errorf("%s was read to be trained on: %v", slug, err)
		}
		if b, err := c.ReadToScore(t.Context(), slug); err != nil || !b.Frozen {
			t.Errorf("%s: %+v, %v", slug, b, err)
		}
	}
}

func TestCorpus_AFrozenBusinessThatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(map[string]string)
		says   string
	}{
		"an article changed":  {func(f map[string]string) { f["cabinet/knowledge/returns.md"] = lampArticle + "!" }, "was changed"},
		"an article more":     {func(f map[string]string) { f["cabinet/knowledge/more.md"] = "# More\n\nText.\n" }, "stands in a frozen business"},
		"an article less":     {func(f map[string]string) { f["cabinet/knowledge/returns.md"] = "" }, "missing"},
		"the list gone":       {func(f map[string]string) { f[hashFile] = "" }, "missing"},
		"the list shorter":    {func(f map[string]string) { f[hashFile], _, _ = strings.Cut(f[hashFile], "\n") }, "stands in a frozen business"},
		"the list no list":    {func(f map[string]string) { f[hashFile] = "hello" }, "FROZEN.sha256:1"},
		"the list points out": {func(f map[string]string) { f[hashFile] += strings.Repeat("0", 64) + "  ../x\n" }, "FROZEN.sha256:4"},
		"the list names more": {func(f map[string]string) { f[hashFile] += strings.Repeat("0", 64) + "  lights/x\n" }, "lights"},
	} {
		_, err := OpenCorpus(frozenLamps(t, "cabinet", row.change), readArticles)
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want words about %q", name, err, row.says)
		}
	}
}

func TestCorpus_FrozenIsHeldAgainAtEveryRead(t *testing.T) {
	t.Parallel()
	dir := frozenLamps(t, "cabinet", nil)
	c, err := OpenCorpus(dir, readArticles)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cabinet", "messages.jsonl"), []byte(lampMessage), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadToScore(t.Context(), "cabinet"); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("a change after opening: %v", err)
	}
}

func FuzzReadMessages(f *testing.F) {
	f.Add(lampMessage)
	f.Add(lampMessage + "\n" + lampMessage)
	f.Add("{}\n\n[]")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadMessages(strings.NewReader(text), "m.jsonl")
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d messages, %v", len(list), err)
		}
	})
}
