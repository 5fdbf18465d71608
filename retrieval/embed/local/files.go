package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	graphFile    = "encoder.onnx"
	weightsFile  = "weights.bin"
	manifestFile = "manifest.json"
)

// manifest says what was made for a model. It is written last.
type manifest struct {
	Model     string              `json:"model"`
	Precision Precision           `json:"precision"`
	Cosine    float64             `json:"cosine"`  // the least against the reference vectors
	Refused   map[string]float64  `json:"refused"` // precision → its least cosine, where that was too little
	Runtime   string              `json:"runtime"` // ONNX Runtime's version
	Files     map[string]madeFile `json:"files"`
}

type madeFile struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// readManifest reads what was made for a model and checks that all of it is
// there, to the byte: it is a fourth of the weights, read anyway in a moment.
func readManifest(dir string) (manifest, error) {
	var m manifest
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%w: %s is not JSON", ErrWeights, filepath.Join(dir, manifestFile))
	}
	for name, want := range m.Files {
		sum, err := fileSum(filepath.Join(dir, name))
		if err != nil {
			return m, fmt.Errorf("%w: %w", ErrWeights, err)
		}
		if sum != want.SHA256 {
			return m, fmt.Errorf("%w: %s is damaged", ErrWeights, filepath.Join(dir, name))
		}
	}
	return m, nil
}

// writeSynced writes a file that is on the disk when it returns: a rename must
// not be there before what it names.
func writeSynced(path string, write func(io.Writer) error) (madeFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return madeFile{}, err
	}
	h := sha256.New()
	c := &counter{w: io.MultiWriter(f, h)}
	err = write(c)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return madeFile{}, err
	}
	return madeFile{Size: c.n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
