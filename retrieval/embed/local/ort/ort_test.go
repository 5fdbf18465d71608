package ort_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"frontdesk/internal/pgtest"
	"frontdesk/retrieval/embed/local/ort"
)

func load(t *testing.T) *ort.Library {
	t.Helper()
	lib, err := ort.Load(pgtest.Encoders(t).Library, ort.ThisMachine())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lib.Close)
	return lib
}

// field and number write protocol buffers, as far as a graph of one node needs.
func field(n int, b []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(n)<<3|2)
	return append(binary.AppendUvarint(out, uint64(len(b))), b...)
}

func number(n int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n)<<3), v)
}

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// sum is a graph that adds "a" and "b" (n rows of 4) into "c".
func sum(t *testing.T) string {
	t.Helper()
	port := func(name string) []byte {
		dim := func(b []byte) []byte { return field(1, b) }
		shape := join(dim(field(2, []byte("n"))), dim(number(1, 4)))
		return join(field(1, []byte(name)), field(2, field(1, join(number(1, 1), field(2, shape)))))
	}
	node := join(field(1, []byte("a")), field(1, []byte("b")), field(2, []byte("c")), field(4, []byte("Add")))
	graph := join(field(1, node), field(2, []byte("sum")), field(11, port("a")), field(11, port("b")), field(12, port("c")))
	return file(t, "sum.onnx", join(number(1, 9), field(7, graph), field(8, number(2, 17))))
}

func file(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func session(t *testing.T) *ort.Session {
	t.Helper()
	s, err := load(t).NewSession(sum(t), []string{"a", "b"}, []string{"c"}, ort.SessionConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func rows(n int, v float32) ort.Tensor {
	data := make([]float32, n*4)
	for i := range data {
		data[i] = v + float32(i)
	}
	return ort.Tensor{Shape: []int64{int64(n), 4}, Data: data}
}

func TestLibrary_SaysItsVersion(t *testing.T) {
	t.Parallel()
	if v := load(t).Version(); !strings.HasPrefix(v, "1.") {
		t.Errorf("version %q", v)
	}
}

func TestLoad_RefusesInWordsWhatCannotRun(t *testing.T) {
	t.Parallel()
	real := pgtest.Encoders(t).Library
	head := make([]byte, 4<<10)
	f, err := os.Open(real)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Read(head); err != nil {
		t.Fatal(err)
	}
	here := ort.ThisMachine()
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[here.Arch]
	for _, c := range []struct {
		name, path string
		machine    ort.Machine
		is         error
		say        string
	}{
		{"a processor without AVX2", real, ort.Machine{OS: "linux", Arch: "amd64"}, ort.ErrMachine, "AVX2"},
		{"a library for another processor", real, ort.Machine{OS: here.OS, Arch: other, AVX2: true}, ort.ErrPlatform, here.Arch},
		{"a system that none is known for", real, ort.Machine{OS: "plan9", Arch: "amd64", AVX2: true}, ort.ErrPlatform, "plan9"},
		{"what is no library", file(t, "text", []byte("a library")), here, ort.ErrPlatform, here.Arch},
		{"an empty file", file(t, "empty", nil), here, ort.ErrPlatform, here.Arch},
		{"a library cut short", file(t, "short", head), here, nil, "ONNX Runtime"},
		{"no file", "/nowhere/libonnxruntime.so", here, os.ErrNotExist, "ONNX Runtime"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ort.Load(c.path, c.machine)
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.say) {
				t.Errorf("want %v and %q, got %v", c.is, c.say, err)
			}
		})
	}
}

func TestLoad_RefusesAnotherLibrary(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("/lib*/*/libm.so.6")
	if err != nil || len(found) == 0 || runtime.GOOS != "linux" {
		t.Skip("NOT TRIED: no other library is known here")
	}
	if _, err := ort.Load(found[0], ort.ThisMachine()); !errors.Is(err, ort.ErrVersion) {
		t.Errorf("want ErrVersion, got %v", err)
	}
}

func TestNewSession_RefusesWhatIsNoGraph(t *testing.T) {
	t.Parallel()
	lib := load(t)
	whole, err := os.ReadFile(sum(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"no file":          "/nowhere/graph.onnx",
		"an empty file":    file(t, "empty", nil),
		"text":             file(t, "text", []byte("a graph")),
		"a file cut short": file(t, "short", whole[:len(whole)/2]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := lib.NewSession(path, []string{"a", "b"}, []string{"c"}, ort.SessionConfig{})
			if err == nil {
				s.Close()
				t.Error("no error")
			}
		})
	}
}

func TestSession_RunsAndGivesWhatTheGraphSays(t *testing.T) {
	t.Parallel()
	s := session(t)
	for _, n := range []int{1, 3, 512} {
		err := s.Run([]ort.Tensor{rows(n, 1), rows(n, 10)}, 1, func(out []ort.Tensor) error {
			if len(out) != 1 || len(out[0].Shape) != 2 || out[0].Shape[0] != int64(n) || len(out[0].Data) != n*4 {
				t.Fatalf("outputs %v", out[0].Shape)
			}
			for i, v := range out[0].Data {
				if v != 11+2*float32(i) {
					t.Fatalf("number %d is %v", i, v)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSession_PassesOnWhatUseReturns(t *testing.T) {
	t.Parallel()
	want := errors.New("enough")
	if err := session(t).Run([]ort.Tensor{rows(1, 1), rows(1, 1)}, 1, func([]ort.Tensor) error { return want }); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

// The library does not look at numbers: whoever uses them has to.
func TestSession_LetsNaNThrough(t *testing.T) {
	t.Parallel()
	a := rows(1, 1)
	a.Data[2] = float32(math.NaN())
	err := session(t).Run([]ort.Tensor{a, rows(1, 1)}, 1, func(out []ort.Tensor) error {
		if !math.IsNaN(float64(out[0].Data[2])) {
			t.Errorf("got %v", out[0].Data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSession_RefusesInputsThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := session(t)
	short := rows(3, 1)
	short.Data = short.Data[:7] // the library would read past its end
	for name, c := range map[string]struct {
		in []ort.Tensor
		n  int
	}{
		"one input too few":          {[]ort.Tensor{rows(1, 1)}, 1},
		"no outputs":                 {[]ort.Tensor{rows(1, 1), rows(1, 1)}, 0},
		"more outputs than it has":   {[]ort.Tensor{rows(1, 1), rows(1, 1)}, 2},
		"fewer numbers than shape":   {[]ort.Tensor{rows(3, 1), short}, 1},
		"no numbers":                 {[]ort.Tensor{rows(1, 1), {Shape: []int64{0, 4}}}, 1},
		"no shape":                   {[]ort.Tensor{rows(1, 1), {Data: []float32{1}}}, 1},
		"a shape that overflows":     {[]ort.Tensor{rows(1, 1), {Shape: []int64{1 << 62, 4}, Data: []float32{1}}}, 1},
		"sizes that cannot be added": {[]ort.Tensor{rows(3, 1), rows(2, 1)}, 1},
		"another width":              {[]ort.Tensor{rows(1, 1), {Shape: []int64{1, 5}, Data: make([]float32, 5)}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := s.Run(c.in, c.n, func([]ort.Tensor) error { return nil })
			if err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestSession_RunsFromManyGoroutinesAndIsClosedUnderThem(t *testing.T) {
	t.Parallel()
	s := session(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				err := s.Run([]ort.Tensor{rows(g+1, float32(i)), rows(g+1, 1)}, 1, func(out []ort.Tensor) error {
					if want := float32(i) + 1; out[0].Data[0] != want {
						t.Errorf("%v instead of %v", out[0].Data[0], want)
					}
					return nil
				})
				if errors.Is(err, ort.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				if g == 0 && i == 200 {
					s.Close()
				}
			}
		})
	}
	wg.Wait()
	if err := s.Run([]ort.Tensor{rows(1, 1), rows(1, 1)}, 1, nil); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("want ErrClosed, got %v", err)
	}
	s.Close() // again
}
