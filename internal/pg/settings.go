package pg

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine is what the cluster's settings depend on.
type machine struct {
	memory int64 // bytes this process may use
	cores  int
}

// thisMachine reads memory from the kernel and from the control group, where
// that allows less. Where neither says, 4 GB is assumed.
func thisMachine() machine {
	m := machine{memory: 4 << 30, cores: runtime.NumCPU()}
	if n := memTotal("/proc/meminfo"); n > 0 {
		m.memory = n
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 {
			m.memory = min(m.memory, n)
		}
	}
	return m
}

func memTotal(path string) int64 {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err == nil {
				return n << 10
			}
		}
	}
	return 0
}

// settings are the cluster's, fit for the machine. Postgres' own defaults are
// for a machine of 1 GB; this one shares with the embedder and with us, so it
// takes an eighth of the memory where the usual advice is a quarter.
func settings(m machine) []string {
	const mib = 1 << 20
	mb := func(n int64) string { return strconv.FormatInt(n/mib, 10) + "MB" }
	out := []string{
		"fsync=on",
		"synchronous_commit=on",
		"full_page_writes=on",
		"shared_buffers=" + mb(clamp(m.memory/8, 64*mib, 1024*mib)),
		"effective_cache_size=" + mb(clamp(m.memory/2, 256*mib, 64*1024*mib)),
		"work_mem=" + mb(clamp(m.memory/256, 4*mib, 32*mib)),
		"maintenance_work_mem=" + mb(clamp(m.memory/16, 32*mib, 256*mib)),
		"max_connections=200", // idle ones are cheap; several commands and test programs share the cluster
		"wal_level=minimal",   // nothing replicates the private cluster
		"max_wal_senders=0",
		"wal_buffers=16MB",
		"min_wal_size=128MB",
		"max_wal_size=1GB",
		"checkpoint_timeout=15min",
		"random_page_cost=1.1", // everything is in memory or on flash
		"jit=off",              // compiles for longer than these queries run
		"huge_pages=off",
		"timezone=UTC",
		"log_timezone=UTC",
		"password_encryption=scram-sha-256",
		// The log is for us, not for what customers said: no statements, no
		// parameters, no key values, and of what goes wrong with a query nothing
		// at all (it may quote a value); the client that asked logs its code.
		"log_min_messages=log",
		"log_min_error_statement=panic",
		"log_parameter_max_length_on_error=0",
		"log_error_verbosity=terse",
		"log_checkpoints=off",
		"log_line_prefix=%m [%p] %a ",
		"max_worker_processes=" + strconv.Itoa(max(m.cores, 2)*2),
		"max_parallel_workers=" + strconv.Itoa(m.cores),
	}
	if m.cores <= 2 {
		// Starting workers costs more than a second core gives while others wait.
		out = append(out, "max_parallel_workers_per_gather=0", "max_parallel_maintenance_workers=1")
	}
	if runtime.GOOS == "linux" {
		out = append(out, "effective_io_concurrency=200")
	}
	return out
}

func clamp(n, least, most int64) int64 { return max(least, min(n, most)) }

func (m machine) String() string {
	return fmt.Sprintf("%d MB, %d cores", m.memory>>20, m.cores)
}
