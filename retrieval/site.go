package retrieval

import (
	"encoding/json"
	"regexp"
	"time"

	"frontdesk/internal/fault"
)

// Site is a tenant: one shop.
type Site struct {
	ID        SiteID
	Name      string
	Settings  json.RawMessage // a JSON object
	Default   bool
	Published int // generation that readers see; 0: none yet
	CreatedAt time.Time
}

// ValidSiteName says whether a name can be a site's: lower-case letters,
// digits, dot, hyphen and underscore, 63 at most, beginning with a letter or
// digit. Names stand in addresses and in the audience of identity tokens. The
// error is of kind fault.Invalid.
func ValidSiteName(name string) error {
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`).MatchString(name) {
		return fault.New(fault.Invalid, "bad_site_name", "A site's name is made of lower-case letters, digits, '.', '-' and '_', begins with a letter or digit, and is at most 63 long.")
	}
	return nil
}
