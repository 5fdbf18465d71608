package local

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapped is a file in memory, read as it is needed: pages that nobody reads
// cost nothing, and two encoders on one machine share those that are read.
// A file cut short while it is mapped ends the process when the part that is
// gone is touched: the supervisor starts another, which says so in words.
type mapped struct{ b []byte }

func mapFile(path string, size int64) (*mapped, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != size || size == 0 {
		return nil, fmt.Errorf("%w: %s has %d bytes instead of %d", ErrWeights, path, info.Size(), size)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return &mapped{b: b}, nil
}

func (m *mapped) close() error {
	b := m.b
	m.b = nil
	if b == nil {
		return nil
	}
	return unix.Munmap(b)
}
