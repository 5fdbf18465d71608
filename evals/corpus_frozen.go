package evals

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// frozenNames are the businesses of the shipped corpus that are a test. They
// stand here as well as in FROZEN.sha256, so that a shorter list cannot thaw one.
func frozenNames() []string { return []string{"cabinet", "irisette", "kerbside"} }

// hashFile is where the hashes of frozen files stand, one a line as sha256sum
// writes them.
const hashFile = "FROZEN.sha256"

// checkFrozen names the frozen businesses among names and makes sure that they
// hold the listed files, byte for byte, and no others. A corpus of somebody
// else's without frozen businesses needs no list.
func checkFrozen(dir string, names []string) ([]string, error) {
	path := filepath.Join(dir, hashFile)
	want, err := readHashes(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for _, n := range frozenNames() {
			if slices.Contains(names, n) {
				return nil, badCorpus("%s is frozen, and %s is missing", n, path)
			}
		}
		return nil, nil
	case err != nil:
		return nil, err
	}
	var frozen []string
	for _, n := range frozenNames() {
		if slices.Contains(names, n) {
			frozen = append(frozen, n)
		}
	}
	for file := range want {
		if n, _, _ := strings.Cut(file, "/"); !slices.Contains(frozen, n) {
			frozen = append(frozen, n)
		}
	}
	slices.Sort(frozen)
	for _, n := range frozen {
		if err := checkFrozenFolder(dir, n, want); err != nil {
			return nil, err
		}
	}
	for file := range want {
		return nil, badCorpus("%s is frozen and missing", filepath.Join(dir, file))
	}
	return frozen, nil
}

// checkFrozenFolder holds every file of a business against its hash, and takes
// it off want.
func checkFrozenFolder(dir, name string, want map[string]string) error {
	files := 0
	err := filepath.WalkDir(filepath.Join(dir, name), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		sum, listed := want[rel]
		if !listed {
			return badCorpus("%s stands in a frozen business and not in %s", path, hashFile)
		}
		got, err := hashOf(path)
		if err != nil {
			return err
		}
		if got != sum {
			return badCorpus("%s is frozen and was changed", path)
		}
		delete(want, rel)
		files++
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return badCorpus("%s is frozen and missing", filepath.Join(dir, name))
	}
	if err == nil && files == 0 {
		return badCorpus("%s is frozen and empty", filepath.Join(dir, name))
	}
	return err
}

func hashOf(path string) (string, error) {
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

// readHashes reads "hash  path" lines into path → hash.
func readHashes(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	want := map[string]string{}
	sc := bufio.NewScanner(f)
	for line := 1; sc.Scan(); line++ {
		if sc.Text() == "" {
			continue
		}
		sum, file, ok := strings.Cut(sc.Text(), "  ")
		raw, err := hex.DecodeString(sum)
		if !ok || err != nil || len(raw) != sha256.Size || !filepath.IsLocal(file) || want[file] != "" {
			return nil, badCorpus("%s:%d: not a hash and a file of its own", path, line)
		}
		want[file] = sum
	}
	if err := sc.Err(); err != nil {
		return nil, badCorpus("%s: %v", path, err)
	}
	if len(want) == 0 {
		return nil, badCorpus("%s lists no file", path)
	}
	return want, nil
}
