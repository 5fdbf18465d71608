package people

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules of a password: length, not kinds of characters; see CheckPassword.
const (
	minPassword = 12  // characters
	maxPassword = 256 // likewise; a book costs time to derive and adds nothing
)

// common are what people begin with when they are asked for a password. A
// password is measured by what is left without them.
var common = []string{
	"password", "passwort", "motdepasse", "contrasena", "frontdesk", "support", "service", "welcome", "willkommen", "bienvenue",
	"letmein", "iloveyou", "administrator", "admin", "secret", "geheim", "changeme", "correcthorsebatterystaple", "sunshine", "princess",
	"football", "dragon", "monkey", "master", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1q2w3e4r5t", "qwerty", "qwertz", "azerty",
}

// CheckPassword refuses a new password that is too short, too long or easily
// guessed; about are words an attacker has (address, name, site), which add
// nothing. There are no rules on kinds of characters and no date of expiry:
// both make people choose worse ones.
func CheckPassword(password string, about ...string) error {
	if !utf8.ValidString(password) {
		return badPassword("it has characters that cannot be kept")
	}
	password = normal(password)
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword:
		return badPassword(fmt.Sprintf("it needs at least %d characters; a few words that do not belong together are good", minPassword))
	case n > maxPassword:
		return badPassword(fmt.Sprintf("at most %d characters are taken", maxPassword))
	case strings.ContainsFunc(password, unicode.IsControl):
		return badPassword("it has a line break or another character that no keyboard types")
	}
	left := strings.ToLower(password)
	for _, a := range about {
		for _, word := range strings.FieldsFunc(strings.ToLower(normal(a)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(word) >= 3 {
				left = strings.ReplaceAll(left, word, "")
			}
		}
	}
	for _, word := range common {
		left = strings.ReplaceAll(left, word, "")
	}
	if strength(left) < 6 {
		return badPassword("it is easy to guess; a few words that do not belong together are good")
	}
	return nil
}

// strength counts characters that say something: not one that was there
// already twice, and not the next one of a run (aaa, 123, cba).
func strength(s string) (n int) {
	seen := map[rune]int{}
	var before rune
	for _, r := range s {
		if seen[r]++; seen[r] <= 2 && r != before && r != before+1 && r != before-1 {
			n++
		}
		before = r
	}
	return n
}

// passwordAlphabet has no character that is taken for another.
const passwordAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// NewPassword makes one that nobody guesses: four groups of five of 31
// characters, 99 bits.
func NewPassword(random io.Reader) (string, error) {
	var b [1]byte
	out := make([]byte, 0, 23)
	for len(out) < cap(out) {
		if len(out)%6 == 5 {
			out = append(out, '-')
			continue
		}
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("a password: %w", err)
		}
		// 248 is the largest multiple of 31 in a byte: without the bound some
		// characters would come more often.
		if b[0] < 248 {
			out = append(out, passwordAlphabet[int(b[0])%len(passwordAlphabet)])
		}
	}
	return string(out), nil
}
