package browser_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// criteria are those of WCAG 2.2, levels A and AA; 4.1.1 is obsolete.
const criteria = "1.1.1 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 " +
	"1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 " +
	"2.4.1 2.4.2 2.4.3 2.4.4 2.4.5 2.4.6 2.4.7 2.4.11 2.5.1 2.5.2 2.5.3 2.5.4 2.5.7 2.5.8 " +
	"3.1.1 3.1.2 3.2.1 3.2.2 3.2.3 3.2.4 3.2.6 3.3.1 3.3.2 3.3.3 3.3.4 3.3.7 3.3.8 4.1.2 4.1.3"

// TestAccessibilityPage_NamesEveryCriterionAndOnlyTestsThatAreThere keeps the page
// honest: a test that was renamed or taken out leaves a promise without a check.
func TestAccessibilityPage_NamesEveryCriterionAndOnlyTestsThatAreThere(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "accessibility.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^\| (\d\.\d\.\d+) \|.*\| (met|met, with a limit|not met|–) \|$`).FindAllStringSubmatch(page, -1) {
		listed = append(listed, m[1])
	}
	want := strings.Fields(criteria)
	slices.Sort(want)
	slices.Sort(listed)
	if !slices.Equal(listed, want) {
		t.Errorf("the page lists %d criteria: %v", len(listed), listed)
	}
	var tests strings.Builder
	for _, pattern := range []string{"*.mjs", "*_test.go", "../*_test.go", "../settings/*_test.go", "units/*.mjs"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name) //nolint:gosec // a file of the project
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(src)
		}
	}
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(page, -1) {
		name := m[1]
		if name == "this type" || strings.HasPrefix(name, "go ") || strings.HasPrefix(name, "widget/") {
			continue
		}
		if !strings.Contains(tests.String(), `"`+name+`"`) && !strings.Contains(tests.String(), "func "+name+"(") {
			t.Errorf("there is no test %q", name)
		}
	}
}
