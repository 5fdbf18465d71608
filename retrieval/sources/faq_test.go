package sources

import (
	"strings"
	"testing"

	"frontdesk/retrieval"

	"github.com/google/go-cmp/cmp"
)

func TestJSONL_Entries(t *testing.T) {
	t.Parallel()
	articles, probs := one(t, "faq.jsonl", "\uFEFF"+strings.Join([]string{
		`{"id":"hours","title":"Opening hours","questions":["When are you open?","Are you open on Sunday?"],"answer":"From **9** to 5.\r\nClosed on Sunday.","desk":"service","topic":"company","product":"","lang":"en","url":"/hours","audience":"public","source":{"page":3,"tags":["a"]}}`,
		``,
		`{"questions":["Wie lange dauert der Versand?"],"answer":"Zwei Tage."}`,
		`{"questions":"Wie lange dauert der Versand?","answer":"Drei Tage."}`,
		`{"answer":"# Heading\n\ntext"}`,
		`{"id":12,"title":null,"answer":"twelve"}`,
	}, "\r\n"))
	if len(probs) != 0 {
		t.Fatalf("problems: %v", probs)
	}
	want := []retrieval.Article{
		{
			ID: "hours", Title: "Opening hours", Questions: []string{"When are you open?", "Are you open on Sunday?"},
			Body: "From **9** to 5.\nClosed on Sunday.", Desk: "service", Topic: "company", Lang: "en", URL: "/hours",
			Attributes: map[string]string{"source": `{"page":3,"tags":["a"]}`}, Source: "faq.jsonl:1",
		},
		{
			ID: "faq/wie-lange-dauert-der-versand", Title: "Wie lange dauert der Versand?",
			Questions: []string{"Wie lange dauert der Versand?"}, Body: "Zwei Tage.", Source: "faq.jsonl:3",
		},
		{
			ID: "faq/wie-lange-dauert-der-versand-2", Title: "Wie lange dauert der Versand?",
			Questions: []string{"Wie lange dauert der Versand?"}, Body: "Drei Tage.", Source: "faq.jsonl:4",
		},
		{ID: "faq/heading", Title: "Heading", Body: "# Heading\n\ntext", Source: "faq.jsonl:5"},
		{ID: "12", Title: "faq", Body: "twelve", Source: "faq.jsonl:6"},
	}
	if diff := cmp.Diff(want, articles); diff != "" {
		t.Errorf("articles (-want +got):\n%s", diff)
	}
}

func TestJSONL_BadLinesAreNamedAndTheOthersGoIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, line, say, do string
	}{
		{"cut in half", `{"id":"a","questions":["When`, "ends in the middle", "on one line"},
		{"cut behind a comma", `{"id":"a",`, "ends in the middle", "on one line"},
		{"cut behind a key", `{"id":"a","answer"`, "ends in the middle", "on one line"},
		{"no JSON", `hello`, "no JSON object", `"answer"`},
		{"a list", `["a"]`, "no JSON object", `"answer"`},
		{"a trailing comma", `{"id":"a","answer":"x",}`, "not JSON", "Correct"},
		{"two on a line", `{"id":"a","answer":"x"} {"id":"b","answer":"y"}`, "more on this line", "line of its own"},
		{"no answer", `{"id":"a"}`, "no answer", "Fill in"},
		{"a null answer", `{"id":"a","answer":null}`, "no answer", "Fill in"},
		{"a blank answer", `{"id":"a","answer":"  ... "}`, "no answer", "Fill in"},
		{"an answer of the wrong type", `{"id":"a","answer":["x"]}`, `"answer" must be a single text, and is a list`, "Markdown"},
		{"an escaped NUL", `{"id":"a","answer":"x\u0000y"}`, "NUL", "plain UTF-8"},
		{"a lone surrogate", `{"id":"a","answer":"x\ud800y"}`, `half of a \u pair`, "plain UTF-8"},
		{"an unknown audience", `{"id":"a","answer":"x","audience":"vip"}`, `audience "vip"`, "public or agents"},
		{"deep nesting", `{"id":"a","answer":"x","meta":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, "nested too deep", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			articles, probs := one(t, "faq.jsonl", `{"id":"before","answer":"x"}`+"\n"+tt.line+"\n"+`{"id":"after","answer":"y"}`+"\n")
			if got := ids(Result{Articles: articles}); !cmp.Equal(got, []string{"before", "after"}) {
				t.Errorf("articles %q", got)
			}
			if len(probs) != 1 || probs[0].Line != 2 || probs[0].Warning || !strings.Contains(probs[0].Message, tt.say) || !strings.Contains(probs[0].Remedy, tt.do) {
				t.Errorf("problems %v", probs)
			}
		})
	}
}

func TestJSONL_WholeFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ content, say string }{
		"empty":           {"", "empty"},
		"blank":           {"\n \n", "empty"},
		"one array":       {"[\n{\"answer\":\"x\"}\n]", "one JSON array"},
		"array line":      {`[{"answer":"x"}]`, "one JSON array"},
		"UTF-16":          {"\xff\xfe{\x00", "UTF-16"},
		"Latin-1":         {"{\"answer\":\"Gr\xf6\xdfe\"}", "Latin-1"},
		"a real NUL":      {"{\"answer\":\"a\x00b\"}", "NUL"},
		"written \\ufffd": {`{"id":"a","answer":"x\ufffdy\uFFFD\ud83d\ude00 �"}`, ""},
	} {
		articles, probs := one(t, "faq.jsonl", tt.content)
		switch {
		case tt.say == "" && (len(probs) != 0 || len(articles) != 1):
			t.Errorf("%s: %d articles, problems %v", name, len(articles), probs)
		case tt.say != "" && (len(articles) != 0 || len(probs) != 1 || !strings.Contains(probs[0].Message, tt.say)):
			t.Errorf("%s: %d articles, problems %v", name, len(articles), probs)
		}
	}
}

func TestJSONL_OnlyTheFirstProblemsAreSaidOneByOne(t *testing.T) {
	t.Parallel()
	articles, probs := one(t, "faq.jsonl", strings.Repeat("no json\n", maxProblems+7)+`{"id":"a","answer":"x"}`)
	if len(articles) != 1 || len(probs) != maxProblems+1 {
		t.Fatalf("%d articles, %d problems", len(articles), len(probs))
	}
	if p := probs[maxProblems]; p.Warning || !strings.Contains(p.Message, "7 more problems") {
		t.Errorf("last problem %+v", p)
	}
}

func TestCSV_Entries(t *testing.T) {
	t.Parallel()
	want := []retrieval.Article{
		{ID: "hours", Title: "Hours", Questions: []string{"When?", "On Sunday?"}, Body: "9 to 5, \"sharp\".\nClosed on Sunday.", Desk: "service", Source: "faq.csv:2"},
		{ID: "faq/how-much", Title: "How much?", Questions: []string{"How much?"}, Body: "5", Source: "faq.csv:4"},
	}
	for name, content := range map[string]string{
		"commas":            "id,Title,questions,answer,desk\nhours,Hours,When? | On Sunday?,\"9 to 5, \"\"sharp\"\".\nClosed on Sunday.\",service\n,,How much?,5,\n,,,,\n",
		"semicolons, CRLF":  "\uFEFFid;title;questions;answer;desk\r\nhours;Hours;When? | On Sunday?;\"9 to 5, \"\"sharp\"\".\r\nClosed on Sunday.\";service\r\n;;How much?;5;\r\n",
		"tabs, blank lines": "id\ttitle\tquestions\tanswer\tdesk\nhours\tHours\tWhen? | On Sunday?\t\"9 to 5, \"\"sharp\"\".\nClosed on Sunday.\"\tservice\n\t\tHow much?\t5\t\n\n",
	} {
		articles, probs := one(t, "faq.csv", content)
		if len(probs) != 0 {
			t.Errorf("%s: problems %v", name, probs)
		}
		if diff := cmp.Diff(want, articles); diff != "" {
			t.Errorf("%s: articles (-want +got):\n%s", name, diff)
		}
	}
}

func TestCSV_BadInput(t *testing.T) {
	t.Parallel()
	allowed := "Allowed are: id, title, questions, answer, url, desk, topic, product, lang, audience, updated, superseded_by."
	for _, tt := range []struct {
		name, content string
		line          int
		say, do       string
		good          []string
	}{
		{"a wrong column beside the right ones", "id,title,answer,colour\na,T,x,red\n", 1, `the column "colour" is not known`, allowed, []string{"a"}},
		{"a wrong name for answer", "id,title,anwser\na,T,x\n", 1, `no column "answer"`, allowed, nil},
		{"nothing to find it by", "id,answer\na,x\n", 1, `no column "questions"`, allowed, nil},
		{"a column twice", "id,title,answer,answer\na,T,x,y\n", 1, `"answer" stands there twice`, "Remove", []string{"a"}},
		{"a row too short", "id,title,answer\na,T\nb,T,x\n", 2, "has 2 cells, and the header has 3", "quotation marks", []string{"b"}},
		{"a row too long", "id,title,answer\na,T,one, two\nb,T,x\n", 2, "has 4 cells", "quotation marks", []string{"b"}},
		{"a stray quotation mark", "id,title,answer\na,T,5\" pan\nb,T,x\n", 2, "does not parse", "doubled", []string{"b"}},
		{"an open quotation mark", "id,title,answer\nb,T,x\na,T,\"open\nand on\n", 3, "does not parse", "doubled", []string{"b"}},
		{"a row without an answer", "id,title,answer\na,T,\nb,T,x\n", 2, "no answer", "Fill in", []string{"b"}},
		{"empty", "", 0, "empty", "Write", nil},
		{"blank", "\n\n", 0, "empty", "Write", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			articles, probs := one(t, "faq.csv", tt.content)
			if got := ids(Result{Articles: articles}); !cmp.Equal(got, tt.good) {
				t.Errorf("articles %q, want %q", got, tt.good)
			}
			if len(probs) == 0 {
				t.Fatal("no problem was said")
			}
			p := probs[len(probs)-1]
			if p.Line != tt.line || !strings.Contains(p.Message, tt.say) || !strings.Contains(p.Remedy, tt.do) {
				t.Errorf("problems %v", probs)
			}
		})
	}
}
