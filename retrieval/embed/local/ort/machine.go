package ort

import (
	"debug/elf"
	"debug/macho"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sys/cpu"
)

// Machine is what a library has to fit.
type Machine struct {
	OS, Arch string // as GOOS and GOARCH say them
	AVX2     bool   // on amd64: what the library's fast paths need
}

// ThisMachine is the one this program runs on.
func ThisMachine() Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, AVX2: cpu.X86.HasAVX2}
}

// check says whether the processor will do and the file is for it. The loader's
// own words for a file of another processor are "no such file".
func (m Machine) check(path string) error {
	if m.Arch == "amd64" && !m.AVX2 {
		return fmt.Errorf("%w: it has no AVX2", ErrMachine)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open ONNX Runtime: %w", err)
	}
	defer f.Close()
	var got []string
	switch m.OS {
	case "linux":
		got = elfArch(f)
	case "darwin":
		got = machoArchs(f)
	default:
		return fmt.Errorf("%w: none is known for %s", ErrPlatform, m.OS)
	}
	if !slices.Contains(got, m.Arch) {
		return fmt.Errorf("%w: %s is for %v, this is %s/%s", ErrPlatform, path, got, m.OS, m.Arch)
	}
	return nil
}

// elfArch is the processor a Linux library is for; none where it is no library.
func elfArch(r io.ReaderAt) []string {
	f, err := elf.NewFile(r)
	if err != nil || f.Type != elf.ET_DYN {
		return nil
	}
	switch f.Machine {
	case elf.EM_X86_64:
		return []string{"amd64"}
	case elf.EM_AARCH64:
		return []string{"arm64"}
	default:
		return []string{f.Machine.String()}
	}
}

// machoArchs are the processors a macOS library is for: one, or several in one file.
func machoArchs(r io.ReaderAt) []string {
	name := map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}
	if fat, err := macho.NewFatFile(r); err == nil {
		var out []string
		for _, a := range fat.Arches {
			out = append(out, name[a.Cpu])
		}
		return out
	}
	f, err := macho.NewFile(r)
	if err != nil {
		return nil
	}
	return []string{name[f.Cpu]}
}
