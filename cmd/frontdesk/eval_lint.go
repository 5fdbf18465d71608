package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/evals/cases"
)

func newEvalLintCommand(a *app) *cobra.Command {
	var knowledge []string
	c := &cobra.Command{
		Use:   "lint PATH… --knowledge FOLDER",
		Short: "Say what is wrong with cases: duplicates, contradictions, articles and facts that there are not",
		Long: `Read cases, files or folders of them, and print what is wrong, a finding a line with its
file and line: what cannot be read, ids that are taken, the same words twice, expectations
that exclude each other, articles that the knowledge has not or that no customer may see,
facts that stand in none of them. The exit status is 1 where anything was found.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return plain(a.evalLint(cmd.Context(), args, knowledge))
		},
	}
	c.Flags().StringSliceVar(&knowledge, "knowledge", nil, "folder or file of the knowledge the cases are about; may be repeated. Without it, articles and facts are not looked for")
	return c
}

func (a *app) evalLint(ctx context.Context, paths, knowledge []string) error {
	defer withinMemory()()
	var articles []cases.Article
	for _, k := range knowledge {
		found, err := readWholeFolder(ctx, k)
		if err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		articles = append(articles, caseArticles(found)...)
	}
	var all []cases.Case
	bad := 0
	for _, path := range paths {
		list, err := readCasePath(ctx, path)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				fmt.Fprintln(a.stdout, strings.TrimSuffix(line, "\n"))
				bad++
			}
			continue
		}
		all = append(all, list...)
	}
	first := map[string]cases.Case{}
	for _, c := range all {
		if other, taken := first[c.ID]; taken { // in two of the paths
			fmt.Fprintf(a.stdout, "%s:%d: case %s: this id is taken by %s:%d\n", c.File, c.Line, c.ID, other.File, other.Line)
			bad++
			continue
		}
		first[c.ID] = c
	}
	if len(knowledge) == 0 {
		fmt.Fprintln(a.stderr, "articles and facts were not looked for: name the knowledge with --knowledge")
		articles = believed(all)
	}
	for _, f := range cases.Lint(all, articles) {
		fmt.Fprintln(a.stdout, f)
		bad++
	}
	if bad > 0 {
		fmt.Fprintf(a.stderr, "%s in %s\n", counted(bad, "finding"), counted(len(all), "case"))
		return exitError{exitFailed}
	}
	noteUnjudged(a.stderr, all)
	fmt.Fprintf(a.stderr, "%s of %s, nothing found\n", counted(len(all), "case"), counted(len(cases.Suites(all)), "suite"))
	return nil
}

// counted is a number of things.
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// noteUnjudged names turns that say what is right to show or to hand over, and not
// which of these has to come: no mistake by itself, and hardly ever meant.
func noteUnjudged(w io.Writer, list []cases.Case) {
	n, first := 0, ""
	for _, c := range list {
		for i, t := range c.Turns {
			if !t.Expect.Unjudged() {
				continue
			}
			if n++; n == 1 {
				first = fmt.Sprintf("%s:%d: case %s: turn %d", c.File, c.Line, c.ID, i+1)
			}
		}
	}
	if n > 0 {
		fmt.Fprintf(w, "%s names what is right to show or to hand over, and no action or handoff: where nothing is, only named articles are judged (%d such turns)\n", first, n)
	}
}

// readCasePath reads a file or a folder; files are named from where the command
// runs.
func readCasePath(ctx context.Context, path string) ([]cases.Case, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: there is nothing: %w", path, errors.Unwrap(err))
	}
	folder, only := path, ""
	if !info.IsDir() {
		folder, only = filepath.Split(path)
		if folder == "" {
			folder = "."
		}
	}
	list, err := cases.Read(ctx, oneFile{os.DirFS(folder), only})
	var wrong []error
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			line = strings.TrimSuffix(line, "\n")
			if at, _, found := strings.Cut(line, ":"); found && exists(filepath.Join(folder, at)) {
				line = filepath.Join(folder, line) // it begins with the file
				// and may end with another one: where an id is taken
				if rest, other, ok := strings.Cut(line, takenBy); ok {
					line = rest + takenBy + filepath.Join(folder, other)
				}
			} else {
				line = path + ": " + line
			}
			wrong = append(wrong, errors.New(line))
		}
	}
	for i := range list {
		list[i].File = filepath.Join(folder, list[i].File)
	}
	return list, errors.Join(wrong...)
}

// takenBy goes before the file and line of the case that has an id already, as
// cases.Read says it.
const takenBy = "this id is taken by "

// oneFile is a folder, or one file of it.
type oneFile struct {
	fs.FS
	only string // empty: all of it
}

// ReadDir lists what there is.
func (o oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(o.FS, name)
	if o.only != "" {
		list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { return e.Name() != o.only })
	}
	return list, err
}

// believed is knowledge that has everything the cases name.
func believed(list []cases.Case) []cases.Article {
	text := map[string]string{}
	for _, c := range list {
		for _, t := range c.Turns {
			for _, id := range slices.Concat(t.Expect.Articles, t.Expect.Top) {
				text[id] += strings.Join(t.Expect.Facts, "\n") + "\n"
			}
		}
	}
	out := make([]cases.Article, 0, len(text))
	for id, t := range text {
		out = append(out, cases.Article{ID: id, Public: true, Text: t})
	}
	return out
}
