package local

import (
	"encoding/binary"
	"math"
	"strconv"
)

// What is here writes the few messages of the ONNX format that an encoder's
// graph needs, field by field (their numbers are those of onnx.proto3). A graph
// is a function of the model's sizes, so it is made by code that can be read
// and reviewed, from nothing but the weights, instead of being a binary file in
// the repository that some other program wrote.

// message is a protocol buffer being written.
type message struct{ b []byte }

const (
	wireVarint = 0
	wireBytes  = 2
	wire32     = 5
)

func (m *message) tag(field, wire int) {
	m.b = binary.AppendUvarint(m.b, uint64(field)<<3|uint64(wire))
}

func (m *message) int(field int, v int64) {
	m.tag(field, wireVarint)
	m.b = binary.AppendUvarint(m.b, uint64(v))
}

func (m *message) bytes(field int, v []byte) {
	m.tag(field, wireBytes)
	m.b = binary.AppendUvarint(m.b, uint64(len(v)))
	m.b = append(m.b, v...)
}

func (m *message) string(field int, v string) { m.bytes(field, []byte(v)) }

func (m *message) float(field int, v float32) {
	m.tag(field, wire32)
	m.b = binary.LittleEndian.AppendUint32(m.b, math.Float32bits(v))
}

func (m *message) message(field int, write func(*message)) {
	var in message
	write(&in)
	m.bytes(field, in.b)
}

// Kinds of numbers in a tensor.
const (
	onnxF32  = 1
	onnxI8   = 3
	onnxI64  = 7
	external = 1 // a tensor whose numbers lie in another file
)

// onnxGraph is a graph being written. Nodes have one output, named by the
// caller; weights go to the file beside it.
type onnxGraph struct {
	graph message
}

// attr is a node's setting: an int64, a float32 or a list of int64.
type attr struct {
	name  string
	value any
}

// contrib is the set of operators that ONNX Runtime adds to ONNX's own.
const contrib = "com.microsoft"

// node adds an operation and returns the name of its first output.
func (g *onnxGraph) node(domain, op string, in, out []string, attrs ...attr) string {
	g.graph.message(1, func(n *message) {
		for _, name := range in {
			n.string(1, name)
		}
		for _, name := range out {
			n.string(2, name)
		}
		n.string(3, out[0])
		n.string(4, op)
		for _, a := range attrs {
			n.message(5, a.write)
		}
		n.string(7, domain)
	})
	return out[0]
}

func (a attr) write(m *message) {
	m.string(1, a.name)
	switch v := a.value.(type) {
	case float32:
		m.float(2, v)
		m.int(20, 1)
	case int64:
		m.int(3, v)
		m.int(20, 2)
	case []int64:
		for _, x := range v {
			m.int(8, x)
		}
		m.int(20, 7)
	}
}

// ints adds a small list of whole numbers that lies in the graph itself.
func (g *onnxGraph) ints(name string, v ...int64) string {
	g.graph.message(5, func(t *message) {
		t.int(1, int64(len(v)))
		t.int(2, onnxI64)
		t.string(8, name)
		var raw []byte
		for _, x := range v {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(x))
		}
		t.bytes(9, raw)
	})
	return name
}

// stored adds a tensor whose numbers lie in a file beside the graph.
func (g *onnxGraph) stored(name string, kind int64, shape []int, file string, at, size int64) string {
	g.graph.message(5, func(t *message) {
		for _, d := range shape {
			t.int(1, int64(d))
		}
		t.int(2, kind)
		t.string(8, name)
		for _, e := range [][2]string{{"location", file}, {"offset", strconv.FormatInt(at, 10)}, {"length", strconv.FormatInt(size, 10)}} {
			t.message(13, func(m *message) {
				m.string(1, e[0])
				m.string(2, e[1])
			})
		}
		t.int(14, external)
	})
	return name
}

// port declares an input (field 11) or output (field 12) of float32 numbers.
// A dimension is its size, or a name where runs differ in it.
func (g *onnxGraph) port(field int, name string, dims ...any) {
	g.graph.message(field, func(v *message) {
		v.string(1, name)
		v.message(2, func(t *message) {
			t.message(1, func(t *message) {
				t.int(1, onnxF32)
				t.message(2, func(s *message) {
					for _, d := range dims {
						s.message(1, func(m *message) {
							switch d := d.(type) {
							case int:
								m.int(1, int64(d))
							case string:
								m.string(2, d)
							}
						})
					}
				})
			})
		})
	})
}

const (
	graphInput  = 11
	graphOutput = 12
)

// model is the whole file. The version of the format and of the operator set
// are old enough for every ONNX Runtime from 1.17 on.
func (g *onnxGraph) model(name string) []byte {
	g.graph.string(2, name)
	var m message
	m.int(1, 9)
	m.string(2, "frontdesk")
	m.bytes(7, g.graph.b)
	for _, set := range []struct {
		domain  string
		version int64
	}{{"", 20}, {contrib, 1}} {
		m.message(8, func(s *message) {
			s.string(1, set.domain)
			s.int(2, set.version)
		})
	}
	return m.b
}
