package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/evals/cases"
)

func newEvalNewCommand(a *app) *cobra.Command {
	var suite string
	c := &cobra.Command{
		Use:   "new FILE.yaml",
		Short: "Write a file with one case to begin with, every field explained",
		Long: `Write a YAML file with one case to begin with, every field explained, and beside it the
JSON schema by which editors complete and check. A file that is there is left alone.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.evalNew(args[0], suite) },
	}
	c.Flags().StringVar(&suite, "suite", "", "name of the suite (default the file's)")
	return c
}

func (a *app) evalNew(path, suite string) error {
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		return usageError{fmt.Errorf("%s: a file of cases ends in .yaml or .yml", path)}
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if suite == "" {
		suite = name
	}
	for what, s := range map[string]string{"suite": suite, "file": name} {
		if strings.ContainsAny(s, " \t\r\n\"\\/:#") {
			return usageError{fmt.Errorf("%q: the %s needs a name without blanks and signs", s, what)}
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	text := strings.NewReplacer("SUITE", suite, "NAME", name).Replace(cases.Example())
	if err := writeNew(path, []byte(text)); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, path)
	schema := filepath.Join(filepath.Dir(path), "schema.json")
	switch err := writeNew(schema, cases.Schema()); {
	case err == nil:
		fmt.Fprintln(a.stdout, schema)
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: %w", path, fs.ErrExist)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
