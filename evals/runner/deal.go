package runner

import (
	"context"
	"sync"
)

// Deal has n pieces of work done by so many workers, the i-th by worker i modulo
// their number, so that two runs deal alike. The first error ends it. progress may
// be nil; it is told how many are done, from several goroutines, one at a time.
func Deal(ctx context.Context, workers, n int, progress func(int), do func(ctx context.Context, worker, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := 0
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && ctx.Err() == nil; i += workers {
				if err := do(ctx, w, i); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				done++
				if progress != nil {
					progress(done)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
