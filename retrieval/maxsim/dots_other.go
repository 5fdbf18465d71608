//go:build !amd64

package maxsim

func maxDots(best []int32, q []int16, rows []int8, n, dims int) { maxDotsGo(best, q, rows, n, dims) }
