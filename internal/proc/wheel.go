package proc

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Bounds on what a wheel may unpack to, several times what the pinned ones do
// (3,600 names, 100 MB): a bomb stops here instead of filling the disk.
type bounds struct {
	names int
	bytes int64
}

func wheelBounds() bounds { return bounds{names: 20_000, bytes: 600 << 20} }

// ErrHash says that a file is not the one that was pinned.
var ErrHash = errors.New("sha256 differs from the pinned one")

// verify reads the file and compares size and hash with the pin.
func verify(path string, pin Pin) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("check %s: %w", pin.File, err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return fmt.Errorf("check %s: %w", pin.File, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != pin.SHA256 || n != pin.Size {
		return fmt.Errorf("%s: %w: got %s (%d bytes), pinned is %s (%d bytes). It was not used. "+
			"Ask whoever runs your package index or proxy why it serves another file", pin.File, ErrHash, got, n, pin.SHA256, pin.Size)
	}
	return nil
}

// unpack writes the wheel's files under dir, which must not exist yet: under a
// temporary name first, then in one rename.
func unpack(wheel string, pin Pin, dir string, most bounds) error {
	tmp, err := os.MkdirTemp(filepath.Dir(dir), tempPrefix)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", pin.File, err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := unzip(wheel, tmp, most, pin.wants); err != nil {
		return fmt.Errorf("unpack %s: %w", pin.File, err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("unpack %s: %w", pin.File, err)
	}
	if err := os.RemoveAll(dir); err != nil { // left there by a setup whose manifest was never written
		return fmt.Errorf("unpack %s: %w", pin.File, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("unpack %s: %w", pin.File, err)
	}
	return nil
}

// unzip writes the wanted files of the archive below dir. Names that leave dir,
// links and whatever else is no plain file or folder are refused.
func unzip(archive, dir string, most bounds, wants func(name string) bool) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }()
	if len(z.File) > most.names {
		return fmt.Errorf("%d names, more than %d", len(z.File), most.names)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	left := most.bytes
	for _, f := range z.File {
		if !filepath.IsLocal(f.Name) {
			return fmt.Errorf("name %q leads out of the folder", f.Name)
		}
		if f.FileInfo().IsDir() || !wants(f.Name) {
			continue
		}
		if !f.Mode().IsRegular() {
			return fmt.Errorf("%q is no plain file", f.Name)
		}
		n, err := unzipFile(root, f, left)
		if err != nil {
			return err
		}
		if left -= n; left < 0 {
			return fmt.Errorf("unpacks to more than %d bytes", most.bytes)
		}
	}
	return nil
}

func unzipFile(root *os.Root, f *zip.File, left int64) (int64, error) {
	if err := makeParents(root, f.Name); err != nil {
		return 0, err
	}
	mode := fs.FileMode(0o644)
	if f.Mode()&0o111 != 0 {
		mode = 0o755
	}
	in, err := f.Open()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer in.Close()
	out, err := root.OpenFile(f.Name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, io.LimitReader(in, left+1))
	err = errors.Join(err, out.Chmod(mode), out.Close()) // the umask may have taken bits away
	if err != nil {
		return n, fmt.Errorf("%s: %w", f.Name, err)
	}
	return n, nil
}

// makeParents makes the folders above name, open to the user who runs the parts.
func makeParents(root *os.Root, name string) error {
	dir := filepath.Dir(filepath.FromSlash(name))
	if dir == "." {
		return nil
	}
	if _, err := root.Stat(dir); err == nil {
		return nil
	}
	if err := makeParents(root, dir); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return root.Chmod(dir, 0o755)
}
