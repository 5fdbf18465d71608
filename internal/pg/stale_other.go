//go:build !linux

package pg

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// clusterProcesses is the postmaster named by the data folder's pid file, if it
// still runs and its command line names that folder.
func clusterProcesses(data string) []int {
	pid, ok := postmasterPID(data)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || !strings.Contains(string(out), data) {
		return nil
	}
	return []int{pid}
}
