package mail

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

const (
	maxAddress = 254 // RFC 5321
	maxLocal   = 64
)

// FindAddress finds an e-mail address in what a customer wrote about how to
// reach them: the address alone, "Name <address>", or the first one among other
// words. It is in lower case with an ASCII domain; ok is false where there is
// none that can be sent to.
func FindAddress(text string) (address string, ok bool) {
	if len(text) > 4*maxAddress {
		return "", false
	}
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(`<>()[]{}"'“”„«»,;|：，、。；（）「」`+"\u00a0\u3000", r)
	})
	for _, w := range words {
		w = strings.TrimPrefix(strings.TrimPrefix(w, "mailto:"), "MAILTO:")
		// What follows an address in a sentence.
		if a, ok := plainAddress(strings.TrimRight(w, ".:!?…")); ok {
			return a, true
		}
	}
	return "", false
}

// plainAddress checks and normalises one bare address.
func plainAddress(s string) (string, bool) {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > maxLocal || strings.Contains(domain, "@") {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(strings.ToLower(domain))
	if err != nil || !strings.Contains(domain, ".") || strings.Trim(domain, "0123456789.") == "" {
		return "", false // a name without a dot is somebody's own machine, numbers are one too
	}
	// An address with other letters before the @ needs a server that takes them
	// on every hop; it is asked for again instead of being lost on the way.
	for _, r := range local {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r) {
			return "", false
		}
	}
	address := strings.ToLower(local) + "@" + domain
	if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address || len(address) > maxAddress {
		return "", false
	}
	return address, true
}

// Domain is what stands after the @.
func Domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return d
}
