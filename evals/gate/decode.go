package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// decoding reads a baseline piece by piece, so that an error has its line.
type decoding struct {
	path  string
	data  []byte
	d     *json.Decoder
	lines lines
}

// lines numbers places of a text, each behind the one before: every byte is looked
// at once, since a baseline has as many places as cases.
type lines struct {
	upTo   int // bytes that are counted
	ended  int // lines that end within them
	looked int // bytes that were looked at in all
}

// at is the line of a place, from 1.
func (l *lines) at(data []byte, place int) int {
	l.looked += place - l.upTo
	l.ended += bytes.Count(data[l.upTo:place], []byte("\n"))
	l.upTo = place
	return 1 + l.ended
}

func decodeBaseline(path string, data []byte) (Baseline, error) {
	var version struct {
		Format *int `json:"format"`
	}
	// Of a file that is cut short the format is what can be told; what is wrong
	// with the rest is said below.
	if err := json.Unmarshal(data, &version); err == nil && (version.Format == nil || *version.Format != FormatVersion) {
		return Baseline{}, fmt.Errorf("%s is no baseline of format %d, which this program reads: accept a run again", path, FormatVersion)
	}
	d := newDecoding(path, data)
	b, err := d.baseline()
	if err != nil {
		return Baseline{}, err
	}
	if b.Format != FormatVersion {
		return Baseline{}, fmt.Errorf("%s is no baseline of format %d, which this program reads: accept a run again", path, FormatVersion)
	}
	if len(b.Cases) == 0 {
		return Baseline{}, fmt.Errorf("%s has no cases: %s", path, restore)
	}
	if err := CheckName(b.Name); err != nil {
		return Baseline{}, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

func newDecoding(path string, data []byte) *decoding {
	d := &decoding{path: path, data: data, d: json.NewDecoder(bytes.NewReader(data))}
	d.d.DisallowUnknownFields()
	return d
}

// line of the byte that the decoder stands at, past blanks and commas.
func (d *decoding) line() int {
	at := min(int(d.d.InputOffset()), len(d.data))
	for at < len(d.data) && bytes.IndexByte([]byte(" \t\r\n,:"), d.data[at]) >= 0 {
		at++
	}
	return d.lines.at(d.data, at)
}

// bad says where and what. line is where the piece began that is wrong: the
// decoder's own offsets do not count what was read token by token.
func (d *decoding) bad(line int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line = 1 + bytes.Count(bytes.TrimRight(d.data, "\n"), []byte("\n"))
		err = errors.New("it ends too early")
	}
	return fmt.Errorf("%s:%d: %w: %s", d.path, line, err, restore)
}

func (d *decoding) baseline() (Baseline, error) {
	var b Baseline
	if err := d.want(json.Delim('{')); err != nil {
		return b, err
	}
	seen := map[string]bool{}
	for d.d.More() {
		line := d.line()
		token, err := d.d.Token()
		if err != nil {
			return b, d.bad(line, err)
		}
		name, _ := token.(string) // the decoder gives nothing else here
		into := map[string]any{"format": &b.Format, "name": &b.Name, "accepted": &b.Accepted, "meta": &b.Meta, "answers_sha256": &b.Answers}[name]
		switch {
		case seen[name]:
			return b, d.bad(line, fmt.Errorf("%q stands here twice", name))
		case name == "cases":
			err = d.cases(&b)
		case into == nil:
			return b, d.bad(line, fmt.Errorf("unknown field %q", name))
		default:
			if err = d.d.Decode(into); err != nil {
				err = d.bad(line, err)
			}
		}
		if err != nil {
			return b, err
		}
		seen[name] = true
	}
	if err := d.want(json.Delim('}')); err != nil {
		return b, err
	}
	if _, err := d.d.Token(); !errors.Is(err, io.EOF) {
		return b, d.bad(d.line(), errors.New("there is more after its end"))
	}
	return b, nil
}

func (d *decoding) want(delim json.Delim) error {
	line := d.line()
	token, err := d.d.Token()
	if err != nil {
		return d.bad(line, err)
	}
	if token != delim {
		return d.bad(line, fmt.Errorf("%v where %v was expected", token, delim))
	}
	return nil
}

func (d *decoding) cases(b *Baseline) error {
	if err := d.want(json.Delim('[')); err != nil {
		return err
	}
	at := map[string]int{}
	for d.d.More() {
		line := d.line()
		var k Kept
		if err := d.d.Decode(&k); err != nil {
			return d.bad(line, err)
		}
		if k.Case == "" || k.Suite == "" || k.Asked == "" || k.Expects == "" {
			return d.bad(line, errors.New("a case needs its id, its suite and both hashes"))
		}
		for kind, h := range k.Checks {
			if h[0] < 0 || h[0] > h[1] {
				return d.bad(line, fmt.Errorf("%d of %d checks of %s held", h[0], h[1], kind))
			}
		}
		if first, twice := at[k.Case]; twice {
			return d.bad(line, fmt.Errorf("case %s is in line %d already", k.Case, first))
		}
		at[k.Case] = line
		b.Cases = append(b.Cases, k)
	}
	return d.want(json.Delim(']'))
}
