package proc

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// Home is one installation's folder and what is derived from it.
type Home struct {
	Dir  string   // absolute, links resolved
	Base string   // where parts, data and logs lie; Dir unless the caller is root
	User *LowUser // who runs the parts; nil: the caller

	program string // what is started as the encoders; empty: the calling program
}

// OpenHome makes the home where it does not exist (0700) and finds its base.
// As root it also makes the low user and the base, the first time.
func OpenHome(dir string) (*Home, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the home: %w", err)
	}
	if err := makePrivate(abs); err != nil {
		return nil, err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, fmt.Errorf("open the home: %w", err)
	}
	if err := checkOwner(abs); err != nil {
		return nil, err
	}
	h := &Home{Dir: abs, Base: abs}
	if os.Geteuid() == 0 {
		if err := h.openRootBase(); err != nil {
			return nil, err
		}
	}
	for _, d := range []string{h.runDir(), h.logDir(), h.dataDir()} {
		if err := h.makeServiceDir(d); err != nil {
			return nil, err
		}
	}
	if err := makeDir(h.partsDir(), 0o755); err != nil {
		return nil, err
	}
	return h, nil
}

func (h *Home) runDir() string   { return filepath.Join(h.Base, "run") }
func (h *Home) logDir() string   { return filepath.Join(h.Base, "logs") }
func (h *Home) dataDir() string  { return filepath.Join(h.Base, "data") }
func (h *Home) partsDir() string { return filepath.Join(h.Base, "parts") }

// DataDir is the folder the parts' user keeps its data in (0700, its own).
func (h *Home) DataDir() string { return h.dataDir() }

func (h *Home) wheelDir() string     { return filepath.Join(h.Dir, "wheels") }
func (h *Home) manifestPath() string { return filepath.Join(h.Base, "manifest.json") }
func (h *Home) setupLock() string    { return filepath.Join(h.Dir, "setup.lock") }
func (h *Home) idPath() string       { return filepath.Join(h.Dir, "id") }
func (h *Home) meetPath() string     { return filepath.Join(h.runDir(), "supervisor.json") }
func (h *Home) linkPath() string     { return filepath.Join(h.Dir, "base") }

// key is a short name for the base, for places where paths must be short.
func (h *Home) key() string { return shortHash(h.Base) }

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// makePrivate makes the home itself for its owner only; parents as usual.
func makePrivate(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return homeError(dir, err)
	}
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		info, statErr := os.Stat(dir)
		if statErr != nil {
			return homeError(dir, statErr)
		}
		if !info.IsDir() {
			return fmt.Errorf("the home %s is a file: name a folder in FRONTDESK_HOME", dir)
		}
		return nil
	}
	if err != nil {
		return homeError(dir, err)
	}
	return nil
}

func homeError(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the home %s cannot be used by this user: name a folder of your own in FRONTDESK_HOME: %w", dir, err)
	}
	return fmt.Errorf("make the home %s: %w", dir, err)
}

// checkOwner refuses another user's home: its locks, keys and data would not
// be ours to use.
func checkOwner(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return homeError(dir, err)
	}
	uid, ok := ownerOf(info)
	if !ok || uid == os.Geteuid() {
		return nil
	}
	name := strconv.Itoa(uid)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return fmt.Errorf("the home %s belongs to user %s: run as that user, or name a folder of your own in FRONTDESK_HOME", dir, name)
}

func makeDir(dir string, mode fs.FileMode) error {
	if err := os.MkdirAll(dir, mode); err != nil {
		return fmt.Errorf("make %s: %w", dir, err)
	}
	if err := os.Chmod(dir, mode); err != nil { // whatever the umask was
		return fmt.Errorf("make %s: %w", dir, err)
	}
	return nil
}

// makeServiceDir makes a folder that belongs to the user who runs the parts.
func (h *Home) makeServiceDir(dir string) error {
	if h.User != nil {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			return nil // made before, and no longer ours to change
		}
	}
	if err := makeDir(dir, 0o700); err != nil {
		return err
	}
	if h.User == nil {
		return nil
	}
	if err := os.Lchown(dir, h.User.UID, h.User.GID); err != nil {
		return fmt.Errorf("give %s to %s: %w", dir, h.User.Name, err)
	}
	return nil
}

// id returns the home's own random name, making it the first time. It keeps a
// new home at an old path from finding what the old one left elsewhere.
func (h *Home) id() (string, error) {
	for {
		b, err := os.ReadFile(h.idPath())
		if err == nil && len(strings.TrimSpace(string(b))) > 0 {
			return strings.TrimSpace(string(b)), nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read the home's id: %w", err)
		}
		fresh := rand.Text()
		if err := writeOnce(h.idPath(), []byte(fresh+"\n")); err != nil {
			return "", fmt.Errorf("write the home's id: %w", err)
		}
	}
}

// writeOnce makes the file whole or not at all, and leaves one that is there:
// of two that try at once, both go on with the same.
func writeOnce(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		// No hard links here: a rename is as whole, and last one wins.
		return os.Rename(tmp.Name(), path)
	}
	return nil
}

// writeWhole replaces the file in one step.
func writeWhole(path string, content []byte, mode fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
