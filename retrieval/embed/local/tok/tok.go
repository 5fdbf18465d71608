package tok

import "math"

// Tokenizer cuts text into a model's tokens.
type Tokenizer interface {
	// Encode appends the ids of a text to dst, the model's marks at both ends
	// among them, and returns dst. At most max ids are appended, of which the
	// last is the end mark; 0 or less: as many as there are; 1 is taken as 2,
	// for a text without marks is no input.
	Encode(dst []int32, text string, max int) []int32
}

// Piece is an entry of a Unigram vocabulary.
type Piece struct {
	// Text is UTF-8, with U+2581 for a space. An empty one is a gap: no text
	// has it.
	Text string
	// Score is the natural logarithm of the piece's probability.
	Score float32
}

// Marks are the ids of a vocabulary that are no text.
type Marks struct {
	Begin, End int32
	// Unknown stands for what no piece covers.
	Unknown int32
	// Others are never given, whatever their text (padding, masks).
	Others []int32
}

// room is the length dst may have before its end mark.
func room(dst []int32, limit int) int {
	if limit <= 0 {
		return math.MaxInt
	}
	return len(dst) + max(limit, 2) - 1
}
