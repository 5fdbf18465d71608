package dots

import "golang.org/x/sys/cpu"

// blocksAVX2 is blocksGo in AVX2; n is a positive multiple of 16.
//
//go:noescape
func blocksAVX2(a, b *float32, n int) float32

func blocks(a, b []float32) float32 {
	if !cpu.X86.HasAVX2 {
		return blocksGo(a, b)
	}
	return blocksAVX2(&a[0], &b[0], len(a))
}
