package packet

import (
	"slices"
	"strings"
)

// numerals are the words that the longer numbers of a language are written of in
// one: "neunundachtzig", "centoventi". nil for a language that writes them
// apart.
func (l *language) numerals(lang string) []string {
	var out []string
	switch lang {
	case "de", "nl":
		out = []string{"und", "en", "ein", "zwo"}
	case "it":
		out = []string{"vent", "trent", "quarant", "cinquant", "sessant", "settant", "ottant", "novant", "tre"}
	default:
		return nil
	}
	for form, class := range l.classes {
		if class == numClass && len(form) >= 3 && !vague(form) {
			out = append(out, form)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(out)
}

// vague says whether a word counts without a number.
func vague(form string) bool {
	switch form {
	case "paar", "einigen", "mehreren", "anderthalb", "halben", "enkele", "alcuni", "alcune", "qualche", "paio", "eine", "einen", "einem", "einer", "una":
		return true
	default:
		return false
	}
}

// longestNumeral is the longest word that is read as a number, in bytes.
const longestNumeral = 40

// compound says whether a word is a number made of others'.
func (l *language) compound(form string) bool {
	if l.pieces == nil || len(form) < 6 || len(form) > longestNumeral {
		return false
	}
	ends := make([]bool, len(form)+1) // places that whole pieces lead to
	ends[0] = true
	for i := range form {
		if !ends[i] {
			continue
		}
		for _, p := range l.pieces {
			if strings.HasPrefix(form[i:], p) {
				ends[i+len(p)] = true
			}
		}
	}
	return ends[len(form)]
}
