package convo

import "time"

// Identity is who the shop's server says the visitor is; it is verified.
type Identity struct {
	Subject    string
	Name       string
	Email      string
	Attributes map[string]any
	JTI        string
	Expires    time.Time
}

// Claim is somebody who wrote as nobody in particular and now says who they are.
type Claim struct {
	Visitor  ID // of the token that the request came with
	Identity Identity
	At       time.Time
}
