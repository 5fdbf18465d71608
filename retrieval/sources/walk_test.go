package sources

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"

	"github.com/google/go-cmp/cmp"
)

// tree writes files, by slash path, into a new folder. A value that begins with
// "-> " makes a symbolic link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(target, at)
		} else {
			err = os.WriteFile(at, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func walk(t *testing.T, paths ...string) Result {
	t.Helper()
	r, err := Walk(t.Context(), paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(r Result) []string {
	var out []string
	for _, a := range r.Articles {
		out = append(out, a.ID)
	}
	return out
}

// problems are a result's problems with the root taken out of their text.
func problems(r Result, root string) []string {
	var out []string
	for _, p := range r.Problems {
		out = append(out, strings.ReplaceAll(p.String(), root, "ROOT"))
	}
	return out
}

func TestWalk_ReadsFoldersInAStableOrder(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"b.md":              "# B\n\ntext",
		"a/z.markdown":      "Zed",
		"a/b.mdx":           "Bee",
		"A.MD":              "upper-case extension",
		"faq.jsonl":         `{"id":"q1","answer":"yes"}` + "\n",
		"more.csv":          "id,title,answer\nq2,T,no\n",
		".hidden.md":        "hidden",
		".git/config.md":    "hidden",
		"notes.txt":         "not knowledge",
		"picture.png":       "\x89PNG",
		"sub/SUMMARY.md":    "every matching file counts",
		"cafe\u0301.md":     "a decomposed name",
		"with space/x y.md": "spaces",
	})
	r := walk(t, root)
	want := []string{"A", "a/b", "a/z", "b", "caf\u00e9", "q1", "q2", "sub/SUMMARY", "with space/x y"}
	if diff := cmp.Diff(want, ids(r)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if len(r.Problems) != 0 || r.Files != len(want) {
		t.Errorf("%d files, problems %v", r.Files, r.Problems)
	}
	if again := walk(t, root); !cmp.Equal(r, again) {
		t.Error("a second walk gave something else")
	}
	if got, want := r.Articles[3].Source, filepath.Join(root, "b.md"); got != want {
		t.Errorf("source %q, want %q", got, want)
	}
	if got, want := r.Articles[5].Source, filepath.Join(root, "faq.jsonl")+":1"; got != want {
		t.Errorf("source %q, want %q", got, want)
	}
}

func TestWalk_SingleFilesAndSeveralRoots(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a/one.md": "one", "b/two.md": "two", "b/three.txt": "x"})
	r := walk(t, filepath.Join(root, "b", "two.md"), filepath.Join(root, "a"), filepath.Join(root, "b"), filepath.Join(root, "b", "three.txt"))
	if diff := cmp.Diff([]string{"two", "one"}, ids(r)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "not a kind of file") {
		t.Errorf("problems: %v", r.Problems)
	}
}

func TestWalk_RefusesWhatWouldRetireEverything(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a.md": "text", "loop": "-> loop"})
	for _, tt := range []struct {
		name  string
		paths []string
		opt   Options
		say   string
	}{
		{"no path", nil, Options{}, "No path was given"},
		{"a folder that does not exist", []string{root, filepath.Join(root, "none")}, Options{}, "none does not exist"},
		{"a link loop in the root's place", []string{filepath.Join(root, "loop")}, Options{}, "cannot be read"},
		{"a negative limit", []string{root}, Options{MaxArticleBytes: -1}, "MaxArticleBytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Walk(context.Background(), tt.paths, tt.opt)
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.Invalid || !strings.Contains(e.Public, tt.say) {
				t.Errorf("error %v does not say %q", err, tt.say)
			}
		})
	}
}

func TestWalk_SaysThatAFolderHoldsNothing(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a.txt": "x"})
	r := walk(t, root)
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "no knowledge file") || r.LeftOut() != 1 {
		t.Errorf("problems: %v", r.Problems)
	}
}

func TestWalk_Links(t *testing.T) {
	t.Parallel()
	outside := tree(t, map[string]string{"secret.md": "not for the public"})
	root := tree(t, map[string]string{
		"a/real.md":         "real",
		"z.md":              "last",
		"a/again.md":        "-> real.md",
		"first.md":          "-> a/real.md",
		"mounted.md":        "-> ..data/mounted.md",
		"..data":            "-> ..2026",
		"..2026/mounted.md": "as a mounted volume does it",
		"dir":               "-> .store/dir",
		".store/dir/x.md":   "x",
		"a/up":              "-> ..",
		"self.md":           "-> self.md",
		"gone.md":           "-> nowhere.md",
		"secret.md":         "-> " + filepath.Join(outside, "secret.md"),
		"elsewhere":         "-> " + outside,
		"picture.png":       "-> nowhere.png",
	})
	r := walk(t, root)
	if diff := cmp.Diff([]string{"a/real", "dir/x", "mounted", "z"}, ids(r)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	got := strings.Join(problems(r, root), "\n")
	for _, want := range []string{
		"ROOT/a/up: this link points back to a folder that it stands in",
		"ROOT/self.md: this link cannot be followed: it leads round in a loop",
		"ROOT/gone.md: this link points at nothing",
		"ROOT/secret.md: this link points out of the folder",
		"ROOT/elsewhere: this link points out of the folder",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no problem says %q:\n%s", want, got)
		}
	}
}

func TestWalk_TwoArticlesWithOneID(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"a.md": "---\nid: same\n---\nfirst", "b.md": "---\nid: same\n---\nsecond", "c.jsonl": `{"id":"same","answer":"third"}`,
	})
	r := walk(t, root)
	if len(r.Articles) != 1 || r.Articles[0].Body != "first" {
		t.Errorf("articles: %+v", r.Articles)
	}
	want := []string{
		`ROOT/b.md: the id "same" is taken by ROOT/a.md, which stays. Give one of the two another id.`,
		`ROOT/c.jsonl:1: the id "same" is taken by ROOT/a.md, which stays. Give one of the two another id.`,
	}
	if diff := cmp.Diff(want, problems(r, root)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestWalk_StopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Walk(ctx, []string{tree(t, map[string]string{"a.md": "x"})}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// denied stands for a file whose rights forbid reading: the tests may run as
// root, whom no rights stop.
func TestReader_UnreadableAndGrowingFiles(t *testing.T) {
	t.Parallel()
	r := newReader(Options{MaxArticleBytes: 10}.withDefaults())
	r.open = func(name string) (io.ReadCloser, int64, error) {
		switch name {
		case "denied":
			return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		case "grows":
			return io.NopCloser(strings.NewReader("more than it promised")), 3, nil
		}
		return io.NopCloser(io.MultiReader(strings.NewReader("a"), brokenReader{})), 1, nil
	}
	for _, name := range []string{"denied", "grows", "breaks"} {
		r.read(file{open: name, show: name + ".md", id: name, ext: ".md"})
	}
	want := []string{
		"denied.md: this file cannot be read (permission denied). Check its rights.",
		"grows.md: this file is 11 bytes, more than the 10 bytes allowed. Split it into several articles, one subject each.",
		"breaks.md: this file could not be read to its end (disk on fire). Check the disk and try again.",
	}
	if diff := cmp.Diff(want, problems(Result{Problems: r.problems}, "none")); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestWalk_HugeFiles(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"huge.md":      strings.Repeat("x", 10<<20), // 10 MB in one line
		"large.md":     "# T\n\n" + strings.Repeat("word ", 1<<20),
		"list.jsonl":   `{"id":"big","answer":"` + strings.Repeat("x", 10<<20) + `"}` + "\n" + `{"id":"small","answer":"yes"}`,
		"fine.md":      "text",
		"heading.md":   "# " + strings.Repeat("x", 7<<20),
		"underline.md": strings.Repeat("y", 1<<20) + "\n===\n\ntext",
	})
	r := walk(t, root)
	if diff := cmp.Diff([]string{"fine", "heading", "large", "small", "underline"}, ids(r)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	want := []string{
		"ROOT/huge.md: this file is 10 MiB, more than the 8 MiB allowed. Split it into several articles, one subject each.",
		"ROOT/list.jsonl:1: this answer is 10 MiB, more than the 8 MiB allowed. Split it into several articles, one subject each.",
	}
	if diff := cmp.Diff(want, problems(r, root)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, a := range r.Articles {
		if len([]rune(a.Title)) > maxTitle {
			t.Errorf("%s has a title of %d characters", a.ID, len([]rune(a.Title)))
		}
	}
}

// one reads a single file's content as a knowledge file of that name.
func one(t *testing.T, name, content string) ([]retrieval.Article, []Problem) {
	t.Helper()
	r := newReader(Options{}.withDefaults())
	r.open = func(string) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader(content)), int64(len(content)), nil
	}
	ext := filepath.Ext(name)
	r.read(file{open: name, show: name, id: strings.TrimSuffix(name, ext), ext: ext})
	return r.articles, r.problems
}

// Names of files come in any bytes; Postgres takes text alone, and one odd name
// must not keep a whole folder out.
func TestWalk_NamesInAnyBytesBecomeText(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a.md": "Words."})
	const name = "n\xffo\nw\x1b[31m.md"
	w := &finder{seen: map[string]bool{}}
	w.add(filepath.Join(root, "a.md"), "shop/"+name, name, name)
	r := newReader(Options{}.withDefaults())
	r.read(w.files[0])
	if len(r.articles) != 1 {
		t.Fatalf("problems: %v", r.problems)
	}
	want := retrieval.Article{ID: "n_o_w_[31m", Title: "n o w [31m", Body: "Words.", Source: `"shop/n\xffo\nw\x1b[31m.md"`}
	if diff := cmp.Diff(want, r.articles[0]); diff != "" {
		t.Error(diff)
	}
	if got := (Problem{Path: "shop/" + name, Line: 3, Message: "no", Remedy: "Do."}).String(); got != `"shop/n\xffo\nw\x1b[31m.md":3: no. Do.` {
		t.Errorf("%q", got)
	}
}
