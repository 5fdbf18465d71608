package proc

import (
	"os/exec"
	"sync"
	"testing"
)

// A child that is just being started beside it may not keep a fresh copy from
// being started.
func TestCopyProgram_CanBeStartedWhileOthersAre(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := exec.CommandContext(t.Context(), sh, "-c", ":").Run(); err != nil {
						t.Errorf("a child beside it: %v", err)
						return
					}
				}
			}
		})
	}
	for range 60 {
		path, err := copyProgram(sh, t.TempDir())
		if err == nil {
			err = exec.CommandContext(t.Context(), path, "-c", ":").Run()
		}
		if err != nil {
			t.Error(err)
			break
		}
	}
	close(stop)
	wg.Wait()
}
