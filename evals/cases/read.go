package cases

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of what is read: more is a mistake, or a suite that should be cut in
// files.
const (
	mostBytes = 16 << 20 // of one file
	mostCases = 200_000
	mostTurns = 50
)

// file is a YAML file as it is written.
type file struct {
	Suite  string `yaml:"suite"`
	Writer string `yaml:"writer"`
	Source string `yaml:"source"`
	// Latency is how fast replies are to come in all its cases, where a turn does
	// not say so itself: classes.
	Latency yaml.Node   `yaml:"latency"`
	Cases   []yaml.Node `yaml:"cases"`
}

// classes are a file's classes of latency: of the replies to what is said or
// chosen, and to what else a customer presses. What people do at their desk has
// none.
type classes struct {
	Say   string `yaml:"say"`
	Press string `yaml:"press"`
}

// classes reads them; what is wrong is noted, and none is given then.
func (r *reader) classes(name string, n *yaml.Node) (l classes) {
	if n.Kind == 0 {
		return l
	}
	ok := n.Kind == yaml.MappingNode && !refers(n) && unknown(n, reflect.TypeFor[classes]()) == nil && n.Decode(&l) == nil
	for _, c := range []string{l.Say, l.Press} {
		ok = ok && (c == "" || Within(c) > 0)
	}
	if !ok {
		r.bad(name, n.Line, "latency of a file is {say: normal, press: instant}, each instant or normal, or left out")
		return classes{}
	}
	return l
}

// give gives turns that have no class of their own the file's.
func (l classes) give(turns []Turn) {
	for i := range turns {
		t := &turns[i]
		_, isChoice := t.Choice()
		switch {
		case t.Expect.Latency != "", t.Press == PressClosed:
		case t.Say != "" || isChoice:
			t.Expect.Latency = l.Say
		default:
			t.Expect.Latency = l.Press
		}
	}
}

// Read reads all cases of a folder: files that end in .yaml, .yml or .jsonl, in
// it and in folders within. The error lists everything that is wrong, one line
// each, with file and line.
func Read(ctx context.Context, folder fs.FS) ([]Case, error) {
	r := reader{seen: map[string]Case{}}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if entry.IsDir() {
			if name != "." && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		return r.file(folder, name)
	})
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if len(r.wrong) > 0 {
		return nil, errors.Join(r.wrong...)
	}
	if len(r.cases) == 0 {
		return nil, errors.New("there are no cases: files end in .yaml, .yml or .jsonl")
	}
	return r.cases, nil
}

type reader struct {
	cases []Case
	seen  map[string]Case
	wrong []error
}

func (r *reader) bad(name string, line int, format string, args ...any) {
	if line > 0 {
		name = fmt.Sprintf("%s:%d", name, line)
	}
	r.wrong = append(r.wrong, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
}

func (r *reader) file(folder fs.FS, name string) error {
	ext := strings.ToLower(path.Ext(name))
	if ext != ".yaml" && ext != ".yml" && ext != ".jsonl" {
		return nil
	}
	f, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	switch {
	case err != nil:
		return err
	case len(data) > mostBytes:
		r.bad(name, 0, "is larger than %d MiB; cut it into files", mostBytes>>20)
	case ext == ".jsonl":
		r.lines(name, data)
	default:
		r.yaml(name, data)
	}
	return nil
}

func (r *reader) yaml(name string, data []byte) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		r.broken(name, err)
		return
	}
	var more yaml.Node
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		r.bad(name, 0, "has a second document; a file is one")
		return
	}
	if len(f.Cases) == 0 {
		r.bad(name, 0, "has no cases")
	}
	within := r.classes(name, &f.Latency)
	for i := range f.Cases {
		n := &f.Cases[i]
		var c Case
		if line, err := known(n, &c); err != nil {
			r.bad(name, line, "%v", err)
			continue
		}
		if c.Suite == "" {
			c.Suite = f.Suite
		}
		if c.Writer == "" {
			c.Writer = f.Writer
		}
		if c.Source == "" {
			c.Source = f.Source
		}
		c.File, c.Line = name, n.Line
		within.give(c.Turns)
		r.take(c)
		*n = yaml.Node{} // a large file's nodes take ten times its bytes
	}
}

// broken says what is wrong with a file that is no YAML, or not of this kind.
func (r *reader) broken(name string, err error) {
	const remedy = "; a text with a colon, a # or a quote in it stands in quotes, and a list is written as in what `frontdesk eval new` writes"
	list := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		list = wrong.Errors
	}
	for _, what := range list {
		line, rest := 0, what
		if _, err := fmt.Sscanf(what, "line %d:", &line); err == nil {
			_, rest, _ = strings.Cut(what, ": ")
		}
		r.bad(name, line, "broken YAML: %s%s", strings.TrimSuffix(rest, " in type cases.file"), remedy)
	}
}

// known decodes a node and refuses fields that there are not, which a node's own
// Decode lets pass. line is where it is wrong.
func known(n *yaml.Node, into *Case) (line int, err error) {
	if refers(n) {
		return n.Line, errors.New("refers to another case (*name): write it out")
	}
	if odd := unknown(n, reflect.TypeFor[Case]()); odd != nil {
		return odd.Line, fmt.Errorf("field %s not found; `frontdesk eval new` writes a file with all there are", odd.Value)
	}
	err = n.Decode(into)
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		what := wrong.Errors[0]
		if _, err := fmt.Sscanf(what, "line %d:", &line); err == nil {
			_, what, _ = strings.Cut(what, ": ")
		}
		return max(line, n.Line), errors.New(what)
	}
	return n.Line, err
}

// unknown is the first key that names no field of what a node is to become.
func unknown(n *yaml.Node, as reflect.Type) *yaml.Node {
	if as.Kind() == reflect.Pointer {
		as = as.Elem()
	}
	switch {
	case n.Kind == yaml.SequenceNode && as.Kind() == reflect.Slice:
		for _, c := range n.Content {
			if odd := unknown(c, as.Elem()); odd != nil {
				return odd
			}
		}
	case n.Kind == yaml.MappingNode && as.Kind() == reflect.Struct:
		for i := 0; i+1 < len(n.Content); i += 2 {
			field, ok := fieldOf(as, n.Content[i].Value)
			if !ok {
				return n.Content[i]
			}
			if odd := unknown(n.Content[i+1], field); odd != nil {
				return odd
			}
		}
	}
	return nil
}

// fieldOf is what a field of YAML becomes.
func fieldOf(as reflect.Type, name string) (reflect.Type, bool) {
	for i := range as.NumField() {
		f := as.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); tag == name && tag != "-" {
			return f.Type, true
		}
	}
	return nil, false
}

// refers says whether a node names another one.
func refers(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, refers)
}

func (r *reader) lines(name string, data []byte) {
	s := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF")))) // some editors begin with it
	s.Buffer(nil, mostBytes)
	for n := 1; s.Scan(); n++ {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		var c Case
		if err := line(s.Bytes(), &c); err != nil {
			r.bad(name, n, "%v", err)
			continue
		}
		c.File, c.Line = name, n
		r.take(c)
	}
}

// line decodes a case that is a line, all of it: a second one behind it would be
// lost, and of a field that stands there twice one.
func line(data []byte, into *Case) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the case: a line is one")
	}
	return unique(json.NewDecoder(bytes.NewReader(data)))
}

// unique looks for a field that stands twice in an object. What it walks has been
// decoded before.
func unique(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, _ := token.(json.Delim)
	if open != '{' && open != '[' {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			if seen[name] {
				return fmt.Errorf("the field %q stands there twice", name)
			}
			seen[name] = true
		}
		if err := unique(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// take checks a case by itself and keeps it.
func (r *reader) take(c Case) {
	if c.Severity == "" {
		c.Severity = Normal
	}
	for _, w := range c.wrong() {
		r.bad(c.File, c.Line, "case %s: %s", c.ID, w)
	}
	if first, twice := r.seen[c.ID]; twice && c.ID != "" {
		r.bad(c.File, c.Line, "case %s: this id is taken by %s:%d", c.ID, first.File, first.Line)
	}
	if len(r.cases) == mostCases {
		r.bad(c.File, c.Line, "more than %d cases", mostCases)
		return
	}
	r.seen[c.ID] = c
	r.cases = append(r.cases, c)
}

// Suites are the names of the cases' suites, sorted.
func Suites(list []Case) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Suite)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
