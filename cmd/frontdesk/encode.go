package main

import (
	"github.com/spf13/cobra"

	"frontdesk/retrieval/embed/local/child"
)

// newEncodeCommand is the private embedder's own process. Nobody types it: the
// supervisor starts it, and setup to try it.
func newEncodeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:                "encode",
		Short:              "Serve the local encoders as an OpenAI-compatible embeddings API on loopback",
		Hidden:             true,
		DisableFlagParsing: true, // its arguments are the child's own, in test programs too
		RunE: func(cmd *cobra.Command, args []string) error {
			return child.Run(cmd.Context(), args, a.stdout, a.stderr)
		},
	}
}
