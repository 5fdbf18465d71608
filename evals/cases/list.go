package cases

import (
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v3"
)

// List is one or several: a single one may be written without brackets.
type List []string

// UnmarshalYAML reads one or several.
func (l *List) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		var s string
		if err := n.Decode(&s); err != nil {
			return err
		}
		*l = List{s}
		return nil
	}
	return n.Decode((*[]string)(l))
}

// UnmarshalJSON reads one or several.
func (l *List) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*l = List{""}
		return json.Unmarshal(data, &(*l)[0])
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// Has says whether s is one of them.
func (l List) Has(s string) bool { return slices.Contains(l, s) }
