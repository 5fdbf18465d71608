package proc

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// logBytes caps one log file; with the one before it a part's logs take at
// most twice this.
const logBytes = 5 << 20

// rotating is a log file that starts anew when it is full and keeps the one
// before.
type rotating struct {
	path string
	most int64

	mu   sync.Mutex
	f    *os.File
	size int64
}

func openRotating(path string, most int64) (*rotating, error) {
	r := &rotating{path: path, most: most}
	if err := r.open(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *rotating) open() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the log: %w", err), f.Close())
	}
	r.f, r.size = f, info.Size()
	return nil
}

// Write never fails its caller: a child must not stop because its log cannot
// be written (a full disk, say); what does not fit is lost.
func (r *rotating) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size > 0 && r.size+int64(len(p)) > r.most {
		r.rotate()
	}
	if r.f == nil {
		return len(p), nil
	}
	n, err := r.f.Write(p[:min(int64(len(p)), r.most)])
	if err == nil {
		r.size += int64(n)
	}
	return len(p), nil
}

func (r *rotating) rotate() {
	if r.f != nil {
		_ = r.f.Close()
		r.f = nil
	}
	_ = os.Rename(r.path, r.path+".1")
	if err := r.open(); err != nil {
		r.f = nil
	}
}

func (r *rotating) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.f == nil {
		return nil
	}
	err := r.f.Close()
	r.f = nil
	return err
}
