package files

import (
	"image"
	"image/draw"
)

// turned is a picture as it is seen: Exif counts eight ways in which it may have
// been stored. A photo stays in the planes that JPEG is made of, which is a
// quarter of the memory of colours by pixel.
func turned(img image.Image, turn int) image.Image {
	if turn <= 1 || turn > 8 {
		return img
	}
	b := img.Bounds()
	switch src := img.(type) {
	case *image.YCbCr:
		ratio, ok := turnedRatio(src.SubsampleRatio, turn)
		if !ok {
			break
		}
		size := swapped(b.Size(), turn)
		dst := image.NewYCbCr(image.Rectangle{Max: size}, ratio)
		turnPlane(plane{src.Y[src.YOffset(b.Min.X, b.Min.Y):], src.YStride, b.Dx(), b.Dy(), 1}, plane{dst.Y, dst.YStride, size.X, size.Y, 1}, turn)
		c := chroma(src)
		t := chroma(dst)
		at := src.COffset(b.Min.X, b.Min.Y)
		turnPlane(plane{src.Cb[at:], src.CStride, c.X, c.Y, 1}, plane{dst.Cb, dst.CStride, t.X, t.Y, 1}, turn)
		turnPlane(plane{src.Cr[at:], src.CStride, c.X, c.Y, 1}, plane{dst.Cr, dst.CStride, t.X, t.Y, 1}, turn)
		return dst
	case *image.Gray:
		size := swapped(b.Size(), turn)
		dst := image.NewGray(image.Rectangle{Max: size})
		turnPlane(plane{src.Pix[src.PixOffset(b.Min.X, b.Min.Y):], src.Stride, b.Dx(), b.Dy(), 1}, plane{dst.Pix, dst.Stride, size.X, size.Y, 1}, turn)
		return dst
	}
	src, ok := img.(*image.NRGBA)
	if !ok {
		src = image.NewNRGBA(image.Rectangle{Max: b.Size()})
		draw.Draw(src, src.Rect, img, b.Min, draw.Src)
	}
	size := swapped(b.Size(), turn)
	dst := image.NewNRGBA(image.Rectangle{Max: size})
	turnPlane(plane{src.Pix, src.Stride, b.Dx(), b.Dy(), 4}, plane{dst.Pix, dst.Stride, size.X, size.Y, 4}, turn)
	return dst
}

func swapped(p image.Point, turn int) image.Point {
	if turn >= 5 {
		return image.Pt(p.Y, p.X)
	}
	return p
}

// turnedRatio is how colours are thinned out in a turned picture.
func turnedRatio(r image.YCbCrSubsampleRatio, turn int) (image.YCbCrSubsampleRatio, bool) {
	if turn < 5 {
		return r, true
	}
	switch r {
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420:
		return r, true
	case image.YCbCrSubsampleRatio422:
		return image.YCbCrSubsampleRatio440, true
	case image.YCbCrSubsampleRatio440:
		return image.YCbCrSubsampleRatio422, true
	default:
		return r, false
	}
}

// chroma is how large the planes of colour are.
func chroma(img *image.YCbCr) image.Point {
	p := img.Rect.Size()
	half := func(n int) int { return (n + 1) / 2 }
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		return image.Pt(half(p.X), half(p.Y))
	case image.YCbCrSubsampleRatio422:
		return image.Pt(half(p.X), p.Y)
	case image.YCbCrSubsampleRatio440:
		return image.Pt(p.X, half(p.Y))
	case image.YCbCrSubsampleRatio411:
		return image.Pt((p.X+3)/4, p.Y)
	case image.YCbCrSubsampleRatio410:
		return image.Pt((p.X+3)/4, half(p.Y))
	default:
		return p
	}
}

// plane is a field of samples, each so many bytes.
type plane struct {
	pix    []byte
	stride int
	w, h   int
	each   int
}

// turnPlane puts every sample where it is seen: on the way along a row, and from
// row to row, the place moves by a fixed step.
func turnPlane(src, dst plane, turn int) {
	w, h, one, row := src.w, src.h, dst.each, dst.stride
	var at, right, down int
	switch turn {
	case 2:
		at, right, down = (w-1)*one, -one, row
	case 3:
		at, right, down = (h-1)*row+(w-1)*one, -one, -row
	case 4:
		at, right, down = (h-1)*row, one, -row
	case 5:
		at, right, down = 0, row, one
	case 6:
		at, right, down = (h-1)*one, row, -one
	case 7:
		at, right, down = (w-1)*row+(h-1)*one, -row, -one
	default:
		at, right, down = (w-1)*row, -row, one
	}
	for y := range h {
		from, to := src.pix[y*src.stride:], at+y*down
		if one == 1 {
			for _, v := range from[:w] {
				dst.pix[to] = v
				to += right
			}
			continue
		}
		for x := range w {
			copy(dst.pix[to:to+one], from[x*one:x*one+one])
			to += right
		}
	}
}
