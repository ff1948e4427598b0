package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landfall/channels/email"
	"landfall/internal/notify"
)

func signingKey(t *testing.T, bits int) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// The operator's key signs for senders of its domain that have none; a merchant's own is its own, as a whole.
func TestMerchant_SharedDKIM(t *testing.T) {
	t.Parallel()
	key := signingKey(t, 2048)
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	const own = "name: A\nsenders: {email: {from: orders@acme.example, dkim: {selector: own, key: k}}}\n"
	for name, c := range map[string]struct{ key, yaml, want string }{
		"in the variable": {key, "name: A\nsenders: {email: {from: Acme <orders@acme.example>}}\n", "acme.example landfall"},
		"in a file":       {"file:" + file, "name: A\nsenders: {email: {from: orders@mail.acme.example}}\n", "acme.example landfall"},
		"other domain":    {key, "name: A\nsenders: {email: {from: orders@other.example}}\n", "none"},
		"its own":         {key, own, " own"},
		"no file": {"file:/missing/dkim.pem", "name: A\nsenders: {email: {from: orders@acme.example}}\n",
			"LANDFALL_DKIM_KEY names a file that cannot be read; check its path and rights"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := loader(t)
			l.Providers = Providers{DKIMDomain: "acme.example", DKIMSelector: "landfall", DKIMKey: notify.Secret(c.key)}
			m, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": c.yaml}))
			if got := signs(m, err); got != c.want {
				t.Errorf("signs as %q, want %q", got, c.want)
			}
		})
	}
}

func signs(m *Merchant, err error) string {
	if err != nil {
		return err.Error()
	}
	var d *email.DKIM = m.Senders.Email[0].Config.DKIM
	if d == nil {
		return "none"
	}
	return d.Domain + " " + d.Selector
}

func TestSettings_DKIM(t *testing.T) {
	t.Parallel()
	key := notify.Secret(signingKey(t, 2048))
	const together = "LANDFALL_DKIM_DOMAIN, LANDFALL_DKIM_SELECTOR and LANDFALL_DKIM_KEY belong together"
	for name, c := range map[string]struct {
		providers Providers
		want      string
	}{
		"none":        {Providers{}, ""},
		"whole":       {Providers{DKIMDomain: "acme.example", DKIMSelector: "landfall", DKIMKey: key}, ""},
		"no key":      {Providers{DKIMDomain: "acme.example", DKIMSelector: "landfall"}, together},
		"no domain":   {Providers{DKIMSelector: "landfall", DKIMKey: key}, together},
		"no selector": {Providers{DKIMDomain: "acme.example", DKIMKey: key}, together},
		"no PEM":      {Providers{DKIMDomain: "acme.example", DKIMSelector: "landfall", DKIMKey: "hunter2"}, "no signature: email: dkim.key is no PEM"},
		"short":       {Providers{DKIMDomain: "acme.example", DKIMSelector: "landfall", DKIMKey: notify.Secret(signingKey(t, 1024))}, "dkim.key has 1024 bits"},
		"no file":     {Providers{DKIMDomain: "acme.example", DKIMSelector: "landfall", DKIMKey: "file:/missing"}, "LANDFALL_DKIM_KEY names a file that cannot be read"},
	} {
		s := Settings{SecretKey: "0123456789abcdef0123456789abcdef", PublicURL: "https://notify.example.com", Providers: c.providers}
		err := s.Check()
		if (err != nil) != (c.want != "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
