package files

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"photo.png":                        "photo.png",
		"Photo.PNG":                        "Photo.png",
		"../../etc/passwd":                 "passwd.png",
		`C:\Users\me\bild.png`:             "bild.png",
		"photo.jpg":                        "photo.png",
		"photo.png.exe":                    "photo.png.exe.png",
		"page.html":                        "page.html.png",
		"":                                 "picture.png",
		".png":                             "png.png",
		"...":                              "picture.png",
		"CON":                              "_CON.png",
		"com1.tar.png":                     "_com1.tar.png",
		"\u202egnp.exe":                    "gnp.exe.png",
		"a\u200b\u2066b\u2069.png":         "ab.png",
		"line\nbreak\t\x00.png":            "line break.png",
		"a<b>\"c\"|d?.png":                 "a_b__c__d_.png",
		"Ka\u0308se.png":                   "Käse.png",
		"x" + strings.Repeat("\u0300", 40): "x\u0300\u0300\u0300.png",
		strings.Repeat("長", 300):           strings.Repeat("長", 65) + ".png",
		"写真 1.png":                         "写真 1.png",
		"हिन्दी.png":                       "हिन्दी.png",
		"صورة.png":                         "صورة.png",
		"\xff\xfe.png":                     "_.png",
		"  spaced   out .png":              "spaced out.png",
		"🧰 tools.png":                      "🧰 tools.png",
	} {
		if got := CleanName(raw, TypePNG); got != want {
			t.Errorf("%q: %q, not %q", raw, got, want)
		}
	}
	for raw, want := range map[string]string{"a.csv": "a.csv", "a.LOG": "a.log", "a.html": "a.html.txt", "a": "a.txt"} {
		mime := textType(raw)
		if got := CleanName(raw, mime); got != want {
			t.Errorf("%q: %q, not %q", raw, got, want)
		}
	}
}

func TestHeaderName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"a%20b.png": "a b.png", "UTF-8''%e2%82%ac.png": "€.png", "utf-8'en'%C3%A4": "ä", "plain": "plain", "100%.png": "100%.png", "%ff": "\xff", "a+b": "a+b",
	} {
		if got := HeaderName(raw); got != want {
			t.Errorf("%q: %q, not %q", raw, got, want)
		}
	}
}

// holdName is what is true of every name.
func holdName(t interface{ Fatalf(string, ...any) }, raw, mime string) {
	got := CleanName(raw, mime)
	switch {
	case !utf8.ValidString(got), utf8.RuneCountInString(got) > maxName, len(got) > maxNameBytes:
		t.Fatalf("%q: %q is too long or broken", raw, got)
	case strings.ContainsAny(got, "/\\\x00<>:\"|?*%") || got != strings.TrimSpace(got) || strings.HasPrefix(got, "."):
		t.Fatalf("%q: %q is no name for a file", raw, got)
	case strings.ContainsFunc(got, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }):
		t.Fatalf("%q: %q hides something", raw, got)
	case !slices.Contains(endings(mime), strings.TrimPrefix(path.Ext(got), ".")):
		t.Fatalf("%q: %q ends as something else", raw, got)
	case reserved(strings.TrimSuffix(got, path.Ext(got))):
		t.Fatalf("%q: %q is a device", raw, got)
	case CleanName(got, mime) != got:
		t.Fatalf("%q: %q is not clean: %q", raw, got, CleanName(got, mime))
	}
}

func types() []string { return []string{TypePNG, TypeJPEG, TypeGIF, TypePDF, TypeText, TypeCSV} }

func TestCleanName_AnyName(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", "ä", "A\u0308", "\u0308", "\u202e", "\u200d", ".", "..", "/", "\\", ":", "con", "NUL", "lpt1", " ", "\t", "\x00", "\xff", ".png", ".jpg", ".tar.gz", "写", "👩‍🔧", "ﬁ", "-", "_", "%2f", "\ufeff", "\u2028", "𝔞", strings.Repeat("y", 60), strings.Repeat("\u0300", 9), "\u3164", "\u115f", "\u1fef", "\u037e"}
	rapid.Check(t, func(t *rapid.T) {
		raw := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String()), 0, 8).Draw(t, "name"), "")
		holdName(t, raw, rapid.SampledFrom(types()).Draw(t, "type"))
	})
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.png", "../x", "\u202egnp", "CON.txt", "\xff", strings.Repeat("é", 300), "a%2fb", "A\u0308\u0301\u0301\u0301\u0301.png"} {
		f.Add(s, byte(0))
	}
	f.Fuzz(func(t *testing.T, s string, n byte) {
		mime := types()[int(n)%len(types())]
		holdName(t, s, mime)
		holdName(t, HeaderName(s), mime)
		holdName(t, HeaderName(url.PathEscape(s)), mime)
	})
}
