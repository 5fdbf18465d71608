//go:build unix

package proc

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A process that forks lends its child every open file until the child has
// become another program.
func TestLock_IsFreeAtOnceWhileAForkedChildHasACopyOfTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	held, err := tryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := syscall.Dup(int(held.f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(copied)
	held.release()
	again, err := tryLock(path)
	if err != nil {
		t.Fatalf("the lock was let go and is not free: %v", err)
	}
	again.release()
}
