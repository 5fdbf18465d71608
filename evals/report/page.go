package report

import (
	"bytes"
	_ "embed" // the page and its looks
	"html/template"
)

//go:embed page.html
var pageText string

//go:embed page.css
var css string

// page is one file: its looks and pictures stand in it, and it has no script.
func page(d *data) ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"rowsOf": rowsOf}).Parse(pageText)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.view()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// rowsOf is what the template of a table takes.
func rowsOf(rows []partRow, compared bool) any {
	return struct {
		Rows     []partRow
		Compared bool
	}{rows, compared}
}
