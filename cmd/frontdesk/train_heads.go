package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval/embed/local"
	"frontdesk/retrieval/embed/local/ort"
)

type trainHeadsFlags struct {
	corpusFlags
	out string
}

func newTrainHeadsCommand(a *app) *cobra.Command {
	var f trainHeadsFlags
	c := &cobra.Command{
		Use:   "heads",
		Short: "Learn what is taken off the local encoders' vectors, and the axes of their tokens",
		Long: `Learn the head of each local encoder from the corpus' training businesses: the
means of what passages and questions become, which are taken off, and the axes
along which the tokens of passages differ most, which tokens are turned to. The
frozen businesses are never read, nor is any label. Nothing in it is drawn by
chance: the same corpus, weights and precision give the same bytes.

Printed is how often a right article comes first, or among the first three or
five, by these vectors alone: without a head, with the one that is built in
(which has seen all businesses), and with one learned from the other businesses
only.

Every text is encoded once, by the encoders without their heads; all of it takes
four minutes of a processor's time. What they say is kept in the home (evals/heads, half a gigabyte;
may be deleted), so that an interrupted run goes on and a second one begins at
the end. Heads are part of the program: put the files in their place
(retrieval/embed/local/data), build, and learn lenses and ranking again
(frontdesk train lens, train rank).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.trainHeads(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "folder of the corpus (default evals/corpus of the repository)")
	c.Flags().StringVar(&f.out, "out", "", "folder to write the head files into (default: none is written)")
	return c
}

func (a *app) trainHeads(ctx context.Context, f trainHeadsFlags) error {
	list, err := f.choose(ctx)
	if err != nil {
		return err
	}
	if len(list) < 2 {
		return fmt.Errorf("messages of %d businesses; to leave one out takes two", len(list))
	}
	folders, err := a.encoderFolders(ctx)
	if err != nil {
		return err
	}
	kept := filepath.Join(a.config.Home, "evals", "heads")
	folders.Made = kept
	lib, err := ort.Load(folders.Library, ort.ThisMachine())
	if err != nil {
		return err
	}
	defer lib.Close()
	tell := func(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }
	var trials []evals.HeadTrial
	files := map[string][]byte{}
	for _, name := range local.Models() {
		bare, err := local.OpenBare(ctx, lib, folders, name, local.MakeConfig{Say: tell})
		if err != nil {
			return err
		}
		h := headTraining{bare: bare, name: name, folder: kept, tell: tell}
		file, trial, err := h.learn(ctx, list)
		bare.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files[name] = file
		trials = append(trials, trial)
	}
	if err := evals.PrintHeads(a.stdout, trials); err != nil {
		return err
	}
	return writeHeads(f.out, files)
}

// writeHeads writes head files under the names that they are built in by.
func writeHeads(folder string, files map[string][]byte) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var errs []error
	for name, b := range files {
		file, err := local.HeadFile(name)
		if err != nil {
			return err
		}
		errs = append(errs, os.WriteFile(filepath.Join(folder, file), b, 0o644))
	}
	return errors.Join(errs...)
}

// takesLang says whether a model is for texts of a language.
func takesLang(model, lang string) bool {
	return model != local.MiniLM || slices.Contains(englishOnly(), lang)
}
