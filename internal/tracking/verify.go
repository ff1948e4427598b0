package tracking

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// scheme is how one feed signs: in which header, and what stands there.
type scheme struct {
	header string
	sign   func(secret string, body []byte) string
}

var schemes = map[Feed]scheme{
	AfterShip:      {"aftership-hmac-sha256", signAfterShip},
	SeventeenTrack: {"sign", signSeventeen},
	EasyPost:       {"X-Hmac-Signature", signEasyPost},
}

// Verify checks the signature over the raw body, in constant time. header is http.Header.Get. A nil error means
// that whoever knows secret made the body; none of the feeds signs a time, so a replay is genuine too and is told
// by its events' ids. An error is one sentence and holds neither secret nor signature.
func Verify(f Feed, secret string, header func(string) string, body []byte) error {
	s, ok := schemes[f]
	if !ok {
		return fmt.Errorf("verify webhook: %w", noFeed(f))
	}
	if secret == "" {
		return fmt.Errorf("verify %s webhook: no secret is set for this feed; set the one the feed's dashboard shows", f)
	}
	got := strings.TrimSpace(header(s.header))
	if got == "" {
		return fmt.Errorf("verify %s webhook: header %s is missing; switch signing on in the feed's dashboard", f, s.header)
	}
	if !hmac.Equal([]byte(got), []byte(s.sign(secret, body))) {
		return fmt.Errorf("verify %s webhook: the signature in header %s does not match; check the feed's secret", f, s.header)
	}
	return nil
}

func signAfterShip(secret string, body []byte) string {
	return base64.StdEncoding.EncodeToString(keyed(secret, body))
}

// signSeventeen is a plain hash, not an HMAC: that is how 17TRACK signs.
func signSeventeen(secret string, body []byte) string {
	hash := sha256.New()
	hash.Write(body)
	hash.Write([]byte("/" + secret))
	return hex.EncodeToString(hash.Sum(nil))
}

func signEasyPost(secret string, body []byte) string {
	return "hmac-sha256-hex=" + hex.EncodeToString(keyed(norm.NFKD.String(secret), body))
}

func keyed(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
