package cases

import _ "embed" // what is written for people who write cases

//go:embed schema.json
var schema []byte

//go:embed example.yaml
var example string

// Schema is the JSON schema of a YAML file of cases, for editors; a line of a
// JSON Lines file is its definition "case". What it accepts can still be refused
// when it is read: for what one field says of another. A field that is there and
// empty, as suite: "", it refuses where reading takes it for one that is not there.
func Schema() []byte { return schema }

// Example is a YAML file of one case with every field explained. SUITE and NAME
// stand for the names of the suite and of the file.
func Example() string { return example }
