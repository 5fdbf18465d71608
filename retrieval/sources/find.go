package sources

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/fault"

	"golang.org/x/text/unicode/norm"
)

// file is one knowledge file to read.
type file struct {
	open string // path to open
	show string // path as people see it in problems and sources
	id   string // slash path within its root, without extension
	ext  string // lower case, with the dot
}

// finder walks the roots. Links are looked at after the whole real tree of
// their root, so that a file is known by its own name wherever it has one.
type finder struct {
	seen     map[string]bool // real paths of files and folders already walked
	matched  int             // knowledge files met, those seen before included
	files    []file
	problems []Problem
}

// link is a symbolic link met on the way, with the real folder it stands in.
type link struct {
	open, show, rel string
	parents         []string // real paths of the folders above it
}

// find lists the knowledge files under the roots in a stable order.
func find(ctx context.Context, roots []string) ([]file, []Problem, error) {
	w := &finder{seen: map[string]bool{}}
	for _, root := range roots {
		if err := w.root(ctx, root); err != nil {
			return nil, nil, err
		}
	}
	return w.files, w.problems, nil
}

func (w *finder) root(ctx context.Context, root string) error {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return missing(root, err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return missing(root, err)
	}
	if !info.IsDir() {
		w.single(root, real, info)
		return nil
	}
	if w.seen[real] { // a part of an earlier root
		return nil
	}
	before, matched, problems := len(w.files), w.matched, len(w.problems)
	var links []link
	if err := w.folder(ctx, real, root, "", nil, &links); err != nil {
		return err
	}
	for len(links) > 0 { // a followed folder may hold links of its own
		l := links[0]
		links = links[1:]
		if err := w.follow(ctx, real, l, &links); err != nil {
			return err
		}
	}
	found := w.files[before:]
	slices.SortFunc(found, func(a, b file) int { return strings.Compare(a.id+a.ext, b.id+b.ext) })
	if w.matched == matched && len(w.problems) == problems {
		w.problem(root, "there is no knowledge file in this folder",
			"Put Markdown (.md, .markdown, .mdx) or FAQ lists (.jsonl, .csv) there, or name another folder.")
	}
	return nil
}

// missing explains a root that cannot be walked. It stops the walk: an ingest
// that went on would retire every article that it cannot see.
func missing(root string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.Invalid, "source_missing",
			fmt.Sprintf("%s does not exist. Check the path; nothing was changed.", root))
	}
	return fault.Wrap(err, fault.Invalid, "source_unreadable",
		fmt.Sprintf("%s cannot be read (%s). Check its rights and its links; nothing was changed.", root, reason(err)))
}

func (w *finder) single(root, real string, info fs.FileInfo) {
	base := filepath.Base(root)
	switch {
	case !isKnowledge(base):
		w.problem(root, "this is not a kind of file that can be read",
			"Give Markdown (.md, .markdown, .mdx) or a FAQ list (.jsonl, .csv).")
	case !info.Mode().IsRegular():
		w.special(root)
	default:
		w.add(real, root, base, real)
	}
}

// folder walks one real folder. rel is its slash path within the root.
func (w *finder) folder(ctx context.Context, open, show, rel string, parents []string, links *[]link) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.seen[open] {
		return nil
	}
	w.seen[open] = true
	entries, err := os.ReadDir(open)
	if err != nil {
		w.problem(show, "this folder cannot be read ("+reason(err)+")", "Check its rights.")
		return nil
	}
	parents = append(slices.Clone(parents), open)
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		at, as, in := filepath.Join(open, name), filepath.Join(show, name), path.Join(rel, name)
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			*links = append(*links, link{open: at, show: as, rel: in, parents: parents})
		case e.IsDir():
			if err := w.folder(ctx, at, as, in, parents, links); err != nil {
				return err
			}
		case !isKnowledge(name):
		case !e.Type().IsRegular():
			w.special(as)
		default:
			w.add(at, as, in, at)
		}
	}
	return nil
}

// follow reads what a link points at, where it lies inside the root. A link out
// of the root is not followed: whoever may add a file to a folder of articles
// must not be able to publish any other file of this machine.
func (w *finder) follow(ctx context.Context, root string, l link, links *[]link) error {
	real, err := filepath.EvalSymlinks(l.open)
	if err != nil {
		w.broken(l, err)
		return nil
	}
	info, err := os.Stat(real)
	if err != nil {
		w.broken(l, err)
		return nil
	}
	if !info.IsDir() && !isKnowledge(l.show) {
		return nil
	}
	if info.IsDir() && slices.Contains(l.parents, real) {
		w.problem(l.show, "this link points back to a folder that it stands in, which would never end",
			"Remove the link; what it points at has been read already.")
		return nil
	}
	if real != root && !strings.HasPrefix(real, root+string(filepath.Separator)) {
		w.problem(l.show, "this link points out of the folder that is being read",
			"Copy what it points at into the folder, or name its path on the command line as well.")
		return nil
	}
	switch {
	case info.IsDir():
		return w.folder(ctx, real, l.show, l.rel, l.parents, links)
	case !info.Mode().IsRegular():
		w.special(l.show)
	default:
		w.add(real, l.show, l.rel, real)
	}
	return nil
}

func (w *finder) broken(l link, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		w.problem(l.show, "this link points at nothing", "Correct or remove it.")
		return
	}
	w.problem(l.show, "this link cannot be followed: it leads round in a loop or somewhere closed ("+reason(err)+")",
		"Correct or remove it.")
}

// add takes a file once, by its real path.
func (w *finder) add(open, show, rel, real string) {
	w.matched++
	if w.seen[real] {
		return
	}
	w.seen[real] = true
	ext := path.Ext(rel)
	// A file name may come decomposed (macOS) or in any bytes: the id is one
	// and the same text on every machine.
	id := norm.NFC.String(strings.Map(uncontrolled, strings.ToValidUTF8(strings.TrimSuffix(rel, ext), "_")))
	w.files = append(w.files, file{open: open, show: show, id: id, ext: strings.ToLower(ext)})
}

// uncontrolled puts _ in the place of a line break or control character: an id
// that is given may hold none either.
func uncontrolled(r rune) rune {
	if unicode.IsControl(r) {
		return '_'
	}
	return r
}

// plainPath is a path that can be stored and printed: one that is not plain text
// (a name of a disk from elsewhere, a control character) stands in quotation
// marks with its odd bytes spelt out.
func plainPath(p string) string {
	if utf8.ValidString(p) && !strings.ContainsFunc(p, unicode.IsControl) {
		return p
	}
	return strconv.Quote(p)
}

func (w *finder) special(show string) {
	w.problem(show, "this is not a regular file", "Replace it by a plain file.")
}

func (w *finder) problem(show, message, remedy string) {
	w.problems = append(w.problems, Problem{Path: show, Message: message, Remedy: remedy})
}

func isKnowledge(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown", ".mdx", ".jsonl", ".csv":
		return true
	}
	return false
}

// reason is the innermost words of an error of the file system, without the path
// that is said already.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
