// Train makes the weights of package own:
//
//	go run ./triage/own/train
//
// from the root of the repository. It prints how well each business is read
// with weights learned without it.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"frontdesk/triage/own"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	corpus := flags.String("corpus", filepath.Join("evals", "corpus"), "folder of the businesses")
	lines := flags.String("lines", filepath.Join("triage", "own", "testdata", "lines.tsv"), "file of our own lines")
	out := flags.String("out", filepath.Join("triage", "own", "weights.json"), "file to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := own.NewWith(nil)
	if err != nil {
		return err
	}
	by, err := businesses(*corpus)
	if err != nil {
		return err
	}
	mine, err := ours(*lines)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(by))
	if err := leaveOut(stdout, r, by, names, mine); err != nil {
		return err
	}
	all := slices.Clone(mine)
	for _, name := range names {
		all = append(all, by[name]...)
	}
	w, err := own.Learn(r, all)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(*out, append(data, '\n'), 0o644)
}

// leaveOut reads each business, and our own lines, with weights learned from the
// rest.
func leaveOut(stdout io.Writer, r *own.Reader, by map[string][]own.Example, names []string, mine []own.Example) error {
	var sum tally
	for _, held := range append(names, "") {
		var train []own.Example
		for _, name := range names {
			if name != held {
				train = append(train, by[name]...)
			}
		}
		test := by[held]
		if held == "" {
			test = mine
		} else {
			train = append(train, mine...)
		}
		w, err := own.Learn(r, train)
		if err != nil {
			return err
		}
		reader, err := own.NewWith(w)
		if err != nil {
			return err
		}
		var t tally
		for _, e := range test {
			p, _ := reader.Read(e.Text)
			t.add(p, e.Own)
			if held != "" {
				sum.add(p, e.Own)
			}
		}
		if held == "" {
			held = "our own lines"
		}
		fmt.Fprintln(stdout, held+":", t.String())
	}
	fmt.Fprintln(stdout, "all businesses:", sum.String())
	return nil
}

// tally counts answers at even odds and the calibration in tenths.
type tally struct {
	n, positive, found, false int
	said, came, in            [10]float64
	ps                        []float64
	own                       []bool
}

func (t *tally) add(p float64, own bool) {
	t.n++
	b := min(9, int(p*10))
	t.in[b]++
	t.said[b] += p
	t.ps, t.own = append(t.ps, p), append(t.own, own)
	if own {
		t.positive++
		t.came[b]++
	}
	if p >= .5 && own {
		t.found++
	} else if p >= .5 {
		t.false++
	}
}

func (t *tally) String() string {
	gap := 0.0
	for b := range t.in {
		gap += max(t.said[b]-t.came[b], t.came[b]-t.said[b])
	}
	return fmt.Sprintf("%d messages, %d of own data; at 0.5 found %.3f, precision %.3f, false alarms %.4f; area under the curve %.3f; calibration error %.4f",
		t.n, t.positive, ratio(t.found, t.positive), ratio(t.found, t.found+t.false), ratio(t.false, t.n-t.positive), t.area(), gap/float64(max(1, t.n)))
}

// area is the share of pairs, one of each kind, that are in the right order.
func (t *tally) area() float64 {
	right, pairs := 0.0, 0.0
	for i, p := range t.ps {
		if !t.own[i] {
			continue
		}
		for j, q := range t.ps {
			if t.own[j] {
				continue
			}
			pairs++
			switch {
			case p > q:
				right++
			case p == q:
				right += .5
			}
		}
	}
	return right / max(1, pairs)
}

func ratio(a, b int) float64 { return float64(a) / float64(max(1, b)) }

// businesses are the corpus' messages by business, the frozen ones left out.
func businesses(folder string) (map[string][]own.Example, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*", "messages.jsonl"))
	if err != nil {
		return nil, err
	}
	out := map[string][]own.Example{}
	for _, path := range files {
		name := filepath.Base(filepath.Dir(path))
		if slices.Contains([]string{"cabinet", "irisette", "kerbside"}, name) {
			continue
		}
		err := each(path, func(line string) error {
			var m struct{ Text, Expect string }
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				return err
			}
			out[name] = append(out[name], own.Example{Text: m.Text, Own: m.Expect == "account"})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no businesses in %s", folder)
	}
	return out, nil
}

func ours(path string) (out []own.Example, err error) {
	err = each(path, func(line string) error {
		f := strings.SplitN(line, "\t", 3)
		if len(f) != 3 {
			return fmt.Errorf("%s: %q has not three fields", path, line)
		}
		out = append(out, own.Example{Text: f[2], Own: f[1] == "1"})
		return nil
	})
	return out, err
}

func each(path string, do func(line string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if err := do(in.Text()); err != nil {
			return err
		}
	}
	return in.Err()
}
