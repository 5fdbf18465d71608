package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// RunSupervisor is the whole of a supervisor process: it gives up root for the
// home's low user, leaves the caller's folder, and supervises. Another
// supervisor at work is no error.
func RunSupervisor(ctx context.Context, dir string, services ServicesFunc, cfg SupervisorConfig) error {
	h, err := OpenHome(dir)
	if err != nil {
		return err
	}
	if err := os.Chdir("/"); err != nil {
		return fmt.Errorf("leave the caller's folder: %w", err)
	}
	setUmask(0o022) // the copy of this program is for another user
	if err := h.shareProgram(ctx, ""); err != nil {
		return err
	}
	setUmask(0o077)
	if h.User != nil {
		if err := become(h.User); err != nil {
			return err
		}
	}
	err = Supervise(ctx, h, services, cfg)
	if errors.Is(err, ErrRunning) {
		return nil
	}
	return err
}
