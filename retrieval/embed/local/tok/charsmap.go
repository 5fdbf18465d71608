package tok

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// charsmap.bin is sentencepiece's table: the size of a double-array trie in
// bytes, the trie's units of 32 bits, then the replacements, each ended by NUL.
// All numbers are little-endian.
//
//go:embed charsmap.bin
var charsmapBin []byte

// charsmap replaces characters, or up to four in a row, by what NFKC and the
// rules for spaces and control characters make of them.
type charsmap struct {
	units []byte
	texts []byte
}

func newCharsmap(b []byte) (charsmap, error) {
	if len(b) < 8 {
		return charsmap{}, fmt.Errorf("a table of %d bytes", len(b))
	}
	size := int64(binary.LittleEndian.Uint32(b))
	if size%4 != 0 || size == 0 || 4+size >= int64(len(b)) || b[len(b)-1] != 0 {
		return charsmap{}, fmt.Errorf("a table of %d bytes in %d", size, len(b))
	}
	return charsmap{units: b[4 : 4+size], texts: b[4+size:]}, nil
}

// unit is a cell of the double array. Its children's cells are at its own
// place xor offset xor their byte; the one with byte 0 holds the value.
type unit uint32

func (u unit) hasValue() bool { return u>>8&1 == 1 }
func (u unit) value() int     { return int(u &^ (1 << 31)) }
func (u unit) offset() uint32 { return uint32(u>>10) << (u >> 6 & 8) }

// is says whether the cell belongs to a child by byte c. The top bit is set in
// cells that hold a value, which no byte matches.
func (u unit) is(c byte) bool { return u&(1<<31|0xFF) == unit(c) }

func (m charsmap) at(i uint32) (unit, bool) {
	if uint64(i)*4+4 > uint64(len(m.units)) {
		return 0, false
	}
	return unit(binary.LittleEndian.Uint32(m.units[i*4:])), true
}

// longest finds the longest entry at the beginning of s and what replaces it.
// size is 0 where there is none.
func (m charsmap) longest(s string) (replacement []byte, size int) {
	node, ok := m.at(0)
	if !ok {
		return nil, 0
	}
	value := -1
	at := node.offset()
	for i := 0; i < len(s); i++ {
		at ^= uint32(s[i])
		if node, ok = m.at(at); !ok || !node.is(s[i]) {
			break
		}
		at ^= node.offset()
		if node.hasValue() {
			leaf, ok := m.at(at)
			if !ok {
				break
			}
			value, size = leaf.value(), i+1
		}
	}
	if value < 0 || value >= len(m.texts) {
		return nil, 0
	}
	end := value
	for m.texts[end] != 0 { // newCharsmap has seen one at the end
		end++
	}
	return m.texts[value:end], size
}

// replace appends to dst what the beginning of s becomes, and tells how much of
// s that was: an entry of the table, a character as it is, or U+FFFD for a byte
// that is none. s is not empty.
func (m charsmap) replace(dst []byte, s string) (out []byte, size int) {
	if b, n := m.longest(s); n > 0 {
		return append(dst, b...), n
	}
	r, n := utf8.DecodeRuneInString(s)
	return utf8.AppendRune(dst, r), n
}
