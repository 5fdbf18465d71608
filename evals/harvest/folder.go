package harvest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// FormatVersion of a folder.
const FormatVersion = 1

const (
	metaFile   = "harvest.json"
	ledgerFile = "harvest.jsonl"
)

// Meta is what a folder was begun with.
type Meta struct {
	Format int     `json:"format"`
	Site   string  `json:"site"`
	Frozen float64 `json:"frozen"` // share of the conversations
	Mark   string  `json:"mark"`   // of the key: Maker.Mark
}

// Entry is a candidate in the ledger: where it comes from. It stays when the
// case is deleted, so that a person's no counts.
type Entry struct {
	Case         string   `json:"case"`
	Split        string   `json:"split"`
	Conversation string   `json:"conversation"`
	Words        string   `json:"words"`
	Day          string   `json:"day"`
	Why          []string `json:"why"`
	File         string   `json:"file"`
}

// Folder is where a site's candidates lie.
type Folder struct {
	dir     string
	meta    Meta
	fresh   bool // not written yet
	entries []Entry
	cases   map[string]bool // in the ledger or in a file
	words   map[string]bool
}

// ReadMeta reads what a folder was begun with; ok is false where there is none.
func ReadMeta(dir string) (m Meta, ok bool, err error) {
	path := filepath.Join(dir, metaFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read a harvest: %w", err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, false, fmt.Errorf("%s: %w; take it back from version control, or harvest into another folder", path, err)
	}
	if m.Format != FormatVersion {
		return m, false, fmt.Errorf("%s is of format %d, this program reads %d: harvest into another folder", path, m.Format, FormatVersion)
	}
	return m, true, nil
}

// Open opens a folder, or begins one. It is refused where it is another site's,
// or where its splits are mixed.
func Open(dir string, want Meta) (*Folder, error) {
	want.Format = FormatVersion
	f := &Folder{dir: dir, meta: want, cases: map[string]bool{}, words: map[string]bool{}}
	have, ok, err := ReadMeta(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, metaFile)
	switch {
	case !ok:
		f.fresh = true
	case have.Site != want.Site:
		return nil, fmt.Errorf("%s is a harvest of the site %s: name another folder for %s", path, have.Site, want.Site)
	case have.Mark != want.Mark:
		return nil, fmt.Errorf("%s was begun at another installation, whose hashes are others: name another folder", path)
	case have.Frozen != want.Frozen:
		return nil, fmt.Errorf("%s freezes %g of the conversations: what is frozen stays so; leave --frozen out, or name another folder", path, have.Frozen)
	}
	return f, f.read()
}

func (f *Folder) read() error {
	path := filepath.Join(f.dir, ledgerFile)
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read a harvest: %w", err)
	}
	split := map[string]string{}
	s := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; s.Scan(); n++ {
		var e Entry
		if err := json.Unmarshal(s.Bytes(), &e); err != nil || e.Case == "" || e.Split != Train && e.Split != Frozen {
			return fmt.Errorf("%s:%d is no entry of a ledger; take the file back from version control", path, n)
		}
		f.entries = append(f.entries, e)
		f.cases[e.Case], f.words[e.Words], split[e.Case] = true, true, e.Split
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.files(split)
}

// caseLine is where a case of a harvest begins in a file. Files are not parsed:
// somebody may be in the middle of labelling them.
var caseLine = regexp.MustCompile(`(?:^|[{,\s"-])id"?\s*:\s*"?(h-[0-9a-f]{16})\b`) //nolint:gochecknoglobals // a constant

// files finds the cases that lie in the folder, and refuses one that is in the
// wrong split.
func (f *Folder) files(split map[string]string) error {
	var wrong []error
	first := map[string]string{}
	for _, in := range []string{Train, Frozen} {
		err := filepath.WalkDir(filepath.Join(f.dir, in), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll
			}
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			n := 0
			for line := range strings.Lines(string(data)) {
				n++
				m := caseLine.FindStringSubmatch(line)
				if m == nil {
					continue
				}
				at := fmt.Sprintf("%s:%d", path, n)
				switch was, known := split[m[1]]; {
				case known && was != in:
					wrong = append(wrong, fmt.Errorf("%s: case %s is of the %s split, and this is %s: put it back", at, m[1], was, in))
				case first[m[1]] != "" && !strings.HasPrefix(first[m[1]], filepath.Join(f.dir, in)+string(filepath.Separator)):
					wrong = append(wrong, fmt.Errorf("%s: case %s stands in %s as well: it is of one split, remove it from the other", at, m[1], first[m[1]]))
				default:
					first[m[1]] = at
				}
				f.cases[m[1]] = true
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read a harvest: %w", err)
		}
	}
	return errors.Join(wrong...)
}

// Added counts what Add did.
type Added struct {
	Train, Frozen int
	Known         int // were harvested before
	Twice         int // say what another candidate says
	Files         []string
}

// Add writes those candidates that are new into files of their own, named after a
// day, and then into the ledger.
func (f *Folder) Add(list []Candidate, day string) (a Added, err error) {
	bySplit := map[string][]Candidate{}
	for _, c := range list {
		switch {
		case f.cases[c.ID]:
			a.Known++
			continue
		case f.words[c.Words]:
			a.Twice++
			continue
		}
		f.cases[c.ID], f.words[c.Words] = true, true
		bySplit[c.Split] = append(bySplit[c.Split], c)
	}
	a.Train, a.Frozen = len(bySplit[Train]), len(bySplit[Frozen])
	if a.Train+a.Frozen == 0 {
		return a, nil
	}
	if f.fresh {
		meta, err := json.MarshalIndent(f.meta, "", "  ")
		if err != nil {
			return a, err
		}
		if err := write(filepath.Join(f.dir, metaFile), append(meta, '\n')); err != nil {
			return a, err
		}
		f.fresh = false
	}
	for _, split := range []string{Train, Frozen} {
		if len(bySplit[split]) == 0 {
			continue
		}
		name := f.newName(split, day)
		if err := write(filepath.Join(f.dir, name), yamlOf(f.meta.Site, split, day, bySplit[split])); err != nil {
			return a, err
		}
		a.Files = append(a.Files, filepath.Join(f.dir, name))
		for _, c := range bySplit[split] {
			f.entries = append(f.entries, Entry{Case: c.ID, Split: c.Split, Conversation: c.Conversation, Words: c.Words, Day: c.Day, Why: c.Why, File: filepath.ToSlash(name)})
		}
	}
	return a, f.writeLedger()
}

func (f *Folder) writeLedger() error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range f.entries {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return write(filepath.Join(f.dir, ledgerFile), b.Bytes())
}

// newName is a file that is not there yet.
func (f *Folder) newName(split, day string) string {
	taken := func(name string) bool {
		_, err := os.Lstat(filepath.Join(f.dir, name))
		return err == nil
	}
	name := filepath.Join(split, day+".yaml")
	for n := 2; taken(name); n++ {
		name = filepath.Join(split, fmt.Sprintf("%s-%d.yaml", day, n))
	}
	return name
}

// Entries are the ledger's, oldest first.
func (f *Folder) Entries() []Entry { return slices.Clone(f.entries) }

// write writes a file whole or not at all.
func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write a harvest: %w", err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), ".harvest-*")
	if err != nil {
		return fmt.Errorf("write a harvest: %w", err)
	}
	defer os.Remove(t.Name()) // it was moved, or the error is told below
	_, err = t.Write(data)
	if err = errors.Join(err, t.Chmod(0o644), t.Close()); err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write a harvest: %w", err)
	}
	return nil
}
