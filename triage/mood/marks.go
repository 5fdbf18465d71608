package mood

import (
	"strings"
	"unicode"

	"frontdesk/triage/text"
)

// marks are what a text says beside its words.
type marks struct {
	shouted bool // in capitals
	bangs   int  // exclamation marks in a row, the most
	asks    int  // question marks in a row, the most
	joy     float64
	signs   []string // emoji and faces that counted
}

// look reads capitals, marks and emoji, old mail and logs left out.
func look(s string, t text.Text) marks {
	var m marks
	upper, lower, bangs, asks := 0, 0, 0, 0
	skip := append(append([]text.Span{}, t.Quoted...), t.Machine...)
	for i, r := range s {
		if within(skip, i) {
			continue
		}
		switch r {
		case '!', '！':
			bangs++
			m.bangs = max(m.bangs, bangs)
		case '?', '？', '؟':
			asks++
			m.asks = max(m.asks, asks)
		default:
			bangs, asks = 0, 0
		}
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case r > 0x2000:
			m.sign(r)
		}
	}
	m.faces(s)
	// Codes and short cries are no shouting; some words in a row are.
	m.shouted = upper >= 10 && upper > 2*lower || cried(s, t.Words)
	return m
}

// cried says whether three words or more in a row are in capitals.
func cried(s string, ws []text.Word) bool {
	n, letters := 0, 0
	for _, w := range ws {
		if o := s[w.From:w.To]; o == strings.ToUpper(o) && o != strings.ToLower(o) && !strings.ContainsFunc(o, unicode.IsDigit) {
			if n, letters = n+1, letters+len(w.Form); n >= 3 && letters >= 9 {
				return true
			}
			continue
		}
		n, letters = 0, 0
	}
	return false
}

func within(list []text.Span, i int) bool {
	for _, p := range list {
		if i >= p.From && i < p.To {
			return true
		}
	}
	return false
}

// sign weighs an emoji. The same one again says the same.
func (m *marks) sign(r rune) {
	w := 0.0
	switch r {
	case '😡', '🤬', '😠', '👿', '💢', '🖕':
		w = -3
	case '😤', '😭', '😢', '😞', '😒', '🙄', '😔', '😩', '😫', '😖', '😣', '👎', '💔', '😟', '😰', '😨', '😱', '🤮', '🤦', '😕', '☹', '🙁':
		w = -1.7
	case '😍', '🥰', '❤', '💕', '💖', '😻', '🤩', '💯', '🥳', '😘':
		w = 3
	case '😊', '🙂', '😀', '😃', '😄', '😁', '👍', '👏', '🎉', '😎', '☺', '🤗', '👌', '💪', '🌟', '⭐', '😉':
		w = 1.7
	case '🙏', '😅':
		w = .5
	default:
		return
	}
	m.count(string(r), w)
}

func (m *marks) count(sign string, w float64) {
	for _, s := range m.signs {
		if s == sign {
			return
		}
	}
	if len(m.signs) < 6 {
		m.signs = append(m.signs, sign)
		m.joy += w
	}
}

// faces weighs faces made of marks.
func (m *marks) faces(s string) {
	for _, x := range [...]struct {
		face string
		w    float64
	}{{":)", 1.2}, {":-)", 1.2}, {":D", 1.5}, {";)", .8}, {"<3", 2}, {"^^", .8}, {":(", -1.4}, {":-(", -1.4}, {":'(", -1.8}, {":/", -.8}, {">:(", -1}, {"-_-", -1}} {
		if at := strings.Index(s, x.face); at >= 0 && !strings.HasPrefix(s[at:], "://") {
			m.count(x.face, x.w)
		}
	}
}

// add weighs the marks with the words.
func (m marks) add(sum, press float64, f *Feeling) (float64, float64) {
	if len(m.signs) > 0 {
		sum += m.joy
		f.Why = append(f.Why, strings.Join(m.signs, " "))
	}
	switch {
	case m.bangs >= 2:
		sum *= 1.25
		if sum < 0 {
			press += .1
		}
		f.Why = append(f.Why, "!!")
	case m.bangs == 1 && sum != 0:
		sum *= 1.1
	}
	if m.asks >= 2 {
		sum -= .8
		press += .1
		f.Why = append(f.Why, "??")
	}
	if m.shouted {
		press += .15
		if sum < 1 {
			sum = sum*1.25 - 1.5
		}
		f.Why = append(f.Why, "in capitals")
	}
	return sum, press
}
