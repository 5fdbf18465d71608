package retrieval

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"frontdesk/internal/fault"
)

// embedJob is one text to embed and the chunks that have it.
type embedJob struct {
	text   string
	chunks []ChunkVector // without their vector yet
	bare   []ChunkVector // those that have one and lack token vectors
}

// embedRun embeds the missing texts of one ingest. Callers' goroutines only
// ask and pass on; one writer gathers and writes, so that no call ever waits
// for the database.
type embedRun struct {
	in         *Ingester
	space      ingestSpace
	site       SiteID
	generation int
	jobs       []embedJob
	progress   func(Progress)
	before     int // texts that other models' runs have done
	total      int // texts of all runs

	took time.Duration
	busy float64

	mu        sync.Mutex
	blamed    []embedJob // texts that no vector can be made of
	start     time.Time
	last      time.Time // the embedder's last answer
	inFlight  int
	busySince time.Time
	busySum   time.Duration
	done      int
	doneBytes int
	bytes     int
}

func (r *embedRun) run(ctx context.Context) error {
	if len(r.jobs) == 0 {
		return nil
	}
	for _, j := range r.jobs {
		r.bytes += len(j.text)
	}
	r.start = r.in.deps.Now()
	r.last = r.start
	r.report(nil)

	batches := make(chan []embedJob)
	// Room for everything that can be under way: a worker never waits to pass on.
	vectors := make(chan []ChunkVector, len(r.jobs)/r.in.cfg.Batch+1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.write(ctx, vectors) })
	g.Go(func() error {
		defer close(vectors)
		workers, ctx := errgroup.WithContext(ctx)
		for range r.in.cfg.InFlight {
			workers.Go(func() error {
				for b := range batches {
					v, err := r.embed(ctx, b)
					if err != nil {
						return err
					}
					vectors <- v
				}
				return nil
			})
		}
		workers.Go(func() error {
			defer close(batches)
			for from := 0; from < len(r.jobs); from += r.in.cfg.Batch {
				select {
				case batches <- r.jobs[from:min(from+r.in.cfg.Batch, len(r.jobs))]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
		return workers.Wait()
	})
	err := g.Wait()
	if r.took > 0 {
		r.busy = r.busySum.Seconds() / r.took.Seconds()
	}
	return err
}

// embed asks for one batch until it is answered, Patience is used up, or the
// answer stays one that is no embedding. A text that is to blame itself is put
// aside.
func (r *embedRun) embed(ctx context.Context, jobs []embedJob) ([]ChunkVector, error) {
	const invalidTries = 3 // a server under load may answer nonsense once
	pause := r.in.cfg.Backoff
	for try := 1; len(jobs) > 0; try++ {
		texts := make([]string, len(jobs))
		for i, j := range jobs {
			texts[i] = j.text
		}
		vecs, err := r.call(ctx, texts)
		if err == nil {
			err = checkEncoded(vecs, len(texts), r.space.model, r.space.tokenDims)
		}
		if err == nil {
			return r.finish(jobs, vecs), nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i, ok := r.in.deps.Blamed(err); ok && i >= 0 && i < len(jobs) && fault.KindOf(err) == fault.Invalid {
			jobs = r.putAside(jobs, i)
			try = 0
			continue
		}
		kind := fault.KindOf(err)
		lasting := kind == fault.Invalid && try >= invalidTries ||
			kind != fault.Invalid && kind != fault.Unavailable && kind != fault.Timeout && kind != fault.RateLimited
		r.mu.Lock()
		away := r.in.deps.Now().Sub(r.last)
		r.mu.Unlock()
		if lasting || away >= r.in.cfg.Patience {
			return nil, fmt.Errorf("embed %d texts (try %d): %w", len(jobs), try, err)
		}
		r.report(err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, 32*r.in.cfg.Backoff)
	}
	return nil, nil
}

// putAside takes one text out of a batch for good.
func (r *embedRun) putAside(jobs []embedJob, i int) []embedJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blamed = append(r.blamed, jobs[i])
	r.done++
	r.doneBytes += len(jobs[i].text)
	rest := append([]embedJob(nil), jobs[:i]...)
	return append(rest, jobs[i+1:]...)
}

// call is one request; it keeps count of the time the embedder is at work.
func (r *embedRun) call(ctx context.Context, texts []string) ([]Encoded, error) {
	r.mu.Lock()
	if r.inFlight == 0 {
		r.busySince = r.in.deps.Now()
	}
	r.inFlight++
	r.mu.Unlock()

	vecs, err := Encode(ctx, r.space.Embedder, EmbedPassage, texts)

	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.in.deps.Now()
	r.inFlight--
	if r.inFlight == 0 {
		r.busySum += now.Sub(r.busySince)
	}
	r.took = now.Sub(r.start)
	return vecs, err
}

func (r *embedRun) finish(jobs []embedJob, vecs []Encoded) []ChunkVector {
	var out []ChunkVector
	bytes := 0
	for i, j := range jobs {
		bytes += len(j.text)
		for _, c := range j.chunks {
			c.Vec, c.Rows, c.Places = vecs[i].Vec, vecs[i].Rows, vecs[i].Places
			out = append(out, c)
		}
		for _, c := range j.bare {
			c.Rows, c.Places = vecs[i].Rows, vecs[i].Places
			out = append(out, c)
		}
	}
	r.mu.Lock()
	r.done += len(jobs)
	r.doneBytes += bytes
	r.last = r.in.deps.Now()
	r.mu.Unlock()
	r.report(nil)
	return out
}

// report tells how far it is. The lock is held over the callback, so that
// calls come one at a time and in order.
func (r *embedRun) report(trouble error) {
	if r.progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Done: r.before + r.done, Total: r.total, Trouble: trouble}
	if passed := r.in.deps.Now().Sub(r.start).Seconds(); passed > 0 && r.done > 0 {
		p.Rate = float64(r.done) / passed
		left := float64(r.bytes-r.doneBytes) / float64(r.doneBytes) * passed
		p.Remaining = time.Duration(left * float64(time.Second))
	}
	r.progress(p)
}

// write gathers vectors and writes them; what is written survives a kill, and
// the next ingest takes it over.
func (r *embedRun) write(ctx context.Context, vectors <-chan []ChunkVector) error {
	var batch []ChunkVector
	flush := func(ctx context.Context) error {
		if len(batch) == 0 {
			return nil
		}
		if err := r.in.deps.Store.PutVectors(ctx, r.site, r.generation, r.space.model, batch); err != nil {
			return fmt.Errorf("write vectors: %w", err)
		}
		batch = batch[:0]
		return nil
	}
	// What is embedded already is kept for the next ingest, also when this one is
	// stopped or fails, which may happen while vectors are being written.
	last, cancel := outlive(ctx, 3*time.Second)
	defer cancel()
	for v := range vectors {
		batch = append(batch, v...)
		if len(batch) >= r.in.cfg.WriteEvery {
			if err := flush(last); err != nil {
				return err
			}
		}
	}
	return errors.Join(ctx.Err(), flush(last))
}

// outlive makes a context that ends d after ctx does: time to put away what is
// at hand.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return out, func() {
		stop()
		cancel()
	}
}
