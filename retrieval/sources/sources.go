package sources

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"frontdesk/internal/fault"
	"frontdesk/retrieval"
)

// Options bounds what is read; the zero value is ready to use.
type Options struct {
	// MaxArticleBytes is the largest article (a Markdown file, or one entry of
	// a FAQ list), in bytes. 0: 8 MiB, far above any page a person wrote.
	MaxArticleBytes int
	// MaxListBytes is the largest FAQ file, in bytes. 0: 128 MiB.
	MaxListBytes int
}

func (o Options) withDefaults() Options {
	o.MaxArticleBytes = cmp.Or(o.MaxArticleBytes, 8<<20)
	o.MaxListBytes = cmp.Or(o.MaxListBytes, 128<<20)
	return o
}

// Problem is something wrong with a file.
type Problem struct {
	Path    string // as a person would type it: the root joined with the file's path
	Line    int    // 1-based; 0: the file as a whole
	Message string // what is wrong
	Remedy  string // what to do about it
	Warning bool   // the article went in, without what was wrong
}

// String is the problem on one line: path, line, what is wrong, what to do.
func (p Problem) String() string {
	at := plainPath(p.Path)
	if p.Line > 0 {
		at += ":" + strconv.Itoa(p.Line)
	}
	return at + ": " + p.Message + ". " + p.Remedy
}

// Result is what a walk found.
type Result struct {
	Articles []retrieval.Article
	Problems []Problem
	Files    int // knowledge files seen, bad ones included
}

// LeftOut counts the problems that are more than warnings.
func (r Result) LeftOut() int {
	n := 0
	for _, p := range r.Problems {
		if !p.Warning {
			n++
		}
	}
	return n
}

// Walk reads every knowledge file under the given files and folders. Its error
// is of kind fault.Invalid when there is nothing to walk, a path does not exist
// or an option is negative, else the context's.
func Walk(ctx context.Context, paths []string, opt Options) (Result, error) {
	if opt.MaxArticleBytes < 0 || opt.MaxListBytes < 0 {
		return Result{}, fault.New(fault.Invalid, "source_limits", "MaxArticleBytes and MaxListBytes must not be negative.")
	}
	if len(paths) == 0 {
		return Result{}, fault.New(fault.Invalid, "source_none", "No path was given. Name at least one file or folder to read.")
	}
	files, problems, err := find(ctx, paths)
	if err != nil {
		return Result{}, fmt.Errorf("find knowledge files: %w", err)
	}
	r := newReader(opt.withDefaults())
	r.problems = problems
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return Result{}, fmt.Errorf("read knowledge files: %w", err)
		}
		r.read(f)
	}
	return Result{Articles: r.articles, Problems: r.problems, Files: len(files)}, nil
}
