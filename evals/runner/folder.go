package runner

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"frontdesk/evals/cases"
	"frontdesk/evals/grade"
)

// FormatVersion of a run's folder.
const FormatVersion = 1

// Files of a run's folder. All but the times are the same bytes for the same
// program, knowledge and cases.
const (
	metaFile    = "meta.json"
	outputsFile = "outputs.jsonl"
	gradesFile  = "grades.jsonl"
	casesFile   = "cases.jsonl" // as they were played, so that a report can show them
	timingFile  = "timing.json"
)

// Meta is what a run was made with.
type Meta struct {
	Format int    `json:"format"`
	Grader int    `json:"grader"` // grade.Version
	Config string `json:"config"` // name of the configuration
	// Program is which program played it: two programs may give the same, so that
	// it is told and never compared.
	Program  string            `json:"program,omitempty"`
	Versions map[string]string `json:"versions"`
	// Articles are the knowledge's, each with a hash of its own, so that it can be
	// said which of them changed; the whole of them is among the versions.
	Articles map[string]string `json:"articles,omitempty"`
	// Named are the suites that the run was asked for by name; none: all there were.
	Named  []string `json:"named,omitempty"`
	Suites []string `json:"suites"`
	Cases  int      `json:"cases"`
	Hash   string   `json:"cases_sha256"`
}

// Folder is a run as it is kept.
type Folder struct {
	Meta    Meta
	Cases   []cases.Case
	Outputs []grade.Output
	Grades  []grade.Grade
	Timings []Timing
}

// NewMeta describes a run; versions names what decides beside the cases, each
// with its hash or number.
func NewMeta(config string, versions map[string]string, list []cases.Case) (Meta, error) {
	lines, err := jsonLines(list)
	if err != nil {
		return Meta{}, err
	}
	sum := sha256.Sum256(lines)
	return Meta{
		Format: FormatVersion, Grader: grade.Version, Config: config, Versions: versions,
		Suites: cases.Suites(list), Cases: len(list), Hash: hex.EncodeToString(sum[:]),
	}, nil
}

// Configuration is the hash of everything that decides beside the cases. The name
// that a configuration was given is no part of it.
func (m Meta) Configuration() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(m.Versions)) {
		fmt.Fprintf(h, "%q %q\n", name, m.Versions[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// ErrNotARun says that a run would take the place of something else.
var ErrNotARun = errors.New("a run takes the place of a run alone")

// besides are the files that reports add to a run's.
func besides() []string {
	return []string{
		"report.html", "report.md", "junit.xml", "results.jsonl", "verdict.json", "stages.jsonl", "corpus.json", "timing.html", "selftest.json", "selftest.md",
	}
}

// CheckPlace says whether a run may be written as this folder: what is there
// already goes, so that it has to be a run, an empty folder or nothing. It is for
// asking before anything is played.
func CheckPlace(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the folder for the run: %w; name another one with --out", err)
	}
	ours := append(besides(), metaFile, casesFile, outputsFile, gradesFile, timingFile)
	for _, e := range entries {
		if !slices.Contains(ours, e.Name()) || !e.Type().IsRegular() {
			return fmt.Errorf("%w: %s holds %s, which is of none; name another folder with --out", ErrNotARun, folder, e.Name())
		}
	}
	return nil
}

// Write writes a run into a folder of its own. One that is there already is put
// aside, and removed once the new one is whole; anything else stays, and is an
// error.
func Write(folder string, f Folder) error {
	if err := CheckPlace(folder); err != nil {
		return fmt.Errorf("write a run: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return fmt.Errorf("write a run: %w", err)
	}
	beside, err := os.MkdirTemp(filepath.Dir(folder), ".run-*")
	if err != nil {
		return fmt.Errorf("write a run: %w", err)
	}
	defer os.RemoveAll(beside)
	if err := f.writeInto(beside); err != nil {
		return fmt.Errorf("write a run: %w", err)
	}
	if err := os.Chmod(beside, 0o755); err != nil {
		return fmt.Errorf("write a run: %w", err)
	}
	old := beside + "-old"
	if err := os.Rename(folder, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write a run: %w", err)
	}
	if err := os.Rename(beside, folder); err != nil {
		return fmt.Errorf("write a run: %w", err)
	}
	return os.RemoveAll(old)
}

func (f Folder) writeInto(dir string) error {
	meta, err := json.MarshalIndent(f.Meta, "", "  ")
	if err != nil {
		return err
	}
	files := map[string][]byte{metaFile: append(meta, '\n')}
	for name, list := range map[string]func() ([]byte, error){
		casesFile:   func() ([]byte, error) { return jsonLines(f.Cases) },
		outputsFile: func() ([]byte, error) { return jsonLines(f.Outputs) },
		gradesFile:  func() ([]byte, error) { return jsonLines(f.Grades) },
		timingFile:  f.timingLines,
	} {
		if files[name], err = list(); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// timingLine is a line of the timing file: a case's, or the last one, which sums
// them up.
type timingLine struct {
	Timing
	Summary *Times `json:"summary,omitempty"`
}

func (f Folder) timingLines() ([]byte, error) {
	lines, err := jsonLines(f.Timings)
	if err != nil {
		return nil, err
	}
	last, err := jsonLines([]struct {
		Summary Times `json:"summary"`
	}{{TimesOf(f.Timings)}})
	return append(lines, last...), err
}

func readTimings(path string) ([]Timing, error) {
	var list []timingLine
	if err := readLines(path, &list); err != nil {
		return nil, err
	}
	var out []Timing
	for _, x := range list {
		if x.Summary == nil {
			out = append(out, x.Timing)
		}
	}
	return out, nil
}

func jsonLines[T any](list []T) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, v := range list {
		if err := e.Encode(v); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// Read reads a run's folder. Errors name the file and line; a run of another
// format says so.
func Read(folder string) (Folder, error) {
	var f Folder
	data, err := os.ReadFile(filepath.Join(folder, metaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f, fmt.Errorf("%s is no run: it has no %s; make one with `frontdesk eval run`", folder, metaFile)
	}
	if err != nil {
		return f, fmt.Errorf("read a run: %w", err)
	}
	if err := json.Unmarshal(data, &f.Meta); err != nil {
		return f, fmt.Errorf("%s: %w; run it again", filepath.Join(folder, metaFile), err)
	}
	if f.Meta.Format != FormatVersion {
		return f, fmt.Errorf("%s is of format %d, this program reads %d: run it again", folder, f.Meta.Format, FormatVersion)
	}
	var slow error
	f.Timings, slow = readTimings(filepath.Join(folder, timingFile))
	if err := errors.Join(
		readLines(filepath.Join(folder, casesFile), &f.Cases), readLines(filepath.Join(folder, outputsFile), &f.Outputs),
		readLines(filepath.Join(folder, gradesFile), &f.Grades), slow,
	); err != nil {
		return f, err
	}
	if len(f.Cases) != f.Meta.Cases || len(f.Outputs) != f.Meta.Cases {
		return f, fmt.Errorf("%s has %d cases and %d outputs of %d: it was cut short; run it again", folder, len(f.Cases), len(f.Outputs), f.Meta.Cases)
	}
	return f, nil
}

// longestLine is how long a line may be: a reply of a page with all its choices
// is some 20 kB.
const longestLine = 8 << 20

func readLines[T any](path string, into *[]T) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there: a run has all its files; run it again", path)
	}
	if err != nil {
		return fmt.Errorf("read a run: %w", err)
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, longestLine)
	for n := 1; s.Scan(); n++ {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return fmt.Errorf("%s:%d: %w; run it again", path, n, err)
		}
		*into = append(*into, v)
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
