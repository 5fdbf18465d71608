package packet

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schemaJSON []byte

// Schema is the JSON Schema (draft 2020-12) of a packet as it is written: what
// other programs hold it against.
func Schema() []byte { return slices.Clone(schemaJSON) }
