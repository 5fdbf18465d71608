package quote

import "strings"

// A bound is told by how it begins, or by a phrase that only limits. The list is
// short on purpose: a bound that is missed is quoted by its own probability, one
// that is none costs words. Languages: those of the corpus and of the texts of
// the bot.

// bounds says whether a sentence limits the one before it.
func bounds(sentence string) bool {
	s := strings.ToLower(strings.TrimLeft(sentence, "*_(\"'“„« "))
	for _, b := range boundBeginnings {
		if rest, ok := strings.CutPrefix(s, b); ok && (rest == "" || strings.ContainsRune(" ,:'’", rune(rest[0])) || rest[0] >= 0x80) {
			return true
		}
	}
	for _, b := range boundPhrases {
		if strings.Contains(s, b) {
			return true
		}
	}
	return false
}

var boundBeginnings = []string{ //nolint:gochecknoglobals // a table
	"unless", "except", "exceptions", "exception", "the exception", "the only exception", "but", "however", "otherwise", "only if", "only when", "not if", "not for",
	"außer", "ausgenommen", "ausnahme", "ausnahmen", "aber", "jedoch", "allerdings", "sonst", "nur wenn", "nicht für", "es sei denn",
	"sauf", "excepté", "exception", "mais", "toutefois", "cependant", "sinon", "seulement si", "pas pour", "à moins",
	"salvo", "excepto", "pero", "sin embargo", "solo si", "sólo si", "no para", "a menos",
	"tranne", "eccetto", "ma", "tuttavia", "altrimenti", "solo se", "non per",
	"exceto", "mas", "porém", "no entanto", "só se", "não para",
	"behalve", "uitzondering", "maar", "echter", "anders", "alleen als", "niet voor", "tenzij",
	"utom", "undantag", "men", "dock", "annars", "endast om", "inte för",
	"undtagen", "undtagelse", "dog", "ellers", "kun hvis", "ikke for", "unntatt", "unntak",
	"chyba że", "oprócz", "wyjątek", "ale", "jednak", "tylko jeśli", "nie dla",
}

var boundPhrases = []string{ //nolint:gochecknoglobals // a table
	"does not apply", "do not apply", "doesn't apply", "don't apply", "is excluded", "are excluded", "only applies", "applies only", "apply only",
	"gilt nicht", "gelten nicht", "gilt nur", "ausgeschlossen",
	"ne s'applique pas", "ne s’applique pas", "uniquement si", "no se aplica", "no aplica", "non si applica", "não se aplica",
	"geldt niet", "geldt alleen", "gäller inte", "gæller ikke", "gjelder ikke", "nie dotyczy",
}
