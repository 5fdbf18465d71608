package proc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The encoders are this program itself, started as `frontdesk encode`. Where
// the caller is root, the low user who runs the parts may not reach the file
// (a checkout in a private folder), and it may be replaced while the supervisor
// lives: so the base holds a copy, named by what it is.

// programMark begins the name of such a copy.
const programMark = "encode-"

func (h *Home) programDir() string { return filepath.Join(h.Base, "programs") }

// encoderProgram is the program to start; shareProgram has named it where the
// caller is or was root.
func (h *Home) encoderProgram() (string, error) {
	if h.program != "" {
		return h.program, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return self, nil
}

// shareProgram makes sure that the parts' user can start the program: as root
// by a copy in the base. Empty: the calling program. Copies that no supervisor
// can be using go.
func (h *Home) shareProgram(ctx context.Context, path string) error {
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		path = self
	}
	if h.User == nil {
		h.program = path
		return nil
	}
	if err := makeDir(h.programDir(), 0o755); err != nil {
		return err
	}
	to, err := copyProgram(path, h.programDir())
	if err != nil {
		return fmt.Errorf("copy the program to where user %s can start it: %w", h.User.Name, err)
	}
	h.program = to
	h.dropPrograms(ctx)
	return nil
}

// copyProgram copies a file into dir under a name made of its content, unless
// that is there.
func copyProgram(path, dir string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, in)
	if err != nil {
		return "", err
	}
	to := filepath.Join(dir, programMark+hex.EncodeToString(sum.Sum(nil))[:16])
	if info, err := os.Stat(to); err == nil && info.Size() == size {
		now := time.Now() // in use: see dropPrograms
		return to, os.Chtimes(to, now, now)
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	tmp, err := writeProgram(in, dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(tmp) }()
	return to, os.Rename(tmp, to)
}

// writeProgram copies in to a new file of dir that can be run. No other child is
// begun meanwhile: until it is its own program it would hold the file open for
// writing, and a file that is being written cannot be started (ETXTBSY).
func writeProgram(in io.Reader, dir string) (path string, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	out, err := os.CreateTemp(dir, tempPrefix)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(0o755), out.Close()); err != nil {
		_ = os.Remove(out.Name())
		return "", err
	}
	return out.Name(), nil
}

// programAge is how long a copy stays after its last use: longer than any setup
// that may have just made it.
const programAge = time.Hour

// dropPrograms removes copies of other programs. One that a supervisor started
// is left to a later time.
func (h *Home) dropPrograms(ctx context.Context) {
	if _, err := h.Status(ctx); err == nil {
		return
	}
	entries, err := os.ReadDir(h.programDir())
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(h.programDir(), e.Name())
		info, err := e.Info()
		if err != nil || path == h.program || time.Since(info.ModTime()) < programAge {
			continue
		}
		_ = os.Remove(path) // what stays costs room, nothing else
	}
}
