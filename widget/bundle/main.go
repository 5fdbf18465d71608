// Command bundle makes widget/dist of the widget's sources: the loader that
// shops put on their pages, the chat's app with its style, and the npm package's
// module. esbuild's Go module does the work; nothing is fetched. With -check it
// writes nothing and says whether widget/dist is what the sources make; with
// -units it writes the parts that unit tests import.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	root := flag.String("widget", "widget", "the folder of the widget")
	check := flag.Bool("check", false, "compare with dist/ instead of writing it")
	units := flag.String("units", "", "write the modules that unit tests import to this folder, and nothing else")
	flag.Parse()
	if err := run(*root, *units, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root, units string, check bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	if units != "" {
		return buildUnits(root, units)
	}
	made, err := build(root)
	if err != nil {
		return err
	}
	if check {
		return compare(root, made)
	}
	for name, content := range made {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build makes the files by their names below the widget's folder, in memory.
func build(root string) (map[string][]byte, error) {
	app := filepath.Join(root, "app")
	made := map[string][]byte{}
	var err error
	for _, out := range []struct {
		name, source string
		options      api.BuildOptions
	}{
		{"dist/widget.js", "loader/loader.ts", api.BuildOptions{Format: api.FormatIIFE}},
		{"dist/rules.js", "loader/rules.ts", api.BuildOptions{Format: api.FormatIIFE}},
		{"dist/app.js", "src/main.ts", api.BuildOptions{Format: api.FormatIIFE}},
		{"dist/app.css", "src/app.css", api.BuildOptions{Plugins: []api.Plugin{themes()}}},
		{"package/index.js", "../package/src/index.ts", api.BuildOptions{Format: api.FormatESModule}},
	} {
		if made[out.name], err = bundle(app, out.source, out.options); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func bundle(dir, source string, o api.BuildOptions) ([]byte, error) {
	o.AbsWorkingDir = dir
	o.EntryPoints = []string{source}
	o.Bundle = true
	o.Target = api.ES2022
	o.MinifySyntax, o.MinifyWhitespace, o.MinifyIdentifiers = true, true, true
	o.LegalComments = api.LegalCommentsNone
	o.Charset = api.CharsetUTF8
	o.LogLevel = api.LogLevelSilent
	result := api.Build(o)
	if len(result.Errors) > 0 {
		var all []error
		for _, text := range api.FormatMessages(result.Errors, api.FormatMessagesOptions{}) {
			all = append(all, errors.New(text))
		}
		return nil, errors.Join(all...)
	}
	return result.OutputFiles[0].Contents, nil
}

var darkBlock = regexp.MustCompile(`(?s)@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}`)

// themes lets a site choose a theme: what tokens.css says of a dark screen also
// holds for a dark theme, and not for a light one.
func themes() api.Plugin {
	return api.Plugin{Name: "themes", Setup: func(b api.PluginBuild) {
		b.OnLoad(api.OnLoadOptions{Filter: `tokens\.css$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			raw, err := os.ReadFile(args.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			if !darkBlock.Match(raw) {
				return api.OnLoadResult{}, errors.New("tokens.css has no dark theme")
			}
			out := string(darkBlock.ReplaceAll(raw, []byte(
				`@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {$1} }
:root[data-theme="dark"] { color-scheme: dark; $1 }
:root[data-theme="light"] { color-scheme: light; }`)))
			return api.OnLoadResult{Contents: &out, Loader: api.LoaderCSS}, nil
		})
	}}
}

// buildUnits makes modules of single parts, for tests that Node runs.
func buildUnits(root, to string) error {
	src := filepath.Join(root, "app", "src")
	files, err := filepath.Glob(filepath.Join(src, "*.ts"))
	if err != nil {
		return err
	}
	files = append(files, filepath.Join(root, "app", "loader", "hidden.ts"), filepath.Join(root, "app", "loader", "fires.ts"))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ts")
		if name == "main" {
			continue // it starts by itself
		}
		code, err := bundle(src, file, api.BuildOptions{Format: api.FormatESModule})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name+".mjs"), code, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func compare(root string, made map[string][]byte) error {
	var all []error
	for name, want := range made {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(have, want) {
			all = append(all, fmt.Errorf("widget/%s is not what the sources make: run make widget and commit it", name))
		}
	}
	return errors.Join(all...)
}
