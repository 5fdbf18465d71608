package proc

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is one file of a wheel made for a test.
type entry struct {
	name, text string
	mode       fs.FileMode
}

// makeWheel writes a zip and returns its pin.
func makeWheel(t *testing.T, path string, entries ...entry) Pin {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, e := range entries {
		hdr := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		hdr.SetMode(e.mode)
		w, err := z.CreateHeader(hdr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return Pin{File: filepath.Base(path), SHA256: hex.EncodeToString(sum[:]), Size: int64(len(b)), Licence: "none", Holds: "a test", Platform: "test/test"}
}

func TestUnzip_KeepsExecuteBitsAndLeavesOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wheel := filepath.Join(dir, "w.whl")
	pin := makeWheel(t, wheel,
		entry{"a/bin/run", "#!", 0o755}, entry{"a/data.txt", "x", 0o600}, entry{"a/lib.a", "x", 0o644}, entry{"b/other", "x", 0o644})
	pin.Keep, pin.Leave = []string{"a/"}, []string{"*.a"}
	out := filepath.Join(dir, "out")
	if err := unpack(wheel, pin, out, wheelBounds()); err != nil {
		t.Fatal(err)
	}
	var got []string
	_ = filepath.WalkDir(out, func(path string, d fs.DirEntry, _ error) error {
		info, err := d.Info()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimPrefix(path, out)+" "+info.Mode().Perm().String())
		return nil
	})
	want := " -rwxr-xr-x|/a -rwxr-xr-x|/a/bin -rwxr-xr-x|/a/bin/run -rwxr-xr-x|/a/data.txt -rw-r--r--"
	if strings.Join(got, "|") != want {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "|"), want)
	}
}

func TestUnzip_RefusesWhatNoWheelHolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		entry entry
		say   string
		more  []entry
	}{
		{"a name that climbs out", entry{"../../etc/passwd", "x", 0o644}, "leads out", nil},
		{"a name from the root", entry{"/etc/passwd", "x", 0o644}, "leads out", nil},
		{"a name that climbs out half way", entry{"a/../../b", "x", 0o644}, "leads out", nil},
		{"a link", entry{"a/link", "/etc/passwd", fs.ModeSymlink | 0o777}, "no plain file", nil},
		{"a bomb", entry{"a/zeros", strings.Repeat("\x00", 600<<10), 0o644}, "unpacks to more", []entry{{"b", strings.Repeat("\x00", 600<<10), 0o644}}},
		{"more names than a wheel has", entry{"a", "", 0o644}, "names", []entry{{"b", "", 0o644}, {"c", "", 0o644}, {"d", "", 0o644}, {"e", "", 0o644}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			wheel := filepath.Join(dir, "w.whl")
			pin := makeWheel(t, wheel, append(c.more, c.entry)...)
			err := unpack(wheel, pin, filepath.Join(dir, "out"), bounds{names: 4, bytes: 1 << 20})
			if err == nil || !strings.Contains(err.Error(), c.say) {
				t.Fatalf("want an error that says %q, got %v", c.say, err)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 1 {
				t.Fatalf("something was left: %v, %v", left, err)
			}
		})
	}
}

func TestVerify_RefusesAnotherFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.whl")
	pin := makeWheel(t, path, entry{"a", "x", 0o644})
	if err := verify(path, pin); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verify(path, pin); !errors.Is(err, ErrHash) {
		t.Fatalf("want ErrHash, got %v", err)
	}
}

func FuzzUnzip(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Add([]byte("PK\x03\x04 no zip"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		wheel, out := filepath.Join(dir, "w.whl"), filepath.Join(dir, "deep", "out")
		if err := os.MkdirAll(out, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(wheel, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = unzip(wheel, out, wheelBounds(), func(string) bool { return true })
		for _, d := range []string{dir, filepath.Join(dir, "deep")} {
			if left, err := os.ReadDir(d); err != nil || len(left) > 2 {
				t.Fatalf("a file was written outside: %v, %v", left, err)
			}
		}
	})
}
