package people

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Token names a session or an invitation to whoever holds it: 32 random bytes,
// with the site in front, since nothing is looked for without its site. Only
// its hash is kept. The hash is plain SHA-256: there is nothing to guess in 256
// random bits that a slow one would protect.
type Token struct {
	Site   int32
	secret [32]byte
}

// NewToken makes one.
func NewToken(site int32, random io.Reader) (t Token, err error) {
	t.Site = site
	if _, err := io.ReadFull(random, t.secret[:]); err != nil {
		return Token{}, fmt.Errorf("a token: %w", err)
	}
	return t, nil
}

// ParseToken reads what Reveal wrote.
func ParseToken(s string) (t Token, ok bool) {
	number, secret, ok := strings.Cut(s, ".")
	site, err := strconv.ParseInt(number, 10, 32)
	if !ok || err != nil || site < 1 || number != strconv.FormatInt(site, 10) || len(secret) != 43 {
		return Token{}, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || len(raw) != len(t.secret) {
		return Token{}, false
	}
	t.Site = int32(site)
	copy(t.secret[:], raw)
	return t, true
}

// Reveal is the token's text, for the one who is to hold it and nobody else.
func (t Token) Reveal() string {
	return strconv.Itoa(int(t.Site)) + "." + base64.RawURLEncoding.EncodeToString(t.secret[:])
}

// Hash is what is kept of it.
func (t Token) Hash() []byte {
	h := sha256.Sum256(t.secret[:])
	return h[:]
}

// String hides the secret, so that a token that gets into a log says nothing.
func (t Token) String() string { return "token of site " + strconv.Itoa(int(t.Site)) }

// GoString hides it from %#v too.
func (t Token) GoString() string { return t.String() }
