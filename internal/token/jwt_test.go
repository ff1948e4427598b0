package token

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

const (
	current  = "the secret that is in force, long enough"
	previous = "the secret before it, just as long as it"
)

// secretsOf knows one merchant, and another that has no secret.
func secretsOf(merchant string) []string {
	return map[string][]string{"acme": {current, previous}, "bare": {"", ""}}[merchant]
}

func nine() time.Time { return time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC) }

// made signs what a merchant's server would say.
func made(t *testing.T, m jwt.SigningMethod, said jwt.MapClaims, secret any) string {
	t.Helper()
	text, err := jwt.NewWithClaims(m, said).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mei(exp any) jwt.MapClaims { return jwt.MapClaims{"sub": "mei", "merchant": "acme", "exp": exp} }

func TestOpenJWT(t *testing.T) {
	t.Parallel()
	soon := nine().Add(time.Hour).Unix()
	good := made(t, jwt.SigningMethodHS256, mei(soon), []byte(current))
	part := strings.Split(good, ".")
	other := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"tom","merchant":"acme","exp":1796119200}`))
	hs := func(said jwt.MapClaims, secret string) string {
		return made(t, jwt.SigningMethodHS256, said, []byte(secret))
	}
	for name, c := range map[string]struct {
		token string
		ok    bool
	}{
		"good":                   {good, true},
		"under the old secret":   {hs(mei(soon), previous), true},
		"for a day":              {hs(mei(nine().Add(24*time.Hour).Unix()), current), true},
		"for longer":             {hs(mei(nine().Add(24*time.Hour+time.Second).Unix()), current), false},
		"in its last second":     {hs(mei(nine().Unix()+1), current), true},
		"expired":                {hs(mei(nine().Unix()-1), current), false},
		"for ever":               {hs(jwt.MapClaims{"sub": "mei", "merchant": "acme"}, current), false},
		"of no time":             {hs(mei("tomorrow"), current), false},
		"not yet":                {hs(jwt.MapClaims{"sub": "mei", "merchant": "acme", "exp": soon, "nbf": soon - 1}, current), false},
		"of nobody":              {hs(jwt.MapClaims{"merchant": "acme", "exp": soon}, current), false},
		"of no merchant":         {hs(jwt.MapClaims{"sub": "mei", "exp": soon}, current), false},
		"of another merchant":    {hs(jwt.MapClaims{"sub": "mei", "merchant": "other", "exp": soon}, current), false},
		"without a secret":       {hs(jwt.MapClaims{"sub": "mei", "merchant": "bare", "exp": soon}, ""), false},
		"under another secret":   {hs(mei(soon), "another secret of about the same length"), false},
		"another way of signing": {made(t, jwt.SigningMethodHS512, mei(soon), []byte(current)), false},
		"unsigned":               {made(t, jwt.SigningMethodNone, mei(soon), jwt.UnsafeAllowNoneSignatureType), false},
		"with another body":      {part[0] + "." + other + "." + part[2], false},
		"without its signature":  {part[0] + "." + part[1] + ".", false},
		"nonsense":               {"a.b.c", false},
		"nothing":                {"", false},
	} {
		got, err := OpenJWT(c.token, secretsOf, nine())
		if c.ok != (err == nil) || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if c.ok && (got.Person != "mei" || got.Merchant != "acme") || !c.ok && got != (Session{}) {
			t.Errorf("%s: it opens %+v", name, got)
		}
	}
}

func TestSignJWT_IsWhatOpenJWTOpens(t *testing.T) {
	t.Parallel()
	want := Session{Merchant: "acme", Person: "mei", Expires: nine().Add(time.Hour)}
	text, err := SignJWT(want, current)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenJWT(text, secretsOf, nine())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
}
