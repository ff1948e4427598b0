package token

import (
	"crypto/subtle"
	"encoding/base32"
	"strings"
)

// Bounce is where mail comes back to that could not be delivered.
const Bounce Use = "bounce"

// stampSize is in bytes, ten letters: enough where each guess costs a mail, and short enough for the local part of an address.
const stampSize = 6

var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Stamp appends a short signature to a text of small letters, digits, dots and underscores, in letters that survive mail servers,
// which do not care for case. It does not expire.
func (s Signer) Stamp(use Use, text string) string {
	return text + "-" + letters.EncodeToString(s.mac(use, []byte(text))[:stampSize])
}

// Unstamp returns the text that was stamped; ErrInvalid when it was not, here or for this use.
func (s Signer) Unstamp(use Use, stamped string) (string, error) {
	stamped = strings.ToLower(stamped)
	at := strings.LastIndexByte(stamped, '-')
	if at < 0 || subtle.ConstantTimeCompare([]byte(stamped), []byte(s.Stamp(use, stamped[:at]))) != 1 {
		return "", ErrInvalid
	}
	return stamped[:at], nil
}
