package local

import (
	"errors"
	"fmt"
)

// ErrWeights says that a weight file is not what it should be: cut short, of
// another version, or damaged.
var ErrWeights = errors.New("the weight file cannot be used: run `frontdesk setup` again")

// source is a weight file, opened. Names are those of BERT's own tensors
// ("encoder.layer.0.attention.self.query.weight"), whatever the file calls them.
type source interface {
	// floats returns a tensor's numbers, row by row; a copy.
	floats(name string, shape ...int) ([]float32, error)
	// words returns the table of word vectors as it lies in the file.
	words() (table, error)
}

// table looks word vectors up.
type table interface {
	// row writes the word's vector over dst, which is as wide as the table.
	row(dst []float32, id int32) error
	// rows is how many words there are.
	rows() int
}

func shapeSize(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func errNoRow(id int32, rows int) error {
	return fmt.Errorf("token %d of a table of %d words", id, rows)
}
