package chatapi

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"frontdesk/bot/convo"
	"frontdesk/internal/fault"
)

// What is wrong with a token.
var (
	errNoToken      = fault.New(fault.Unauthorized, "token_missing", "Send the token you were given as Authorization: Bearer.")
	errBadToken     = fault.New(fault.Unauthorized, "token_invalid", "This token is not valid. Start anew without one.")
	errExpiredToken = fault.New(fault.Unauthorized, "token_expired", "This token has run out. Renew it with POST /v1/token, or start anew without one.")
)

const (
	tokenIssuer   = "frontdesk"
	tokenAudience = "visitor" // tokens for agents, later, are for another audience
)

// caller is who a token speaks for.
type caller struct {
	site    int32
	visitor convo.ID
	expires time.Time
}

// tokens makes and reads the widget's tokens: short-lived, signed with the
// installation's secret, so that every instance accepts them without asking
// the database.
type tokens struct {
	secret     []byte
	ttl, grace time.Duration
	now        func() time.Time
}

type tokenClaims struct {
	jwt.RegisteredClaims
	Site int32 `json:"site"`
}

func (t tokens) issue(site int32, visitor convo.ID) (token string, expires time.Time, err error) {
	now := t.now().Truncate(time.Second)
	expires = now.Add(t.ttl)
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, tokenClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: visitor.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Site: site,
	}).SignedString(t.secret)
	return token, expires, err
}

// read checks a token; late accepts one that ran out within the grace.
func (t tokens) read(token string, late bool) (caller, error) {
	if token == "" {
		return caller{}, errNoToken
	}
	leeway := time.Duration(0)
	if late {
		leeway = t.grace
	}
	var claims tokenClaims
	_, err := jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return t.secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(t.now), jwt.WithLeeway(leeway),
		jwt.WithExpirationRequired(), jwt.WithIssuer(tokenIssuer), jwt.WithAudience(tokenAudience))
	if errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return caller{}, errExpiredToken
	}
	if err != nil {
		return caller{}, errBadToken
	}
	var c caller
	if err := c.visitor.UnmarshalText([]byte(claims.Subject)); err != nil || claims.Site == 0 {
		return caller{}, errBadToken
	}
	c.site, c.expires = claims.Site, claims.ExpiresAt.Time
	return c, nil
}
