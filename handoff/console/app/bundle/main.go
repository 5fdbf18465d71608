// Command bundle makes dist/ of the desk's sources: esbuild's Go module does
// the work, npm has fetched Preact beforehand (see make console). With -check it
// writes nothing and says whether dist/ is what the sources make.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// banner names what is not ours in the bundle.
const banner = "/* The agents' desk of Frontdesk. Contains Preact 10.27.2 (MIT License, Copyright (c) 2015-present Jason Miller). */"

func main() {
	app := flag.String("app", filepath.Join("handoff", "console", "app"), "the folder of the app")
	check := flag.Bool("check", false, "compare with dist/ instead of writing it")
	flag.Parse()
	if err := run(*app, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(app string, check bool) error {
	made, err := build(app)
	if err != nil {
		return err
	}
	dist := filepath.Join(app, "dist")
	if check {
		return compare(dist, made)
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, content := range made {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build makes the files of dist by name, in memory.
func build(app string) (map[string][]byte, error) {
	dir, err := filepath.Abs(app)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:       dir,
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: "src/main.tsx", OutputPath: "desk"}},
		Outdir:              "dist",
		Bundle:              true,
		Format:              api.FormatESModule,
		Target:              api.ES2022,
		JSX:                 api.JSXAutomatic,
		JSXImportSource:     "preact",
		MinifySyntax:        true,
		MinifyWhitespace:    true,
		MinifyIdentifiers:   true,
		LegalComments:       api.LegalCommentsNone,
		Charset:             api.CharsetUTF8,
		Banner:              map[string]string{"js": banner},
		LogLevel:            api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		var all []error
		for _, text := range api.FormatMessages(result.Errors, api.FormatMessagesOptions{}) {
			all = append(all, errors.New(text))
		}
		return nil, errors.Join(all...)
	}
	made := map[string][]byte{}
	for _, f := range result.OutputFiles {
		made[filepath.Base(f.Path)] = f.Contents
	}
	for _, name := range []string{"index.html", "icon.svg"} {
		if made[name], err = os.ReadFile(filepath.Join(dir, "src", name)); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func compare(dist string, made map[string][]byte) error {
	var all []error
	for name, want := range made {
		have, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil || !bytes.Equal(have, want) {
			all = append(all, fmt.Errorf("%s is not what the sources make: run make console and commit it", filepath.Join(dist, name)))
		}
	}
	return errors.Join(all...)
}
