package pg

import (
	"os"
	"path/filepath"
	"strconv"
)

// clusterProcesses are the processes of the cluster in data: a postmaster and
// its children all work in that folder, and no other program does.
func clusterProcesses(data string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd"))
		if err != nil || cwd != data {
			continue
		}
		exe, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		if err != nil || (filepath.Base(exe) != "postgres" && filepath.Base(exe) != "postgres (deleted)") {
			continue
		}
		pids = append(pids, pid)
	}
	return pids
}
