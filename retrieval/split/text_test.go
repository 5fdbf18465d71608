package split_test

import (
	"fmt"
	"log"
	"strings"
	"testing"

	"frontdesk/retrieval/split"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/textsplitter"
)

var _ textsplitter.TextSplitter = (*split.TextSplitter)(nil)

const guide = `# Kettle K2

Before the first use, boil and pour away one full kettle of fresh water so that dust from the factory is gone.

## Sizes

| Model | Litres |
|-------|--------|
| K1    | 1.0    |
| K2    | 1.7    |

This table lists the usable volume of each kettle, measured to the mark inside.
`

func TestTextSplitter_CutsDocumentsOfLangchaingo(t *testing.T) {
	t.Parallel()
	ts, err := split.NewTextSplitter(split.TextConfig{Headings: true})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := textsplitter.SplitDocuments(ts, []schema.Document{
		{PageContent: guide, Metadata: map[string]any{"source": "k2.md"}},
		{PageContent: "", Metadata: map[string]any{"source": "empty.md"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 2 {
		t.Fatalf("%d documents, want the two sections of the first", len(docs))
	}
	for _, d := range docs {
		if d.Metadata["source"] != "k2.md" {
			t.Errorf("metadata %v was not carried over", d.Metadata)
		}
	}
	if !strings.HasPrefix(docs[1].PageContent, "Kettle K2\nSizes\n| Model | Litres |") || !strings.Contains(docs[1].PageContent, "| K2    | 1.7    |") {
		t.Errorf("headings, header row and rows are not together: %q", docs[1].PageContent)
	}
}

func TestTextSplitter_WithoutHeadingsTextsArePartsOfTheInput(t *testing.T) {
	t.Parallel()
	ts, err := split.NewTextSplitter(split.TextConfig{Config: split.Config{MaxWords: 10}})
	if err != nil {
		t.Fatal(err)
	}
	texts, err := ts.SplitText(guide)
	if err != nil {
		t.Fatal(err)
	}
	rest := guide
	for _, s := range texts {
		i := strings.Index(rest, s)
		if i < 0 {
			t.Fatalf("%q is not in what is left of the input", s)
		}
		rest = rest[i+len(s):]
	}
	if len(texts) < 4 {
		t.Errorf("only %d texts of at most 12 words", len(texts))
	}
}

func TestNewTextSplitter_RefusesWrongLengths(t *testing.T) {
	t.Parallel()
	if _, err := split.NewTextSplitter(split.TextConfig{Config: split.Config{MaxWords: -1}}); err == nil {
		t.Error("no error for a negative length")
	}
}

func ExampleTextSplitter() {
	splitter, err := split.NewTextSplitter(split.TextConfig{})
	if err != nil {
		log.Fatal(err)
	}
	docs, err := textsplitter.CreateDocuments(splitter, []string{"# Lamp\n\nIt turns itself off after two hours without anybody near, to spare its bulb."}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(docs[0].PageContent)
	// Output: It turns itself off after two hours without anybody near, to spare its bulb.
}
