package people

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params are argon2id's costs. They are kept with each hash.
type Params struct {
	MemoryKiB uint32 // 0: 19456, with two passes what OWASP's password cheat sheet names first
	Passes    uint32 // 0: 2
	Lanes     uint8  // 0: 1
}

func (p Params) withDefaults() Params {
	p.MemoryKiB = cmp.Or(p.MemoryKiB, 19*1024)
	p.Passes = cmp.Or(p.Passes, 2)
	p.Lanes = cmp.Or(p.Lanes, 1)
	return p
}

// Bounds of what is taken from a stored hash, so that a row that somebody has
// changed costs at most a second.
const (
	maxMemoryKiB = 256 * 1024
	maxPasses    = 16
	maxLanes     = 16
)

func (p Params) validate() error {
	switch {
	case p.MemoryKiB < 8*uint32(p.Lanes) || p.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("argon2id: MemoryKiB is %d, must lie between 8 a lane and %d", p.MemoryKiB, maxMemoryKiB)
	case p.Passes < 1 || p.Passes > maxPasses:
		return fmt.Errorf("argon2id: Passes is %d, must lie between 1 and %d", p.Passes, maxPasses)
	case p.Lanes < 1 || p.Lanes > maxLanes:
		return fmt.Errorf("argon2id: Lanes is %d, must lie between 1 and %d", p.Lanes, maxLanes)
	}
	return nil
}

const (
	saltBytes = 16
	keyBytes  = 32
)

// Hasher makes and checks password hashes. It is safe for concurrent use.
type Hasher struct {
	params Params
	random io.Reader
	slots  chan struct{}
	// nobody is a hash that no password has: checked where there is no account,
	// so that it takes as long.
	nobody string
	derive func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte
}

// slots is how many derivations run at a time: each takes some 20 MB and 30 ms
// of a core, and customers' turns need the cores too.
func slots() int { return max(1, runtime.NumCPU()/2) }

// NewHasher makes a Hasher; random gives salts.
func NewHasher(p Params, random io.Reader) (*Hasher, error) {
	p = p.withDefaults()
	if err := p.validate(); err != nil {
		return nil, err
	}
	if random == nil {
		return nil, errors.New("people: a source of random bytes is needed")
	}
	h := &Hasher{params: p, random: random, slots: make(chan struct{}, slots()), derive: argon2.IDKey}
	salt, key := make([]byte, saltBytes), make([]byte, keyBytes)
	for _, b := range [][]byte{salt, key} {
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, fmt.Errorf("a salt: %w", err)
		}
	}
	h.nobody = phc{p, salt, key}.String()
	return h, nil
}

// Hash makes a password's hash in the PHC string form, with parameters and
// salt. Error: ErrBusy where ctx ends before it is this one's turn.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("a salt: %w", err)
	}
	key, err := h.key(ctx, password, salt, h.params, keyBytes)
	if err != nil {
		return "", err
	}
	return phc{h.params, salt, key}.String(), nil
}

// Verify says whether a password is the one of a hash. An empty hash is
// nobody's: it costs the same and is never right. stale says that the hash was
// made with other parameters than today's: hash the password anew. Errors:
// ErrBusy, and one for a hash that cannot be read.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (right, stale bool, err error) {
	p, err := parsePHC(cmp.Or(hash, h.nobody))
	if err != nil {
		return false, false, err
	}
	key, err := h.key(ctx, password, p.salt, p.params, uint32(len(p.key))) //nolint:gosec // parsePHC bounds it
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(key, p.key) == 1 && hash != ""
	return right, p.params != h.params, nil
}

func (h *Hasher) key(ctx context.Context, password string, salt []byte, p Params, size uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ErrBusy
	}
	return h.derive([]byte(normal(password)), salt, p.Passes, p.MemoryKiB, p.Lanes, size), nil
}

// normal makes one password of what different keyboards send for the same
// keys: "é" as one character or as two.
func normal(password string) string { return norm.NFKC.String(password) }

// phc is a hash as it is kept: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type phc struct {
	params    Params
	salt, key []byte
}

func (p phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.params.MemoryKiB, p.params.Passes, p.params.Lanes, enc.EncodeToString(p.salt), enc.EncodeToString(p.key))
}

var errPHC = errors.New("a password's hash cannot be read") // never with the hash itself

func parsePHC(s string) (p phc, err error) {
	parts := strings.Split(s, "$")
	// Decoders of base64 pass over line ends: one hash would have many writings.
	if len(s) > 300 || strings.ContainsAny(s, "\r\n") || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return p, errPHC
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return p, errPHC
	}
	var n [3]uint64
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(costs[i], name)
		if n[i], err = strconv.ParseUint(digits, 10, 20); err != nil || !ok || digits != strconv.FormatUint(n[i], 10) {
			return p, errPHC
		}
	}
	if n[2] > maxLanes {
		return p, errPHC
	}
	p.params = Params{MemoryKiB: uint32(n[0]), Passes: uint32(n[1]), Lanes: uint8(n[2])}
	if p.params.validate() != nil {
		return p, errPHC
	}
	enc := base64.RawStdEncoding.Strict()
	if p.salt, err = enc.DecodeString(parts[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return p, errPHC
	}
	if p.key, err = enc.DecodeString(parts[5]); err != nil || len(p.key) < 16 || len(p.key) > 64 {
		return p, errPHC
	}
	return p, nil
}
