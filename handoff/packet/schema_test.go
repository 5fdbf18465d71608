package packet_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"frontdesk/handoff/packet"
)

func schema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(packet.Schema()))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("packet.json", doc); err != nil {
		tb.Fatal(err)
	}
	s, err := c.Compile("packet.json")
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// valid holds a packet's JSON against the schema.
func valid(tb testing.TB, s *jsonschema.Schema, p packet.Packet) []byte {
	tb.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		tb.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		tb.Fatalf("%v\n%s", err, b)
	}
	return b
}

func TestSchema_HoldsForPacketsAndBack(t *testing.T) {
	t.Parallel()
	s, m := schema(t), newMaker(t)
	for _, in := range []packet.Input{{}, input("en", said("c: hello")), full()} {
		p := m.Make(in)
		var back packet.Packet
		if err := json.Unmarshal(valid(t, s, p), &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, back) {
			t.Errorf("%+v\nread back\n%+v", p, back)
		}
	}
}

// A field of the program's that the schema does not describe is one that nobody
// else can rely on.
func TestSchema_DescribesEveryField(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	if err := json.Unmarshal(packet.Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	props := doc["properties"].(map[string]any)
	var fields []string
	for f := range reflect.TypeFor[packet.Packet]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, name)
		if props[name] == nil {
			t.Errorf("the schema does not describe %s", name)
		}
	}
	for name := range props {
		if !slices.Contains(fields, name) {
			t.Errorf("the schema describes %s, which no packet has", name)
		}
	}
}

func TestSchema_RefusesALineWithoutEvidence(t *testing.T) {
	t.Parallel()
	s := schema(t)
	p := newMaker(t).Make(full())
	p.Facts[0].From = nil
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(v) == nil {
		t.Error("a fact without a source is valid")
	}
}
