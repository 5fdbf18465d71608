package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"frontdesk/evals"
	"frontdesk/retrieval"
	"frontdesk/triage"
)

type evalMessagesFlags struct {
	dir         string
	part        string
	misses      bool
	alone, page bool
}

func newEvalMessagesCommand(a *app) *cobra.Command {
	var f evalMessagesFlags
	c := &cobra.Command{
		Use:   "messages",
		Short: "Measure what triage reads from messages alone: must-go, wanting a person, mood, personal data, language",
		Long: `Measure what triage reads from messages alone, without any business's knowledge:
matters that go to a person at once, wanting a person, mood and urgency, personal
data, parts, the customer's own data, language. The labelled messages were
written by people who had not seen triage; the parts sealed and third are for what is
finished, and are held against their hashes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return plain(a.evalMessages(cmd.Context(), f)) },
	}
	c.Flags().StringVar(&f.dir, "messages", "", "folder of the messages (default evals/triage of the repository)")
	c.Flags().StringVar(&f.part, "part", string(evals.Open), "open, sealed or third")
	c.Flags().BoolVar(&f.misses, "misses", false, "also print what was missed and what was a false alarm (of the open half only)")
	c.Flags().BoolVar(&f.alone, "words", false, "by words alone, without the encoder")
	c.Flags().BoolVar(&f.page, "page", false, "as if the language of the page were known")
	return c
}

func (a *app) evalMessages(ctx context.Context, f evalMessagesFlags) (err error) {
	part := evals.Part(f.part)
	if part != evals.Open && f.misses {
		return usageError{fmt.Errorf("what was missed of the part %s is read by nobody: leave --misses out", part)}
	}
	dir := f.dir
	if dir == "" {
		root, ok := repositoryRoot()
		if !ok {
			return usageError{errors.New("run this inside the repository, or name a folder with --messages")}
		}
		dir = filepath.Join(root, "evals", "triage")
	}
	sets, err := evals.ReadMessageSets(dir, part)
	if err != nil {
		return err
	}
	reader, err := triage.NewReader()
	if err != nil {
		return err
	}
	readers, err := triage.NewReaders()
	if err != nil {
		return err
	}
	engine, err := triage.New(triage.Deps{Reader: reader, Readers: readers}, triage.Config{})
	if err != nil {
		return err
	}
	var first retrieval.Embedder
	if !f.alone {
		kept := a.keepModels()
		defer func() { err = errors.Join(err, kept.Close()) }()
		kept.first.depths = true
		first = kept.first
	}
	read := map[string][]evals.Read{}
	for name, list := range sets {
		for _, m := range list {
			one, err := readMessage(ctx, engine, first, m, f.page)
			if err != nil {
				return fmt.Errorf("%s: %w", m.ID, err)
			}
			one.Parts = readers.Matters(m.Text)
			read[name] = append(read[name], one)
		}
		fmt.Fprintf(a.stderr, "%s: %d messages read\n", name, len(list))
	}
	report := evals.MeasureMessages(read)
	report.Print(a.stdout)
	if err := a.evalOrdinary(ctx, engine, first, f.misses); err != nil {
		return err
	}
	if f.misses {
		for _, line := range report.Missed {
			fmt.Fprintln(a.stdout, "missed:", line)
		}
		for _, line := range report.Alarms {
			fmt.Fprintln(a.stdout, "alarm:", line)
		}
	}
	return nil
}

// ordinaryQuestions are questions to businesses that nothing of triage was fitted to,
// written for their retrieval: what sets an alarm off among them would take a
// customer of theirs away from an answer.
func ordinaryQuestions() []string {
	return []string{"evals/shop/questions.jsonl", "evals/kb/login_gov_help/questions.jsonl", "evals/kb/login_gov_help/titles.jsonl"}
}

// evalOrdinary counts must-go rules and wishes on the repository's questions.
func (a *app) evalOrdinary(ctx context.Context, engine *triage.Engine, first retrieval.Embedder, list bool) error {
	root, ok := repositoryRoot()
	if !ok {
		return nil
	}
	for _, name := range ordinaryQuestions() {
		file, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		questions, err := evals.ReadQuestions(file, name)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		rules, wishes := 0, 0
		var found []string
		for _, q := range questions {
			one, err := readMessage(ctx, engine, first, evals.Labelled{ID: q.ID, Text: q.Text, Lang: q.Language}, false)
			if err != nil {
				return fmt.Errorf("%s: %w", q.ID, err)
			}
			if one.Decision.Rule != "" {
				rules++
				found = append(found, fmt.Sprintf("%s %s %.2f: %s", q.ID, one.Decision.Rule, one.Decision.RuleP, q.Text))
			}
			if one.Decision.WantsHumanP >= .5 {
				wishes++
				found = append(found, fmt.Sprintf("%s wish %.2f: %s", q.ID, one.Decision.WantsHumanP, q.Text))
			}
		}
		fmt.Fprintf(a.stdout, "ordinary questions, %s: %d; a must-go rule on %d (%.3f), a wish on %d (%.3f)\n", name, len(questions),
			rules, float64(rules)/float64(max(1, len(questions))), wishes, float64(wishes)/float64(max(1, len(questions))))
		if list {
			for _, line := range found {
				fmt.Fprintln(a.stdout, "ordinary:", line)
			}
		}
	}
	return nil
}

// readMessage decides about a message by itself: nothing is looked up.
func readMessage(ctx context.Context, engine *triage.Engine, first retrieval.Embedder, m evals.Labelled, page bool) (evals.Read, error) {
	msg := triage.Message{Text: m.Text}
	if page {
		msg.Lang = m.Lang
	}
	r := engine.Read(ctx, msg)
	var ev retrieval.Evidence
	if first != nil && r.Query != "" {
		list, err := retrieval.Encode(ctx, first, retrieval.EmbedQuery, []string{r.Query})
		if err != nil {
			return evals.Read{}, err
		}
		ev.Around = &retrieval.Around{Vectors: []retrieval.QuestionVector{{Model: first.Model().Name, Vec: list[0].Vec, Depths: list[0].Depths}}}
	}
	d, err := engine.Decide(ctx, r, ev, nil)
	return evals.Read{Labelled: m, Decision: d}, err
}
