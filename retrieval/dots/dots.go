package dots

// block is how many numbers are added side by side: two registers of eight.
const block = 16

// Dot is the sum of a[i]*b[i]; b is at least as long as a.
//
// Sixteen sums are kept side by side and then folded in halves; what is left
// over is added one by one.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	whole := len(a) / block * block
	var s float32
	if whole > 0 {
		s = blocks(a[:whole], b[:whole])
	}
	for i := whole; i < len(a); i++ {
		s += float32(a[i] * b[i])
	}
	return s
}

// blocksGo is blocks in Go. The conversions keep a compiler from multiplying
// and adding in one step, which rounds once instead of twice.
func blocksGo(a, b []float32) float32 {
	var s [block]float32
	for len(a) >= block {
		x, y := a[:block], b[:block]
		for i := range s {
			s[i] += float32(x[i] * y[i])
		}
		a, b = a[block:], b[block:]
	}
	for half := block / 2; half > 0; half /= 2 {
		for i := range half {
			s[i] += s[i+half]
		}
	}
	return s[0]
}
