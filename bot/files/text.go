package files

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

func utf16BOM(b []byte) bool {
	return len(b) >= 2 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff)
}

// plainText makes a text fit to be kept: UTF-8 without a mark at its beginning
// (UTF-16 with one is turned into it: older editors write that), without control
// characters but those that part words and lines. Errors: ErrText, ErrKind,
// ErrSVG, ErrEmpty.
func plainText(raw []byte) ([]byte, error) {
	if utf16BOM(raw) {
		if len(raw)%2 != 0 {
			return nil, ErrBroken
		}
		order := binary.ByteOrder(binary.LittleEndian)
		if raw[0] == 0xfe {
			order = binary.BigEndian
		}
		units := make([]uint16, 0, len(raw)/2-1)
		for at := 2; at < len(raw); at += 2 {
			units = append(units, order.Uint16(raw[at:]))
		}
		raw = []byte(string(utf16.Decode(units)))
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	switch {
	case bytes.IndexByte(raw, 0) >= 0:
		return nil, ErrKind
	case !utf8.Valid(raw):
		return nil, ErrText
	case drawing(raw):
		return nil, ErrSVG
	}
	// A terminal would obey some of them.
	raw = bytes.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\f':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, raw)
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, ErrEmpty
	}
	return raw, nil
}

// document says whether a PDF is one to its end. What it holds is not looked at.
func document(raw []byte) error {
	if !bytes.Contains(raw[max(0, len(raw)-2048):], []byte("%%EOF")) {
		return ErrBroken
	}
	return nil
}
