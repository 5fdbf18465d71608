// Command supervise is the home's supervisor for test programs. It is the same
// as `frontdesk supervise`, in a program small enough to be built on the way.
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
)

func main() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := proc.RunSupervisor(ctx, os.Args[1], services, proc.SupervisorConfig{})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func services(h *proc.Home, socketDir string) ([]proc.Service, error) {
	return h.Services(socketDir, pg.Service, runtime.NumCPU())
}
