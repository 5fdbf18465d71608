package files

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxName is how many characters a name has at most, maxNameBytes how many
	// bytes: file systems take 255 of these, and browsers add " (1)".
	maxName      = 80
	maxNameBytes = 200
	// maxMarks is how many marks may stand on a letter: Vietnamese needs two,
	// and with hundreds a name climbs over what stands above it.
	maxMarks = 3
)

// endings are what a name of a type may end with, the usual one first.
func endings(mime string) []string {
	switch mime {
	case TypePNG:
		return []string{"png"}
	case TypeJPEG:
		return []string{"jpg", "jpeg"}
	case TypeGIF:
		return []string{"gif"}
	case TypePDF:
		return []string{"pdf"}
	case TypeCSV:
		return []string{"csv"}
	default:
		return []string{"txt", "log", "md"}
	}
}

// HeaderName reads a name from a header: percent-encoded UTF-8, with or without
// the charset that RFC 8187 puts before it. What cannot be read is taken as it is:
// CleanName makes something of anything.
func HeaderName(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 7 && strings.EqualFold(s[:5], "utf-8") && s[5] == '\'' {
		if _, rest, ok := strings.Cut(s[6:], "'"); ok {
			s = rest
		}
	}
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// CleanName makes a name under which a file of a type can be shown and saved
// anywhere: one path part, without controls, without marks that turn, hide or
// pile up text, not too long, with the ending of its type. It never fails.
func CleanName(raw, mime string) string {
	s := strings.ToValidUTF8(raw, "_")
	if at := strings.LastIndexAny(s, `/\`); at >= 0 {
		s = s[at+1:]
	}
	stem, ending := fitted(tidy(s), mime)
	if reserved(stem) {
		stem = "_" + stem
	}
	stem = cut(stem, maxName-1-len(ending), maxNameBytes-1-len(ending))
	if stem == "" {
		stem = "file"
		if Picture(mime) {
			stem = "picture"
		}
	}
	return stem + "." + ending
}

// tidy leaves of a name what shows, on one line, in its composed form.
func tidy(s string) string {
	if len(s) > 8*maxNameBytes { // nobody reads that far
		s = strings.ToValidUTF8(s[:8*maxNameBytes], "")
	}
	s = norm.NFC.String(s) // a Greek varia is a backquote, and a Greek question mark a semicolon
	marks := 0
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsMark(r):
			if marks++; marks > maxMarks {
				return -1
			}
			return r
		case unicode.IsSpace(r):
			marks = 0
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point), r == utf8.RuneError, r == '\u2800':
			return -1
		case strings.ContainsRune(`<>:"|?*%`+"`", r):
			marks = 0
			return '_'
		}
		marks = 0
		return r
	}, s)
	return trimmed(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
}

// trimmed takes away what file systems and people stumble over at both ends.
func trimmed(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r == '.' || r == ' ' || r == '-' || unicode.IsMark(r) })
	return strings.TrimRight(s, ". -") // a mark at the end belongs to its letter
}

// fitted parts a name into its stem and the ending of its type. An ending of
// another picture's kind is replaced, any other one becomes part of the stem: it
// must not look like what it is not.
func fitted(s, mime string) (stem, ending string) {
	ending = endings(mime)[0]
	given := path.Ext(s)
	if given == "" {
		return s, ending
	}
	lower := strings.ToLower(given[1:])
	switch {
	case slices.Contains(endings(mime), lower):
		return trimmed(strings.TrimSuffix(s, given)), lower
	case Picture(mime) && slices.Contains([]string{"png", "jpg", "jpeg", "jfif", "gif", "webp"}, lower):
		return trimmed(strings.TrimSuffix(s, given)), ending
	default:
		return s, ending
	}
}

// cut shortens a stem to so many characters and bytes.
func cut(s string, runes, bytes int) string {
	n := 0
	for i, r := range s {
		if n == runes || i+utf8.RuneLen(r) > bytes {
			return trimmed(s[:i])
		}
		n++
	}
	return s
}

// reserved says whether a name is a device's on Windows, whatever its ending.
func reserved(stem string) bool {
	s, _, _ := strings.Cut(strings.ToUpper(stem), ".")
	s = strings.TrimSpace(s)
	switch s {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	return len(s) >= 4 && (strings.HasPrefix(s, "COM") || strings.HasPrefix(s, "LPT")) && utf8.RuneCountInString(s) == 4 && strings.ContainsAny(s[3:], "0123456789¹²³")
}
