package tok

import "math"

// Tokenizer cuts text into a model's tokens.
type Tokenizer interface {
	// Encode appends the ids of a text to dst, the model's marks at both ends
	// among them, and returns dst. At most max ids are appended, of which the
	// last is the end mark; 0 or less: as many as there are; 1 is taken as 2,
	// for a text without marks is no input.
	Encode(dst []int32, text string, max int) []int32
	// Place is Encode with the place of each token: the byte of the text at which
	// it, or the word that it is a part of, begins; the end mark's is where the
	// text was left. Places never fall.
	Place(text string, max int) (ids, places []int32)
}

// gathered is what a text's tokens are gathered in.
type gathered struct {
	ids    []int32
	places []int32 // one a token where placed is set, else none
	placed bool
}

func (r *gathered) add(id int32, place int) {
	r.ids = append(r.ids, id)
	if r.placed {
		r.places = append(r.places, int32(place))
	}
}

// drop takes the last n tokens off and returns the place of the first of them.
func (r *gathered) drop(n int) (place int) {
	r.ids = r.ids[:len(r.ids)-n]
	if r.placed && n > 0 {
		place = int(r.places[len(r.places)-n])
		r.places = r.places[:len(r.places)-n]
	}
	return place
}

// end cuts a run to n ids and sets the mark of the end behind them.
func (r *gathered) end(n int, mark int32, place int) {
	if len(r.ids) > n {
		place = r.drop(len(r.ids) - n)
	}
	r.add(mark, place)
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
