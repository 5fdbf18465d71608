package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/retrieval"
	"frontdesk/triage/head"
	"frontdesk/triage/mustgo"
	"frontdesk/triage/text"
	"frontdesk/triage/wish"
)

type readerFlags struct {
	only, file, data, out, date string
}

func newTrainReadersCommand(a *app) *cobra.Command {
	var f readerFlags
	c := &cobra.Command{
		Use:   "readers",
		Short: "Fit what the readers of wishes and must-go rules have learned beside their phrases",
		Long: `Fit the learned parts of triage/wish and triage/mustgo to the messages written
for them (their folders train), the corpus' training businesses and the public sets nlupp and clinc150; print what fits that had not seen a message's group say of
it; write the weights beside the code. The frozen businesses are never read. The
same messages and models give the same bytes.

A group is what would leak: the messages of one writer, one business of the
corpus, one domain of a public set.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains([]string{"", "wish", "mustgo"}, f.only) {
				return usageError{fmt.Errorf("--only is wish or mustgo, not %q", f.only)}
			}
			if f.file != "" && !slices.ContainsFunc(readerFiles(), func(r readerFile) bool { return r.name == f.file }) {
				return usageError{fmt.Errorf("--file is weights.json or deep.json, not %q", f.file)}
			}
			return plain(a.trainReaders(cmd.Context(), f))
		},
	}
	c.Flags().StringVar(&f.only, "only", "", "fit one of them: wish or mustgo (default: both)")
	c.Flags().StringVar(&f.file, "file", "", "fit one of a reader's files: weights.json or deep.json (default: all it has)")
	c.Flags().StringVar(&f.data, "data", "", "folder of the public data (default FRONTDESK_EVAL_DATA, else ../shared/data beside the repository)")
	c.Flags().StringVar(&f.out, "out", "", "folder that gets wish/weights.json and mustgo/weights.json (default triage of the repository)")
	c.Flags().StringVar(&f.date, "date", time.Now().UTC().Format(time.DateOnly), "date to write into them")
	return c
}

// readerTask is one reader to be fitted.
type readerTask struct {
	name    string
	lines   []readerLine
	classes []string
	class   func(readerLine) int
	names   []string // of the signals
	signals func(string) []float64
	unheard []string // the writers whom nobody had read who wrote the phrases
	// fires is the probability from which the reader's word is acted upon.
	fires float64
	// rare is how many messages a negative stands for in the calibration: what is
	// looked for is rarer among customers' messages than among those written to
	// learn from. Ordinary ones stand for more than those written to mislead.
	rare, ordinary float64
	// dear is how many times worse it is not to believe what words say than to
	// believe it wrongly.
	dear float64
	// deep says that the reader also has weights over what inner layers of the model
	// make of a message.
	deep bool
}

// readerFile is a file of weights that a reader has.
type readerFile struct {
	name string
	deep bool // over vectors with inner layers behind them
}

func readerFiles() []readerFile {
	return []readerFile{{name: "weights.json"}, {name: "deep.json", deep: true}}
}

// vectorDims is the width of the local models' own vectors, and of each inner
// layer's behind it.
const vectorDims = 384

func (a *app) trainReaders(ctx context.Context, f readerFlags) error {
	root, ok := repositoryRoot()
	if !ok {
		return errors.New("the messages to learn from are part of the repository: run this inside it")
	}
	folder := filepath.Join(root, "triage")
	data := cmp.Or(f.data, a.getenv("FRONTDESK_EVAL_DATA"), filepath.Join(root, "..", "shared", "data"))
	tasks, err := readerTasks(ctx, folder, data)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if f.only != "" && f.only != t.name {
			continue
		}
		list, model, err := a.readerExamples(ctx, t)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		unseen := map[bool][]head.Unseen{} // by whether inner layers take part
		for _, file := range readerFiles() {
			if file.deep && !t.deep || f.file != "" && f.file != file.name {
				continue
			}
			m, said, err := a.trainReader(t, file, list)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			unseen[file.deep] = said
			m.Origin.Command, m.Origin.Date, m.Origin.Model = "frontdesk train readers --only "+t.name, f.date, model
			if err := writeReader(filepath.Join(cmp.Or(f.out, folder), t.name, file.name), m); err != nil {
				return err
			}
		}
		if len(unseen) == 2 {
			together := head.Together(list, unseen[false], unseen[true])
			printReaderScores(a.stderr, t.name+", both", list, readerScores(len(t.classes), t.fires, list, together))
		}
	}
	return nil
}

// trainReader fits one of a reader's files, prints what it is worth, and returns what
// fits that had not seen a message's group say of it.
func (a *app) trainReader(t readerTask, file readerFile, list []head.Example) (*head.Model, []head.Unseen, error) {
	block := 0
	if file.deep {
		if len(list[0].Vec) <= vectorDims {
			return nil, nil, errors.New("the embedder gives nothing of inner layers: use the one that comes with the program")
		}
		block = vectorDims
	} else {
		list = slices.Clone(list)
		for i := range list {
			list[i].Vec = list[i].Vec[:min(vectorDims, len(list[i].Vec))]
		}
	}
	m, unseen, err := fitReader(t, list, block)
	if err != nil {
		return nil, nil, err
	}
	scores := readerScores(len(t.classes), t.fires, list, unseen)
	printReaderScores(a.stderr, t.name+"/"+file.name, list, scores)
	m.Origin = head.Origin{Messages: len(list), Data: readerHash(t), Scores: scores}
	return m, unseen, nil
}

// readerTasks reads what both readers learn from. What was written for one
// reader are negatives of the other.
func readerTasks(ctx context.Context, folder, data string) ([]readerTask, error) {
	wishes, err := readReaderLines(filepath.Join(folder, "wish", "train"))
	if err != nil {
		return nil, err
	}
	rules, err := readReaderLines(filepath.Join(folder, "mustgo", "train"))
	if err != nil {
		return nil, err
	}
	for i := range wishes {
		if wishes[i].Kind != kindDecoy {
			wishes[i].Rule = "wish"
		}
	}
	public, err := handoffLines(data)
	if err != nil {
		return nil, err
	}
	daily, err := clincLines(data)
	if err != nil {
		return nil, err
	}
	wishCorpus, err := corpusLines(ctx, filepath.Join(folder, "wish", "train"))
	if err != nil {
		return nil, err
	}
	ruleCorpus, err := corpusLines(ctx, filepath.Join(folder, "mustgo", "train"))
	if err != nil {
		return nil, err
	}
	wp, err := wish.NewPhrases()
	if err != nil {
		return nil, err
	}
	mp, err := mustgo.NewPhrases()
	if err != nil {
		return nil, err
	}
	ruleClasses := append([]string{"none"}, mustgo.RuleNames()...)
	return []readerTask{
		{
			name: "wish", lines: slices.Concat(wishes, others(rules, wishes), wishCorpus, public, daily),
			classes: []string{"none", "wish"}, names: wish.SignalNames(), signals: wp.Signals, unheard: []string{"b6", "b19", "b20"},
			class: func(l readerLine) int { return max(0, slices.Index([]string{"", "wish"}, l.Rule)) },
			fires: 0.5, dear: 1, rare: 2, ordinary: 2, // so that one or two in a hundred of those that mislead do
		},
		{
			name: "mustgo", lines: slices.Concat(rules, others(wishes, rules), ruleCorpus, nothingOfRules(public, mp), daily),
			classes: ruleClasses, names: mustgo.SignalNames(), signals: mp.Signals, unheard: []string{"b6", "b7", "b8", "b9", "b10", "b11", "b12", "b13", "b14", "b15", "b16", "b17", "b18"},
			class: func(l readerLine) int { return max(0, slices.Index(ruleClasses, l.Rule)) },
			fires: 0.3, dear: 20, rare: 6, ordinary: 12, deep: true, // likewise, and about one ordinary message in a hundred
		},
	}, nil
}

const (
	kindDecoy    = "decoy"
	kindOrdinary = "ordinary" // a story with the same mood and nothing of the kind
	kindOther    = "other"    // written for the other reader
)

// others are messages written for the other reader, negatives here: those of
// writers who wrote for this one too. Further ones would only make rare what is
// looked for, and what is taken for a wish in a must-go message does no harm.
func others(list, own []readerLine) []readerLine {
	var out []readerLine
	for _, l := range list {
		if slices.ContainsFunc(own, func(o readerLine) bool { return o.writer() == l.writer() }) {
			l.Kind, l.Rule = kindOther, ""
			out = append(out, l)
		}
	}
	return out
}

// nothingOfRules are messages of a public set that is not labelled for must-go
// rules, as negatives: those of which phrases say otherwise are left out.
func nothingOfRules(list []readerLine, p *mustgo.Phrases) []readerLine {
	var out []readerLine
	for _, l := range list {
		if !slices.ContainsFunc(p.Signals(l.Text), func(s float64) bool { return s > 0 }) {
			l.Rule = ""
			out = append(out, l)
		}
	}
	return out
}

// readerExamples embeds a task's messages.
func (a *app) readerExamples(ctx context.Context, t readerTask) ([]head.Example, string, error) {
	vecs, model, err := a.embedLines(ctx, t.lines)
	if err != nil {
		return nil, "", err
	}
	groups := readerGroups(t.lines)
	out := make([]head.Example, len(t.lines))
	for i, l := range t.lines {
		e := head.Example{
			Vec: vecs[i], Signals: t.signals(l.Text), Grams: text.Normal(l.Text).Grams(), Class: t.class(l), Weight: 1,
			Group: groups[i], Slice: l.Kind + "/" + l.Language,
		}
		if l.unheard(t.unheard) {
			e.Unheard = 1
			if e.Class != 0 {
				e.Unheard = t.dear
			}
		}
		e.Said = slices.Max(e.Signals[:len(t.classes)-1]) > 0
		if e.Class == 0 {
			e.Count = t.ordinary
			if l.Kind == kindDecoy {
				e.Count = t.rare
			}
			if !l.misleads() {
				e.Weight = easyWeight
			}
		}
		out[i] = e
	}
	return out, model, nil
}

// easyWeight is what a message counts in the fit that was not written to mislead:
// there are ten thousand of them, they are told apart at once, and at full weight
// they take from the fit what the hard ones need; at a tenth they come back as false
// alarms. By writers left out, where at most one in fifty of the hard and one in a
// hundred of the others fires, .55 of the wishes are found that no phrase says (.50 at
// full weight, .49 at a tenth).
const easyWeight = 0.35

// readerGroups are the groups of messages: all that one writer wrote, since a fit
// that has seen a writer's hand does better on the rest of it than on anybody
// else's; of the corpus a business, of a public set a domain.
func readerGroups(list []readerLine) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = l.source
		if l.source == sourceOwn {
			out[i] = "writer " + l.writer()
		}
	}
	return out
}

// embedLines gives every line its vector as a question under the local
// multilingual model.
func (a *app) embedLines(ctx context.Context, list []readerLine) (vecs [][]float32, model string, err error) {
	kept := a.keepModels()
	kept.first.depths = true
	defer func() { err = errors.Join(err, kept.Close()) }()
	const batch = 64
	for from := 0; from < len(list); from += batch {
		var texts []string
		for _, l := range list[from:min(from+batch, len(list))] {
			texts = append(texts, l.Text)
		}
		got, err := kept.first.EmbedTokens(ctx, retrieval.EmbedQuery, texts)
		if err != nil {
			return nil, "", fmt.Errorf("messages from %s: %w", list[from].ID, err)
		}
		for _, e := range got {
			vecs = append(vecs, slices.Concat(e.Vec, e.Depths))
		}
	}
	return vecs, kept.first.Model().Name, nil
}

// readerHash tells whether weights were fitted on the messages that are there now.
func readerHash(t readerTask) string {
	h := sha256.New()
	for _, l := range t.lines {
		fmt.Fprintf(h, "%s\x00%s\x00%d\n", l.ID, l.Text, t.class(l))
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func writeReader(path string, m *head.Model) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if _, err := head.Read(data); err != nil { // rounding must not have made it unfit
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

func printReaderScores(w io.Writer, name string, list []head.Example, scores map[string]float64) {
	fmt.Fprintf(w, "%s: %d messages; by fits that had not seen the message's group:\n", name, len(list))
	keys := make([]string, 0, len(scores))
	for k := range scores {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(w, "  %-44s %.4f\n", k, scores[k])
	}
}
