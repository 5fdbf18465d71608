package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// newHoldCommand keeps the private parts running for other programs: a
// database client, a script, the benchmark.
func newHoldCommand(a *app) *cobra.Command {
	var embedder bool
	c := &cobra.Command{
		Use:   "hold",
		Short: "Keep the private database running and print its address, until standard input closes",
		Long: `Keep the private parts running and print their addresses, for a database
client or a script beside Frontdesk. Prints DATABASE_URL=… (it holds the
generated password) and, with --embedder, EMBEDDINGS_BASE_URL=…; lets go when
standard input closes or on Ctrl-C.

  frontdesk hold --embedder < /dev/tty`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.holdParts(cmd.Context(), embedder) },
	}
	c.Flags().BoolVar(&embedder, "embedder", false, "keep the embedder running too")
	return c
}

func (a *app) holdParts(ctx context.Context, embedder bool) error {
	n := needPostgres
	if embedder {
		n |= needEmbedder
	}
	p, err := a.acquire(ctx, n)
	if err != nil {
		return err
	}
	defer p.Close()
	fmt.Fprintf(a.stdout, "DATABASE_URL=%s\n", p.DSN())
	if embedder {
		fmt.Fprintf(a.stdout, "EMBEDDINGS_BASE_URL=%s\n", p.Embedder().BaseURL)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, a.stdin)
	}()
	select {
	case <-closed:
	case <-ctx.Done():
	}
	return nil
}
