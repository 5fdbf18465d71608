//go:build !noencode

package ort

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Places of functions in the C structure OrtApi, which only ever grows at its
// end: counted from onnxruntime_c_api.h of release 1.17, where they have not
// moved since.
const (
	fnGetErrorMessage      = 2
	fnCreateEnv            = 3
	fnCreateSession        = 7
	fnRun                  = 9
	fnCreateSessionOptions = 10
	fnSetGraphOptLevel     = 23
	fnSetIntraOpThreads    = 24
	fnSetInterOpThreads    = 25
	fnCreateTensor         = 49
	fnTensorData           = 51
	fnGetDimensionsCount   = 61
	fnGetDimensions        = 62
	fnGetTypeAndShape      = 65
	fnCreateCPUMemoryInfo  = 69
	fnReleaseEnv           = 92
	fnReleaseStatus        = 93
	fnReleaseMemoryInfo    = 94
	fnReleaseSession       = 95
	fnReleaseValue         = 96
	fnReleaseTypeAndShape  = 99
	fnReleaseOptions       = 100
	fnAddConfigEntry       = 130

	slots = 131
)

// apiVersion is the oldest table that has all of the above; every later
// release hands it out too.
const apiVersion = 17

const (
	logFatal    = 4 // what fails comes back as an error; standard error is not ours to write to
	elementF32  = 1 // ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
	allocDevice = 0 // OrtDeviceAllocator: memory that is ours, used as it lies
	memDefault  = 0 // OrtMemTypeDefault
	// ORT_ENABLE_BASIC: graphs come here in the form they are to run in; the
	// higher levels were measured to put slower operations in.
	optimizeBasic = 1
)

// Library is ONNX Runtime, opened.
type Library struct {
	api     *[slots]uintptr
	env     uintptr
	mem     uintptr
	version string
}

// Load opens the library at path. It returns ErrMachine where this processor
// lacks what the graphs need, ErrPlatform where the file is for another system,
// and ErrVersion where it is too old to have the functions used here.
func Load(path string, m Machine) (*Library, error) {
	if err := m.check(path); err != nil {
		return nil, err
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("open ONNX Runtime: %w", err)
	}
	// It is never closed: threads and exit handlers of its own may outlive us.
	sym, err := purego.Dlsym(handle, "OrtGetApiBase")
	if err != nil {
		return nil, fmt.Errorf("%w: no OrtGetApiBase in %s", ErrVersion, path)
	}
	p, _, _ := purego.SyscallN(sym)
	base := (*[2]uintptr)(pointer(p)) // GetApi, GetVersionString
	v, _, _ := purego.SyscallN(base[1])
	l := &Library{version: goString(v)}
	table, _, _ := purego.SyscallN(base[0], apiVersion)
	if table == 0 {
		return nil, fmt.Errorf("%w: %s is ONNX Runtime %s, 1.%d or newer is needed", ErrVersion, path, l.version, apiVersion)
	}
	l.api = (*[slots]uintptr)(pointer(table))
	out := new(uintptr)
	name := cString("frontdesk")
	if err := l.call(fnCreateEnv, logFatal, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(out))); err != nil {
		return nil, fmt.Errorf("start ONNX Runtime: %w", err)
	}
	l.env = *out
	if err := l.call(fnCreateCPUMemoryInfo, allocDevice, memDefault, uintptr(unsafe.Pointer(out))); err != nil {
		l.Close()
		return nil, fmt.Errorf("start ONNX Runtime: %w", err)
	}
	l.mem = *out
	return l, nil
}

// Version is the library's own: "1.31.1".
func (l *Library) Version() string { return l.version }

// Close lets the library's state go; its sessions must have been closed.
func (l *Library) Close() {
	l.release(fnReleaseMemoryInfo, &l.mem)
	l.release(fnReleaseEnv, &l.env)
}

// call runs a function that returns a status. What the arguments point to is
// moved to the heap and kept for the call's time by the pragma, which this
// wrapper needs for itself: the one on SyscallN does not reach through it.
//
//go:uintptrescapes
//go:noinline
func (l *Library) call(fn int, args ...uintptr) error {
	status, _, _ := purego.SyscallN(l.api[fn], args...)
	if status == 0 {
		return nil
	}
	words, _, _ := purego.SyscallN(l.api[fnGetErrorMessage], status)
	err := errors.New(goString(words))
	purego.SyscallN(l.api[fnReleaseStatus], status)
	return err
}

// release gives a handle back, once.
func (l *Library) release(fn int, handle *uintptr) {
	if *handle != 0 {
		purego.SyscallN(l.api[fn], *handle)
		*handle = 0
	}
}

// pointer is an address of the library's memory as a pointer. The detour keeps
// the compiler's checks for Go memory, which this is not, out of it.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func cString(s string) *byte {
	b := append([]byte(s), 0)
	return &b[0]
}

func goString(p uintptr) string {
	if p == 0 {
		return ""
	}
	start, n := pointer(p), 0
	for *(*byte)(unsafe.Add(start, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(start), n))
}
