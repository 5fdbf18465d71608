package ort

import (
	"cmp"
	"errors"
	"fmt"
)

var (
	// ErrMachine says that this processor cannot run the graphs.
	ErrMachine = errors.New("the local encoders do not run on this processor")
	// ErrPlatform says that the library was made for another system.
	ErrPlatform = errors.New("ONNX Runtime's library is for another platform")
	// ErrVersion says that the library is too old, or is none.
	ErrVersion = errors.New("this is no usable ONNX Runtime")
	// ErrClosed says that the session was closed.
	ErrClosed = errors.New("the session is closed")
	// ErrLeftOut says that this program was built without the binding.
	ErrLeftOut = errors.New("this program was built without local encoders (tag noencode)")
)

// SessionConfig tunes a session.
type SessionConfig struct {
	// Threads of one run. 0: 1. Texts are short: several runs beside each other
	// use the cores better than one run on several.
	Threads int
}

func (c SessionConfig) withDefaults() SessionConfig {
	c.Threads = cmp.Or(c.Threads, 1)
	return c
}

// Tensor is a block of float32 numbers, the last dimension running fastest.
type Tensor struct {
	Shape []int64
	Data  []float32 // as many as the shape says, at least one
}

// check keeps the library from reading past the numbers' end.
func (t *Tensor) check() error {
	size := int64(1)
	for _, d := range t.Shape {
		if d < 1 || d > int64(len(t.Data)) {
			return fmt.Errorf("shape %v for %d numbers", t.Shape, len(t.Data))
		}
		size *= d
	}
	if len(t.Shape) == 0 || size != int64(len(t.Data)) {
		return fmt.Errorf("shape %v for %d numbers", t.Shape, len(t.Data))
	}
	return nil
}
