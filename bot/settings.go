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
	Threshold     *float64      `json:"threshold"`      // probability from which a passage is quoted; nil: calibrated default
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
	defaultQueue         = "main"
	defaultLanguage      = "en"
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
	if s.Threshold != nil && (*s.Threshold < 0 || *s.Threshold > 1) {
		return Settings{}, errors.New("site settings: threshold is a probability, from 0 to 1")
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

// Retention is how long an idle conversation is kept.
func (s Settings) Retention() time.Duration { return time.Duration(s.RetentionDays) * 24 * time.Hour }

// Site is a shop with its settings.
type Site struct {
	ID       retrieval.SiteID
	Name     string
	Default  bool
	Settings Settings
}

// normalOrigin is an origin as browsers send it.
func normalOrigin(o string) string { return strings.ToLower(strings.TrimSuffix(o, "/")) }
