package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// tempPrefix names what an interrupted setup may leave and the next one removes.
const tempPrefix = "tmp-"

// fetcher brings wheels into the home's wheel folder.
type fetcher struct {
	home     *Home
	from     string // a folder to take wheels from instead of asking pip; may be empty
	pip      string // the interpreter whose pip is asked
	progress *Progress
}

// wheel returns the path of the pin's verified wheel, bringing it if need be.
func (f *fetcher) wheel(ctx context.Context, pin Pin) (string, error) {
	path := filepath.Join(f.home.wheelDir(), pin.File)
	if verify(path, pin) == nil {
		return path, nil
	}
	tmp, err := os.MkdirTemp(f.home.Dir, tempPrefix)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", pin.Name, err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	got := filepath.Join(tmp, pin.File)
	if f.from != "" {
		err = f.copy(ctx, pin, got)
	} else {
		err = f.download(ctx, pin, tmp)
	}
	if err != nil {
		return "", err
	}
	if err := verify(got, pin); err != nil {
		return "", err
	}
	if err := os.Rename(got, path); err != nil {
		return "", fmt.Errorf("fetch %s: %w", pin.Name, err)
	}
	return path, nil
}

// copy takes the wheel from the folder of wheels, as an installation without
// network does.
func (f *fetcher) copy(ctx context.Context, pin Pin, to string) error {
	in, err := os.Open(filepath.Join(f.from, pin.File))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder of wheels %s does not hold %s: bring that file (package %s %s)", f.from, pin.File, pin.Name, pin.Version)
	}
	if err != nil {
		return fmt.Errorf("fetch %s: %w", pin.Name, err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", pin.Name, err)
	}
	_, err = io.Copy(out, &ctxReader{ctx: ctx, r: in})
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("fetch %s: %w", pin.Name, err)
	}
	return nil
}

// download asks pip for exactly the pinned file. Where pip looks for it is the
// user's own configuration.
func (f *fetcher) download(ctx context.Context, pin Pin, tmp string) error {
	args, err := pipArgs(pin, tmp)
	if err != nil {
		return err
	}
	req := fmt.Sprintf("%s==%s --hash=sha256:%s\n", pin.Name, pin.Version, pin.SHA256)
	if err := os.WriteFile(filepath.Join(tmp, "requirements.txt"), []byte(req), 0o600); err != nil {
		return fmt.Errorf("fetch %s: %w", pin.Name, err)
	}
	cmd := exec.CommandContext(ctx, f.pip, args...)
	var said tailBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Env = pipEnv("TMPDIR=" + tmp)
	cmd.WaitDelay = 2 * time.Second
	stop := f.progress.watch(pin.Name+" "+pin.Version, tmp, pin.Size)
	err = RunTied(cmd)
	stop()
	if ctx.Err() != nil {
		return fmt.Errorf("fetch %s: %w", pin.Name, ctx.Err())
	}
	if err != nil {
		return pipError(pin, said.String(), err)
	}
	return nil
}

// pipArgs are pip's arguments for the pinned file, whatever Python pip itself
// runs on.
func pipArgs(pin Pin, tmp string) ([]string, error) {
	python, abi, platforms, err := pin.tags()
	if err != nil {
		return nil, err
	}
	args := []string{
		"-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--progress-bar", "off",
		"--no-deps", "--only-binary=:all:", "--require-hashes",
		"--dest", tmp, "--requirement", filepath.Join(tmp, "requirements.txt"),
	}
	for _, p := range platforms {
		args = append(args, "--platform", p)
	}
	if version, ok := strings.CutPrefix(python, "cp"); ok {
		args = append(args, "--implementation", "cp", "--abi", abi, "--python-version", version)
	}
	return args, nil
}

func pipError(pin Pin, said string, err error) error {
	if strings.Contains(said, "DO NOT MATCH THE HASHES") {
		return fmt.Errorf("%s %s: %w (%s): pip found another file and it was not used. "+
			"Ask whoever runs your package index or proxy why it serves another file", pin.Name, pin.Version, ErrHash, pin.SHA256)
	}
	return fmt.Errorf("fetch %s %s with pip: %w. What pip said last:\n%s\n"+
		"No network? Bring %s and name its folder in FRONTDESK_WHEELS (or --wheels)", pin.Name, pin.Version, err, indent(said), pin.File)
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  ")
}

// tailBuffer keeps the last few kilobytes written to it.
type tailBuffer struct{ b []byte }

func (t *tailBuffer) Write(p []byte) (int, error) {
	const most = 4 << 10
	t.b = append(t.b, p...)
	if len(t.b) > most {
		t.b = bytes.Clone(t.b[len(t.b)-most:])
	}
	return len(p), nil
}

func (t *tailBuffer) String() string { return string(t.b) }

// ctxReader stops reading when its context ends.
type ctxReader struct {
	ctx context.Context // an io.Reader has nowhere else to take it from
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
