package files

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// noisy is a picture that packs about as badly as a photo does.
func noisy(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for y := range h {
		for x := range w {
			seed = seed*1664525 + 1013904223
			n := byte(seed>>27) & 15
			img.SetRGBA(x, y, color.RGBA{byte(x/16) + n, byte(y/16) + n, byte((x+y)/32) + n, 255})
		}
	}
	return img
}

// BenchmarkCheck is what taking a picture costs once it is whole: read, turned,
// encoded anew, and made small.
func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct {
		name string
		raw  []byte
	}{
		{"photo of 12 megapixels, turned", turnedPhoto(b, noisy(4000, 3000))},
		{"photo of 48 megapixels", turnedPhoto(b, noisy(8000, 6000))},
		{"screenshot of 2560×1440", pngOf(b, corner(2560, 1440))},
		{"screenshot that packs badly", pngOf(b, noisy(1920, 1080))},
	} {
		s := service(b, Config{Memory: 1 << 30})
		b.Run(fmt.Sprintf("%s, %d kB", c.name, len(c.raw)/1000), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.check(b.Context(), c.raw, "x"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func turnedPhoto(b *testing.B, img image.Image) []byte {
	b.Helper()
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, img, &jpeg.Options{Quality: 80}); err != nil {
		b.Fatal(err)
	}
	turn := jpegOf(b, corner(8, 8), 6)
	end := bytes.Index(turn, []byte("GPS")) + 3
	return append(append([]byte{}, turn[:end]...), raw.Bytes()[2:]...)
}
