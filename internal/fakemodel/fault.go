package fakemodel

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault changes one answer. Faults are combined with Both.
type Fault func(*Answer)

// Both applies faults in order to the same answer.
func Both(faults ...Fault) Fault {
	return func(a *Answer) {
		for _, f := range faults {
			f(a)
		}
	}
}

// Status answers with this status and OpenAI's JSON for an error.
func Status(status int, message, code string) Fault {
	return func(a *Answer) { a.Status, a.Raw = status, errorBody(message, code) }
}

// RetryAfter adds the header, in whole seconds.
func RetryAfter(seconds int) Fault {
	return func(a *Answer) { a.Header.Set("Retry-After", strconv.Itoa(seconds)) }
}

// Body answers with these bytes in place of JSON made of vectors.
func Body(status int, contentType string, body []byte) Fault {
	return func(a *Answer) {
		a.Status, a.Raw = status, append([]byte{}, body...)
		a.Header.Set("Content-Type", contentType)
	}
}

// HTML answers as a proxy or a web site in the place of the API would.
func HTML(status int) Fault {
	return Body(status, "text/html; charset=utf-8", []byte("<!doctype html><title>Welcome</title><p>It works."))
}

// Text answers with n bytes of words that are no JSON.
func Text(n int) Fault {
	const line = "The quick brown fox jumps over the lazy dog. "
	return Body(http.StatusOK, "text/plain", []byte(strings.Repeat(line, n/len(line)+1)[:n]))
}

// HugeJSON answers with JSON that starts well and holds n bytes too many.
func HugeJSON(n int) Fault {
	return Body(http.StatusOK, "application/json", []byte(`{"object":"`+strings.Repeat("x", n)+`","data":[]}`))
}

// Redirect answers 302.
func Redirect(to string) Fault {
	return func(a *Answer) {
		a.Status, a.Raw = http.StatusFound, []byte{}
		a.Header.Set("Location", to)
	}
}

// Delay waits before it answers.
func Delay(d time.Duration) Fault { return func(a *Answer) { a.Delay = d } }

// Hang answers when release is closed, or never.
func Hang(release <-chan struct{}) Fault {
	if release == nil {
		release = make(chan struct{})
	}
	return func(a *Answer) { a.Hang = release }
}

// Cut resets the connection after n bytes of the body.
func Cut(n int) Fault { return func(a *Answer) { a.CutAt = n } }

// Reset resets the connection before the first byte.
func Reset() Fault { return func(a *Answer) { a.Reset = true } }

// Count answers with n vectors whatever was asked.
func Count(n int) Fault {
	return func(a *Answer) {
		first := a.Vectors[0]
		for len(a.Vectors) < n {
			a.Vectors = append(a.Vectors, first)
			a.Indexes = append(a.Indexes, len(a.Indexes))
		}
		a.Vectors, a.Indexes = a.Vectors[:n], a.Indexes[:n]
	}
}

// Dims answers with vectors of n numbers.
func Dims(n int) Fault {
	return func(a *Answer) {
		for i, v := range a.Vectors {
			w := make([]float32, n)
			copy(w, v)
			a.Vectors[i] = w
		}
	}
}

// Number puts x into the middle of every vector: NaN, infinity, a huge one.
func Number(x float64) Fault {
	return func(a *Answer) {
		for i, v := range a.Vectors {
			w := append([]float32{}, v...)
			w[len(w)/2] = float32(x)
			a.Vectors[i] = w
		}
	}
}

// NaN puts one into every vector.
func NaN() Fault { return Number(math.NaN()) }

// Scale multiplies every vector; 0 makes zero vectors.
func Scale(x float32) Fault {
	return func(a *Answer) {
		for i, v := range a.Vectors {
			w := make([]float32, len(v))
			for j := range v {
				w[j] = v[j] * x
			}
			a.Vectors[i] = w
		}
	}
}

// Backwards sends the vectors last first, each with its right index.
func Backwards() Fault {
	return func(a *Answer) {
		for i, j := 0, len(a.Vectors)-1; i < j; i, j = i+1, j-1 {
			a.Vectors[i], a.Vectors[j] = a.Vectors[j], a.Vectors[i]
			a.Indexes[i], a.Indexes[j] = a.Indexes[j], a.Indexes[i]
		}
	}
}

// Index labels every vector with n.
func Index(n int) Fault {
	return func(a *Answer) {
		for i := range a.Indexes {
			a.Indexes[i] = n
		}
	}
}

// Plain answers with floats although base64 was asked for.
func Plain() Fault { return func(a *Answer) { a.Plain = true } }

// When applies f to calls of which cond is true.
func When(cond func(Request) bool, f Fault) Fault {
	return func(a *Answer) {
		if cond(a.Request) {
			f(a)
		}
	}
}
