package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/triage"
)

func newLabelsImportCommand(a *app) *cobra.Command {
	var site string
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Settle labels from a file: JSON Lines or CSV with article, desk, topic, product; - is standard input",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.readInput(args[0])
			if err != nil {
				return err
			}
			list, err := readLabels(data)
			if err != nil {
				return err
			}
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				if err := l.settle(cmd.Context(), list); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.stdout, "%d labels settled\n", len(list))
				return err
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	return c
}

func newLabelsExportCommand(a *app) *cobra.Command {
	var site, since string
	var asCSV, choices bool
	c := &cobra.Command{
		Use:   "export",
		Short: "Print articles' labels, or what agents decided about cases (--choices), to be imported again",
		Long: `Print the labels of articles that count, suggestions among them, to be looked over
and imported again (labels import).

With --choices: what people of the desk decided about closed cases, as examples for
triage (labels examples import), one JSON object a line. A case is among them that
was moved to another queue, closed with another topic or product line, answered with
a suggestion, or whose suggestion was turned down. Personal data is masked. A case
has the same id in every export.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if choices || since != "" {
				if asCSV {
					return usageError{errors.New("--csv is for articles' labels; choices are JSON Lines")}
				}
				from, err := parseSince(since, a.now())
				if err != nil {
					return usageError{err}
				}
				return a.exportChoices(cmd.Context(), site, from)
			}
			return a.withLabels(cmd.Context(), site, func(l *labelling) error {
				if !asCSV {
					return a.printLabels(l, false, true)
				}
				w := csv.NewWriter(a.stdout)
				rows := [][]string{{"article", "desk", "topic", "product", "from", "title"}}
				for _, r := range l.rows(false) {
					rows = append(rows, []string{r.Article, string(r.Desk), r.Topic, r.Product, r.From, r.Title})
				}
				return w.WriteAll(rows)
			})
		},
	}
	c.Flags().StringVar(&site, "site", defaultSite, "the site")
	c.Flags().BoolVar(&asCSV, "csv", false, "CSV, for a spreadsheet")
	c.Flags().BoolVar(&choices, "choices", false, "what agents decided about closed cases, as examples for triage")
	c.Flags().StringVar(&since, "since", "", "choices about cases closed since a day (2026-11-01) or for so many days (30d)")
	return c
}

// readInput reads a file, or standard input.
func (a *app) readInput(name string) ([]byte, error) {
	const most = 64 << 20
	r := a.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if len(data) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return data, err
}

// readLabels reads labels as an export writes them: JSON Lines, or CSV.
func readLabels(data []byte) ([]triage.Label, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) == 0 {
		return nil, errors.New("there is no label in it")
	}
	if data[0] != '{' {
		return readLabelTable(data)
	}
	var out []triage.Label
	err := eachLine(data, func(n int, line []byte) error {
		var r labelRow
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&r); err != nil {
			return fmt.Errorf("line %d is no label: %w", n, err)
		}
		out = append(out, triage.Label{Article: r.Article, Desk: r.Desk, Topic: r.Topic, Product: r.Product})
		return nil
	})
	return out, err
}

func readLabelTable(data []byte) ([]triage.Label, error) {
	r := csv.NewReader(bytes.NewReader(data))
	if head, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';' // as spreadsheets of many countries write it
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	at := map[string]int{"article": -1, "desk": -1, "topic": -1, "product": -1}
	for i, name := range rows[0] {
		name = strings.ToLower(strings.TrimSpace(name))
		if j, known := at[name]; known && j >= 0 {
			return nil, fmt.Errorf("the column %s stands there twice: an article has one", name)
		} else if known {
			at[name] = i
		}
	}
	if at["article"] < 0 {
		return nil, fmt.Errorf("the first line names no column article; it has %s", strings.Join(rows[0], ", "))
	}
	var out []triage.Label
	for _, row := range rows[1:] {
		cell := func(name string) string {
			if i := at[name]; i >= 0 && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		out = append(out, triage.Label{Article: cell("article"), Desk: triage.Desk(cell("desk")), Topic: cell("topic"), Product: cell("product")})
	}
	return out, nil
}

// eachLine calls f for each line that is not blank, counting from 1.
func eachLine(data []byte, f func(n int, line []byte) error) error {
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(make([]byte, 64<<10), lineLimit)
	for n := 1; sc.Scan(); n++ {
		if line := bytes.TrimSpace(sc.Bytes()); len(line) > 0 {
			if err := f(n, slices.Clone(line)); err != nil {
				return err
			}
		}
	}
	return sc.Err()
}
