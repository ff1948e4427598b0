package token

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxLife is how far ahead a merchant's own token may expire: one that has got away is worthless a day later.
const MaxLife = 24 * time.Hour

// Session is whose inbox a merchant's own token opens.
type Session struct {
	Merchant, Person string
	Expires          time.Time
}

// claims are what a merchant's token says: {"sub": person, "merchant": merchant, "exp": seconds}.
type claims struct {
	jwt.RegisteredClaims
	Merchant string `json:"merchant"`
}

// OpenJWT opens a JSON Web Token that a merchant's own server has signed, with HS256 alone: the token cannot choose how it is
// checked. secrets are those a merchant signs with, the newest first; none for a merchant that does not exist.
func OpenJWT(text string, secrets func(merchant string) []string, now time.Time) (Session, error) {
	var said claims
	_, err := jwt.ParseWithClaims(text, &said, func(*jwt.Token) (any, error) { return keys(secrets(said.Merchant)), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	if err != nil {
		return Session{}, ErrInvalid
	}
	if said.Subject == "" || said.ExpiresAt.After(now.Add(MaxLife)) {
		return Session{}, ErrInvalid
	}
	return Session{Merchant: said.Merchant, Person: said.Subject, Expires: said.ExpiresAt.Time}, nil
}

// keys leaves out empty secrets, under which everybody could sign. Without any, nothing verifies.
func keys(secrets []string) jwt.VerificationKeySet {
	var set jwt.VerificationKeySet
	for _, s := range secrets {
		if s != "" {
			set.Keys = append(set.Keys, []byte(s))
		}
	}
	return set
}

// SignJWT makes such a token, as a merchant's server would.
func SignJWT(s Session, secret string) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{jwt.RegisteredClaims{Subject: s.Person, ExpiresAt: jwt.NewNumericDate(s.Expires)}, s.Merchant})
	return t.SignedString([]byte(secret))
}
