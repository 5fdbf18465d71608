//go:build unix

package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

func funlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

// flock locks the open file for this process, or returns errLocked.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return fmt.Errorf("lock %s: %w", f.Name(), err)
		}
	}
}

// ownerOf returns the user id a file belongs to.
func ownerOf(info fs.FileInfo) (uid int, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// ownGroup starts the command as the leader of a process group, so that a
// Ctrl-C at the terminal does not reach it and it can be ended with its children.
func ownGroup(cmd *exec.Cmd) {
	attr(cmd).Setpgid = true
}

// ownSession starts the command in a session of its own: detached from the
// terminal and, on Linux, in a scheduling group of its own.
func ownSession(cmd *exec.Cmd) {
	attr(cmd).Setsid = true
}

// runAs starts the command as the given user, without further groups.
func runAs(cmd *exec.Cmd, u *LowUser) {
	attr(cmd).Credential = &syscall.Credential{Uid: uint32(u.UID), Gid: uint32(u.GID), Groups: []uint32{}}
}

func attr(cmd *exec.Cmd) *syscall.SysProcAttr {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	return cmd.SysProcAttr
}

// killGroup ends a process started by ownGroup or ownSession, with all that is
// still in its group.
func killGroup(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

// become makes this process the low user for good: every thread, no further
// groups, no way back.
func become(u *LowUser) error {
	if err := syscall.Setgroups([]int{}); err != nil {
		return fmt.Errorf("drop groups: %w", err)
	}
	if err := syscall.Setgid(u.GID); err != nil {
		return fmt.Errorf("become group %d: %w", u.GID, err)
	}
	if err := syscall.Setuid(u.UID); err != nil {
		return fmt.Errorf("become user %d: %w", u.UID, err)
	}
	return nil
}

func setUmask(mask int) { syscall.Umask(mask) }

func signalProcess(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }
