package serve

import "sync/atomic"

// budget counts bytes that are taken, up to a limit.
type budget struct{ taken atomic.Int64 }

// take takes n of limit; false: there is not so much left.
func (b *budget) take(n, limit int64) bool {
	if b.taken.Add(n) > limit {
		b.taken.Add(-n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.taken.Add(-n) }
