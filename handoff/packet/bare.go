package packet

import (
	"regexp"
	"strings"
	"sync"
)

// bareShape says whether digits that nothing is said of are as many as most
// order numbers have: neither a telephone number nor a day.
func bareShape(value string, c code) bool {
	return c.letters == 0 && c.digits >= 7 && c.digits <= 8 && !strings.ContainsAny(value, "./_-") && value[0] != '0' &&
		(c.digits != 8 || !strings.HasPrefix(value, "20") && !strings.HasPrefix(value, "19"))
}

// trackingShape says whether a code looks as parcels' numbers do: two letters,
// nine digits and two letters (Universal Postal Union, S10), UPS's 1Z, or two
// letters and twelve digits or more.
func trackingShape(bare string, c code) bool {
	if c.letters < 2 || c.digits < 8 || !c.upper {
		return false
	}
	return parcels().MatchString(bare)
}

var parcels = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[a-z]{2}\d{9}[a-z]{2}|1z[a-z0-9]{16}|[a-z]{2,4}\d{11,18})$`)
})

// dialled says whether digits that nothing is said of are a telephone number as
// they are written in a country where the language is spoken.
func (s *said) dialled(value string, c code, b *book) bool {
	if c.letters > 0 || c.digits < 9 || c.digits > 12 || strings.ContainsAny(value, "_#") {
		return false
	}
	bare := plain(value)
	var shape *regexp.Regexp
	switch s.lang {
	case b.langs["it"]:
		shape = italian()
	case b.langs["tr"]:
		shape = turkish()
	case b.langs["es"], b.langs["pl"], b.langs["pt"]:
		shape = nine()
	default:
		return len(bare) >= 10 && bare[0] == '0' && bare[1] != '0'
	}
	return shape.MatchString(bare)
}

var (
	italian = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:3\d{8,9}|0[1-9]\d{7,9})$`) })
	turkish = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^0?5\d{9}$`) })
	nine    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[4-9]\d{8}$`) })
)
