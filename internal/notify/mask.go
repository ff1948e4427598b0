package notify

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"
)

// Secret is a string that says who somebody is. Printed with any verb or logged it shows only its outline; Reveal gives
// it whole. fmt calls no methods on unexported fields: a struct that keeps a Secret in one must not be printed.
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

// Format writes the outline, whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) { outline(f, verb, string(s)) }

// LogValue keeps the whole value out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String returns the outline.
func (p Phone) String() string { return Mask(string(p)) }

// Format writes the outline, whatever the verb.
func (p Phone) Format(f fmt.State, verb rune) { outline(f, verb, string(p)) }

// LogValue keeps the whole value out of logs.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String returns the outline.
func (e EmailAddress) String() string { return Mask(string(e)) }

// Format writes the outline, whatever the verb.
func (e EmailAddress) Format(f fmt.State, verb rune) { outline(f, verb, string(e)) }

// LogValue keeps the whole value out of logs.
func (e EmailAddress) LogValue() slog.Value { return slog.StringValue(e.String()) }

// String returns the outline.
func (l LineID) String() string { return Mask(string(l)) }

// Format writes the outline, whatever the verb.
func (l LineID) Format(f fmt.State, verb rune) { outline(f, verb, string(l)) }

// LogValue keeps the whole value out of logs.
func (l LineID) LogValue() slog.Value { return slog.StringValue(l.String()) }

// LogValue names the channel and the outline. Without it a log in JSON would hold the whole value.
func (a Address) LogValue() slog.Value {
	return slog.StringValue(string(a.Channel) + " " + a.Value.String())
}

// LogValue is the merchant's own customer number: a log has no business with the rest.
func (p Person) LogValue() slog.Value { return slog.StringValue(string(p.ID)) }

// outline writes s masked. For %#v and for verbs that do not fit, fmt would take the bytes of the string itself.
func outline(f fmt.State, verb rune, s string) {
	switch verb {
	case 's', 'q', 'v':
		fmt.Fprintf(f, fmt.FormatString(f, verb), Mask(s))
	default:
		io.WriteString(f, Mask(s))
	}
}

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
