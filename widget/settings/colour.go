package settings

import (
	"fmt"
	"math"
	"strconv"
)

// Shades are the colours made of an accent for one theme, as #rrggbb.
type Shades struct {
	Accent string `json:"accent"`    // links, pressed things; text on every surface
	Hover  string `json:"hover"`     // the same under the pointer
	On     string `json:"on_accent"` // text on both
	Soft   string `json:"soft"`      // a quiet surface of the same colour
	Focus  string `json:"focus"`     // the ring around what has focus
}

// Palette is an accent for both themes.
type Palette struct {
	Light Shades `json:"light"`
	Dark  Shades `json:"dark"`
}

// What the accent stands on, from tokens.css: every surface that carries links.
// A test holds these lists against that file.
type ground struct {
	surface, edge, text, quiet rgb
	under                      []rgb // what accent-coloured text stands on
	up                         bool  // towards white where contrast is wanting
}

func lightGround() ground {
	return ground{
		surface: hex("#ffffff"), edge: hex("#7d8886"), text: hex("#1a2020"), quiet: hex("#525d5b"),
		under: []rgb{hex("#f6f7f6"), hex("#ffffff"), hex("#eff2f1"), hex("#ffe9a3"), hex("#fcf1dc")},
	}
}

func darkGround() ground {
	return ground{
		surface: hex("#1a1f1f"), edge: hex("#7a8986"), text: hex("#e8edec"), quiet: hex("#a7b2b0"),
		under: []rgb{hex("#121616"), hex("#1a1f1f"), hex("#232a29"), hex("#4f3f0d"), hex("#322811")}, up: true,
	}
}

// PaletteOf makes the palette of an accent, "#rrggbb"; "" or what cannot be
// read gives the built-in one.
func PaletteOf(accent string) Palette {
	if !colourForm.MatchString(accent) {
		return Palette{
			Light: Shades{Accent: "#0b6157", Hover: "#084b43", On: "#ffffff", Soft: "#e2f0ed", Focus: "#0b6157"},
			Dark:  Shades{Accent: "#66c9b9", Hover: "#86d8ca", On: "#06231f", Soft: "#17332f", Focus: "#66c9b9"},
		}
	}
	c := hex(accent)
	return Palette{Light: lightGround().shades(c), Dark: darkGround().shades(c)}
}

// shades moves the accent towards black or white in small steps until it can be
// read on everything it stands on.
func (g ground) shades(c rgb) Shades {
	end := rgb{}
	if g.up {
		end = rgb{1, 1, 1}
	}
	a := firstThat(c, end, g.readable)
	hover := mix(a, end, 0.22)
	on := rgb{1, 1, 1}
	if g.up {
		on = mix(a, rgb{}, 0.9)
	}
	if contrast(on, a) < textContrast || contrast(on, hover) < textContrast {
		on = rgb{}
	}
	// The soft one begins as an eighth of the accent and gives way to the surface
	// until words and edges stand out on it.
	soft := firstThat(mix(g.surface, c, 0.14), g.surface, func(x rgb) bool {
		return contrast(x, g.text) >= textContrast && contrast(x, g.quiet) >= textContrast && contrast(x, g.edge) >= edgeContrast
	})
	return Shades{Accent: a.String(), Hover: hover.String(), On: on.String(), Soft: soft.String(), Focus: a.String()}
}

// Contrast that WCAG 2.2 asks for (1.4.3 and 1.4.11), with a hair's breadth for
// rounding to eight bits.
const (
	textContrast = 4.5 + 0.02
	edgeContrast = 3.0 + 0.02
)

func (g ground) readable(x rgb) bool {
	for _, u := range g.under {
		if contrast(x, u) < textContrast {
			return false
		}
	}
	return true
}

// firstThat walks from a colour to an end in 64 steps; the end, at the latest.
func firstThat(from, end rgb, good func(rgb) bool) rgb {
	for step := range 65 {
		if x := mix(from, end, float64(step)/64).rounded(); good(x) {
			return x
		}
	}
	return end
}

// rgb is a colour, each part from 0 to 1.
type rgb struct{ r, g, b float64 }

func hex(s string) rgb {
	n, _ := strconv.ParseUint(s[1:], 16, 32) // the form was checked
	return rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
}

func (c rgb) String() string {
	part := func(x float64) int { return int(math.Round(x * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

func (c rgb) rounded() rgb { return hex(c.String()) }

func mix(a, b rgb, share float64) rgb {
	at := func(x, y float64) float64 { return x + (y-x)*share }
	return rgb{at(a.r, b.r), at(a.g, b.g), at(a.b, b.b)}
}

// contrast is WCAG's, from 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func (c rgb) luminance() float64 {
	linear := func(x float64) float64 {
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}
