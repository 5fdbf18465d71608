package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime/debug"

	"golang.org/x/image/webp"
)

const (
	quality      = 88
	smallQuality = 80
	// smallSide is twice what a conversation shows a picture at: sharp on phones.
	smallSide = 640
)

// made is what is kept of a file.
type made struct {
	mime          string
	bytes         []byte
	width, height int
	smallMime     string
	small         []byte // nil: the picture is small itself, or none
}

// cancelled is a reader that ends with its context: decoders know no other end.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// remade decodes a picture that was measured, turns it as it is seen, and encodes
// it anew. Errors: ErrBroken, ErrTooLarge, the context's.
func remade(ctx context.Context, raw []byte, k Kind, m measure, most int) (out made, err error) {
	defer func() {
		// A decoder that a picture brings down has to take nothing with it.
		if p := recover(); p != nil {
			out, err = made{}, errors.Join(ErrBroken, fmt.Errorf("panic in a decoder: %v\n%s", p, debug.Stack()))
		}
	}()
	if k == GIF {
		return remadeGIF(ctx, raw, m, most)
	}
	img, err := decoded(ctx, raw, k)
	if err != nil {
		return made{}, err
	}
	if img.Bounds().Dx() != m.width || img.Bounds().Dy() != m.height { // it would not have been measured
		return made{}, ErrBroken
	}
	img = turned(img, m.turn)
	out.width, out.height = img.Bounds().Dx(), img.Bounds().Dy()
	if out.mime, out.bytes, err = encoded(img, k, most); err != nil {
		return made{}, err
	}
	if max(out.width, out.height) > smallSide {
		if out.smallMime, out.small, err = encodedSmall(img); err != nil {
			return made{}, err
		}
	}
	return out, ctx.Err()
}

func decoded(ctx context.Context, raw []byte, k Kind) (img image.Image, err error) {
	r := cancelled{ctx, bytes.NewReader(raw)}
	switch k {
	case JPEG:
		img, err = jpeg.Decode(r)
	case PNG:
		img, err = png.Decode(r)
	default:
		img, err = webp.Decode(r)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, ErrBroken
	}
	return img, nil
}

// encoded writes a picture as what fits it best: a photo as JPEG, everything
// else as PNG, unless it is too large as that and hides nothing behind it.
func encoded(img image.Image, k Kind, most int) (mime string, b []byte, err error) {
	photo := k == JPEG
	if k == WebP {
		_, photo = img.(*image.YCbCr)
	}
	if !photo {
		b, err = limitedPNG(img, most)
		if !errors.Is(err, ErrTooLarge) {
			return TypePNG, b, err
		}
		if o, ok := img.(interface{ Opaque() bool }); !ok || !o.Opaque() {
			return "", nil, ErrTooLarge
		}
	}
	for _, q := range []int{quality, 75, 60} {
		if b, err = limitedJPEG(img, q, most); !errors.Is(err, ErrTooLarge) {
			break
		}
	}
	return TypeJPEG, b, err
}

func encodedSmall(img image.Image) (mime string, b []byte, err error) {
	img = shrunk(img, smallSide)
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		b, err = limitedPNG(img, 4<<20)
		return TypePNG, b, err
	}
	b, err = limitedJPEG(img, smallQuality, 4<<20)
	return TypeJPEG, b, err
}

func limitedPNG(img image.Image, most int) ([]byte, error) {
	w := &limited{most: most}
	if err := png.Encode(w, img); err != nil {
		return nil, w.why(err)
	}
	return w.b.Bytes(), nil
}

func limitedJPEG(img image.Image, quality, most int) ([]byte, error) {
	w := &limited{most: most}
	if err := jpeg.Encode(w, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, w.why(err)
	}
	return w.b.Bytes(), nil
}

// limited keeps what is written up to a size.
type limited struct {
	b    bytes.Buffer
	most int
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.b.Len()+len(p) > l.most {
		l.over = true
		return 0, ErrTooLarge
	}
	return l.b.Write(p)
}

func (l *limited) why(err error) error {
	if l.over {
		return ErrTooLarge
	}
	return errors.Join(ErrBroken, err)
}

// remadeGIF keeps the frames and how long each stands, and nothing else.
func remadeGIF(ctx context.Context, raw []byte, m measure, most int) (out made, err error) {
	g, err := gif.DecodeAll(cancelled{ctx, bytes.NewReader(raw)})
	switch {
	case ctx.Err() != nil:
		return made{}, ctx.Err()
	case err != nil || len(g.Image) == 0:
		return made{}, ErrBroken
	}
	w := &limited{most: most}
	if err := gif.EncodeAll(w, g); err != nil {
		return made{}, w.why(err)
	}
	out = made{mime: TypeGIF, bytes: w.b.Bytes(), width: m.width, height: m.height}
	if max(m.width, m.height) > smallSide {
		// The first frame may be a part of the whole.
		first := image.NewRGBA(image.Rect(0, 0, m.width, m.height))
		draw.Draw(first, g.Image[0].Bounds(), g.Image[0], g.Image[0].Bounds().Min, draw.Over)
		out.smallMime, out.small, err = encodedSmall(first)
	}
	return out, err
}
