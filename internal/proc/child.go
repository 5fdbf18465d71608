package proc

import (
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is one run of a service's program.
type child struct {
	pid  int
	done chan struct{} // closed when it has ended
	err  error         // why, after done
}

// startChild starts the program. Its thread is kept for as long as the child
// lives, because the system's parent-death signal hangs on the thread.
func startChild(s Service, log io.Writer) (*child, error) {
	c := &child{done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(c.done)
		line := s.Command()
		cmd := exec.Command(line.Path, line.Args...) //nolint:noctx // its life is the service's, ended by signals
		cmd.Env, cmd.Dir = line.Env, line.Dir
		cmd.Stdout, cmd.Stderr = log, log
		cmd.WaitDelay = 2 * time.Second // a grandchild may hold the log's pipe a little longer
		if s.Idle {
			ownSession(cmd)
		} else {
			ownGroup(cmd)
		}
		dieWithParent(cmd, s.Orphan)
		if err := cmd.Start(); err != nil {
			started <- fmt.Errorf("start %s: %w", s.Name, err)
			return
		}
		c.pid = cmd.Process.Pid
		started <- nil
		c.err = cmd.Wait()
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// stop ends the child as the service asks, in the end by force.
func (c *child) stop(stops []Stop) {
	for _, s := range stops {
		_ = signalProcess(c.pid, s.Signal)
		t := time.NewTimer(s.Wait)
		select {
		case <-c.done:
			t.Stop()
			return
		case <-t.C:
		}
	}
	killGroup(c.pid)
	<-c.done
}

// ended describes why the child ended.
func (c *child) ended() error {
	if c.err == nil {
		return fmt.Errorf("process %d ended", c.pid)
	}
	return fmt.Errorf("process %d ended: %w", c.pid, c.err)
}

// RunTied runs a command made with a context. Neither the end of its context
// nor a sudden end of this process leaves it running (the latter on Linux).
func RunTied(cmd *exec.Cmd) error {
	ownGroup(cmd)
	cmd.Cancel = func() error {
		killGroup(cmd.Process.Pid)
		return nil
	}
	runtime.LockOSThread() // the parent-death signal hangs on this thread
	defer runtime.UnlockOSThread()
	dieWithParent(cmd, syscall.SIGKILL)
	return cmd.Run()
}
