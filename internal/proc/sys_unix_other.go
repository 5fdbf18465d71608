//go:build unix && !linux

package proc

import (
	"fmt"
	"os/exec"
	"syscall"
)

// dieWithParent has no counterpart here: the next start ends what was left.
func dieWithParent(*exec.Cmd, syscall.Signal) {}

// lowestPriority puts a process behind others: nice 19 is all there is here.
func lowestPriority(pid int) error {
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, pid, 19); err != nil {
		return fmt.Errorf("lower the priority of %d: %w", pid, err)
	}
	return nil
}
