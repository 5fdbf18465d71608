package evals

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"frontdesk/internal/fault"
)

// Question is one labelled message of a customer.
type Question struct {
	ID         string   `json:"id"`
	Text       string   `json:"text"`
	Language   string   `json:"language"`
	Kind       []string `json:"kind"`       // short, typo, story, two, other_language, near_miss …
	Gold       []string `json:"gold"`       // articles that answer it; several: all are needed
	Also       []string `json:"also"`       // articles that would do as well
	Facts      []string `json:"facts"`      // words that a right passage holds, without regard to case
	Answerable bool     `json:"answerable"` // false: the knowledge does not answer it
	Near       []string `json:"near"`       // of one that is not answerable: the articles it comes close to
	Desk       string   `json:"desk"`
	Topic      string   `json:"topic"`
}

// maxLine is far above any message that the product takes.
const maxLine = 1 << 20

// ReadQuestions reads JSON Lines. The error is of kind fault.Invalid and names
// the line; blank lines are skipped, keys that are not known are an error, and
// so are an id used twice, an answerable question without gold, and an empty file.
func ReadQuestions(r io.Reader, name string) ([]Question, error) {
	var list []Question
	seen := map[string]int{}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for line := 1; sc.Scan(); line++ {
		text := bytes.TrimSpace(sc.Bytes())
		if len(text) == 0 {
			continue
		}
		bad := func(format string, args ...any) error {
			return fault.New(fault.Invalid, "bad_question_file", fmt.Sprintf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)))
		}
		var q Question
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&q); err != nil {
			return nil, bad("not a question: %v", err)
		}
		switch {
		case q.ID == "":
			return nil, bad("the question has no id")
		case strings.TrimSpace(q.Text) == "":
			return nil, bad("question %s has no text", q.ID)
		case seen[q.ID] > 0:
			return nil, bad("question %s stands in line %d already", q.ID, seen[q.ID])
		case q.Answerable && len(q.Gold) == 0:
			return nil, bad("question %s is answerable and names no gold article", q.ID)
		case !q.Answerable && len(q.Gold) > 0:
			return nil, bad("question %s is not answerable and names gold articles", q.ID)
		}
		seen[q.ID] = line
		list = append(list, q)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "no_questions", name+" holds no question.")
	}
	return list, nil
}

// Right says whether an article answers the question; with strict, only gold does.
func (q Question) Right(article string, strict bool) bool {
	return slices.Contains(q.Gold, article) || !strict && slices.Contains(q.Also, article)
}

// HoldsFacts says whether a passage holds every labelled fact. Facts are
// compared word for word without regard to case, Markdown's marks and line ends.
func (q Question) HoldsFacts(passage string) bool {
	p := plain(passage)
	for _, f := range q.Facts {
		if !strings.Contains(p, plain(f)) {
			return false
		}
	}
	return true
}

// holdsOne says whether a part of a passage holds a labelled fact, or is a part
// of one that spans several.
func (q Question) holdsOne(part string) bool {
	const telling = 15 // characters: a shorter part stands in a fact by chance
	p := plain(part)
	for _, f := range q.Facts {
		fact := plain(f)
		if strings.Contains(p, fact) || len(p) > telling && strings.Contains(fact, p) {
			return true
		}
	}
	return false
}

func plain(s string) string {
	s = strings.NewReplacer("*", "", "_", "", "`", "", "\u00a0", " ", "’", "'").Replace(strings.ToLower(s))
	return strings.Join(strings.Fields(s), " ")
}
