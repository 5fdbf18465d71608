package split

import "frontdesk/retrieval"

// TextSplitter cuts Markdown for users of langchaingo: it implements its
// textsplitter.TextSplitter.
type TextSplitter struct {
	splitter *Splitter
	headings bool
}

// TextConfig says how a TextSplitter cuts.
type TextConfig struct {
	Config
	// Headings puts the path of headings, and a cut table's header row, before
	// each text, a line each. Without it every text is a part of the input, byte
	// for byte.
	Headings bool
}

// NewTextSplitter makes a TextSplitter; the error names the field that is wrong.
func NewTextSplitter(cfg TextConfig) (*TextSplitter, error) {
	s, err := New(cfg.Config)
	if err != nil {
		return nil, err
	}
	return &TextSplitter{splitter: s, headings: cfg.Headings}, nil
}

// SplitText cuts a Markdown text. It never fails.
func (t *TextSplitter) SplitText(text string) ([]string, error) {
	chunks := t.splitter.Split(retrieval.Article{Body: text})
	out := make([]string, len(chunks))
	for i, c := range chunks {
		if !t.headings {
			out[i] = c.Text
			continue
		}
		for _, h := range c.Heading {
			out[i] += h + "\n"
		}
		if c.Context != "" {
			out[i] += c.Context + "\n"
		}
		out[i] += c.Text
	}
	return out, nil
}
