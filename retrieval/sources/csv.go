package sources

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// questionMark joins several questions in one CSV cell.
const questionMark = " | "

// readCSV takes a FAQ list with a header row in.
func (r *reader) readCSV(f file, text string) {
	in := csv.NewReader(strings.NewReader(text))
	in.Comma = delimiter(text)
	in.FieldsPerRecord = -1 // rows are judged one by one, each with its line
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		r.complain(f, complaint{message: "this file is empty", remedy: "Write a header row and entries into it, or remove it."}, false)
		return
	}
	if err != nil {
		r.complain(f, csvComplaint(err), false)
		return
	}
	columns, ok := r.columns(f, header)
	if !ok {
		return
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.complain(f, csvComplaint(err), false)
			continue
		}
		line, _ := in.FieldPos(0)
		if len(row) != len(columns) {
			r.complain(f, complaint{
				line, fmt.Sprintf("this row has %d cells, and the header has %d columns", len(row), len(columns)),
				`Put a cell that holds the separator, a quotation mark or a line break into quotation marks, a mark inside it doubled ("").`,
			}, false)
			continue
		}
		fields, answer := cells(columns, row, line)
		if len(fields) > 0 || answer != "" { // a row of empty cells is what spreadsheets leave at the end
			r.entry(f, line, fields, answer, true)
		}
	}
}

// columns checks the header. A wrong column is named and left out; without an
// answer, or anything to find it by, the file stays out.
func (r *reader) columns(f file, header []string) ([]string, bool) {
	columns := make([]string, len(header))
	for i, h := range header {
		name := strings.ToLower(strings.TrimSpace(h))
		switch {
		case name == "":
		case !isEntryKey(name):
			r.complain(f, complaint{
				1, fmt.Sprintf("the column %q is not known, and was left out", oneLine(h, 40)),
				"Allowed are: " + allowedKeys() + ".",
			}, false)
			name = ""
		case slices.Contains(columns, name):
			r.complain(f, complaint{1, fmt.Sprintf("the column %q stands there twice; the first counts", name), "Remove one of the two."}, false)
			name = ""
		}
		columns[i] = name
	}
	missing := ""
	switch {
	case !slices.Contains(columns, "answer"):
		missing = `"answer"`
	case !slices.Contains(columns, "questions") && !slices.Contains(columns, "title"):
		missing = `"questions" (or "title")`
	}
	if missing != "" {
		r.complain(f, complaint{
			1, "there is no column " + missing + ", so no entry of this file went in",
			"Name the columns in the first row. Allowed are: " + allowedKeys() + ".",
		}, false)
		return nil, false
	}
	return columns, true
}

func cells(columns, row []string, line int) (fields []field, answer string) {
	for i, c := range columns {
		cell := strings.TrimSpace(row[i])
		if c == "" || cell == "" {
			continue
		}
		if c == "answer" {
			answer = cell
			continue
		}
		v := value{line: line, kind: single, text: cell}
		if c == "questions" {
			v.kind, v.list = listed, strings.Split(cell, questionMark)
		}
		fields = append(fields, field{key: c, value: v})
	}
	return fields, answer
}

// delimiter is the comma, or what a spreadsheet of another country wrote in its
// place: decided by the header row alone, whose names hold neither.
func delimiter(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	switch {
	case strings.Contains(header, ","):
		return ','
	case strings.Contains(header, ";"):
		return ';'
	case strings.Contains(header, "\t"):
		return '\t'
	}
	return ','
}

func csvComplaint(err error) complaint {
	e, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return complaint{message: "this file does not parse as CSV (" + oneLine(err.Error(), 120) + ")", remedy: "Save it again as CSV, UTF-8."}
	}
	return complaint{
		e.StartLine, "this row does not parse as CSV (" + e.Err.Error() + ")",
		`Put a cell that holds the separator, a quotation mark or a line break into quotation marks, a mark inside it doubled ("").`,
	}
}
