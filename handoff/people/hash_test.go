package people

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
)

// quick are costs that tests can afford.
func quick() Params { return Params{MemoryKiB: 64, Passes: 1, Lanes: 1} }

// counted is a hasher that remembers what each derivation cost.
func counted(t *testing.T, p Params) (h *Hasher, costs func() []Params) {
	t.Helper()
	h, err := NewHasher(p, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []Params
	derive := h.derive
	h.derive = func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte {
		mu.Lock()
		all = append(all, Params{memory, passes, lanes})
		mu.Unlock()
		return derive(password, salt, passes, memory, lanes, size)
	}
	return h, func() []Params { mu.Lock(); defer mu.Unlock(); return all }
}

func TestHasher_KnowsThePasswordAndNoOther(t *testing.T) {
	t.Parallel()
	h, _ := counted(t, quick())
	hash, err := h.Hash(t.Context(), "plum orbit kettle café")
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Hash(t.Context(), "plum orbit kettle café")
	if err != nil || again == hash {
		t.Fatalf("%v: two hashes of one password are alike", err)
	}
	if strings.Contains(hash, "plum") || !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("got %s", hash)
	}
	for name, c := range map[string]struct {
		password string
		right    bool
	}{
		"the same":                        {"plum orbit kettle café", true},
		"typed with a combining accent":   {"plum orbit kettle cafe\u0301", true},
		"in capitals":                     {"PLUM ORBIT KETTLE CAFÉ", false},
		"with a blank":                    {"plum orbit kettle café ", false},
		"empty":                           {"", false},
		"only its beginning":              {"plum orbit", false},
		"with something after a nul byte": {"plum orbit kettle café\x00", false},
	} {
		right, stale, err := h.Verify(t.Context(), hash, c.password)
		if err != nil || right != c.right || stale {
			t.Errorf("%s: %v %v %v", name, right, stale, err)
		}
	}
}

func TestHasher_SaysWhenTheParametersHaveChanged(t *testing.T) {
	t.Parallel()
	old, _ := counted(t, quick())
	now, costs := counted(t, Params{MemoryKiB: 128, Passes: 1, Lanes: 1})
	hash, err := old.Hash(t.Context(), "plum orbit kettle")
	if err != nil {
		t.Fatal(err)
	}
	right, stale, err := now.Verify(t.Context(), hash, "plum orbit kettle")
	if err != nil || !right || !stale {
		t.Fatalf("%v %v %v", right, stale, err)
	}
	if c := costs(); len(c) != 1 || c[0] != quick() {
		t.Errorf("a hash is checked with its own parameters: %v", c)
	}
}

func TestHasher_NobodyCostsAsMuchAsSomebody(t *testing.T) {
	t.Parallel()
	h, costs := counted(t, quick())
	hash, err := h.Hash(t.Context(), "plum orbit kettle")
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{hash, ""} {
		if right, _, err := h.Verify(t.Context(), of, "guess"); err != nil || right {
			t.Fatal(right, err)
		}
	}
	c := costs()
	if len(c) != 3 || c[1] != c[2] {
		t.Errorf("somebody and nobody cost %v", c)
	}
}

func TestHasher_WaitsItsTurnAndGivesUpWithTheRequest(t *testing.T) {
	t.Parallel()
	h, _ := counted(t, quick())
	hold, inside := make(chan struct{}), make(chan struct{}, cap(h.slots))
	h.derive = func([]byte, []byte, uint32, uint32, uint8, uint32) []byte {
		inside <- struct{}{}
		<-hold
		return make([]byte, keyBytes)
	}
	var wg sync.WaitGroup
	for range cap(h.slots) {
		wg.Go(func() { _, _ = h.Hash(context.Background(), "x") })
	}
	for range cap(h.slots) {
		<-inside
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	close(hold)
	wg.Wait()
}

func TestNewHasher_RefusesCostsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Params{
		"too much memory": {MemoryKiB: maxMemoryKiB + 1},
		"too little":      {MemoryKiB: 7, Lanes: 1},
		"too many passes": {Passes: maxPasses + 1},
		"too many lanes":  {Lanes: maxLanes + 1},
	} {
		if _, err := NewHasher(p, rand.Reader); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAA$AAAA")
	f.Add("$argon2id$v=19$m=10,t=1,p=1$0000000000000000000$000000000000000\r\r000000000")
	f.Add("$argon2i$v=19$m=64,t=1,p=1$c2FsdA$a2V5")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err != nil {
			if strings.Contains(err.Error(), s) && len(s) > 20 {
				t.Error("the error repeats the hash")
			}
			return
		}
		if p.params.validate() != nil {
			t.Errorf("costs %v are taken", p.params)
		}
		if p.String() != s {
			t.Errorf("%q is written as %q", s, p)
		}
	})
}
