package files

import (
	"image"
	"image/draw"
)

// shrunk is a picture at most so many pixels long and wide, each the mean of what
// it stands for; a smaller one is given back as it is.
func shrunk(img image.Image, most int) image.Image {
	b := img.Bounds()
	size := fit(b.Size(), most)
	if size == b.Size() {
		return img
	}
	switch src := img.(type) {
	case *image.YCbCr:
		dst := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		c, t := chroma(src), chroma(dst)
		at := src.COffset(b.Min.X, b.Min.Y)
		shrinkPlane(plane{src.Y[src.YOffset(b.Min.X, b.Min.Y):], src.YStride, b.Dx(), b.Dy(), 1}, plane{dst.Y, dst.YStride, size.X, size.Y, 1})
		shrinkPlane(plane{src.Cb[at:], src.CStride, c.X, c.Y, 1}, plane{dst.Cb, dst.CStride, t.X, t.Y, 1})
		shrinkPlane(plane{src.Cr[at:], src.CStride, c.X, c.Y, 1}, plane{dst.Cr, dst.CStride, t.X, t.Y, 1})
		return dst
	case *image.Gray:
		dst := image.NewGray(image.Rectangle{Max: size})
		shrinkPlane(plane{src.Pix, src.Stride, b.Dx(), b.Dy(), 1}, plane{dst.Pix, dst.Stride, size.X, size.Y, 1})
		return dst
	}
	// In strips: the whole in colours by pixel would be four bytes for each.
	dst := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		from, to := y*b.Dy()/size.Y, max((y+1)*b.Dy()/size.Y, y*b.Dy()/size.Y+1)
		strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), to-from))
		draw.Draw(strip, strip.Rect, img, image.Pt(b.Min.X, b.Min.Y+from), draw.Src)
		shrinkPlane(plane{strip.Pix, strip.Stride, b.Dx(), to - from, 4}, plane{dst.Pix[y*dst.Stride:], dst.Stride, size.X, 1, 4})
	}
	return dst
}

// fit is the size of a picture made to fit into a square.
func fit(p image.Point, most int) image.Point {
	long := max(p.X, p.Y)
	if long <= most {
		return p
	}
	return image.Pt(max(1, p.X*most/long), max(1, p.Y*most/long))
}

func shrinkPlane(src, dst plane) {
	for y := range dst.h {
		top, bottom := y*src.h/dst.h, max((y+1)*src.h/dst.h, y*src.h/dst.h+1)
		for x := range dst.w {
			left, right := x*src.w/dst.w, max((x+1)*src.w/dst.w, x*src.w/dst.w+1)
			n := (bottom - top) * (right - left)
			for c := range dst.each {
				sum := n / 2
				for sy := top; sy < bottom; sy++ {
					row := src.pix[sy*src.stride:]
					for sx := left; sx < right; sx++ {
						sum += int(row[sx*src.each+c])
					}
				}
				dst.pix[y*dst.stride+x*dst.each+c] = byte(sum / n)
			}
		}
	}
}
