package evals

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"frontdesk/retrieval"
)

// asked is a made-up set: the right article has the question's words and a
// middling cosine, a wrong one a high cosine and no words; some questions have
// no answer, and then nothing stands out.
func asked(n int) []Asked {
	var out []Asked
	for i := range n {
		q := Question{ID: fmt.Sprint(i), Text: "q", Gold: []string{fmt.Sprintf("right%d", i%17)}, Answerable: true, Facts: []string{"fact"}}
		lift := 1.5
		if i%4 == 0 {
			q.Answerable, q.Gold, lift = false, nil, 0
		}
		candidate := func(no int, id string, z, words float64, text string) retrieval.Candidate {
			return retrieval.Candidate{
				Passage: retrieval.Passage{ArticleNo: no, Chunk: no, ArticleID: id, Lang: "en", Text: text}, ChunkNo: no, Words: 30,
				Cosine: 0.8 + 0.02*z, Middle: 0.8 + 0.02*z, BM25: words, ArticleBM25: words, Coverage: words, ArticleCoverage: words,
			}
		}
		jitter := float64(i%7) / 10
		out = append(out, Asked{Question: q, Found: retrieval.Found{Lang: "en", Asked: 2, Candidates: retrieval.Candidates{
			Generation: 1, Sections: 50, HasVectors: true, Terms: []retrieval.TermUse{{Term: "w", DF: 2, Rarity: 3}},
			List: []retrieval.Candidate{
				candidate(1, fmt.Sprintf("right%d", i%17), lift+jitter, lift, "the fact"),
				candidate(2, "wrong", 2+jitter, 0, "something else"),
				candidate(3, "other", 0.5, 0.3, "the fact of another"),
			},
		}}})
	}
	return out
}

func start(t *testing.T) retrieval.Ranking {
	t.Helper()
	r, err := retrieval.DefaultRanking()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTrain_FitsJudgesByCrossValidationAndIsTheSameTwice(t *testing.T) {
	t.Parallel()
	set := asked(120)
	one, report, err := Train(set, start(t))
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := Train(set, start(t))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(one)
	b, _ := json.Marshal(two)
	if !bytes.Equal(a, b) {
		t.Errorf("two trainings differ:\n%s\n%s", a, b)
	}
	if _, err := retrieval.ParseRanking(a); err != nil {
		t.Error(err)
	}
	if report.Retrieval.R1.Value < 0.9 || report.Evidence.AUROC < 0.9 || report.Vectors.R1.Value > 0.1 {
		t.Errorf("R@1 %.2f by both, %.2f by vectors, AUROC %.2f", report.Retrieval.R1.Value, report.Vectors.R1.Value, report.Evidence.AUROC)
	}
	if report.AtDefault.Threshold != one.Threshold || report.Threshold == "" || report.Scores()["r1"] == 0 {
		t.Errorf("%+v", report)
	}
	var shown bytes.Buffer
	report.Print(&shown, "here")
	if !strings.Contains(shown.String(), "AUROC") {
		t.Error("the report does not show itself")
	}
}

// A question must be judged by a fit that has not seen it: labels without any
// sense must look like no better than chance.
func TestTrain_CrossValidationDoesNotFlatter(t *testing.T) {
	t.Parallel()
	set := asked(160)
	for i := range set {
		set[i].Question.Answerable = i*7919%13 < 6
		set[i].Question.Gold, set[i].Question.Facts = nil, nil
		set[i].Question.Near = []string{fmt.Sprint(i)}
		if set[i].Question.Answerable {
			set[i].Question.Gold = []string{set[i].Found.List[0].ArticleID}
		}
	}
	_, report, err := Train(set, start(t))
	if err != nil {
		t.Fatal(err)
	}
	if report.Evidence.AUROC > 0.65 {
		t.Errorf("AUROC %.2f on labels without sense", report.Evidence.AUROC)
	}
}

func TestTrain_NothingAnswerableIsAnError(t *testing.T) {
	t.Parallel()
	set := asked(8)
	for i := range set {
		set[i].Question.Answerable, set[i].Question.Gold = false, nil
	}
	if _, _, err := Train(set, start(t)); err == nil {
		t.Error("it was trained on nothing")
	}
}

func TestWithoutVectors_IsWhatWordsAloneWouldHaveFound(t *testing.T) {
	t.Parallel()
	set := asked(4)
	alone := WithoutVectors(set)
	for i, a := range alone {
		if a.Found.HasVectors || !set[i].Found.HasVectors {
			t.Error("vectors are mixed up")
		}
		for _, c := range a.Found.List {
			if c.Cosine != 0 || c.BM25 == 0 {
				t.Errorf("%+v", c)
			}
		}
	}
	if got := Judge(alone[1:2], WordsAlone())[0].Ranking; len(got) != 2 || !strings.HasPrefix(got[0], "right") {
		t.Errorf("%v", got)
	}
	if got := Judge(set[1:2], VectorsAlone())[0].Ranking; got[0] != "wrong" {
		t.Errorf("%v", got)
	}
}
