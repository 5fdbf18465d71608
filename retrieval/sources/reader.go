package sources

import (
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"frontdesk/retrieval"
)

// reader turns files into articles and keeps ids unique.
type reader struct {
	opt      Options
	open     func(name string) (io.ReadCloser, int64, error)
	byID     map[string]string // id → where its article came from
	articles []retrieval.Article
	problems []Problem
	said     int // problems of the file under way
	unsaid   int // those above maxProblems
	unsaidIn int // of them, more than warnings
}

// maxProblems is how many problems of one file are said one by one: a list in the
// wrong format has one a line.
const maxProblems = 50

func newReader(opt Options) *reader {
	return &reader{opt: opt, open: openFile, byID: map[string]string{}}
}

func openFile(name string) (io.ReadCloser, int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// read takes one file in, or says what is wrong with it.
func (r *reader) read(f file) {
	r.said, r.unsaid, r.unsaidIn = 0, 0, 0
	r.content(f)
	if r.unsaid > 0 {
		r.problems = append(r.problems, Problem{
			Path: f.show, Message: fmt.Sprintf("there are %d more problems in this file", r.unsaid),
			Remedy: "Correct those above first; often the rest goes with them.", Warning: r.unsaidIn == 0,
		})
	}
}

func (r *reader) content(f file) {
	limit := r.opt.MaxArticleBytes
	if isList(f.ext) {
		limit = r.opt.MaxListBytes
	}
	data, c := r.load(f, limit)
	if c != nil {
		r.complain(f, *c, false)
		return
	}
	if isList(f.ext) && len(data) == 0 {
		r.complain(f, complaint{message: "this file is empty", remedy: "Write entries into it, or remove it."}, false)
		return
	}
	text, c := decode(data, f.show)
	if c != nil {
		r.complain(f, *c, false)
		return
	}
	switch f.ext {
	case ".jsonl":
		r.readJSONL(f, text)
	case ".csv":
		r.readCSV(f, text)
	default:
		r.readMarkdown(f, text)
	}
}

func isList(ext string) bool { return ext == ".jsonl" || ext == ".csv" }

// load reads at most limit bytes, whatever size the file system promised.
func (r *reader) load(f file, limit int) ([]byte, *complaint) {
	in, length, err := r.open(f.open)
	if err != nil {
		return nil, &complaint{message: "this file cannot be read (" + reason(err) + ")", remedy: "Check its rights."}
	}
	defer in.Close()
	if length > int64(limit) {
		return nil, tooLarge("file", int(length), limit)
	}
	data, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if err != nil {
		return nil, &complaint{message: "this file could not be read to its end (" + reason(err) + ")", remedy: "Check the disk and try again."}
	}
	if len(data) > limit {
		return nil, tooLarge("file", len(data), limit)
	}
	return data, nil
}

func tooLarge(what string, n, limit int) *complaint {
	return &complaint{
		message: fmt.Sprintf("this %s is %s, more than the %s allowed", what, size(n), size(limit)),
		remedy:  "Split it into several articles, one subject each.",
	}
}

// draft is an article on its way in, with where it came from.
type draft struct {
	article retrieval.Article
	file    file
	line    int  // line of the entry; 0 for a whole file
	made    bool // the id was made from the entry's words and may be numbered
}

// finish checks what every article must have and takes it in.
func (r *reader) finish(d draft) {
	a := &d.article
	a.Source = plainPath(d.file.show)
	if d.line > 0 {
		a.Source += ":" + strconv.Itoa(d.line)
	}
	if !hasWords(a.Body) {
		r.complain(d.file, complaint{
			line: d.line, message: "this article is empty: there is no word in it",
			remedy: "Write its text, or remove it.",
		}, false)
		return
	}
	if d.made {
		a.ID = r.free(a.ID)
	}
	if first, taken := r.byID[a.ID]; taken {
		r.complain(d.file, complaint{
			line:    d.line,
			message: fmt.Sprintf("the id %q is taken by %s, which stays", a.ID, first),
			remedy:  "Give one of the two another id.",
		}, false)
		return
	}
	r.byID[a.ID] = a.Source
	r.articles = append(r.articles, *a)
}

// free numbers an id that was made from an entry's words where two entries begin
// alike. Ids that people gave are never changed.
func (r *reader) free(id string) string {
	try := id
	for n := 2; ; n++ {
		if _, taken := r.byID[try]; !taken {
			return try
		}
		try = id + "-" + strconv.Itoa(n)
	}
}

func (r *reader) complain(f file, c complaint, warning bool) {
	if r.said++; r.said > maxProblems {
		r.unsaid++
		if !warning {
			r.unsaidIn++
		}
		return
	}
	r.problems = append(r.problems, Problem{
		Path: f.show, Line: c.line, Message: c.message, Remedy: c.remedy, Warning: warning,
	})
}

// title is the name of a file as a title.
func (f file) title() string {
	name := strings.NewReplacer("-", " ", "_", " ").Replace(path.Base(f.id))
	return oneLine(name, maxTitle)
}
