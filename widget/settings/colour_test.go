package settings

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestPalette_CanBeReadWhateverTheAccent holds every pair of colours that the
// pages use against WCAG's figures.
func TestPalette_CanBeReadWhateverTheAccent(t *testing.T) {
	t.Parallel()
	check := func(accent string) error {
		p := PaletteOf(accent)
		for theme, g := range map[string]ground{"light": lightGround(), "dark": darkGround()} {
			s := p.Light
			if theme == "dark" {
				s = p.Dark
			}
			for _, under := range g.under {
				for _, front := range []string{s.Accent, s.Hover} {
					if c := contrast(hex(front), under); c < 4.5 {
						return fmt.Errorf("%s, %s: %s on %s has %.2f", accent, theme, front, under, c)
					}
				}
			}
			for _, pair := range []struct {
				front, back rgb
				least       float64
			}{
				{hex(s.On), hex(s.Accent), 4.5},
				{hex(s.On), hex(s.Hover), 4.5},
				{g.text, hex(s.Soft), 4.5},
				{g.quiet, hex(s.Soft), 4.5},
				{g.edge, hex(s.Soft), 3},
				{hex(s.Focus), g.surface, 3},
			} {
				if c := contrast(pair.front, pair.back); c < pair.least {
					return fmt.Errorf("%s, %s: %s on %s has %.2f", accent, theme, pair.front, pair.back, c)
				}
			}
		}
		return nil
	}
	for _, accent := range []string{"", "#ffffff", "#000000", "#ffff00", "#00ff00", "#ff0000", "#0000ff", "#777777", "#0b6157"} {
		if err := check(accent); err != nil {
			t.Error(err)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		accent := fmt.Sprintf("#%06x", rapid.IntRange(0, 1<<24-1).Draw(r, "accent"))
		if err := check(accent); err != nil {
			r.Fatal(err)
		}
	})
}

func TestPalette_LeavesADarkAccentAsItIs(t *testing.T) {
	t.Parallel()
	if p := PaletteOf("#004488"); p.Light.Accent != "#004488" || p.Light.On != "#ffffff" {
		t.Errorf("%+v", p)
	}
}

// TestGround_IsWhatTheTokensSay: the surfaces that contrast is computed for are
// those of tokens.css.
func TestGround_IsWhatTheTokensSay(t *testing.T) {
	t.Parallel()
	sheet, err := os.ReadFile("../assets/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(sheet), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "@media")
	read := func(block string) map[string]string {
		out := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	for name, tc := range map[string]struct {
		ground ground
		tokens map[string]string
		shades Shades
	}{"light": {lightGround(), read(light), PaletteOf("").Light}, "dark": {darkGround(), read(dark), PaletteOf("").Dark}} {
		g, tokens := tc.ground, tc.tokens
		for token, colour := range map[string]string{
			"surface": g.surface.String(), "edge": g.edge.String(), "text": g.text.String(), "text-quiet": g.quiet.String(),
			"accent": tc.shades.Accent, "accent-hover": tc.shades.Hover, "on-accent": tc.shades.On, "accent-soft": tc.shades.Soft, "focus": tc.shades.Focus,
		} {
			if tokens[token] != colour {
				t.Errorf("%s: %s is %s in tokens.css and %s here", name, token, tokens[token], colour)
			}
		}
		for i, token := range []string{"page", "surface", "sunken", "mark", "waiting-soft"} {
			if tokens[token] != g.under[i].String() {
				t.Errorf("%s: %s is %s in tokens.css and %s here", name, token, tokens[token], g.under[i])
			}
		}
	}
}
