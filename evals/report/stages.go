package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// StagesFile of a run's folder says where its failing cases were lost, a Stage a
// line. A run has none where nobody looked.
const StagesFile = "stages.jsonl"

// WriteStages writes where cases were lost into a run's folder; without any there
// is no file.
func WriteStages(folder string, list []Stage) error {
	if len(list) == 0 {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, s := range list {
		if err := e.Encode(s); err != nil {
			return fmt.Errorf("write stages: %w", err)
		}
	}
	if err := replace(filepath.Join(folder, StagesFile), b.Bytes()); err != nil {
		return fmt.Errorf("write stages: %w", err)
	}
	return nil
}

// ReadStages reads where cases were lost; without the file there are none.
func ReadStages(folder string) ([]Stage, error) {
	path := filepath.Join(folder, StagesFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read stages: %w", err)
	}
	defer f.Close()
	var out []Stage
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for n := 1; s.Scan(); n++ {
		var st Stage
		if err := json.Unmarshal(s.Bytes(), &st); err != nil {
			return nil, fmt.Errorf("%s:%d: %w; run it again", path, n, err)
		}
		if st.Case == "" || st.Stage == "" {
			return nil, fmt.Errorf("%s:%d: a stage needs its case and its name; run it again", path, n)
		}
		out = append(out, st)
	}
	return out, s.Err()
}
