package notify

import (
	"log/slog"
	"strings"
	"unicode/utf8"
)

// Secret is a string that says who somebody is. Printed or logged it shows only its outline; Reveal gives it whole.
// Encoding as JSON gives it whole too, for the ledger and for the person's own merchant.
type Secret string

// Phone is an E.164 number that prints masked, with its country code's first digits and its last two.
type Phone Secret

// EmailAddress is an e-mail address that prints masked.
type EmailAddress Secret

// LineID is a LINE user id that prints masked.
type LineID Secret

// Reveal returns the whole value. Call it only where the value leaves for the provider or the ledger.
func (s Secret) Reveal() string { return string(s) }

// String returns the outline: "+49•••••••67", "m•••@e•••.de", "U1•••".
func (s Secret) String() string { return Mask(string(s)) }

// LogValue keeps the whole value out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String returns the outline.
func (p Phone) String() string { return Mask(string(p)) }

// LogValue keeps the whole value out of logs.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String returns the outline.
func (e EmailAddress) String() string { return Mask(string(e)) }

// LogValue keeps the whole value out of logs.
func (e EmailAddress) LogValue() slog.Value { return slog.StringValue(e.String()) }

// String returns the outline.
func (l LineID) String() string { return Mask(string(l)) }

// LogValue keeps the whole value out of logs.
func (l LineID) LogValue() slog.Value { return slog.StringValue(l.String()) }

const dot = "•"

// Mask returns the outline of a phone number, an e-mail address or any other identifier.
func Mask(s string) string {
	switch {
	case s == "":
		return ""
	case strings.HasPrefix(s, "+") && len(s) > 6:
		return s[:3] + strings.Repeat(dot, len(s)-5) + s[len(s)-2:]
	case strings.Contains(s, "@"):
		local, domain, _ := strings.Cut(s, "@")
		name, tld, dotted := cutLast(domain, ".")
		if dotted {
			tld = "." + tld
		}
		return first(local) + "•••@" + first(name) + "•••" + tld
	default:
		return first(s) + "•••"
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func first(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
