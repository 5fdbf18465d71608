package words

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

// latin are the languages in Latin script that are told apart, in the order of
// the bits of the word lists.
var latin = [...]string{"en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr"}

// detectWindow is how much of a text is looked at, in bytes: more changes nothing.
const detectWindow = 2000

// DetectLanguage guesses the language of a text and how likely that is. prior are
// the languages expected, best first: a site's own, or the conversation's so far.
// They decide where the text says too little ("K2?", "ok"), and p is low then.
// Without any evidence or prior the code is empty and p is 0.
func DetectLanguage(text string, prior []string) (code string, p float64) {
	if len(text) > detectWindow {
		text = strings.ToValidUTF8(text[:detectWindow], "")
	}
	n := countScripts(text)
	switch script, share := n.most(); script {
	case "":
		return fallback(prior)
	case "latin":
		return detectLatin(text, prior)
	case "han":
		return detectHan(text, n, prior, share)
	case "cyrillic":
		return bySigns(text, "ru", share, cyrillicSigns[:])
	case "arabic":
		return bySigns(text, "ar", share, arabicSigns[:])
	default:
		return script, share
	}
}

// fallback is the first language expected, with as little trust as that deserves.
func fallback(prior []string) (string, float64) {
	if len(prior) == 0 {
		return "", 0
	}
	return prior[0], 0.3
}

// scripts counts letters by script. The name of a script that one language has
// to itself is that language's code.
type scripts struct {
	names  []string
	counts []int
	kana   int
}

func countScripts(text string) scripts {
	var n scripts
	for _, r := range text {
		if name := Script(r); name != "" {
			n.add(name, r)
		}
	}
	return n
}

func (n *scripts) add(name string, r rune) {
	weight := 1
	if name == "han" || name == "ko" {
		weight = 2 // a character says as much as two or three letters
		if !unicode.Is(unicode.Han, r) && name == "han" {
			n.kana++
		}
	}
	i := slices.Index(n.names, name)
	if i < 0 {
		n.names, n.counts = append(n.names, name), append(n.counts, 0)
		i = len(n.names) - 1
	}
	n.counts[i] += weight
}

// most is the script with the most letters and its share of all.
func (n *scripts) most() (string, float64) {
	best, all := -1, 0
	for i, c := range n.counts {
		all += c
		if best < 0 || c > n.counts[best] {
			best = i
		}
	}
	if best < 0 {
		return "", 0
	}
	return n.names[best], float64(n.counts[best]) / float64(all)
}

// Script is the script of a letter: "latin", "cyrillic", "arabic" or "han" (kana
// among it), or the code of the language that has a script to itself. Empty for
// what is no letter, and for scripts that are not known.
func Script(r rune) string {
	switch {
	case r < 0x80:
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			return "latin"
		}
		return ""
	case !unicode.IsLetter(r):
		return ""
	case unicode.Is(unicode.Latin, r):
		return "latin"
	case r < 0x530 && unicode.Is(unicode.Cyrillic, r):
		return "cyrillic"
	case unicode.Is(unicode.Arabic, r):
		return "arabic"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー':
		return "han"
	}
	for _, s := range [...]struct {
		code  string
		table *unicode.RangeTable
	}{
		{"ko", unicode.Hangul},
		{"el", unicode.Greek},
		{"he", unicode.Hebrew},
		{"th", unicode.Thai},
		{"hi", unicode.Devanagari},
		{"ka", unicode.Georgian},
		{"hy", unicode.Armenian},
		{"bn", unicode.Bengali},
		{"ta", unicode.Tamil},
		{"te", unicode.Telugu},
		{"gu", unicode.Gujarati},
		{"pa", unicode.Gurmukhi},
		{"kn", unicode.Kannada},
		{"ml", unicode.Malayalam},
		{"si", unicode.Sinhala},
		{"lo", unicode.Lao},
		{"km", unicode.Khmer},
		{"my", unicode.Myanmar},
		{"am", unicode.Ethiopic},
	} {
		if unicode.Is(s.table, r) {
			return s.code
		}
	}
	return ""
}

// detectHan tells Japanese, which is hardly written without kana, from Chinese.
func detectHan(text string, n scripts, prior []string, share float64) (string, float64) {
	if n.kana > 0 {
		return "ja", share
	}
	long := utf8.RuneCountInString(text) > 12
	if i, j := slices.Index(prior, "ja"), slices.Index(prior, "zh"); i >= 0 && (j < 0 || i < j) && !long {
		return "ja", 0.6 * share // a few characters of a Japanese customer: 返品, 送料
	}
	return "zh", share
}

// sign is letters that one language of a script has and its largest one has not.
type sign struct {
	code    string
	letters string
}

var (
	cyrillicSigns = [...]sign{{"uk", "іїєґ"}, {"be", "ў"}, {"sr", "јљњћђџ"}, {"kk", "әғқңөұүһ"}}
	arabicSigns   = [...]sign{{"ur", "ٹڈڑےں"}, {"fa", "پچژگ"}}
)

// bySigns is the first language whose letters the text has, else the usual one.
func bySigns(text, usual string, share float64, signs []sign) (string, float64) {
	text = strings.ToLower(text)
	for _, s := range signs {
		if strings.ContainsAny(text, s.letters) {
			return s.code, share
		}
	}
	return usual, share
}

// Weights of the evidence for a language in Latin script, in logits. They were
// set by hand and checked on short questions in each language (TestDetectLanguage)
// and on the first words of the sentences of the language test set.
const (
	wordWeight    = 1.6 // a word that only one of the languages has
	signWeight    = 2.0 // a letter that only one has, once a text
	profileWeight = 4.0 // the trigram profile's first choice, for a long text
	profileFull   = 120 // letters from which its weight is full
	priorWeight   = 0.8 // the first language expected
	otherPrior    = 0.4 // any other language expected
	clearLead     = 3.5 // a lead over the next language at which trigrams are not asked
	sharpness     = 1.5 // makes p what it says: see TestDetectLanguage_Sentences
)

// candidates are the languages to choose from: those above, and what else a site
// expects, where its trigrams are known.
type candidates struct {
	codes []string
	score []float64
}

func newCandidates(prior []string) candidates {
	c := candidates{codes: latin[:]}
	for _, code := range prior {
		if !slices.Contains(c.codes, code) && profileOf(code) >= 0 {
			c.codes = append(slices.Clone(c.codes), code)
		}
	}
	c.score = make([]float64, len(c.codes))
	for i, code := range prior {
		if at := slices.Index(c.codes, code); at >= 0 {
			if i == 0 {
				c.score[at] += priorWeight
			} else {
				c.score[at] += otherPrior
			}
		}
	}
	return c
}

// best is the candidate with the highest score and its share of all.
func (c candidates) best() (string, float64) {
	best, sum := 0, 0.0
	for i, s := range c.score {
		if s > c.score[best] {
			best = i
		}
	}
	for _, s := range c.score {
		sum += math.Exp(sharpness * (s - c.score[best]))
	}
	return c.codes[best], 1 / sum
}

// lead is how far the best candidate is ahead of the next.
func (c candidates) lead() float64 {
	first, second := math.Inf(-1), math.Inf(-1)
	for _, s := range c.score {
		if s > first {
			first, second = s, first
		} else {
			second = max(second, s)
		}
	}
	return first - second
}

// detectLatin weighs usual words, letters and trigrams.
func detectLatin(text string, prior []string) (string, float64) {
	c := newCandidates(prior)
	lower := strings.ToLower(normalise(text))
	letters, words := usualWords(c.score, lower)
	signs := usualLetters(c, lower)
	trigrams := c.lead() < clearLead && profile(c, text, letters)
	if !words && !signs && !trigrams {
		return fallback(prior)
	}
	return c.best()
}

// usualWords adds the evidence of function words and of what customers say most.
func usualWords(score []float64, lower string) (letters int, found bool) {
	table := usual()
	for _, w := range strings.FieldsFunc(lower, func(r rune) bool { return !isWord(r) && r != '\'' }) {
		letters += utf8.RuneCountInString(w)
		bits := table[w]
		if bits == 0 {
			if front, _, ok := strings.Cut(w, "'"); ok {
				bits = table[front+"'"]
			}
		}
		if bits == 0 {
			continue
		}
		found = true
		n := 0
		for b := bits; b != 0; b &= b - 1 {
			n++
		}
		for i := range latin {
			if bits&(1<<i) != 0 {
				score[i] += wordWeight / float64(n)
			}
		}
	}
	return letters, found
}

// usualLetters adds the evidence of letters that few languages have, shared among
// those of them that are candidates.
func usualLetters(c candidates, lower string) bool {
	found := false
	for _, s := range [...]struct {
		letters string
		codes   string
	}{
		{"ß", "de"},
		{"ä", "de sv fi"},
		{"ö", "de tr sv fi hu"},
		{"ü", "de tr hu"},
		{"å", "sv da no nb"},
		{"æø", "da no nb"},
		{"őű", "hu"},
		{"ñ¿¡", "es"},
		{"ãõ", "pt"},
		{"ąęłńśźż", "pl"},
		{"ğışİ", "tr"},
		{"ăâîșț", "ro fr"},
		{"čďěňřšťůž", "cs"},
		{"đơư", "vi"},
		{"êôûëïœ", "fr"},
		{"ç", "fr pt tr"},
		{"è", "fr it"},
		{"ù", "it fr"},
		{"ò", "it"},
		{"ì", "it"},
		{"à", "fr it pt"},
		{"é", "fr es pt"},
		{"áíóú", "es pt cs hu"},
		{"ćó", "pl"},
	} {
		if !strings.ContainsAny(lower, s.letters) {
			continue
		}
		var at []int
		for _, code := range strings.Fields(s.codes) {
			if i := slices.Index(c.codes, code); i >= 0 {
				at = append(at, i)
			}
		}
		for _, i := range at {
			c.score[i] += signWeight / float64(len(at))
			found = true
		}
	}
	return found
}

// profile adds the verdict of trigram profiles, which gains weight with length: on
// a few words they are wrong as often as right.
func profile(c candidates, text string, letters int) bool {
	if letters < 8 {
		return false
	}
	among := make(map[whatlanggo.Lang]bool, len(c.codes))
	for _, code := range c.codes {
		among[profileOf(code)] = true
	}
	got := whatlanggo.DetectLangWithOptions(text, whatlanggo.Options{Whitelist: among})
	for i, code := range c.codes {
		if got >= 0 && profileOf(code) == got {
			c.score[i] += profileWeight * min(1, float64(letters)/profileFull)
			return true
		}
	}
	return false
}

// profileOf is the trigram profile of a language in Latin script; -1 without one.
func profileOf(code string) whatlanggo.Lang {
	switch code {
	case "en":
		return whatlanggo.Eng
	case "de":
		return whatlanggo.Deu
	case "fr":
		return whatlanggo.Fra
	case "es":
		return whatlanggo.Spa
	case "it":
		return whatlanggo.Ita
	case "pt":
		return whatlanggo.Por
	case "nl":
		return whatlanggo.Nld
	case "pl":
		return whatlanggo.Pol
	case "tr":
		return whatlanggo.Tur
	case "sv":
		return whatlanggo.Swe
	case "da":
		return whatlanggo.Dan
	case "no", "nb":
		return whatlanggo.Nob
	case "fi":
		return whatlanggo.Fin
	case "cs":
		return whatlanggo.Ces
	case "hu":
		return whatlanggo.Hun
	case "ro":
		return whatlanggo.Ron
	case "id":
		return whatlanggo.Ind
	case "vi":
		return whatlanggo.Vie
	}
	return -1
}
