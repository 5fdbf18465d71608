package console

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
)

// schemas describes Go values as JSON Schema, as encoding/json writes them. A
// struct with a name is described once and referred to.
type schemas struct{ named map[string]any }

var (
	timeType = reflect.TypeFor[time.Time]()
	idType   = reflect.TypeFor[uuid.UUID]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	texter   = reflect.TypeFor[encoding.TextMarshaler]()
)

func (s *schemas) of(v any) any {
	if f, ok := v.(fields); ok {
		properties := map[string]any{}
		for name, x := range f {
			properties[name] = s.of(x)
		}
		return map[string]any{"type": "object", "properties": properties}
	}
	if _, ok := v.([]byte); ok {
		return map[string]any{"type": "string", "format": "binary"}
	}
	return s.typed(reflect.TypeOf(v))
}

func (s *schemas) typed(t reflect.Type) any {
	switch {
	case t == nil || t == rawType || t.Kind() == reflect.Interface:
		return map[string]any{}
	case t == timeType:
		return map[string]any{"type": "string", "format": "date-time"}
	case t == idType:
		return map[string]any{"type": "string", "format": "uuid"}
	case t.Kind() != reflect.Pointer && (t.Implements(texter) || reflect.PointerTo(t).Implements(texter)):
		return map[string]any{"type": "string"}
	}
	switch t.Kind() { //nolint:exhaustive // channels and functions are never sent
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{s.typed(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return map[string]any{"type": "integer"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": s.typed(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.typed(t.Elem())}
	case reflect.Struct:
		return s.object(t)
	default:
		return map[string]any{}
	}
}

// object describes a struct under its name, with its package's where two have
// the same.
func (s *schemas) object(t reflect.Type) any {
	if t.Name() == "" {
		return s.properties(t)
	}
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if at := strings.LastIndexByte(t.PkgPath(), '/'); at >= 0 && t.PkgPath()[at+1:] != "console" {
		pkg := t.PkgPath()[at+1:]
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	if _, known := s.named[name]; !known {
		s.named[name] = nil // it may hold itself
		s.named[name] = s.properties(t)
	}
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

func (s *schemas) properties(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	s.collect(t, properties, &required)
	out := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func (s *schemas) collect(t reflect.Type, properties map[string]any, required *[]string) {
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			s.collect(f.Type, properties, required)
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		properties[name] = s.typed(f.Type)
		if !strings.Contains(options, "omit") && f.Type.Kind() != reflect.Pointer {
			*required = append(*required, name)
		}
	}
}
