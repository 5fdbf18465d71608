package proc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrBusy says that the parts are in use.
var ErrBusy = errors.New("the parts are in use")

// Remove takes away all that setup and the parts made for the home: data too.
// What is not ours in the folder stays. It returns ErrBusy while anything uses
// the parts. Say is told what went. Where there is no home at dir any more, what
// root's homes there have left elsewhere goes; where there is one, that stays,
// as it may be of a home that was moved away: Leftovers names it.
func Remove(ctx context.Context, dir string, say func(format string, args ...any)) error {
	h, err := findHome(dir)
	if err != nil {
		return err
	}
	left := h.Dir
	if h.Base != "" {
		if err := h.removeParts(ctx, say); err != nil {
			return err
		}
		left = ""
	}
	if os.Geteuid() == 0 {
		return leaveRootState(ctx, left, say)
	}
	return nil
}

// findHome looks where a home is without making anything; Base is empty where
// there is no home.
func findHome(dir string) (*Home, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the home: %w", err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	h := &Home{Dir: abs}
	if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err := checkOwner(abs); err != nil {
		return nil, err
	}
	h.Base = abs
	if os.Geteuid() != 0 {
		return h, nil
	}
	b, err := os.ReadFile(h.idPath())
	if errors.Is(err, fs.ErrNotExist) {
		h.Base = ""
		return h, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the home: %w", err)
	}
	id := strings.TrimSpace(string(b))
	h.Base = rootBase(abs, id)
	if old, ok := h.movedFrom(id); ok {
		h.Base = old // moved, and not used since
	}
	return h, nil
}

// removeParts waits for the supervisor to end and removes what is there.
func (h *Home) removeParts(ctx context.Context, say func(string, ...any)) error {
	if err := h.unheld(ctx); err != nil {
		return err
	}
	setup, err := tryLock(h.setupLock())
	if errors.Is(err, errLocked) {
		return fmt.Errorf("%w: a setup of this home is running", ErrBusy)
	}
	if err != nil {
		return err
	}
	defer setup.release()
	if _, err := os.Stat(h.runDir()); err == nil {
		ctx, cancel := context.WithTimeout(ctx, 45*time.Second)
		defer cancel()
		l, err := lockWait(ctx, filepath.Join(h.runDir(), "supervisor.lock"), func() {
			say("waiting for the parts to stop")
		})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
		defer l.release()
	}
	return h.removeFiles(say)
}

// unheld returns ErrBusy when somebody holds the parts; one who is just letting
// go is given a moment.
func (h *Home) unheld(ctx context.Context) error {
	for try := 0; ; try++ {
		st, err := h.Status(ctx)
		if err != nil || len(st.Clients) == 0 {
			return nil //nolint:nilerr // nobody answers: nobody holds
		}
		if try == 10 {
			return fmt.Errorf("%w by %s: end that first", ErrBusy, clientNames(st.Clients))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func clientNames(clients []Client) string {
	names := make([]string, 0, len(clients))
	for _, c := range clients {
		names = append(names, fmt.Sprintf("%s (process %d)", c.Name, c.PID))
	}
	return strings.Join(names, ", ")
}

// removeFiles removes our own names; both locks are held.
func (h *Home) removeFiles(say func(string, ...any)) error {
	short := filepath.Join("/tmp", "frontdesk-"+strconv.Itoa(h.serviceUID())+"-"+h.key())
	paths := []string{h.partsDir(), h.dataDir(), h.logDir(), h.runDir(), h.manifestPath(), short}
	if h.Base != h.Dir {
		paths = []string{h.Base, short, h.linkPath()}
	}
	paths = append(paths, h.wheelDir(), h.idPath())
	more, err := filepath.Glob(filepath.Join(globQuote(h.Dir), "test-supervise*"))
	if err != nil {
		return fmt.Errorf("remove the home: %w", err)
	}
	paths = append(paths, more...)
	if err := h.sweep(); err != nil {
		return err
	}
	for _, p := range paths {
		if _, err := os.Lstat(p); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.RemoveAll(p); err != nil {
			return fmt.Errorf("remove the home: %w", err)
		}
		say("removed %s", p)
	}
	if err := os.Remove(h.setupLock()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the home: %w", err)
	}
	if os.Remove(h.Dir) == nil { // fails where something else lies there, which stays
		say("removed %s", h.Dir)
	}
	return nil
}

func (h *Home) serviceUID() int {
	if info, err := os.Stat(h.runDir()); err == nil {
		if uid, ok := ownerOf(info); ok {
			return uid
		}
	}
	return os.Geteuid()
}

// leaveRootState removes what homes at this path (none: empty) left under
// rootState, and, with the last home, the folder and the user made for it.
func leaveRootState(ctx context.Context, dir string, say func(string, ...any)) error {
	if _, err := os.Stat(rootState); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	l, err := lockWait(ctx, filepath.Join(rootState, "lock"), nil)
	if err != nil {
		return err
	}
	defer l.release()
	bases, err := filepath.Glob(filepath.Join(rootState, "*", "home.json"))
	if err != nil {
		return fmt.Errorf("remove the home: %w", err)
	}
	left := 0
	for _, record := range bases {
		base := filepath.Dir(record)
		rec, err := readBase(base)
		if err != nil || rec.Home != dir || !idle(base) {
			left++
			continue
		}
		if err := os.RemoveAll(base); err != nil {
			return fmt.Errorf("remove the home: %w", err)
		}
		say("removed %s", base)
	}
	if left > 0 {
		return nil
	}
	return removeRootState(ctx, say)
}

// idle says whether no supervisor works in the base.
func idle(base string) bool {
	run := filepath.Join(base, "run")
	if _, err := os.Stat(run); errors.Is(err, fs.ErrNotExist) {
		return true
	}
	l, err := tryLock(filepath.Join(run, "supervisor.lock"))
	if err != nil {
		return false
	}
	l.release()
	return true
}

// removeRootState takes the low user, if it was made by us, and the folder.
func removeRootState(ctx context.Context, say func(string, ...any)) error {
	var rec rootRecord
	if b, err := os.ReadFile(rootRecordPath()); err == nil && json.Unmarshal(b, &rec) == nil && rec.Created {
		path, err := exec.LookPath("userdel")
		if err != nil {
			path = "/usr/sbin/userdel"
		}
		if out, err := exec.CommandContext(ctx, path, rec.User.Name).CombinedOutput(); err != nil {
			say("the system user %s could not be removed: %s", rec.User.Name, lastLines(out))
		} else {
			say("removed the system user %s", rec.User.Name)
		}
	}
	for _, p := range []string{rootRecordPath(), filepath.Join(rootState, "lock")} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the home: %w", err)
		}
	}
	if os.Remove(rootState) == nil {
		say("removed %s", rootState)
	}
	return nil
}

// Leftover is what a home that is gone has left under /var/lib/frontdesk.
type Leftover struct {
	Base string
	Home string // where the home was
}

// Leftovers lists what root's homes that were deleted by hand have left, where
// the caller is root: Remove with such a path takes it away. A home that was
// moved and not used since is among them; its next use takes the base along.
func Leftovers() []Leftover {
	if os.Geteuid() != 0 {
		return nil
	}
	records, err := filepath.Glob(filepath.Join(rootState, "*", "home.json"))
	if err != nil {
		return nil
	}
	var out []Leftover
	for _, record := range records {
		base := filepath.Dir(record)
		if rec, err := readBase(base); err == nil && rec.deserted(base) {
			out = append(out, Leftover{Base: base, Home: rec.Home})
		}
	}
	return out
}
