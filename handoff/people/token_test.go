package people

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestToken_ReadsWhatItRevealsAndHidesElsewhere(t *testing.T) {
	t.Parallel()
	tok, err := NewToken(7, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := tok.Reveal()
	back, ok := ParseToken(text)
	if !ok || back != tok || !bytes.Equal(back.Hash(), tok.Hash()) {
		t.Fatalf("got %v %v", back, ok)
	}
	secret := strings.TrimPrefix(text, "7.")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", tok, "pointer", &tok)
	for name, out := range map[string]string{
		"print": fmt.Sprint(tok), "plus": fmt.Sprintf("%+v", tok), "sharp": fmt.Sprintf("%#v", tok), "log": log.String(),
	} {
		if strings.Contains(out, secret) {
			t.Errorf("%s shows the secret", name)
		}
	}
}

func TestParseToken_RefusesEverythingElse(t *testing.T) {
	t.Parallel()
	tok, err := NewToken(7, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.TrimPrefix(tok.Reveal(), "7.")
	for name, s := range map[string]string{
		"empty": "", "no site": secret, "site zero": "0." + secret, "a negative site": "-1." + secret, "site with zeros": "07." + secret,
		"a huge site": "99999999999." + secret, "no secret": "7.", "short": "7." + secret[:42], "long": "7." + secret + "A", "padded": "7." + secret + "=",
		"other letters": "7." + secret[:42] + "!", "a blank": "7. " + secret[1:], "bits that are dropped": "7." + secret[:42] + "B",
	} {
		if got, ok := ParseToken(s); ok && got.Reveal() != s {
			t.Errorf("%s is taken", name)
		} else if ok && name != "bits that are dropped" {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("7." + strings.Repeat("A", 43))
	f.Add("7")
	f.Fuzz(func(t *testing.T, s string) {
		if tok, ok := ParseToken(s); ok && tok.Reveal() != s {
			t.Errorf("%q is taken for %q", s, tok.Reveal())
		}
	})
}
