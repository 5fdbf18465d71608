package bot

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"frontdesk/triage/pii"
)

func TestCleanText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in, want string
		err      error
	}{
		"plain":             {"  How long?  ", "How long?", nil},
		"line ends":         {"a\r\nb\rc\u2028d", "a\nb\nc\nd", nil},
		"controls":          {"a\x07b\x1b[31m", "a b [31m", nil},
		"tabs stay":         {"a\tb", "a\tb", nil},
		"emoji":             {"👩‍🔧", "👩‍🔧", nil},
		"HTML":              {"<b>x</b>", "<b>x</b>", nil},
		"zero width inside": {"a\u200bb", "a\u200bb", nil},
		"empty":             {"", "", ErrBlank},
		"white space":       {" \t\r\n\u00a0\u3000", "", ErrBlank},
		"zero width":        {"\u200b\u200c\u200d\u2060\ufeff", "", ErrBlank},
		"bidi marks":        {"\u200e\u200f\u202a\u202e\u2066\u2069", "", ErrBlank},
		"selectors":         {"\ufe0f\u034f", "", ErrBlank},
		"Hangul filler":     {"\u3164", "", ErrBlank},
		"Braille blank":     {"\u2800", "", ErrBlank},
		"NUL":               {"a\x00b", "", ErrText},
		"broken":            {"a\xffb", "", ErrText},
		"8,000 characters":  {strings.Repeat("ä", 8000), strings.Repeat("ä", 8000), nil},
		"8,001 characters":  {strings.Repeat("ä", 8001), "", ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := CleanText(c.in)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"hi", "\u200b", "4111 1111 1111 1111", "\xff", "a\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := CleanText(in)
		if err != nil {
			return
		}
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) || utf8.RuneCountInString(got) > MaxText || got == "" {
			t.Fatalf("%q became %q", in, got)
		}
		if again, err := CleanText(got); err != nil || again != got {
			t.Fatalf("cleaned again, %q becomes %q (%v)", got, again, err)
		}
	})
}

func TestMaskCards(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"in a row":                       {"4111111111111111", "•••• 1111"},
		"in fours":                       {"card 4111 1111 1111 1111, thanks", "card •••• 1111, thanks"},
		"with dashes":                    {"4111-1111-1111-1111", "•••• 1111"},
		"with en dashes":                 {"4111–1111–1111–1111", "•••• 1111"},
		"with dots":                      {"4111.1111.1111.1111", "•••• 1111"},
		"with no-break spaces":           {"4111\u00a01111\u00a01111\u00a01111", "•••• 1111"},
		"American Express":               {"3782 822463 10005", "•••• 0005"},
		"fifteen digits, in a sentence":  {"my amex is 378282246310005.", "my amex is •••• 0005."},
		"thirteen digits":                {"4222222222222", "•••• 2222"},
		"nineteen digits":                {"6304000000000000000", "•••• 0000"},
		"Arabic digits":                  {"٤١١١ ١١١١ ١١١١ ١١١١", "•••• 1111"},
		"full-width digits":              {"４１１１１１１１１１１１１１１１", "•••• 1111"},
		"Devanagari digits":              {"४१११ ११११ ११११ ११११", "•••• 1111"},
		"mathematical digits":            {"𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏", "•••• 1111"},
		"two of them":                    {"4111111111111111 or 5555555555554444", "•••• 1111 or •••• 4444"},
		"after another number":           {"order 12 4111 1111 1111 1111", "order 12 •••• 1111"},
		"with its expiry":                {"4111 1111 1111 1111 12/27", "•••• 1111 12/27"},
		"an order number that fails":     {"4111 1111 1111 1112", "4111 1111 1111 1112"},
		"an order number with a date":    {"20261122-000017", "20261122-000017"},
		"twelve digits":                  {"411111111111", "411111111111"},
		"twenty digits in a row":         {"41111111111111111111", "41111111111111111111"},
		"a phone number":                 {"+44 20 7946 0958", "+44 20 7946 0958"},
		"zeros":                          {"0000 0000 0000 0000", "0000 0000 0000 0000"},
		"two spaces between":             {"4111  1111  1111  1111", "4111  1111  1111  1111"},
		"nothing of the sort":            {"How long may I return things?", "How long may I return things?"},
		"words and a card without break": {"x4111111111111111y", "x•••• 1111y"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := MaskCards(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMaskContact_LeavesWhatSomebodyIsReachedBy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a card":                          {"4111 1111 1111 1111", "•••• 1111"},
		"a card behind a plus":            {"+4111 1111 1111 1111", "+•••• 1111"},
		"a phone that the check allows":   {"+49 1512 3456787", "+49 1512 3456787"},
		"the same with two zeros":         {"0049 1512 3456787", "0049 1512 3456787"},
		"the same in brackets":            {"call +(49) 15123456787 please", "call +(49) 15123456787 please"},
		"an address":                      {"ada@example.org", "ada@example.org"},
		"a phone, and a card beside it":   {"+49 1512 3456787, 4111111111111111", "+49 1512 3456787, •••• 1111"},
		"a number without country's code": {"4915123456787", "•••• 6787"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := MaskContact(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if strings.HasPrefix(name, "a phone") && MaskCards(c.in) == c.in {
				t.Error("the check does not take this number for a card: it shows nothing")
			}
		})
	}
}

// Whatever stands around it and however it is written, a card's middle digits
// never come out.
func TestMaskCards_NoCardComesThrough(t *testing.T) {
	t.Parallel()
	scripts := [][]rune{[]rune("0123456789"), []rune("٠١٢٣٤٥٦٧٨٩"), []rune("０１２３４５６７８９"), []rune("०१२३४५६७८९")}
	rapid.Check(t, func(rt *rapid.T) {
		digits := rapid.SliceOfN(rapid.IntRange(0, 9), 12, 18).Draw(rt, "digits")
		digits[0] = rapid.IntRange(1, 9).Draw(rt, "first")
		for check := range 10 { // the digit that makes it pass
			if pii.Luhn(append(digits[:len(digits):len(digits)], check)) {
				digits = append(digits[:len(digits):len(digits)], check)
				break
			}
		}
		script := rapid.SampledFrom(scripts).Draw(rt, "script")
		var b strings.Builder
		for i, d := range digits {
			if i > 0 {
				b.WriteString(rapid.SampledFrom([]string{"", "", "", " ", "-", ".", "\u00a0"}).Draw(rt, "separator"))
			}
			b.WriteRune(script[d])
		}
		before := rapid.SampledFrom([]string{"", "card: ", "№"}).Draw(rt, "before")
		after := rapid.SampledFrom([]string{"", ".", " thanks", ", ok"}).Draw(rt, "after")
		got := MaskCards(before + b.String() + after)
		n := 0
		for _, r := range got {
			if unicode.IsDigit(r) {
				n++
			}
		}
		if n != 4 || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
			rt.Fatalf("%q became %q", before+b.String()+after, got)
		}
	})
}
