package proc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

const (
	// rootState is where the parts of root's homes lie: a low user reaches it,
	// whatever the modes above the home are.
	rootState = "/var/lib/frontdesk"
	// lowUserName is the system user made for the parts where useradd exists.
	lowUserName = "frontdesk"
)

// LowUser is the user that runs the parts when root starts them.
type LowUser struct {
	Name string `json:"name"`
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
}

// rootRecord is what rootState remembers about itself.
type rootRecord struct {
	User    LowUser `json:"user"`
	Created bool    `json:"created"` // the user was made by us and goes with the last home
}

// baseRecord ties a base to the home it belongs to.
type baseRecord struct {
	Home string `json:"home"`
}

// openRootBase finds or makes the low user and the home's base under rootState.
func (h *Home) openRootBase() error {
	id, err := h.id()
	if err != nil {
		return err
	}
	h.Base = rootBase(h.Dir, id)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	l, err := lockRootState(ctx)
	if err != nil {
		return err
	}
	defer l.release()
	if h.User, err = lowUser(ctx); err != nil {
		return err
	}
	if err := h.follow(ctx, id); err != nil {
		return err
	}
	if err := makeDir(h.Base, 0o755); err != nil {
		return err
	}
	b, err := json.Marshal(baseRecord{Home: h.Dir})
	if err != nil {
		return fmt.Errorf("write the base's record: %w", err)
	}
	if err := writeWhole(filepath.Join(h.Base, "home.json"), b, 0o644); err != nil {
		return fmt.Errorf("write the base's record: %w", err)
	}
	return h.link()
}

// follow takes the base of a home along that has been moved since. A home that
// was copied begins anew; the base stays the first one's.
func (h *Home) follow(ctx context.Context, id string) error {
	old, ok := h.movedFrom(id)
	if !ok {
		return nil
	}
	if _, err := os.Stat(filepath.Join(old, "run")); err == nil {
		l, err := lockWait(ctx, filepath.Join(old, "run", "supervisor.lock"), nil)
		if err != nil {
			return fmt.Errorf("%w where this home was before: end what uses %s: %w", ErrBusy, old, err)
		}
		defer l.release()
	}
	if err := os.Rename(old, h.Base); err != nil {
		return fmt.Errorf("take the data of the moved home along: %w", err)
	}
	return nil
}

// movedFrom returns the base that a home had where it lay before, and whether
// that is this home's still: its link leads there, its id made that base's
// name, and where the base's record has the home nothing leads there any more.
func (h *Home) movedFrom(id string) (old string, ok bool) {
	old, err := os.Readlink(h.linkPath())
	if err != nil || old == h.Base {
		return "", false // no link: a new home
	}
	rec, err := readBase(old)
	if err != nil || rootBase(rec.Home, id) != old {
		return "", false // nothing of this home's is there
	}
	if !rec.deserted(old) {
		return "", false // a copy
	}
	if _, err := os.Lstat(h.Base); !errors.Is(err, fs.ErrNotExist) {
		return "", false // it has one where it is now
	}
	return old, true
}

// readBase reads the record that ties a base to its home.
func readBase(base string) (baseRecord, error) {
	var rec baseRecord
	b, err := os.ReadFile(filepath.Join(base, "home.json"))
	if err != nil {
		return rec, err
	}
	return rec, json.Unmarshal(b, &rec)
}

// deserted says whether no home leads to the base any more where its record
// says that one should. The home may still have been moved.
func (r baseRecord) deserted(base string) bool {
	to, err := os.Readlink(filepath.Join(r.Home, "base"))
	return errors.Is(err, fs.ErrNotExist) || err == nil && to != base
}

// lockRootState makes the folder and locks it. Another home's removal may take
// it away between the two; then it is made again.
func lockRootState(ctx context.Context) (*fileLock, error) {
	for {
		if err := makeDir(rootState, 0o755); err != nil {
			return nil, fmt.Errorf("the parts of root's home need a place that a low user can reach: %w", err)
		}
		l, err := lockWait(ctx, filepath.Join(rootState, "lock"), nil)
		if !errors.Is(err, fs.ErrNotExist) {
			return l, err
		}
	}
}

func rootBase(dir, id string) string {
	return filepath.Join(rootState, shortHash(dir+"\n"+id))
}

// link points from the home to its base, for people who look for it.
func (h *Home) link() error {
	if to, err := os.Readlink(h.linkPath()); err == nil && to == h.Base {
		return nil
	}
	if err := os.Remove(h.linkPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("link the base: %w", err)
	}
	if err := os.Symlink(h.Base, h.linkPath()); err != nil {
		return fmt.Errorf("link the base: %w", err)
	}
	return nil
}

func rootRecordPath() string { return filepath.Join(rootState, "user.json") }

// lowUser returns the user remembered in rootState; the first time, a system
// user that exists or can be made, else nobody.
func lowUser(ctx context.Context) (*LowUser, error) {
	var rec rootRecord
	b, err := os.ReadFile(rootRecordPath())
	if err == nil && json.Unmarshal(b, &rec) == nil {
		if u, err := lookupUser(rec.User.Name); err == nil && u.UID == rec.User.UID {
			return u, nil
		}
	}
	rec = rootRecord{}
	u, err := lookupUser(lowUserName)
	if err != nil {
		if rec.Created = addUser(ctx); rec.Created {
			u, err = lookupUser(lowUserName)
		}
	}
	if err != nil {
		rec.Created = false
		u, err = lookupUser("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("root may not run Postgres, and no low user was found (tried %q and \"nobody\"): add one with `useradd --system %s`", lowUserName, lowUserName)
	}
	rec.User = *u
	if b, err = json.Marshal(rec); err != nil {
		return nil, fmt.Errorf("remember the low user: %w", err)
	}
	if err := writeWhole(rootRecordPath(), b, 0o644); err != nil {
		return nil, fmt.Errorf("remember the low user: %w", err)
	}
	return u, nil
}

func lookupUser(name string) (*LowUser, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	if uid == 0 {
		return nil, fmt.Errorf("user %s is root", name)
	}
	return &LowUser{Name: name, UID: uid, GID: gid}, nil
}

// addUser makes the system user where useradd is there; false: it is not, or
// would not.
func addUser(ctx context.Context) bool {
	path, err := exec.LookPath("useradd")
	if err != nil {
		path = "/usr/sbin/useradd"
	}
	cmd := exec.CommandContext(ctx, path, "--system", "--user-group", "--no-create-home",
		"--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", lowUserName)
	return cmd.Run() == nil
}
