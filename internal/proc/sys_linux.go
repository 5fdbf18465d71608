package proc

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent asks the kernel to send sig to the child when the thread that
// started it ends; the caller must keep that thread (runtime.LockOSThread).
func dieWithParent(cmd *exec.Cmd, sig syscall.Signal) {
	attr(cmd).Pdeathsig = sig
}

// lowestPriority puts a process and all its threads behind everything else on
// the machine: nice 19, SCHED_IDLE, and where the kernel groups by session the
// group too. Threads made later inherit it.
func lowestPriority(pid int) error {
	// With autogroups, nice counts only within a session; this weighs the
	// session itself. Absent on kernels without them.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte("19"), 0)
	done := map[int]bool{}
	for {
		tids, err := threads(pid)
		if err != nil {
			return fmt.Errorf("lower the priority of %d: %w", pid, err)
		}
		tids = slices.DeleteFunc(tids, func(tid int) bool { return done[tid] })
		if len(tids) == 0 {
			return nil
		}
		// A thread not lowered yet may be making another this moment: look again.
		for _, tid := range tids {
			done[tid] = true
			if err := lowerThread(tid); err != nil {
				return fmt.Errorf("lower the priority of thread %d: %w", tid, err)
			}
		}
	}
}

func threads(pid int) ([]int, error) {
	tasks, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	if err != nil {
		return nil, err
	}
	var tids []int
	for _, t := range tasks {
		if tid, err := strconv.Atoi(t.Name()); err == nil {
			tids = append(tids, tid)
		}
	}
	return tids, nil
}

func lowerThread(tid int) error {
	err := syscall.Setpriority(syscall.PRIO_PROCESS, tid, 19)
	if err == nil {
		err = unix.SchedSetAttr(tid, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE, Nice: 19}, 0)
	}
	if errors.Is(err, syscall.ESRCH) {
		return nil // it has ended
	}
	return err
}
