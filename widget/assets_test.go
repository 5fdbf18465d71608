package widget

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestAssets_ScriptsMakeNoMarkupFromStrings(t *testing.T) {
	t.Parallel()
	a := mustAssets(t)
	for _, name := range a.modules() {
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"} {
			if strings.Contains(string(a.files[name].plain), word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
	}
}

// Every page's own source obeys its policy: no script or style within it, no
// handler, no other host.
func TestTemplates_ObeyThePolicy(t *testing.T) {
	t.Parallel()
	asset := regexp.MustCompile(`asset "([^"]+)"`)
	files := mustAssets(t).files
	err := fs.WalkDir(templates, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			return err
		}
		for _, wrong := range []string{"<style", " style=", "javascript:", "http://", "https://", "src=\"//"} {
			if strings.Contains(string(text), wrong) {
				t.Errorf("%s holds %s", name, wrong)
			}
		}
		if found := regexp.MustCompile(`\son[a-z]+=`).Find(text); found != nil {
			t.Errorf("%s has a handler: %s", name, found)
		}
		for _, script := range regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`).FindAllSubmatch(text, -1) {
			// A block of data is no script: browsers do not run it.
			if len(script[1]) > 0 && string(script[0]) != `<script type="application/ld+json">{{.}}</script>` {
				t.Errorf("%s has a script within it", name)
			}
		}
		for _, m := range asset.FindAllSubmatch(text, -1) {
			if files[string(m[1])].plain == nil {
				t.Errorf("%s names %s, which is not there", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The shop's page promises what the shop's articles say: each page that it
// links to is in the knowledge, for everybody to read.
func TestShop_LinksToArticlesThatExist(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(templates, "shop/shop.html")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\{\{\.Help\}\}/([a-z0-9-]+)"`).FindAllSubmatch(page, -1)
	if len(links) == 0 {
		t.Fatal("the shop's page links to no article")
	}
	public := publicArticles(t)
	for _, m := range links {
		if !public[string(m[1])] {
			t.Errorf("the shop's page links to %s, which no visitor can read", m[1])
		}
	}
}

func publicArticles(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	id := regexp.MustCompile(`(?m)^id: *(\S+)$`)
	root := filepath.Join("..", "evals", "shop", "knowledge")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".md" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if m := id.FindSubmatch(text); m != nil && !strings.Contains(string(text), "\naudience: agents") {
			out[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
