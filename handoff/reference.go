package handoff

import (
	"fmt"
	"io"
)

// referenceAlphabet has no letter or digit that is taken for another when read
// aloud or copied by hand: no 0 O, 1 I L, 5 S, 8 B, 2 Z, U V, and no vowels, so
// that no word appears by chance.
const referenceAlphabet = "34679CDFGHJKMNPQRTWXY"

// NewReference makes a reference such as "K7QM-4T3P" from random bytes: eight
// characters of 21, 38 thousand million of them, so that nobody guesses one;
// the database's unique constraint sees to the rest.
func NewReference(random io.Reader) (string, error) {
	out := make([]byte, 0, 9)
	var b [1]byte
	for len(out) < 9 {
		if len(out) == 4 {
			out = append(out, '-')
		}
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("a case's reference: %w", err)
		}
		// 252 is the largest multiple of 21 in a byte: without the bound some
		// characters would come more often.
		if b[0] < 252 {
			out = append(out, referenceAlphabet[int(b[0])%len(referenceAlphabet)])
		}
	}
	return string(out), nil
}
