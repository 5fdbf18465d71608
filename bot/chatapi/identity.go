package chatapi

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"frontdesk/bot"
	"frontdesk/internal/fault"
)

// What is wrong with an identity. The words are for the shop's developers.
var (
	errIdentity         = fault.New(fault.Unauthorized, "identity_invalid", "The identity's signature, form or algorithm is not right.")
	errIdentityKey      = fault.New(fault.Unauthorized, "identity_key", "The identity's kid is not one of this site's identity keys.")
	errIdentityAudience = fault.New(fault.Unauthorized, "identity_audience", "The identity's aud has to be this site's name.")
	errIdentityExpired  = fault.New(fault.Unauthorized, "identity_expired", "The identity has run out. Have the shop's server sign a new one.")
	errIdentityPart     = fault.New(fault.Unauthorized, "identity_incomplete", "The identity needs aud, sub, exp and jti, each of at most 200 characters.")
)

const (
	maxIdentity = 8 << 10
	maxClaim    = 200
	// identityLeeway is for clocks of shops that are a little off.
	identityLeeway = 30 * time.Second
)

// readIdentity verifies what a shop's server signed, by the site's keys: the
// key is chosen by kid, and the algorithm is the key's, never the token's.
func readIdentity(token string, site *bot.Site, now func() time.Time) (*bot.Identity, error) {
	if len(token) > maxIdentity {
		return nil, errIdentity
	}
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256", "EdDSA"}), jwt.WithTimeFunc(now), jwt.WithLeeway(identityLeeway),
		jwt.WithExpirationRequired(), jwt.WithAudience(site.Name), jwt.WithJSONNumber(),
	).ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return identityKey(t, site.Settings.IdentityKeys) })
	switch {
	case err == nil:
	case errors.Is(err, errIdentityKey):
		return nil, errIdentityKey
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenMalformed), errors.Is(err, jwt.ErrTokenUnverifiable):
		return nil, errIdentity
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return nil, errIdentityAudience
	case errors.Is(err, jwt.ErrTokenExpired):
		return nil, errIdentityExpired
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return nil, errIdentityPart
	default:
		return nil, errIdentity
	}
	return identityOf(claims)
}

func identityKey(t *jwt.Token, keys []bot.IdentityKey) (any, error) {
	kid, _ := t.Header["kid"].(string)
	for _, k := range keys {
		if k.KID != kid || kid == "" {
			continue
		}
		if k.Alg != t.Method.Alg() {
			return nil, errIdentity
		}
		raw, err := base64.StdEncoding.DecodeString(k.Key)
		switch {
		case err != nil:
			return nil, errIdentityKey
		case k.Alg == "EdDSA" && len(raw) == ed25519.PublicKeySize:
			return ed25519.PublicKey(raw), nil
		case k.Alg == "HS256" && len(raw) >= 32:
			return raw, nil
		}
		return nil, errIdentityKey
	}
	return nil, errIdentityKey
}

func identityOf(claims jwt.MapClaims) (*bot.Identity, error) {
	text := func(name string) string {
		s, _ := claims[name].(string)
		return s
	}
	id := &bot.Identity{Subject: text("sub"), JTI: text("jti"), Name: text("name"), Email: text("email"), Attributes: map[string]any{}}
	expires, err := claims.GetExpirationTime()
	for _, s := range []string{id.Subject, id.JTI} {
		if s == "" || len(s) > maxClaim || !storable(s) {
			return nil, errIdentityPart
		}
	}
	if err != nil || expires == nil || len(id.Name) > maxClaim || len(id.Email) > maxClaim || !storable(id.Name) || !storable(id.Email) {
		return nil, errIdentityPart
	}
	id.Expires = expires.Add(identityLeeway)
	for name, v := range claims {
		switch name {
		case "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "name", "email":
		default:
			id.Attributes[name] = v
		}
	}
	if raw, err := json.Marshal(id.Attributes); err != nil || !storable(string(raw)) {
		return nil, errIdentityPart
	}
	return id, nil
}
