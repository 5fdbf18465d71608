//go:build !noencode

package ort

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// Session is one graph, ready to run.
type Session struct {
	lib  *Library
	ptr  uintptr
	life sync.RWMutex // held for reading by a run, for writing by Close

	in, out []uintptr // names as the library wants them
	names   []*byte   // what those point to: the heap does not move, a reference is enough
}

// NewSession loads the graph at path, with its weights beside it where it says
// so. inputs and outputs are the names Run will use, in its order.
func (l *Library) NewSession(path string, inputs, outputs []string, cfg SessionConfig) (*Session, error) {
	cfg = cfg.withDefaults()
	opts := new(uintptr)
	if err := l.call(fnCreateSessionOptions, uintptr(unsafe.Pointer(opts))); err != nil {
		return nil, fmt.Errorf("load graph: %w", err)
	}
	defer l.release(fnReleaseOptions, opts)
	err := errors.Join(
		l.call(fnSetIntraOpThreads, *opts, uintptr(cfg.Threads)),
		l.call(fnSetInterOpThreads, *opts, 1),
		l.call(fnSetGraphOptLevel, *opts, optimizeBasic),
		// A thread that spins while it waits takes the core from somebody.
		l.configure(*opts, "session.intra_op.allow_spinning", "0"),
		l.configure(*opts, "session.inter_op.allow_spinning", "0"),
	)
	if err != nil {
		return nil, fmt.Errorf("load graph: %w", err)
	}
	s := &Session{lib: l}
	name := cString(path)
	ptr := new(uintptr)
	if err := l.call(fnCreateSession, l.env, uintptr(unsafe.Pointer(name)), *opts, uintptr(unsafe.Pointer(ptr))); err != nil {
		return nil, fmt.Errorf("load graph %s: %w", path, err)
	}
	s.ptr = *ptr
	s.in = s.keep(inputs)
	s.out = s.keep(outputs)
	return s, nil
}

func (l *Library) configure(opts uintptr, key, value string) error {
	k, v := cString(key), cString(value)
	return l.call(fnAddConfigEntry, opts, uintptr(unsafe.Pointer(k)), uintptr(unsafe.Pointer(v)))
}

func (s *Session) keep(names []string) []uintptr {
	out := make([]uintptr, 0, len(names))
	for _, n := range names {
		b := cString(n)
		s.names = append(s.names, b)
		out = append(out, uintptr(unsafe.Pointer(b)))
	}
	return out
}

// Run feeds the inputs and hands the first n outputs to use, in the order given
// to NewSession. Their numbers are the library's own and gone when use returns.
// It may be called from many goroutines at once; each run is its caller's.
func (s *Session) Run(inputs []Tensor, n int, use func(outputs []Tensor) error) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.ptr == 0 {
		return ErrClosed
	}
	if len(inputs) != len(s.in) || n < 1 || n > len(s.out) {
		return fmt.Errorf("run graph: %d inputs and %d outputs, it has %d and %d", len(inputs), n, len(s.in), len(s.out))
	}
	values := make([]uintptr, len(inputs)+n)
	defer func() {
		for i := range values {
			s.lib.release(fnReleaseValue, &values[i])
		}
	}()
	for i := range inputs {
		t := &inputs[i]
		if err := t.check(); err != nil {
			return fmt.Errorf("run graph: input %d: %w", i, err)
		}
		err := s.lib.call(fnCreateTensor, s.lib.mem, uintptr(unsafe.Pointer(&t.Data[0])), uintptr(len(t.Data)*4),
			uintptr(unsafe.Pointer(&t.Shape[0])), uintptr(len(t.Shape)), elementF32, uintptr(unsafe.Pointer(&values[i])))
		if err != nil {
			return fmt.Errorf("run graph: input %d: %w", i, err)
		}
	}
	err := s.lib.call(fnRun, s.ptr, 0,
		uintptr(unsafe.Pointer(&s.in[0])), uintptr(unsafe.Pointer(&values[0])), uintptr(len(inputs)),
		uintptr(unsafe.Pointer(&s.out[0])), uintptr(n), uintptr(unsafe.Pointer(&values[len(inputs)])))
	// Until here the values point into the inputs' numbers.
	runtime.KeepAlive(inputs)
	if err != nil {
		return fmt.Errorf("run graph: %w", err)
	}
	outputs := make([]Tensor, n)
	for i := range outputs {
		if outputs[i], err = s.tensor(values[len(inputs)+i]); err != nil {
			return fmt.Errorf("run graph: output %d: %w", i, err)
		}
	}
	return use(outputs)
}

// tensor looks into a value of the library's.
func (s *Session) tensor(value uintptr) (Tensor, error) {
	info, count, data := new(uintptr), new(uintptr), new(uintptr)
	if err := s.lib.call(fnGetTypeAndShape, value, uintptr(unsafe.Pointer(info))); err != nil {
		return Tensor{}, err
	}
	defer s.lib.release(fnReleaseTypeAndShape, info)
	if err := s.lib.call(fnGetDimensionsCount, *info, uintptr(unsafe.Pointer(count))); err != nil {
		return Tensor{}, err
	}
	shape := make([]int64, max(*count, 1))
	if err := s.lib.call(fnGetDimensions, *info, uintptr(unsafe.Pointer(&shape[0])), *count); err != nil {
		return Tensor{}, err
	}
	shape = shape[:*count]
	if err := s.lib.call(fnTensorData, value, uintptr(unsafe.Pointer(data))); err != nil {
		return Tensor{}, err
	}
	size := int64(1)
	for _, d := range shape {
		size *= d
	}
	return Tensor{Shape: shape, Data: unsafe.Slice((*float32)(pointer(*data)), size)}, nil
}

// Close waits for runs that are under way and lets the graph go.
func (s *Session) Close() {
	s.life.Lock()
	defer s.life.Unlock()
	s.lib.release(fnReleaseSession, &s.ptr)
}
