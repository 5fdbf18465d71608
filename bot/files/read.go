package files

import (
	"context"
	"encoding/hex"
	"io"
	"time"

	"frontdesk/bot/convo"
)

// Reading is a file as it is sent to somebody. It is a web.Source: read it with
// Next until io.EOF, then Close it.
type Reading struct {
	Name   string
	Type   string
	Size   int64
	ETag   string // changes with the bytes
	Inline bool   // it was made here: a page may show it

	s    *Service
	key  convo.Key
	id   convo.ID
	part int
	n    int
	sent int64
}

// Open finds a file that a side of a conversation may read; small asks for the
// small picture where there is one. Error: ErrNoFile.
func (s *Service) Open(ctx context.Context, key convo.Key, id convo.ID, reader Side, small bool) (*Reading, error) {
	f, err := s.Store.File(ctx, key, id, reader)
	if err != nil {
		return nil, err
	}
	r := &Reading{Name: f.Name, Type: f.Type, Size: f.Size, s: s, key: key, id: id, part: PartFile}
	if small && f.SmallType != "" {
		r.Type, r.Size, r.part = f.SmallType, int64(f.SmallSize), PartSmall
	}
	r.Inline = Picture(r.Type)
	r.ETag = `"` + hex.EncodeToString(f.Hash[:min(len(f.Hash), 12)]) + string('a'+rune(r.part)) + `"`
	return r, nil
}

// Next reads the next piece; io.EOF behind the last one. No connection to the
// database is held between two of them: whoever reads slowly keeps nothing but a
// piece.
func (r *Reading) Next() ([]byte, error) {
	if r.sent >= r.Size {
		return nil, io.EOF
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	b, err := r.s.Store.FilePiece(ctx, r.key, r.id, r.part, r.n)
	switch {
	case err != nil:
		return nil, err
	case len(b) == 0: // erased while it was read
		return nil, io.ErrUnexpectedEOF
	}
	r.n++
	r.sent += int64(len(b))
	return b, nil
}

// Close ends the reading.
func (r *Reading) Close() {}
