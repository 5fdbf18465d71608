package retrieval

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// VectorPlaces is where in a file of vectors each text's numbers stand, for whoever
// needs few of them and cannot keep them all.
type VectorPlaces struct {
	Model     Model
	TokenDims int
	Texts     map[[32]byte]VectorPlace // by the text's sha256
	Size      int64                    // of the file, in bytes
}

// VectorPlace is bytes of a file, counted from where it begins; ReadVector reads
// them.
type VectorPlace struct {
	From int64
	Size int32
}

// FindVectors finds the places in the file that r begins with, of the version that
// WriteTo writes. ErrVectorFile: it is another one, cut short, or its checksum
// differs.
func FindVectors(r io.Reader) (VectorPlaces, error) {
	s := &sought{r: bufio.NewReaderSize(r, 1<<18), sum: sha256.New()}
	out := VectorPlaces{Texts: map[[32]byte]VectorPlace{}}
	if magic := s.take(len(vectorMagic)); s.err == nil && string(magic) != vectorMagic {
		return out, fmt.Errorf("%w (it does not begin as one of this version)", ErrVectorFile)
	}
	out.Model.Name = string(s.take(s.number()))
	out.Model.Dims = s.number()
	out.TokenDims = s.number()
	count := s.count()
	for i := 0; i < count && s.err == nil; i++ {
		var text [32]byte
		copy(text[:], s.take(len(text)))
		from := s.at
		s.skip(2 * out.Model.Dims)
		s.skip(s.number() * out.TokenDims)
		s.skip(s.number() * 2) // places
		out.Texts[text] = VectorPlace{from, int32(s.at - from)}
	}
	want := s.sum.Sum(nil)
	if got := s.take(sha256.Size); s.err == nil && !bytes.Equal(got, want) {
		return out, fmt.Errorf("%w (its checksum differs)", ErrVectorFile)
	}
	out.Size = s.at
	return out, s.err
}

// ReadVector reads the bytes of a place. Error: ErrVectorFile.
func ReadVector(m Model, tokenDims int, data []byte) (Encoded, error) {
	r := reader{rest: data}
	e, wrong := r.text(vectorMagic, m, tokenDims)
	if wrong != "" {
		return e, fmt.Errorf("%w (%s)", ErrVectorFile, wrong)
	}
	return e, nil
}

// sought is a file that is gone through once; after an error everything is zero.
type sought struct {
	r   *bufio.Reader
	sum hash.Hash
	at  int64
	err error
}

func (s *sought) take(n int) []byte {
	b := make([]byte, n)
	if s.err != nil {
		return b
	}
	_, err := io.ReadFull(s.r, b)
	if err != nil {
		s.fail(err)
		return make([]byte, n)
	}
	s.at += int64(n)
	_, _ = s.sum.Write(b) // a hash takes everything
	return b
}

func (s *sought) skip(n int) {
	if s.err != nil {
		return
	}
	got, err := io.CopyN(s.sum, s.r, int64(n))
	s.at += got
	if err != nil {
		s.fail(err)
	}
}

func (s *sought) fail(err error) {
	s.err = err
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.err = fmt.Errorf("%w (it ends early)", ErrVectorFile)
	}
}

func (s *sought) number() int { return int(binary.LittleEndian.Uint16(s.take(2))) }

func (s *sought) count() int { return int(binary.LittleEndian.Uint32(s.take(4))) }
