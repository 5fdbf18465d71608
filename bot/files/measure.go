package files

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"

	"golang.org/x/image/webp"
)

// measure is what a picture says of itself, read from its headers alone.
type measure struct {
	width, height int // as it is stored
	turn          int // how it is to be turned to be seen, as Exif counts: 1 (not at all) to 8
	memory        int // bytes that decoding and turning it takes, at most
}

const (
	// maxPixels is more than phones make (50 megapixels) and less than what a few
	// bytes can be said to hold.
	maxPixels = 52_000_000
	// maxScans bounds the work in a progressive JPEG: usual ones have ten, and each
	// further one walks over the whole picture for nearly no bytes.
	maxScans = 40
	// maxFrames bounds a GIF's.
	maxFrames = 400
)

// measured reads a picture's headers. Errors: ErrBroken, ErrPixels.
func measured(raw []byte, k Kind) (m measure, err error) {
	switch k {
	case JPEG:
		m, err = measureJPEG(raw)
	case PNG:
		m, err = measurePNG(raw)
	case GIF:
		m, err = measureGIF(raw)
	default:
		m, err = measureWebP(raw)
	}
	switch {
	case err != nil:
		return m, err
	case m.width <= 0 || m.height <= 0:
		return m, ErrBroken
	case m.width > maxPixels/m.height:
		return m, ErrPixels
	}
	return m, nil
}

// measureJPEG walks over the markers: how large it is, how many scans it has, and
// how it was held when it was taken.
func measureJPEG(raw []byte) (m measure, err error) {
	m.turn = 1
	samples, scans, progressive := 0, 0, false
	at := 2
	for at+4 <= len(raw) {
		if raw[at] != 0xff {
			at++ // of a scan
			continue
		}
		marker := raw[at+1]
		if marker == 0xff { // filling
			at++
			continue
		}
		at += 2
		if marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8 { // of a scan, or alone
			continue
		}
		if marker == 0xd9 { // the end; phones put further pictures behind it
			break
		}
		if at+2 > len(raw) {
			break
		}
		size := int(binary.BigEndian.Uint16(raw[at:]))
		if size < 2 || at+size > len(raw) {
			return m, ErrBroken
		}
		body := raw[at+2 : at+size]
		switch {
		case marker == 0xda:
			if scans++; scans > maxScans {
				return m, ErrPixels
			}
		case marker == 0xe1 && m.turn == 1:
			m.turn = exifTurn(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		case marker >= 0xc0 && marker <= 0xc2:
			if samples > 0 || len(body) < 6+3*int(body5(body)) {
				return m, ErrBroken
			}
			progressive = marker == 0xc2
			m.height, m.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
			samples = int(body[5])
		case marker >= 0xc3 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc: // lossless, arithmetic
			return m, ErrBroken
		}
		at += size
	}
	if samples < 1 || samples > 4 || scans == 0 {
		return m, ErrBroken
	}
	each := 2 * samples // decoded, and turned
	if samples == 4 {
		each += 8 // turned into colours that are shown
	}
	if progressive {
		each += 4 * samples // its coefficients
	}
	m.memory = m.width * m.height * each
	return m, nil
}

func body5(b []byte) byte {
	if len(b) < 6 {
		return 255 // more than there can be
	}
	return b[5]
}

func measurePNG(raw []byte) (m measure, err error) {
	c, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil || len(raw) < 29 {
		return m, ErrBroken
	}
	m = measure{width: c.Width, height: c.Height, turn: 1}
	each := 4
	switch c.ColorModel {
	case color.GrayModel:
		each = 1
	case color.Gray16Model:
		each = 2
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	default:
		if _, ok := c.ColorModel.(color.Palette); ok {
			each = 1
		}
	}
	m.memory = c.Width * c.Height * each
	if raw[28] != 0 { // interlaced: each pass beside the whole
		m.memory *= 2
	}
	for at := 8; at+12 <= len(raw); {
		size := int(binary.BigEndian.Uint32(raw[at:]))
		if size < 0 || size > len(raw)-at-12 {
			break // the decoder says what is wrong
		}
		if string(raw[at+4:at+8]) == "eXIf" {
			m.turn = exifTurn(raw[at+8 : at+8+size])
			m.memory *= 2
			break
		}
		at += 12 + size
	}
	return m, nil
}

func measureWebP(raw []byte) (m measure, err error) {
	c, err := webp.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return m, ErrBroken
	}
	m = measure{width: c.Width, height: c.Height, turn: 1, memory: c.Width * c.Height * 12}
	for at := 12; at+8 <= len(raw); {
		size := int(binary.LittleEndian.Uint32(raw[at+4:]))
		if size < 0 || size > len(raw)-at-8 {
			break
		}
		switch string(raw[at : at+4]) {
		case "EXIF":
			m.turn = exifTurn(bytes.TrimPrefix(raw[at+8:at+8+size], []byte("Exif\x00\x00")))
		case "ANMF": // moving: nothing here can read it
			return m, ErrKind
		}
		at += 8 + size + size&1
	}
	return m, nil
}

// measureGIF counts the frames and what they hold together: each is small in the
// file, however large it says that it is.
func measureGIF(raw []byte) (m measure, err error) {
	if len(raw) < 13 {
		return m, ErrBroken
	}
	m = measure{width: int(binary.LittleEndian.Uint16(raw[6:])), height: int(binary.LittleEndian.Uint16(raw[8:])), turn: 1}
	at := 13 + table(raw[10])
	frames := 0
	blocks := func() { // skips what follows in blocks
		for at < len(raw) && raw[at] != 0 {
			at += 1 + int(raw[at])
		}
		at++
	}
	for at < len(raw) {
		switch raw[at] {
		case 0x21: // an extension
			at += 2
			blocks()
		case 0x2c:
			if at+10 > len(raw) {
				return m, ErrBroken
			}
			w, h := int(binary.LittleEndian.Uint16(raw[at+5:])), int(binary.LittleEndian.Uint16(raw[at+7:]))
			m.memory += 2 * w * h // and once more where it is interlaced
			if frames++; frames > maxFrames || m.memory > 2*maxPixels {
				return m, ErrPixels
			}
			at += 10 + table(raw[at+9]) + 1
			blocks()
		default: // the end, or filling
			at = len(raw)
		}
	}
	if frames == 0 {
		return m, ErrBroken
	}
	m.memory += m.width * m.height
	return m, nil
}

// table is how long the colours are that a GIF's flags announce.
func table(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// exifTurn reads from Exif how a picture is to be turned; 1 where it does not say.
func exifTurn(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for i := range n {
		field := at + 2 + 12*i
		if field+12 > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[field:]) == 0x0112 {
			if v := int(order.Uint16(b[field+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
