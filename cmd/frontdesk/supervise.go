package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"frontdesk/internal/pg"
	"frontdesk/internal/proc"
)

// newSuperviseCommand is the supervisor's own process. Nobody types it: the
// first command that needs a part starts it.
func newSuperviseCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "supervise",
		Short:  "Own the private Postgres and embedder while a command needs them",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return proc.RunSupervisor(cmd.Context(), a.config.Home, services, proc.SupervisorConfig{})
		},
	}
}

func services(h *proc.Home, socketDir string) ([]proc.Service, error) {
	return h.Services(socketDir, pg.Service, runtime.NumCPU())
}

// superviseCommand starts this program as the home's supervisor, with nothing
// of the caller's environment but what finds programs: no key, no address.
func superviseCommand(home string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self, "supervise", "--home", home) //nolint:noctx // it outlives this command
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"}
	return cmd, nil
}
