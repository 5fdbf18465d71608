package sources

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// complaint is a problem before it knows its file.
type complaint struct {
	line            int
	message, remedy string
}

var bom = []byte{0xEF, 0xBB, 0xBF}

// decode checks that data is plain UTF-8 and returns it with LF line ends and
// without a byte order mark. Any other encoding is named, never guessed at: a
// wrong guess would put mangled words into customers' answers.
func decode(data []byte, name string) (string, *complaint) {
	if c := foreignMark(data, name); c != nil {
		return "", c
	}
	data = bytes.TrimPrefix(data, bom)
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return "", nulComplaint(data, i, name)
	}
	if !utf8.Valid(data) {
		return "", invalidComplaint(data, name)
	}
	s := string(data)
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return s, nil
}

func foreignMark(data []byte, name string) *complaint {
	for _, m := range []struct {
		mark, encoding string
	}{
		{"\xFF\xFE\x00\x00", "UTF-32"},
		{"\x00\x00\xFE\xFF", "UTF-32"},
		{"\xFF\xFE", "UTF-16"},
		{"\xFE\xFF", "UTF-16"},
	} {
		if bytes.HasPrefix(data, []byte(m.mark)) {
			return convert(0, "this file is "+m.encoding+", not UTF-8", m.encoding, name)
		}
	}
	return nil
}

// nulComplaint tells UTF-16 without a mark (every other byte of plain letters is
// zero) from a stray NUL.
func nulComplaint(data []byte, at int, name string) *complaint {
	head := data[:min(len(data), 4096)]
	even, odd := 0, 0
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		}
		if b == 0 && i%2 == 1 {
			odd++
		}
	}
	switch quarter := len(head) / 4; {
	case quarter > 0 && odd > quarter && even < odd/8:
		return convert(0, "this file looks like UTF-16, not UTF-8", "UTF-16LE", name)
	case quarter > 0 && even > quarter && odd < even/8:
		return convert(0, "this file looks like UTF-16, not UTF-8", "UTF-16BE", name)
	}
	return &complaint{
		line:    lineOf(data, at),
		message: "there is a NUL byte here, so this is not a plain text file",
		remedy:  fmt.Sprintf("Remove it: tr -d '\\000' < %s > fixed, or save the file as UTF-8 text.", quote(name)),
	}
}

func invalidComplaint(data []byte, name string) *complaint {
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return convert(lineOf(data, at),
		fmt.Sprintf("this is not UTF-8 (byte 0x%02X); it may be Latin-1 or Windows-1252", data[at]), "WINDOWS-1252", name)
}

func convert(line int, message, encoding, name string) *complaint {
	return &complaint{
		line:    line,
		message: message,
		remedy: fmt.Sprintf("Save it as UTF-8 in your editor, or, if that is its encoding: iconv -f %s -t UTF-8 %s > fixed.",
			encoding, quote(name)),
	}
}

// quote makes a path fit for a shell's command line.
func quote(name string) string {
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// lineOf is the 1-based line of an offset, for LF, CRLF and lone CR alike.
func lineOf(data []byte, at int) int {
	line := 1
	for i, b := range data[:at] {
		if b == '\n' || b == '\r' && (i+1 >= len(data) || data[i+1] != '\n') {
			line++
		}
	}
	return line
}

// hasWords reports whether there is anything to read: a letter or a digit.
func hasWords(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// oneLine folds white space, so that a title or question is a single line, and
// cuts what is longer than limit runes.
func oneLine(s string, limit int) string {
	s = strings.Join(strings.Fields(s), " ")
	n := 0
	for i := range s {
		if n == limit {
			return strings.TrimSpace(s[:i])
		}
		n++
	}
	return s
}

// size is a number of bytes in words for people.
func size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
