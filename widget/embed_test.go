package widget

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustEmbedded(t *testing.T) *embedded {
	t.Helper()
	e, err := loadEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Bytes that a page's visitor may be asked to load, packed as they are sent.
func TestEmbedded_StaysWithinItsBudgets(t *testing.T) {
	t.Parallel()
	e := mustEmbedded(t)
	size := func(names ...string) (n int) {
		for _, name := range names {
			n += len(e.files[name].gzip)
		}
		return n
	}
	for _, b := range []struct {
		what string
		most int
		of   []string
	}{
		{"loader", 4 << 10, []string{"widget.js"}},
		{"app", 25 << 10, []string{"app.js"}},
		{"all with style", 40 << 10, []string{"widget.js", "rules.js", "app.js", "app.css"}},
	} {
		if got := size(b.of...); got > b.most {
			t.Errorf("%s: %d bytes, and %d are its budget", b.what, got, b.most)
		}
	}
}

// Every language says the same things, has the plural forms that it needs, and
// keeps what is filled in.
func TestWords_SayTheSameInEveryLanguage(t *testing.T) {
	t.Parallel()
	plurals := map[string][]string{ // as Unicode's rules have them, for whole numbers
		"en": {"one", "other"}, "de": {"one", "other"}, "nl": {"one", "other"}, "tr": {"one", "other"},
		"fr": {"many", "one", "other"}, "es": {"many", "one", "other"}, "it": {"many", "one", "other"}, "pt": {"many", "one", "other"},
		"pl": {"few", "many", "one", "other"}, "ar": {"few", "many", "one", "other", "two", "zero"}, "ja": {"other"}, "zh": {"other"},
	}
	read := func(lang string) map[string]any {
		raw, err := appFiles.ReadFile("app/words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]any
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		return words
	}
	holes := regexp.MustCompile(`\{[a-z]+\}`)
	in := func(text string) []string {
		found := holes.FindAllString(text, -1)
		slices.Sort(found)
		return found
	}
	english := read("en")
	if got, want := slices.Sorted(maps.Keys(mustEmbedded(t).words)), slices.Sorted(maps.Keys(plurals)); !slices.Equal(got, want) {
		t.Errorf("languages: %v, want %v", got, want)
	}
	for lang, forms := range plurals {
		words := read(lang)
		if got, want := slices.Sorted(maps.Keys(words)), slices.Sorted(maps.Keys(english)); !slices.Equal(got, want) {
			t.Errorf("%s has other keys than en: %v", lang, got)
			continue
		}
		for key, want := range english {
			switch want := want.(type) {
			case string:
				got, _ := words[key].(string)
				if strings.TrimSpace(got) == "" || !slices.Equal(in(got), in(want)) {
					t.Errorf("%s.%s: %q, for %q", lang, key, got, want)
				}
			case []any:
				if got, _ := words[key].([]any); len(got) != len(want) {
					t.Errorf("%s.%s has %d entries, want %d", lang, key, len(got), len(want))
				}
			case map[string]any:
				got, _ := words[key].(map[string]any)
				if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, forms) {
					t.Errorf("%s.%s has the forms %v, want %v", lang, key, have, forms)
				}
			}
		}
	}
}

// What others wrote becomes elements one by one, never a string of markup.
func TestApp_MakesNoMarkupFromStrings(t *testing.T) {
	t.Parallel()
	var sources []string
	for _, dir := range []string{"app/src", "app/loader", "package/src"} {
		found, err := filepath.Glob(dir + "/*.ts")
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, found...)
	}
	if len(sources) < 20 {
		t.Fatalf("only %d sources found", len(sources))
	}
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser", "setHTML", `postMessage(m, "*"`} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
	}
}

func TestFrameAncestors_NamesOriginsAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		origins []string
		want    string
	}{
		"none":                   {nil, "'self'"},
		"two":                    {[]string{"https://a.example", "http://b.example:8080/"}, "'self' https://a.example http://b.example:8080"},
		"a path is no origin":    {[]string{"https://a.example/x"}, "'self'"},
		"another scheme":         {[]string{"javascript:alert(1)", "data:x"}, "'self'"},
		"what would end a value": {[]string{"https://a.example; script-src *", "https://a.example,b"}, "'self'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := frameAncestors(c.origins); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestFrameAncestors_StaysOneDirective(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := frameAncestors(rapid.SliceOf(rapid.String()).Draw(t, "origins"))
		if strings.ContainsAny(got, ";,\r\n\"") || !strings.HasPrefix(got, "'self'") {
			t.Fatalf("%q", got)
		}
	})
}

func TestSnippet_IsOneSafeLine(t *testing.T) {
	t.Parallel()
	want := `<script async src="https://chat.example/widget.js" data-site="shop"></script>`
	if got := Snippet("https://chat.example", "shop"); got != want {
		t.Errorf("got %s", got)
	}
	if got := Snippet(`https://x"><script>`, `a"b`); strings.Count(got, "<") != 2 {
		t.Errorf("it breaks out: %s", got)
	}
}

func TestSpeaks_TheFirstLanguageThatThereIs(t *testing.T) {
	t.Parallel()
	e := mustEmbedded(t)
	for _, c := range []struct {
		wanted []string
		want   string
	}{
		{[]string{"de-AT"}, "de"}, {[]string{"", "xx", "PT-br"}, "pt"}, {nil, ""}, {[]string{"sv"}, ""}, {[]string{"zh-Hant-TW"}, "zh"},
	} {
		if got := e.speaks(c.wanted...); got != c.want {
			t.Errorf("%v: %s, want %s", c.wanted, got, c.want)
		}
	}
}
