package bot

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/retrieval"
)

const (
	joinedPiece = "j" // nothing with words stands between it and the one before
	rowPiece    = "r" // it goes on with the table of the one before
)

// writePieces writes pieces as a choice keeps them.
func writePieces(list []retrieval.Piece) string {
	var b strings.Builder
	for i, p := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d-%d", p.From, p.To)
		switch {
		case p.Row:
			b.WriteString(rowPiece)
		case p.Joined:
			b.WriteString(joinedPiece)
		}
	}
	return b.String()
}

// readPieces reads them back as bytes of an article's sections; nil where any of
// them is no part of one.
func readPieces(s string, sections []retrieval.Passage) []retrieval.Piece {
	var out []retrieval.Piece
	for field := range strings.FieldsSeq(s) {
		p := retrieval.Piece{Row: strings.HasSuffix(field, rowPiece), Joined: strings.HasSuffix(field, joinedPiece)}
		from, to, _ := strings.Cut(strings.TrimRight(field, joinedPiece+rowPiece), "-")
		var err, err2 error
		p.From, err = strconv.Atoi(from)
		p.To, err2 = strconv.Atoi(to)
		if err != nil || err2 != nil || p.From >= p.To {
			return nil
		}
		for _, sec := range sections {
			if sec.From <= p.From && p.To <= sec.To {
				p.Chunk, p.Text = sec.Chunk, sec.Text[p.From-sec.From:p.To-sec.From]
			}
		}
		if p.Text == "" {
			return nil
		}
		out = append(out, p)
	}
	return out
}
