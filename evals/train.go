package evals

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"text/tabwriter"

	"frontdesk/retrieval"
)

// folds is how many parts a cross-validation leaves out in turn.
const folds = 10

// wrongArticles is the part of quotes from a wrong article that the default
// threshold allows. A quote from the right article that lacks a fact sends a
// customer to the right page; one from a wrong article misleads.
const wrongArticles = 0.25

// TrainReport is what a fit is worth.
type TrainReport struct {
	Retrieval RetrievalScores
	Vectors   RetrievalScores // beside it: vectors alone
	Evidence  Calibration
	Words     Calibration // of a search without vectors
	Quoting   []Quoting   // at several thresholds
	AtDefault Quoting
	Threshold string // in words
}

// Train fits a ranking to questions, starting from one and pulled towards it.
// The report is by cross-validation: every question is judged by a fit that
// has seen neither it nor another one to the same article.
func Train(asked []Asked, start retrieval.Ranking) (retrieval.Ranking, TrainReport, error) {
	words := WithoutVectors(asked)
	trained := start
	trained.Origin = nil
	start.Plans = nil // another command's to fit: here the judges for any model are
	trained.WithVectors = rounded(retrieval.FitJudge(Examples(asked), start.WithVectors))
	trained.Words = rounded(retrieval.FitJudge(Examples(words), start.Words))

	both := crossValidate(asked, start, func(r *retrieval.Ranking, e []retrieval.Example) {
		r.WithVectors = retrieval.FitJudge(e, start.WithVectors)
	})
	alone := crossValidate(words, start, func(r *retrieval.Ranking, e []retrieval.Example) {
		r.Words = retrieval.FitJudge(e, start.Words)
	})
	threshold, words2 := chooseThreshold(both)
	trained.Threshold = threshold
	report, err := reportOn(asked, both, alone, threshold)
	report.Threshold = words2
	return trained, report, err
}

// Check measures a ranking on knowledge that it was not fitted on.
func Check(asked []Asked, r retrieval.Ranking) (TrainReport, error) {
	r.Plans = nil
	return reportOn(asked, Judge(asked, r), Judge(WithoutVectors(asked), r), r.Threshold)
}

func reportOn(asked []Asked, both, alone []Searched, threshold float64) (TrainReport, error) {
	var t TrainReport
	var ok bool
	if t.Retrieval, ok = ScoreRetrieval(both, false); !ok {
		return t, errors.New("no question is answerable: there is nothing to measure")
	}
	t.Vectors, _ = ScoreRetrieval(Judge(asked, VectorsAlone()), false)
	list, answerable := judged(both)
	t.Evidence = Calibrate(list)
	wordsList, _ := judged(alone)
	t.Words = Calibrate(wordsList)
	for _, at := range []float64{0.2, 0.3, 0.4, 0.5, 0.6, 0.7} {
		t.Quoting = append(t.Quoting, QuoteAt(list, answerable, at))
	}
	t.AtDefault = QuoteAt(list, answerable, threshold)
	return t, nil
}

func judged(list []Searched) (out []Judged, answerable []bool) {
	for _, s := range list {
		out = append(out, Judged{P: s.Evidence.P, Right: s.Answers()})
		answerable = append(answerable, s.Question.Answerable)
	}
	return out, answerable
}

// crossValidate judges every question by a ranking fitted to the others.
func crossValidate(asked []Asked, start retrieval.Ranking, fit func(*retrieval.Ranking, []retrieval.Example)) []Searched {
	examples := Examples(asked)
	out := make([]Searched, len(asked))
	for f := range folds {
		var train []retrieval.Example
		var test []int
		for i := range examples {
			if int(crc32.ChecksumIEEE([]byte(examples[i].Group))%folds) == f {
				test = append(test, i)
			} else {
				train = append(train, examples[i])
			}
		}
		if len(test) == 0 {
			continue
		}
		r := start
		fit(&r, train)
		for _, i := range test {
			out[i] = Judge(asked[i:i+1], r)[0]
		}
	}
	return out
}

// chooseThreshold takes the lowest probability, in hundredths, from which on
// no more than wrongArticles of the quotes come from a wrong article, there
// and above it.
func chooseThreshold(list []Searched) (float64, string) {
	const least = 20 // quotes under which a share says nothing
	best, share, quotes := 0.95, 0.0, 0
	for at := 95; at >= 10; at-- {
		t := float64(at) / 100
		n, wrong := 0, 0
		for _, s := range list {
			if s.Evidence.P < t {
				continue
			}
			n++
			if !s.Question.Answerable || !s.Question.Right(s.Ranking[0], false) {
				wrong++
			}
		}
		if n >= least && float64(wrong) > wrongArticles*float64(n) {
			break
		}
		best, quotes = t, n
		if n > 0 {
			share = float64(wrong) / float64(n)
		}
	}
	return best, fmt.Sprintf("the lowest probability from which on at most %.0f %% of the quotes come from a wrong article: %.0f %% of %d quotes, by cross-validation",
		100*wrongArticles, 100*share, quotes)
}

// rounded keeps four decimals: more say nothing, and differ between machines.
func rounded(j retrieval.Judge) retrieval.Judge {
	for _, x := range []*float64{
		&j.Fusion.Cosine, &j.Fusion.Middle, &j.Fusion.BM25, &j.Fusion.ArticleBM25, &j.Fusion.QuestionHandicap, &j.Fusion.OtherLanguage,
		&j.Section.Cosine, &j.Section.BM25, &j.Section.Coverage, &j.Section.Length, &j.Evidence.Intercept,
	} {
		*x = round4(*x)
	}
	weights := map[string]float64{}
	for name, w := range j.Evidence.Weights {
		weights[name] = round4(w)
	}
	j.Evidence.Weights = weights
	return j
}

func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// Scores are the report's numbers by name, as they go with what was fitted.
func (t TrainReport) Scores() map[string]float64 {
	m := map[string]float64{
		"r1": t.Retrieval.R1.Value, "r3": t.Retrieval.R3.Value, "r5": t.Retrieval.R5.Value, "r10": t.Retrieval.R10.Value,
		"mrr": t.Retrieval.MRR.Value, "ndcg10": t.Retrieval.NDCG10.Value,
		"vectors_r1": t.Vectors.R1.Value, "vectors_r5": t.Vectors.R5.Value,
		"base": t.Evidence.Base, "log_loss": t.Evidence.LogLoss, "brier": t.Evidence.Brier, "ece": t.Evidence.ECE, "auroc": t.Evidence.AUROC,
		"words_log_loss": t.Words.LogLoss, "words_ece": t.Words.ECE, "words_auroc": t.Words.AUROC,
		"quoted": t.AtDefault.Quoted, "wrong": t.AtDefault.Wrong, "refused": t.AtDefault.Refused,
	}
	if t.Retrieval.Section1 != (Interval{}) {
		m["section"] = t.Retrieval.Section1.Value
	}
	for k, v := range m {
		m[k] = round4(v)
	}
	return m
}

// Print shows a report to a person.
func (t TrainReport) Print(w io.Writer, title string) {
	fmt.Fprintf(w, "%s: %d answerable questions\n", title, t.Retrieval.Questions)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range []struct {
		name string
		s    RetrievalScores
	}{{"both", t.Retrieval}, {"vectors", t.Vectors}} {
		s := row.s
		fmt.Fprintf(tw, "  %s\tR@1 %.3f\tR@3 %.3f\tR@5 %.3f\tR@10 %.3f\tMRR %.3f\tnDCG@10 %.3f", row.name,
			s.R1.Value, s.R3.Value, s.R5.Value, s.R10.Value, s.MRR.Value, s.NDCG10.Value)
		if s.Section1 != (Interval{}) { // some questions name facts
			fmt.Fprintf(tw, "\tsection %.3f", s.Section1.Value)
		}
		fmt.Fprintln(tw)
	}
	fmt.Fprintf(tw, "  evidence\tbase %.3f\tlog loss %.3f\tBrier %.3f\tECE %.3f\tAUROC %.3f\n",
		t.Evidence.Base, t.Evidence.LogLoss, t.Evidence.Brier, t.Evidence.ECE, t.Evidence.AUROC)
	fmt.Fprintf(tw, "  by words\tbase %.3f\tlog loss %.3f\tBrier %.3f\tECE %.3f\tAUROC %.3f\n",
		t.Words.Base, t.Words.LogLoss, t.Words.Brier, t.Words.ECE, t.Words.AUROC)
	for _, q := range append(t.Quoting, t.AtDefault) {
		fmt.Fprintf(tw, "  from %.2f on\tright quotes %.3f\twrong among quotes %.3f\trefused of the unanswerable %.3f\n", q.Threshold, q.Quoted, q.Wrong, q.Refused)
	}
	tw.Flush() //nolint:errcheck // to standard error
	if t.Threshold != "" {
		fmt.Fprintf(w, "  threshold: %s\n", t.Threshold)
	}
}
