package widget

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Contrast that WCAG 2.2 asks for (1.4.3 and 1.4.11).
const (
	forText = 4.5
	forEdge = 3.0
)

// pairs are the colours that stand on each other in the pages.
func pairs() []struct {
	front, back string
	least       float64
} {
	type pair = struct {
		front, back string
		least       float64
	}
	var out []pair
	for _, back := range []string{"page", "surface", "sunken"} {
		for _, front := range []string{"text", "text-quiet", "accent", "accent-hover", "trouble", "good"} {
			out = append(out, pair{front, back, forText})
		}
		out = append(out, pair{"edge", back, forEdge}, pair{"focus", back, forEdge})
	}
	return append(
		out,
		pair{"on-accent", "accent", forText},
		pair{"on-accent", "accent-hover", forText},
		pair{"text", "accent-soft", forText},
		pair{"text-quiet", "accent-soft", forText},
		pair{"edge", "accent-soft", forEdge},
		pair{"text", "mark", forText},
		pair{"text-quiet", "mark", forText}, // a table's head within quoted words
		pair{"accent", "mark", forText},     // a link within quoted words
		pair{"waiting", "waiting-soft", forText},
		pair{"text", "waiting-soft", forText},
		pair{"text-quiet", "waiting-soft", forText},
		pair{"accent", "waiting-soft", forText},
		pair{"trouble", "trouble-soft", forText},
		pair{"text", "trouble-soft", forText},
	)
}

func TestTokens_HaveContrastInBothThemes(t *testing.T) {
	t.Parallel()
	light, dark := readTokens(t)
	for name, theme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs() {
			got := contrast(t, theme[p.front], theme[p.back])
			if got < p.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, and needs %.1f", name, p.front, p.back, got, p.least)
			}
		}
	}
}

func TestTokens_AreTheOnlyColoursOfChatAndHelp(t *testing.T) {
	t.Parallel()
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(`)
	sheets := map[string]string{}
	for _, name := range []string{"base.css", "prose.css", "help.css"} {
		sheets[name] = string(mustAssets(t).files[name].plain)
	}
	for _, name := range []string{"panel.css", "talk.css"} {
		raw, err := os.ReadFile("app/src/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sheets[name] = string(raw)
	}
	for name, sheet := range sheets {
		if i := strings.Index(sheet, "@media print"); i >= 0 {
			sheet = sheet[:i] // paper has no theme
		}
		if found := colour.FindString(sheet); found != "" {
			t.Errorf("%s has a colour of its own: %s", name, found)
		}
	}
}

// readTokens reads the colours of tokens.css: those at its top, and what the
// dark theme puts in their place.
func readTokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	sheet := string(mustAssets(t).files["tokens.css"].plain)
	before, after, ok := strings.Cut(sheet, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark theme")
	}
	after, _, _ = strings.Cut(after, "@media")
	token := regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6});`)
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range token.FindAllStringSubmatch(before, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	replaced := map[string]bool{}
	for _, m := range token.FindAllStringSubmatch(after, -1) {
		if light[m[1]] == "" {
			t.Errorf("the dark theme has %s, which the light one has not", m[1])
		}
		dark[m[1]], replaced[m[1]] = m[2], true
	}
	for name := range light {
		if !replaced[name] {
			t.Errorf("the dark theme leaves %s as it is", name)
		}
	}
	return light, dark
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance of #rrggbb.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(fmt.Errorf("colour %s: %w", colour, err))
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

func mustAssets(t *testing.T) *assets {
	t.Helper()
	a, err := loadAssets(files)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
