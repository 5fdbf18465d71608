package files

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Kind is what a file is, by its bytes.
type Kind string

const (
	PNG  Kind = "png"
	JPEG Kind = "jpeg"
	GIF  Kind = "gif"
	WebP Kind = "webp"
	PDF  Kind = "pdf"
	Text Kind = "text"
)

// Types that files are kept and served as.
const (
	TypePNG  = "image/png"
	TypeJPEG = "image/jpeg"
	TypeGIF  = "image/gif"
	TypePDF  = "application/pdf"
	TypeText = "text/plain"
	TypeCSV  = "text/csv"
)

// Picture says whether a type is one that was encoded here, and so may be shown
// in a page.
func Picture(mime string) bool { return mime == TypePNG || mime == TypeJPEG || mime == TypeGIF }

// signature is how files of a kind begin.
type signature struct {
	at   int
	with string
	kind Kind
	err  error // where the kind is refused
}

// signatures are looked at in order; what none of them fits may be text.
func signatures() []signature {
	return []signature{
		{0, "\x89PNG\r\n\x1a\n", PNG, nil},
		{0, "\xff\xd8\xff", JPEG, nil},
		{0, "GIF87a", GIF, nil},
		{0, "GIF89a", GIF, nil},
		{8, "WEBP", WebP, nil}, // behind RIFF and a length
		{0, "%PDF-", PDF, nil},

		{0, "PK\x03\x04", "", ErrArchive}, // also docx, xlsx, odt
		{0, "PK\x05\x06", "", ErrArchive},
		{0, "PK\x07\x08", "", ErrArchive},
		{0, "Rar!\x1a", "", ErrArchive},
		{0, "7z\xbc\xaf\x27\x1c", "", ErrArchive},
		{0, "\x1f\x8b", "", ErrArchive},
		{0, "BZh", "", ErrArchive},
		{0, "\xfd7zXZ", "", ErrArchive},
		{257, "ustar", "", ErrArchive},
		{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", ErrArchive}, // old office documents
		{0, "{\\rtf", "", ErrArchive},

		{0, "\x1aE\xdf\xa3", "", ErrFilm}, // WebM
		{0, "OggS", "", ErrFilm},
		{0, "ID3", "", ErrFilm},
		{0, "fLaC", "", ErrFilm},
		{8, "WAVE", "", ErrFilm},
		{8, "AVI ", "", ErrFilm},
		{0, "\x00\x00\x01\xba", "", ErrFilm},
	}
}

// Detect says what a file is by how it begins. head is its beginning, a few
// hundred bytes at least where it has them. That it is so to its end is checked
// when it is whole.
func Detect(head []byte) (Kind, error) {
	if len(head) == 0 {
		return "", ErrEmpty
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		return "", boxed(head)
	}
	for _, s := range signatures() {
		if len(head) < s.at+len(s.with) || string(head[s.at:s.at+len(s.with)]) != s.with {
			continue
		}
		if s.at == 8 && string(head[:4]) != "RIFF" {
			continue
		}
		return s.kind, s.err
	}
	if utf16BOM(head) {
		return Text, nil
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return "", ErrKind
	}
	if drawing(head) {
		return "", ErrSVG
	}
	if !mostlyText(head) {
		return "", ErrKind
	}
	return Text, nil
}

// boxed is why a file of boxes (ISO 14496-12) is refused: by its brands it is a
// photo, else a film.
func boxed(head []byte) error {
	end := min(len(head), 64)
	for at := 8; at+4 <= end; at += 4 {
		switch string(head[at : at+4]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
			return ErrHEIC
		}
	}
	return ErrFilm
}

// drawing says whether a text is an SVG: its first element is, behind whatever
// XML may have before that.
func drawing(head []byte) bool {
	const far = 64 << 10
	s := strings.ToLower(string(head[:min(len(head), far)]))
	s = strings.TrimPrefix(s, "\ufeff")
	for {
		s = strings.TrimLeft(s, " \t\r\n\f\v")
		switch {
		case strings.HasPrefix(s, "<!--"):
			_, rest, ended := strings.Cut(s, "-->")
			if !ended {
				return strings.Contains(s, "<svg")
			}
			s = rest
		case strings.HasPrefix(s, "<?"), strings.HasPrefix(s, "<!"):
			if strings.HasPrefix(s, "<!doctype svg") {
				return true
			}
			_, rest, ended := strings.Cut(s, ">")
			if !ended {
				return strings.Contains(s, "<svg")
			}
			s = rest
		case strings.HasPrefix(s, "<"): // the first element; a prefix of a namespace may stand before its name
			name := strings.FieldsFunc(s[1:min(len(s), 80)], func(r rune) bool { return r == ' ' || r == '>' || r == '/' || r == '\n' || r == '\t' || r == '\r' })
			return len(name) > 0 && (name[0] == "svg" || strings.HasSuffix(name[0], ":svg"))
		default:
			// Behind the end of an internal subset, "]>" is left; a text has words here.
			if rest, ok := strings.CutPrefix(s, "]>"); ok {
				s = rest
				continue
			}
			return false
		}
	}
}

// mostlyText says whether a beginning may be that of a text in any encoding: it
// has next to no control characters.
func mostlyText(head []byte) bool {
	control := 0
	for _, b := range head {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b {
			control++
		}
	}
	return control*50 <= len(head) && (utf8.Valid(whole(head)) || highHalf(head))
}

// highHalf says whether a beginning that is no UTF-8 is still mostly ASCII: a text
// in an older encoding, which is told what to do about it.
func highHalf(head []byte) bool {
	high := 0
	for _, b := range head {
		if b >= 0x80 {
			high++
		}
	}
	return high*3 <= len(head)
}

// whole leaves out a character that the end of a piece cuts.
func whole(b []byte) []byte {
	for i := 1; i <= min(3, len(b)); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
