package gate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/evals/grade"
)

// Limits of what is read: more is no baseline.
const (
	mostBytes  = 256 << 20
	mostLine   = 8 << 20
	mostInName = 64
)

func answersFile(name string) string { return name + ".answers.jsonl.gz" }

// CheckName says whether a baseline can have this name: it becomes a file's.
func CheckName(name string) error {
	ok := name != "" && len(name) <= mostInName && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "-")
	for _, r := range name {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}
	if !ok {
		return fmt.Errorf("%q is no name for a baseline: take up to %d small letters, digits, dots and dashes", name, mostInName)
	}
	return nil
}

// WriteBaseline writes a baseline into a folder: NAME.json for people to read and
// compare, a case a line, and its answers beside it.
func WriteBaseline(folder string, b Baseline) error {
	if err := CheckName(b.Name); err != nil {
		return err
	}
	answers, sum, err := packAnswers(b.Outputs)
	if err != nil {
		return fmt.Errorf("write a baseline: %w", err)
	}
	b.Answers = sum
	data, err := b.marshal()
	if err != nil {
		return fmt.Errorf("write a baseline: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("write a baseline: %w", err)
	}
	// The answers first: what cuts this short leaves a baseline whose answers are
	// another one's, which reading says.
	if err := replace(filepath.Join(folder, answersFile(b.Name)), answers); err != nil {
		return fmt.Errorf("write a baseline: %w", err)
	}
	if err := replace(filepath.Join(folder, b.Name+".json"), data); err != nil {
		return fmt.Errorf("write a baseline: %w", err)
	}
	return nil
}

// replace writes a file whole or not at all.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// marshal writes a case a line, so that a change of one is a line's.
func (b Baseline) marshal() ([]byte, error) {
	list := b.Cases
	b.Cases = []Kept{}
	var head bytes.Buffer
	e := json.NewEncoder(&head)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(b); err != nil {
		return nil, err
	}
	const none = `"cases": []`
	before, after, ok := bytes.Cut(head.Bytes(), []byte(none))
	if !ok {
		return nil, errors.New("a baseline without a list of cases")
	}
	var out bytes.Buffer
	out.Write(before)
	out.WriteString(`"cases": [` + "\n")
	e = json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for i, k := range list {
		if err := e.Encode(k); err != nil {
			return nil, err
		}
		out.Truncate(out.Len() - 1) // the encoder's end of line
		if i+1 < len(list) {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteString("  ]")
	out.Write(after)
	return out.Bytes(), nil
}

// ReadBaseline reads a baseline of a folder, with its answers where they are
// there. ErrNoBaseline: there is none of that name. Errors name the file and
// line, and what to do.
func ReadBaseline(folder, name string) (Baseline, error) {
	if err := CheckName(name); err != nil {
		return Baseline{}, err
	}
	path := filepath.Join(folder, name+".json")
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Baseline{}, fmt.Errorf("%w %s: accept a run with `frontdesk eval accept RUN --as %s --reason …`", ErrNoBaseline, path, name)
	}
	if err != nil {
		return Baseline{}, fmt.Errorf("read a baseline: %w", err)
	}
	b, err := decodeBaseline(path, data)
	if err != nil {
		return Baseline{}, err
	}
	if b.Name != name {
		return Baseline{}, fmt.Errorf("%s is the baseline %q: files keep the names they were accepted as", path, b.Name)
	}
	path = filepath.Join(folder, answersFile(name))
	switch data, err := readFile(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Baseline{}, fmt.Errorf("read a baseline: %w", err)
	default:
		if b.Outputs, err = decodeAnswers(path, data, b.Answers); err != nil {
			return Baseline{}, err
		}
	}
	return b, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(data) > mostBytes {
		err = fmt.Errorf("%s is larger than %d MiB", path, mostBytes>>20)
	}
	return data, err
}

// packAnswers writes outputs a line each, packed; sum is of what is packed, so
// that another packer's bytes would do as well.
func packAnswers(list []grade.Output) (packed []byte, sum string, err error) {
	var b bytes.Buffer
	h := sha256.New()
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, "", err
	}
	e := json.NewEncoder(io.MultiWriter(z, h))
	e.SetEscapeHTML(false)
	for _, o := range list {
		if err := e.Encode(o); err != nil {
			return nil, "", err
		}
	}
	if err := z.Close(); err != nil {
		return nil, "", err
	}
	return b.Bytes(), hex.EncodeToString(h.Sum(nil)), nil
}

const restore = "take both files of the baseline from version control, or accept a run again"

func decodeAnswers(path string, data []byte, sum string) ([]grade.Output, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", path, err, restore)
	}
	h := sha256.New()
	s := bufio.NewScanner(io.TeeReader(io.LimitReader(z, mostBytes), h))
	s.Buffer(nil, mostLine)
	out := []grade.Output{}
	seen := map[string]bool{}
	for n := 1; s.Scan(); n++ {
		var o grade.Output
		if err := json.Unmarshal(s.Bytes(), &o); err != nil {
			return nil, fmt.Errorf("%s:%d: %w: %s", path, n, err, restore)
		}
		if seen[o.Case] {
			return nil, fmt.Errorf("%s:%d: case %s stands here twice: %s", path, n, o.Case, restore)
		}
		seen[o.Case] = true
		out = append(out, o)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", path, err, restore)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return nil, fmt.Errorf("%s holds the answers of another baseline: %s", path, restore)
	}
	return out, nil
}
