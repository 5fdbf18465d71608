package chatapi

import (
	_ "embed"
	"encoding/json"
)

// openAPI describes this package's routes and events (OpenAPI 3.1).
//
//go:embed openapi.json
var openAPI []byte

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // strings always marshal
		return []byte(`{}`)
	}
	return b
}
