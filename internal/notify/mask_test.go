package notify

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"phone", "+4915112345678", "+49•••••••••78"},
		{"shortest phone that shows its ends", "+491234", "+49••34"},
		{"too short to show its ends", "+49123", "+•••"},
		{"mail", "mei@example.com", "m•••@e•••.com"},
		{"mail below a second domain", "mei@shop.example.co.uk", "m•••@s•••.uk"},
		{"mail without a dot", "root@localhost", "r•••@l•••"},
		{"mail in another script", "美@例え.jp", "美•••@例•••.jp"},
		{"LINE user", "U1234567890abcdef", "U•••"},
		{"one letter", "x", "x•••"},
		{"no host", "mei@", "m•••@•••"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Mask(c.in); got != c.want {
				t.Errorf("Mask(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// inner is what none of the printed forms below may hold.
const inner = "2345"

// secrets are values of every type that masks, alone and inside what carries them.
func secrets() map[string]any {
	phone := Phone("+491112345678")
	person := Person{ID: "mei", Phone: phone, Email: "a2345b@example.com", Line: "U2345"}
	return map[string]any{
		"Secret": Secret("U12345"), "Phone": phone, "EmailAddress": EmailAddress("a2345b@example.com"), "LineID": LineID("U2345"),
		"Address": Address{Channel: SMS, Value: "+491112345678"}, "Person": person, "pointer": &person,
		"slice": []Secret{"U12345"}, "map": map[string]Secret{"to": "U12345"},
	}
}

func TestSecretsPrintMasked(t *testing.T) {
	t.Parallel()
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%#q", "%+q", "%x", "%X", "% x", "%d", "%t", "%20s", "%-20v", "%.9s"}
	for name, secret := range secrets() {
		for _, verb := range verbs {
			if got := fmt.Sprintf(verb, secret); strings.Contains(got, inner) || strings.Contains(strings.ToLower(got), "32333435") {
				t.Errorf("%s printed with %s leaks: %s", name, verb, got)
			}
		}
		if got := fmt.Errorf("send to %v: %w", secret, errors.New("refused")).Error(); strings.Contains(got, inner) {
			t.Errorf("%s in an error leaks: %s", name, got)
		}
	}
}

func TestOutlineKeepsVerbAndWidth(t *testing.T) {
	t.Parallel()
	if got, want := fmt.Sprintf("%s|%q|%#v|%8v|%d", Secret("U1"), Secret("U1"), Secret("U1"), Secret("U1"), Secret("U1")), `U•••|"U•••"|"U•••"|    U•••|U•••`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSecretsAreLoggedMasked(t *testing.T) {
	t.Parallel()
	timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // its digits may be anything
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	for name, secret := range secrets() {
		if name == "slice" || name == "map" { // slog asks only the value itself
			continue
		}
		var text, json bytes.Buffer
		slog.New(slog.NewTextHandler(&text, timeless)).Info("sent", "to", secret)
		slog.New(slog.NewJSONHandler(&json, timeless)).Info("sent", "to", secret)
		for form, got := range map[string]string{"text": text.String(), "JSON": json.String()} {
			if strings.Contains(got, inner) {
				t.Errorf("%s in a %s log leaks: %s", name, form, got)
			}
		}
	}
}

func TestRevealGivesItWhole(t *testing.T) {
	t.Parallel()
	if got := Secret("U12345").Reveal(); got != "U12345" {
		t.Errorf("Reveal gives %q", got)
	}
}
