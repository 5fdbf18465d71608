// Command supervise is the home's supervisor for test programs. It is the same
// as `frontdesk supervise`, in a program small enough to be built on the way;
// started with "encode" it is the same as `frontdesk encode`, which the
// supervisor starts and setup tries.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"frontdesk/internal/pg"
	"frontdesk/internal/proc"
	"frontdesk/retrieval/embed/local/child"
)

func main() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if args[0] == "encode" {
		return child.Run(ctx, args[1:], os.Stdout, os.Stderr)
	}
	return proc.RunSupervisor(ctx, args[0], services, proc.SupervisorConfig{})
}

func services(h *proc.Home, socketDir string) ([]proc.Service, error) {
	return h.Services(socketDir, pg.Service, runtime.NumCPU())
}
