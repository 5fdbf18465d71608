package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// gates says whether a command line is the release gate's, of which 2 says that
// there is a regression: a mistyped flag in a pipeline is none.
func gates(args []string) bool {
	return len(args) > 1 && args[0] == "eval" && slices.Contains([]string{"run", "rescore", "accept", "new", "lint", "customers", "harvest", "shadow", "tune"}, args[1])
}

// exitError ends the program with a status, its words having been said already.
type exitError struct{ status int }

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// usageError is a command line that cannot be understood.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// run is the whole program. A first Ctrl-C or SIGTERM ends it properly, a
// second at once.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	a := &app{getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	root := newRootCommand(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[exitError](err); ok {
		return exit.status
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "frontdesk: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "frontdesk:", err)
	if _, ok := errors.AsType[usageError](err); ok && !gates(args) {
		return exitUsage
	}
	return exitFailed
}
