// Train makes the weights of package lang from the word lists beside it and
// every second sentence of lingua_langid:
//
//	go run ./triage/lang/train
//
// from the root of the repository; -data names the folder that holds
// lingua_langid where it is not ../shared/data.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/triage/lang"
)

//go:embed words.txt
var words string

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	data := flags.String("data", filepath.Join("..", "shared", "data"), "folder that holds lingua_langid")
	out := flags.String("out", filepath.Join("triage", "lang", "weights.bin.gz"), "file to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c := lang.Corpus{Words: lists(), Phrases: 1500}
	for _, l := range c.Words {
		s, err := sentences(filepath.Join(*data, "lingua_langid", l.Lang+".txt"))
		if err != nil {
			return err
		}
		for i := 0; i < len(s); i += 2 {
			c.Sentences = append(c.Sentences, lang.Sample{Lang: l.Lang, Text: s[i]})
		}
	}
	weights, err := lang.Train(c)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := os.WriteFile(*out, weights, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d bytes from %d sentences and the words of %d languages\n", *out, len(weights), len(c.Sentences), len(c.Words))
	return nil
}

// lists are the word lists by language: each stands under its code in brackets.
func lists() []lang.Sample {
	var out []lang.Sample
	for part := range strings.SplitSeq(words, "\n[") {
		code, list, _ := strings.Cut(strings.TrimPrefix(part, "["), "]")
		out = append(out, lang.Sample{Lang: code, Text: list})
	}
	return out
}

func sentences(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		out = append(out, in.Text())
	}
	return out, in.Err()
}
