package settings

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Tokens are a site's own sizes and shapes beside its accent and theme, a dozen with
// these; the zero value is those of assets/tokens.css. What would make words hard to
// read cannot be set: the colours of surfaces and words stay ours, since their
// contrast is computed.
type Tokens struct {
	Font           string  `json:"font,omitempty"`            // families that customers' machines have, with commas between, best first; empty: the system's
	Text           int     `json:"text,omitempty"`            // height of ordinary text, 14 to 20 px; 0: 16. A customer's own larger text stays larger
	Line           float64 `json:"line,omitempty"`            // height of a line of it, 1.3 to 1.8 times the text; 0: 1.45
	Target         int     `json:"target,omitempty"`          // height of a button with an edge, 32 to 56 px; 0: 40
	RadiusControl  *int    `json:"radius_control,omitempty"`  // corners of buttons and fields, 0 to 20 px; nil: 8
	RadiusPanel    *int    `json:"radius_panel,omitempty"`    // corners of the window and of what is said, 0 to 28 px; nil: 14
	RadiusLauncher *int    `json:"radius_launcher,omitempty"` // corners of the launcher, 0 to 28 px; nil: 28, which is round
	Width          int     `json:"width,omitempty"`           // of the window, 320 to 560 px, where the screen has them; 0: 400
	Height         int     `json:"height,omitempty"`          // of the window, 440 to 900 px, where the screen has them; 0: 640
	AccentDark     string  `json:"accent_dark,omitempty"`     // #rrggbb, the accent on a dark screen; empty: made of the accent
}

const (
	usualText     = 16
	usualPanel    = 14
	usualLauncher = 28
	usualWidth    = 400
	usualHeight   = 640
	usualFont     = "system-ui,sans-serif"
)

var fontForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _-]{0,40}(, ?[A-Za-z0-9][A-Za-z0-9 _-]{0,40}){0,5}$`)

func (t Tokens) check() error {
	if t.Font != "" && !fontForm.MatchString(t.Font) {
		return invalid("tokens.font is up to six names of fonts, with commas between and without quotes")
	}
	if t.AccentDark != "" && !colourForm.MatchString(t.AccentDark) {
		return invalid("tokens.accent_dark is written as #rrggbb")
	}
	radius := func(px *int) float64 { return float64(deref(px, 0)) }
	for _, size := range []struct {
		name        string
		set         bool
		is          float64
		least, most float64
	}{
		{"text", t.Text != 0, float64(t.Text), 14, 20},
		{"line", t.Line != 0, t.Line, 1.3, 1.8},
		{"target", t.Target != 0, float64(t.Target), 32, 56},
		{"radius_control", t.RadiusControl != nil, radius(t.RadiusControl), 0, 20},
		{"radius_panel", t.RadiusPanel != nil, radius(t.RadiusPanel), 0, 28},
		{"radius_launcher", t.RadiusLauncher != nil, radius(t.RadiusLauncher), 0, 28},
		{"width", t.Width != 0, float64(t.Width), 320, 560},
		{"height", t.Height != 0, float64(t.Height), 440, 900},
	} {
		if size.set && (size.is < size.least || size.is > size.most) {
			return invalid("tokens.%s is from %g to %g", size.name, size.least, size.most)
		}
	}
	return nil
}

// FontOf are the families as CSS has them, the system's behind them.
func (t Tokens) FontOf() string {
	if !fontForm.MatchString(t.Font) {
		return usualFont
	}
	var out []string
	for name := range strings.SplitSeq(t.Font, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains([]string{"serif", "sans-serif", "monospace", "system-ui", "ui-serif", "ui-sans-serif", "ui-rounded"}, name) {
			name = "'" + name + "'"
		}
		out = append(out, name)
	}
	return strings.Join(append(out, usualFont), ",")
}

// LauncherCSS are the declarations for the launcher and its window, which stand on
// a shop's page and take nothing from it: corners and sizes, and the font.
func (t Tokens) LauncherCSS() string {
	return fmt.Sprintf("--r:%dpx;--q:%dpx;--w:%dpx;--g:%dpx;--f:%s", deref(t.RadiusPanel, usualPanel), deref(t.RadiusLauncher, usualLauncher),
		cmp.Or(t.Width, usualWidth), cmp.Or(t.Height, usualHeight), t.FontOf())
}

// CSS are the declarations for a page's root; "" where nothing was chosen.
func (t Tokens) CSS() string {
	var b strings.Builder
	if t.Font != "" {
		fmt.Fprintf(&b, "--font:%s;", t.FontOf())
	}
	if t.Text != 0 {
		fmt.Fprintf(&b, "font-size:%g%%;", 100*float64(t.Text)/usualText)
	}
	if t.Line != 0 {
		fmt.Fprintf(&b, "--line:%g;", t.Line)
	}
	if t.Target != 0 {
		fmt.Fprintf(&b, "--target:%dpx;", t.Target)
	}
	if t.RadiusControl != nil {
		fmt.Fprintf(&b, "--radius-control:%dpx;", *t.RadiusControl)
	}
	if t.RadiusPanel != nil {
		fmt.Fprintf(&b, "--radius-panel:%dpx;", *t.RadiusPanel)
	}
	return b.String()
}

// Palette is what is made of the site's accent, and of its own for dark screens.
func (s Settings) Palette() Palette {
	p := PaletteOf(s.Accent)
	if colourForm.MatchString(s.Tokens.AccentDark) {
		p.Dark = PaletteOf(s.Tokens.AccentDark).Dark
	}
	return p
}

// CSS are both themes of a palette as declarations, under names that begin with
// the theme's.
func (p Palette) CSS() string {
	var b strings.Builder
	for _, theme := range []struct {
		name string
		s    Shades
	}{{"light", p.Light}, {"dark", p.Dark}} {
		for _, v := range [][2]string{{"accent", theme.s.Accent}, {"hover", theme.s.Hover}, {"on", theme.s.On}, {"soft", theme.s.Soft}, {"focus", theme.s.Focus}} {
			fmt.Fprintf(&b, "--%s-%s:%s;", theme.name, v[0], v[1])
		}
	}
	return b.String()
}

func deref(px *int, usual int) int {
	if px == nil {
		return usual
	}
	return *px
}
