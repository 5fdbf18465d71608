package proc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxSocketDir bounds the folder of the sockets: a Unix socket's whole path
// takes at most 103 bytes (macOS; Linux 107), and Postgres adds
// "/.s.PGSQL.5432.lock" to it.
const maxSocketDir = 80

// socketDir returns a folder of this user's alone where Unix sockets can be
// made: the base's run folder where its path is short and plain and its file
// system takes sockets, else one of a fixed name below the system's temporary
// folder, else one of a random name.
func (h *Home) socketDir(ctx context.Context) (string, error) {
	run := h.runDir()
	if len(run) <= maxSocketDir && plainPath(run) && takesSockets(ctx, run) {
		return run, nil
	}
	short := filepath.Join("/tmp", "frontdesk-"+strconv.Itoa(os.Geteuid())+"-"+h.key())
	if err := os.Mkdir(short, 0o700); err == nil || ownAndPrivate(short) {
		if takesSockets(ctx, short) {
			return short, nil
		}
	}
	random, err := os.MkdirTemp("", "frontdesk-")
	if err != nil {
		return "", fmt.Errorf("make a folder for sockets: %w", err)
	}
	if len(random) > maxSocketDir || !takesSockets(ctx, random) {
		return "", errors.Join(fmt.Errorf("no place for sockets: tried %s, %s and %s; set TMPDIR to a short path on a local file system", run, short, random), os.Remove(random))
	}
	return random, nil
}

// plainPath says whether a path needs no quoting anywhere it is used.
func plainPath(p string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"
	return !strings.ContainsFunc(p, func(r rune) bool { return !strings.ContainsRune(plain, r) })
}

// ownAndPrivate says whether dir is a real folder of ours that nobody else may
// enter; somebody else could have made one of that name before us.
func ownAndPrivate(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	uid, ok := ownerOf(info)
	return ok && uid == os.Geteuid()
}

// takesSockets tries: some shared and network file systems have none.
func takesSockets(ctx context.Context, dir string) bool {
	path := filepath.Join(dir, "try-"+strconv.Itoa(os.Getpid()))
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return false
	}
	return l.Close() == nil
}
