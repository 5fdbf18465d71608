package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// row is one figure: what was measured, what was aimed at, what came out.
type row struct {
	what, aim, got string
	ok             *bool // nil: nothing was aimed at
}

type section struct {
	title, how string
	rows       []row
}

// report collects the sections in the order they were measured.
type report struct{ sections []*section }

func (r *report) section(title, how string) *section {
	s := &section{title: title, how: how}
	r.sections = append(r.sections, s)
	return s
}

func (s *section) note(what, got string) { s.rows = append(s.rows, row{what: what, got: got}) }

func (s *section) judge(what, aim, got string, ok bool) {
	s.rows = append(s.rows, row{what: what, aim: aim, got: got, ok: &ok})
}

// markdown renders the whole run.
func (r *report) markdown(now time.Time, machine string) string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n")
	b.WriteString("`make bench` wrote this page; it measures the machine and Frontdesk in the same run. The private\n")
	b.WriteString("Postgres runs on the same cores, fsync on; everything is on loopback. Absolute times wander with\n")
	b.WriteString("the machine: read each figure beside the machine's own.\n\n")
	fmt.Fprintf(&b, "%s, on %s.\n", now.UTC().Format("2 January 2006 15:04 MST"), machine)
	for _, s := range r.sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| figure | aim | measured | |\n|---|---|---|---|\n", s.title, s.how)
		for _, row := range s.rows {
			mark := ""
			if row.ok != nil {
				mark = map[bool]string{true: "met", false: "**missed**"}[*row.ok]
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.what, row.aim, row.got, mark)
		}
	}
	return b.String()
}

// write prints the page and, where a path is given, keeps it.
func (r *report) write(path, machine string) error {
	page := r.markdown(time.Now(), machine)
	if _, err := os.Stdout.WriteString(page); err != nil {
		return err
	}
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		return fmt.Errorf("writing the benchmarks: %w", err)
	}
	return nil
}
