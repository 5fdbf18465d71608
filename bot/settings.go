package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/retrieval"
)

// Settings are what a site chose, from sites.settings; a key that is missing
// has its default.
type Settings struct {
	Origins       []string      `json:"origins"`        // whose pages may read answers
	RetentionDays int           `json:"retention_days"` // conversations idle for longer are erased; 0: 180
	Language      string        `json:"language"`       // of fixed words where nothing better is known; empty: en
	Risk          *float64      `json:"risk"`           // share of quotes that may be wrong; nil: 0.2. The calibration turns it into thresholds
	Threshold     *float64      `json:"threshold"`      // probability from which a passage is quoted; nil: what the risk gives
	Maybe         *float64      `json:"maybe"`          // probability that one of the choices answers from which they are offered; nil: what the risk gives
	IdentityKeys  []IdentityKey `json:"identity_keys"`
	Queue         string        `json:"queue"` // where people wait; empty: "main"
}

// IdentityKey is a key the shop's server signs identities with.
type IdentityKey struct {
	KID string `json:"kid"`
	Alg string `json:"alg"` // HS256 or EdDSA
	// Key is base64: the secret itself (at least 32 bytes), or the 32 bytes of
	// an Ed25519 public key.
	Key string `json:"key"`
}

const (
	defaultRetentionDays = 180
	// defaultRisk is one wrong quote in five, nearly all of them from the right
	// article or of a question whose topic is there and whose fact is not. The
	// ranking cannot promise less and still quote: at 5 % no probability is sure
	// enough on businesses it has not seen, and everything would be a choice.
	defaultRisk     = 0.2
	defaultQueue    = "main"
	defaultLanguage = "en"
)

// ParseSettings reads a site's settings. Keys of other slices are left alone.
func ParseSettings(raw []byte) (Settings, error) {
	var s Settings
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &s); err != nil {
			return Settings{}, fmt.Errorf("site settings: %w", err)
		}
	}
	if s.RetentionDays < 0 {
		return Settings{}, errors.New("site settings: retention_days cannot be negative")
	}
	for _, p := range []struct {
		name  string
		value *float64
	}{{"threshold", s.Threshold}, {"maybe", s.Maybe}} {
		if p.value != nil && !(*p.value >= 0 && *p.value <= 1) {
			return Settings{}, fmt.Errorf("site settings: %s is a probability, from 0 to 1", p.name)
		}
	}
	if s.Risk != nil && !(*s.Risk > 0 && *s.Risk <= 0.5) {
		return Settings{}, errors.New("site settings: risk is the share of quotes that may be wrong, above 0 and at most 0.5; 0.05 means 5 in 100")
	}
	if s.RetentionDays == 0 {
		s.RetentionDays = defaultRetentionDays
	}
	if s.Language == "" {
		s.Language = defaultLanguage
	}
	if s.Queue == "" {
		s.Queue = defaultQueue
	}
	return s, nil
}

// AcceptedRisk is the share of quotes that may be wrong.
func (s Settings) AcceptedRisk() float64 {
	if s.Risk == nil {
		return defaultRisk
	}
	return *s.Risk
}

// Retention is how long an idle conversation is kept.
func (s Settings) Retention() time.Duration { return time.Duration(s.RetentionDays) * 24 * time.Hour }

// Site is a shop with its settings.
type Site struct {
	ID       retrieval.SiteID
	Name     string
	Default  bool
	Settings Settings
	Learned  Learned // from what its customers said of quotes
}

// normalOrigin is an origin as browsers send it.
func normalOrigin(o string) string { return strings.ToLower(strings.TrimSuffix(o, "/")) }
