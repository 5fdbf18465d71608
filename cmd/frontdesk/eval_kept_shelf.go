package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"frontdesk/internal/proc"
	"frontdesk/retrieval"
)

// vectorShelf is a file of vectors (files as retrieval.VectorFile writes them, one
// after another) of which only the places of the texts are kept in memory: a
// corpus' vectors take 150 MB, and a turn needs two of them. A part that is cut
// short, or whose checksum differs, holds nothing, and nothing behind it does.
// Not for several goroutines at once.
type vectorShelf struct {
	path  string
	model retrieval.Model
	width int // of a token's row; parts of another width, or model, hold nothing of use

	file *os.File                                    // nil: there is none yet
	end  int64                                       // of the parts that are whole
	at   map[[sha256.Size]byte]retrieval.VectorPlace // in the whole of the file
}

// openShelf finds what a file holds; one that is not there holds nothing.
func openShelf(path string, m retrieval.Model, width int) (*vectorShelf, error) {
	s := &vectorShelf{path: path, model: m, width: width, at: map[[sha256.Size]byte]retrieval.VectorPlace{}}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.file = file
	return s, s.scan()
}

// scan finds the places of what was added since it was last looked.
func (s *vectorShelf) scan() error {
	for {
		info, err := s.file.Stat()
		if err != nil {
			return err
		}
		if s.end >= info.Size() {
			return nil
		}
		part, err := retrieval.FindVectors(io.NewSectionReader(s.file, s.end, info.Size()-s.end))
		switch {
		case errors.Is(err, retrieval.ErrVectorFile):
			return nil // what is behind is removed by whoever adds something
		case err != nil:
			return fmt.Errorf("%s: %w", s.path, err)
		}
		if part.Model == s.model && part.TokenDims == s.width {
			for h, place := range part.Texts {
				place.From += s.end
				s.at[h] = place
			}
		}
		s.end += part.Size
	}
}

// get is a text as it was put; ok is false where it is not there.
func (s *vectorShelf) get(text [sha256.Size]byte) (e retrieval.Encoded, ok bool) {
	where, ok := s.at[text]
	if !ok {
		return e, false
	}
	b := make([]byte, where.Size)
	if _, err := s.file.ReadAt(b, where.From); err != nil {
		return e, false
	}
	e, err := retrieval.ReadVector(s.model, s.width, b)
	return e, err == nil
}

// has says whether a text is there.
func (s *vectorShelf) has(text [sha256.Size]byte) bool {
	_, ok := s.at[text]
	return ok
}

// add adds texts behind what is whole by now: others may be adding to it, too.
func (s *vectorShelf) add(ctx context.Context, f *retrieval.VectorFile) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	unlock, err := proc.Lock(ctx, s.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	w, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer w.Close()
	if s.file == nil {
		if s.file, err = os.Open(s.path); err != nil {
			return err
		}
	}
	if err := s.scan(); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return err
	}
	if err := w.Truncate(s.end); err != nil {
		return err
	}
	if _, err := w.WriteAt(b.Bytes(), s.end); err != nil {
		return err
	}
	return errors.Join(w.Close(), s.scan())
}

// Close lets the file go.
func (s *vectorShelf) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
