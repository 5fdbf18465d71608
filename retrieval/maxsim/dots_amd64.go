package maxsim

import "golang.org/x/sys/cpu"

// maxDotsAVX2 is maxDotsGo in AVX2. dims is a multiple of 16, at most 1,024.
//
//go:noescape
func maxDotsAVX2(best *int32, q *int16, rows *int8, n, dims int)

// maxDims is what the fast version keeps a widened row of.
const maxDims = 1024

func maxDots(best []int32, q []int16, rows []int8, n, dims int) {
	if !cpu.X86.HasAVX2 || dims > maxDims {
		maxDotsGo(best, q, rows, n, dims)
		return
	}
	maxDotsAVX2(&best[0], &q[0], &rows[0], n, dims)
}
