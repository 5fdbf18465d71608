package widget

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// piece is a part of what is sent: packed is empty where it is new each time,
// and what deflated makes of plain where it never changes.
type piece struct {
	plain  []byte
	packed []byte
}

func fixed(plain string) piece {
	return piece{plain: []byte(plain), packed: deflated([]byte(plain), false)}
}

// deflated packs bytes without looking at what goes before them and ends on a
// whole byte, so that others can stand on either side.
func deflated(plain []byte, last bool) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // a valid level
	_, _ = w.Write(plain)                              // to memory
	if last {
		_ = w.Close()
	} else {
		_ = w.Flush()
	}
	return b.Bytes()
}

// gzipped packs pieces as one file of RFC 1952. What never changes was packed
// once and for all: it is most of the app's page, and packing it for each
// request would be most of that request's work.
func gzipped(pieces []piece) []byte {
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255} // deflate, no name, no time, packed as well as it goes, no system
	sum, size := uint32(0), 0
	for _, p := range pieces {
		if p.packed == nil {
			p.packed = deflated(p.plain, false)
		}
		out = append(out, p.packed...)
		sum = crc32.Update(sum, crc32.IEEETable, p.plain)
		size += len(p.plain)
	}
	out = append(out, deflated(nil, true)...)
	out = binary.LittleEndian.AppendUint32(out, sum)
	return binary.LittleEndian.AppendUint32(out, uint32(size)) //nolint:gosec // of its size the format keeps 32 bits
}

// sendPieces sends pieces one behind the other, packed where that is understood:
// on a slow network it is most of what somebody waits for. There is no secret in
// them that their length could tell.
func sendPieces(c *fiber.Ctx, pieces ...piece) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if !strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		var plain []byte
		for _, p := range pieces {
			plain = append(plain, p.plain...)
		}
		return c.Send(plain)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(gzipped(pieces))
}
