package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// errLocked says that another process has the lock.
var errLocked = errors.New("locked by another process")

// fileLock is a lock that the system lets go of when its process ends, however
// it ends.
type fileLock struct{ f *os.File }

// tryLock takes the lock at once or returns errLocked.
func tryLock(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := flock(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	// Whoever had it before may have taken the file away: a lock on a file
	// without a name locks nobody out.
	if mine, named := statBoth(f, path); !os.SameFile(mine, named) {
		_ = f.Close()
		return nil, errLocked
	}
	return &fileLock{f: f}, nil
}

func statBoth(f *os.File, path string) (mine, named os.FileInfo) {
	mine, err := f.Stat()
	if err != nil {
		return nil, nil
	}
	if named, err = os.Stat(path); err != nil {
		return mine, nil
	}
	return mine, named
}

// lockWait takes the lock, looking again until it is free; waiting is called
// once when it is not free at first.
func lockWait(ctx context.Context, path string, waiting func()) (*fileLock, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for first := true; ; first = false {
		l, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the lock %s: %w", path, ctx.Err())
		case <-tick.C:
		}
	}
}

// release unlocks before it closes: a child that is being forked holds a copy
// of the file for a moment, and with it would go on holding the lock.
func (l *fileLock) release() {
	_ = funlock(l.f)
	_ = l.f.Close()
}

// Lock takes the lock of a file, waiting until it is free, and returns what
// lets it go.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	l, err := lockWait(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	return l.release, nil
}
