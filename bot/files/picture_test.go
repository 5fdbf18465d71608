package files

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

// corner is a picture with a red upper left corner on white.
func corner(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{200, 0, 0, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(tb testing.TB, img image.Image, turn byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		tb.Fatal(err)
	}
	if turn == 0 {
		return b.Bytes()
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(turn) + "\x00\x00\x00\x00\x00\x00\x00GPS"
	return append(append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...), b.Bytes()[2:]...)
}

func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(tb testing.TB, frames, w, h int) []byte {
	tb.Helper()
	g := &gif.GIF{LoopCount: 3}
	for i := range frames {
		p := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.White, color.RGBA{byte(i), 200, 0, 255}})
		p.SetColorIndex(i%w, 0, 1)
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 7)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// webpLossless is one pixel, webpLossy too: the smallest files of their kinds.
func webpLossless() []byte { return unbase64("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==") }

func webpLossy() []byte {
	return unbase64("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
}

func unbase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func service(tb testing.TB, cfg Config) *Service {
	tb.Helper()
	s, err := New(Deps{Store: none{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, NewID: func() convo.ID { return convo.ID{1} }}, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// none is a store for checks, which use none.
type none struct{ store }

func TestCheck_PicturesAreTurnedAsTheyAreSeen(t *testing.T) {
	t.Parallel()
	s := service(t, Config{})
	// Where the corner is to be seen, for each way in which it may be stored.
	where := map[byte][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for _, img := range map[string]image.Image{"colours": corner(64, 32), "odd": corner(63, 33)} {
		for turn, want := range where {
			out, err := s.check(t.Context(), jpegOf(t, img, turn), "x")
			if err != nil {
				t.Fatal(err)
			}
			got, err := jpeg.Decode(bytes.NewReader(out.bytes))
			if err != nil {
				t.Fatal(err)
			}
			size := got.Bounds().Size()
			if tall := size.Y > size.X; tall != (turn >= 5) || out.width != size.X || out.height != size.Y {
				t.Errorf("turn %d: %v", turn, size)
			}
			for y := range 2 {
				for x := range 2 {
					r, g, _, _ := got.At(size.X/4+x*size.X/2, size.Y/4+y*size.Y/2).RGBA()
					if red := r > 0x8000 && g < 0x8000; red != (want == [2]int{x, y}) {
						t.Errorf("turn %d, corner %d %d: red %v", turn, x, y, red)
					}
				}
			}
			if bytes.Contains(out.bytes, []byte("GPS")) {
				t.Errorf("turn %d: it says where it was taken", turn)
			}
		}
	}
}

func TestCheck_WhatIsTaken(t *testing.T) {
	t.Parallel()
	s := service(t, Config{})
	gray := image.NewGray(image.Rect(0, 0, 700, 10))
	for name, c := range map[string]struct {
		raw   []byte
		mime  string
		w, h  int
		small bool
	}{
		"a photo":                {jpegOf(t, corner(1300, 650), 0), TypeJPEG, 1300, 650, true},
		"a gray one":             {jpegOf(t, gray, 6), TypeJPEG, 10, 700, true},
		"a drawing":              {pngOf(t, corner(30, 20)), TypePNG, 30, 20, false},
		"one that shows through": {pngOf(t, image.NewNRGBA(image.Rect(0, 0, 900, 900))), TypePNG, 900, 900, true},
		"a moving one":           {gifOf(t, 5, 20, 10), TypeGIF, 20, 10, false},
		"a large moving one":     {gifOf(t, 3, 1000, 10), TypeGIF, 1000, 10, true},
		"WebP":                   {webpLossless(), TypePNG, 1, 1, false},
		"WebP as a photo":        {webpLossy(), TypeJPEG, 1, 1, false},
		"a paper":                {[]byte("%PDF-1.4\n%%EOF\n"), TypePDF, 0, 0, false},
		"words":                  {[]byte("Grüße\tan alle\r\n"), TypeText, 0, 0, false},
		"words in UTF-16":        {[]byte("\xff\xfeG\x00r\x00\xfc\x00"), TypeText, 0, 0, false},
		"a page of the web":      {[]byte("<html><script>alert(1)</script></html>"), TypeText, 0, 0, false},
	} {
		out, err := s.check(t.Context(), c.raw, "x")
		if err != nil || out.mime != c.mime || out.width != c.w || out.height != c.h || (out.small != nil) != c.small {
			t.Errorf("%s: %v %s %d×%d, small %d", name, err, out.mime, out.width, out.height, len(out.small))
			continue
		}
		if out.small != nil {
			cfg, _, err := image.DecodeConfig(bytes.NewReader(out.small))
			if err != nil || max(cfg.Width, cfg.Height) != smallSide {
				t.Errorf("%s: the small one: %v %+v", name, err, cfg)
			}
		}
	}
	if out, _ := s.check(t.Context(), []byte("\xff\xfeG\x00r\x00\xfc\x00\x1b\x00[\x00"), "x"); string(out.bytes) != "Grü[" {
		t.Errorf("%q", out.bytes)
	}
	out, err := s.check(t.Context(), gifOf(t, 5, 20, 10), "x")
	if err != nil {
		t.Fatal(err)
	}
	if g, err := gif.DecodeAll(bytes.NewReader(out.bytes)); err != nil || len(g.Image) != 5 || g.Delay[2] != 7 || g.LoopCount != 3 {
		t.Errorf("it moves otherwise: %v", err)
	}
}

// TestCheck_BombsAreMeasuredBeforeTheyGoOff holds that nothing is decoded of what
// says it is huge: each is refused for its headers.
func TestCheck_BombsAreMeasuredBeforeTheyGoOff(t *testing.T) {
	t.Parallel()
	s := service(t, Config{})
	bigPNG := pngOf(t, corner(2, 2))
	binary.BigEndian.PutUint32(bigPNG[16:], 30_000)
	binary.BigEndian.PutUint32(bigPNG[20:], 30_000)
	binary.BigEndian.PutUint32(bigPNG[29:], crc32.ChecksumIEEE(bigPNG[12:29]))
	bigJPEG := jpegOf(t, corner(8, 8), 0)
	at := bytes.Index(bigJPEG, []byte{0xff, 0xc0})
	copy(bigJPEG[at+5:], "\xff\xf0\xff\xf0")
	bigGIF := gifOf(t, 1, 8, 8)
	copy(bigGIF[6:], "\xff\xff\xff\xff")
	frame := bytes.IndexByte(bigGIF[13:], 0x2c) + 13
	manyFrames := append([]byte{}, gifOf(t, 1, 8, 8)...)
	one := manyFrames[bytes.IndexByte(manyFrames[13:], 0x2c)+13 : len(manyFrames)-1]
	manyFrames = append(append(manyFrames[:len(manyFrames)-1], bytes.Repeat(one, maxFrames)...), 0x3b)
	hugeFrames := append([]byte{}, bigGIF...)
	copy(hugeFrames[frame+5:], "\xff\xff\xff\xff")
	progressive := append([]byte{}, bigJPEG...)
	progressive[at+1] = 0xc2
	copy(progressive[at+5:], "\x0b\xb8\x0b\xb8") // 3,000 × 3,000: its coefficients alone are 108 MB
	scans := append([]byte{}, progressive...)
	copy(scans[at+5:], "\x00\x08\x00\x08")
	sos := bytes.Index(scans, []byte{0xff, 0xda})
	scans = append(scans[:len(scans)-2], bytes.Repeat(scans[sos:sos+14], maxScans)...)
	for name, raw := range map[string][]byte{
		"PNG": bigPNG, "JPEG": bigJPEG, "GIF": bigGIF, "a GIF of many frames": manyFrames, "a GIF of huge frames": hugeFrames, "many scans": scans,
	} {
		if _, err := s.check(t.Context(), raw, "x"); !errors.Is(err, ErrPixels) {
			t.Errorf("%s: %v", name, err)
		}
	}
	little := service(t, Config{Memory: 64 << 20})
	if _, err := little.check(t.Context(), progressive, "x"); !errors.Is(err, ErrPixels) {
		t.Errorf("more memory than there is: %v", err)
	}
}

// TestCheck_WaitsForMemory holds that two pictures that do not fit beside each
// other are decoded one after the other, and that waiting has an end.
func TestCheck_WaitsForMemory(t *testing.T) {
	t.Parallel()
	s := service(t, Config{Memory: 1 << 20})
	raw := pngOf(t, corner(400, 400))
	if err := s.memory.Acquire(t.Context(), 800_000); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.check(ctx, raw, "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.check(t.Context(), raw, "x")
		done <- err
	}()
	s.memory.Release(800_000)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestDetect_ByContentAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		head string
		kind Kind
		err  error
	}{
		"HEIC":                       {"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1", "", ErrHEIC},
		"AVIF":                       {"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00", "", ErrHEIC},
		"HEIC by its second brand":   {"\x00\x00\x00\x20ftypmp42\x00\x00\x00\x00heic", "", ErrHEIC},
		"a film":                     {"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isom", "", ErrFilm},
		"SVG":                        {"<svg xmlns='http://www.w3.org/2000/svg'>", "", ErrSVG},
		"SVG in capitals":            {" \n<SVG>", "", ErrSVG},
		"SVG behind a long comment":  {"<!--" + strings.Repeat("x", 9000) + "--><svg/>", "", ErrSVG},
		"SVG behind an entity":       {"<!DOCTYPE x [<!ENTITY a 'b'>]>\n<svg/>", "", ErrSVG},
		"SVG in a namespace":         {"<x:svg xmlns:x='a'>", "", ErrSVG},
		"words about SVG":            {"My <svg> is broken", Text, nil},
		"a page":                     {"<!doctype html><html>", Text, nil},
		"a letter":                   {"Dear shop,", Text, nil},
		"Chinese, cut in mid-letter": {"您好，我的水壶漏水\xe4", Text, nil},
		"random bytes":               {"\x01\x02\x03\x04\x05\x06\x07\x08", "", ErrKind},
		"zeros":                      {strings.Repeat("\x00", 512), "", ErrKind},
		"a document of office":       {"PK\x03\x04[Content_Types].xml", "", ErrArchive},
		"an old one":                 {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", ErrArchive},
		"nothing":                    {"", "", ErrEmpty},
		"RIFF without WebP":          {"RIFF\x00\x00\x00\x00WAVEfmt ", "", ErrFilm},
		"WebP without RIFF":          {"abcd\x00\x00\x00\x00WEBPVP8 ", "", ErrKind},
	} {
		kind, err := Detect([]byte(c.head))
		if kind != c.kind || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %q %v", name, kind, err)
		}
	}
}

// FuzzCheck gives anything to everything that reads a file: it is kept as one of
// the types that there are, or refused with a reason, and what is kept of a
// picture is one again, of the size that is told, with nothing of the sender's.
func FuzzCheck(f *testing.F) {
	for _, raw := range [][]byte{
		jpegOf(f, corner(20, 10), 6), pngOf(f, corner(20, 10)), gifOf(f, 2, 5, 5), webpLossless(), webpLossy(),
		[]byte("%PDF-1.4\n%%EOF"), []byte("hello"), []byte("<svg/>"), []byte("\xff\xfea\x00"), []byte("\x00\x00\x00\x18ftypheic"),
	} {
		f.Add(raw)
	}
	s, err := New(Deps{Store: none{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, NewID: func() convo.ID { return convo.ID{1} }}, Config{Memory: 32 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := s.check(t.Context(), raw, "x.csv")
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unsupported && k != fault.TooLarge {
				t.Fatalf("refused without a reason: %v", err)
			}
			if strings.Contains(err.Error(), "panic") {
				t.Fatal(err)
			}
			return
		}
		if len(out.bytes) == 0 || len(out.bytes) > MaxFile {
			t.Fatalf("%d bytes are kept", len(out.bytes))
		}
		if !Picture(out.mime) {
			return
		}
		cfg, _, err := image.DecodeConfig(bytes.NewReader(out.bytes))
		if err != nil || cfg.Width != out.width || cfg.Height != out.height {
			t.Fatalf("%s of %d×%d: %v %+v", out.mime, out.width, out.height, err, cfg)
		}
		if again, err := s.check(t.Context(), out.bytes, "x"); err != nil || again.width != out.width || again.height != out.height {
			t.Fatalf("what was kept is refused: %v", err)
		}
	})
}
