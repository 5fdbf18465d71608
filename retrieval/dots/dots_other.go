//go:build !amd64

package dots

func blocks(a, b []float32) float32 { return blocksGo(a, b) }
