// Package ort runs ONNX graphs through ONNX Runtime's C API, called without
// cgo: the library is a file that is opened when it is wanted, so this program
// is built with no compiler and no header.
//
// Words: a Library is the opened file; a Session is one graph, loaded; a Tensor
// is a block of numbers with a shape.
//
// Invariants:
//
//   - nothing of a file is called before it is known to be for this system and
//     processor: a wrong one is an error in words, never a crash;
//   - what a Run reads and writes stays where it is for as long as the library
//     may look at it, and nothing of the library's is used after its release;
//   - a Session runs on the calling goroutine's thread alone, may be run from
//     many goroutines at once, and does nothing between runs.
//
// When a part fails: every status the library returns becomes a Go error with
// the library's words. A bug inside the library ends the process, as it would
// in any language: that is why the encoders live in a child of their own.
//
// The price: a program that links this package needs the system's dynamic
// loader and C library (glibc 2.28 or newer, libstdc++) even where it never
// opens a library. The build tag "noencode" leaves all of it out: the program
// is then as static as any other Go program, and Load always says so.
package ort
