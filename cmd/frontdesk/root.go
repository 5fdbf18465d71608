package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
)

// app is what every command has: the surroundings, and the settings once the
// command line has been read.
type app struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer

	config config       // complete when a command's RunE is called
	log    *slog.Logger // JSON lines on standard error
	// offset is how far the clock of what is served is off: for tests of several
	// processes whose clocks differ.
	offset time.Duration
	// clock is the time of day; nil: this machine's. Tests have one that jumps.
	clock func() time.Time
}

// now is the clock of everything that a command puts together.
func (a *app) now() time.Time {
	if a.clock != nil {
		return a.clock().Add(a.offset)
	}
	return time.Now().Add(a.offset)
}

// newRootCommand makes the command line. A command is a function
// newXCommand(a *app) *cobra.Command in a file of its own; add it here.
func newRootCommand(a *app) *cobra.Command {
	a.log = slog.New(slog.NewJSONHandler(a.stderr, nil))
	root := &cobra.Command{
		Use:           "frontdesk",
		Short:         "Answers a website's routine customer questions from its own knowledge, with sources",
		SilenceUsage:  true, // an error says what is wrong; the usage would bury it
		SilenceErrors: true, // run prints them
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.config.load(cmd.Flags(), a.getenv)
		},
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	a.config.bind(root.PersistentFlags())
	root.AddCommand(
		newSetupCommand(a),
		newMigrateCommand(a),
		newHoldCommand(a),
		newSuperviseCommand(a),
		newEncodeCommand(a),
		newGenerationCommand(a),
		newSiteCommand(a),
		newSearchCommand(a),
		newTriageCommand(a),
		newLabelsCommand(a),
		newIngestCommand(a),
		newTrainCommand(a),
		newEvalCommand(a),
		newServeCommand(a),
		newDemoCommand(a),
		newAskCommand(a),
		newQueueCommand(a),
		newCaseCommand(a),
		newAgentCommand(a),
		newVisitorCommand(a),
		newRulesCommand(a),
		newWidgetCommand(a),
		newLoadgenCommand(a),
	)
	explainArgs(root)
	return root
}

// explainArgs makes wrong arguments a usage error, of a command and those below
// it. A command that only groups others says which it does not know.
func explainArgs(c *cobra.Command) {
	if !c.Runnable() && c.HasSubCommands() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return usageError{fmt.Errorf("unknown command %q: `%s --help` lists what there is", args[0], cmd.CommandPath())}
		}
	} else if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, below := range c.Commands() {
		explainArgs(below)
	}
}
