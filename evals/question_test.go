package evals

import (
	"strings"
	"testing"

	"frontdesk/internal/fault"
)

func TestReadQuestions_NamesTheLineThatIsWrong(t *testing.T) {
	t.Parallel()
	good := `{"id":"a","text":"hi","gold":["x"],"answerable":true}`
	for name, row := range map[string]struct{ file, says string }{
		"half a line":            {good + "\n{\"id\":", "q.jsonl:2"},
		"an unknown key":         {`{"id":"a","text":"hi","glod":["x"]}`, "glod"},
		"no id":                  {`{"text":"hi"}`, "q.jsonl:1"},
		"no text":                {`{"id":"a","text":" "}`, "question a"},
		"an id twice":            {good + "\n\n" + good, "q.jsonl:3"},
		"answerable by nothing":  {`{"id":"a","text":"hi","answerable":true}`, "gold"},
		"unanswerable with gold": {`{"id":"a","text":"hi","gold":["x"]}`, "not answerable"},
		"empty":                  {"\n", "no question"},
	} {
		_, err := ReadQuestions(strings.NewReader(row.file), "q.jsonl")
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Invalid || !strings.Contains(f.Public, row.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := ReadQuestions(strings.NewReader(good+"\n\n"+strings.Replace(good, `"a"`, `"b"`, 1)), "q.jsonl")
	if err != nil || len(list) != 2 {
		t.Errorf("%v %v", list, err)
	}
}

func TestQuestion_RightAndFacts(t *testing.T) {
	t.Parallel()
	q := Question{Gold: []string{"a"}, Also: []string{"b"}, Facts: []string{"don't wait", "€ 5"}}
	if !q.Right("a", true) || q.Right("b", true) || !q.Right("b", false) || q.Right("c", false) {
		t.Error("right articles are mixed up")
	}
	if !q.HoldsFacts("**Don’t** wait:\nit costs €\u00a05.") || q.HoldsFacts("Don't wait.") {
		t.Error("facts are not compared word for word")
	}
}
