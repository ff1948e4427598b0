package config

import (
	"strings"
	"testing"

	"landfall/internal/notify"
)

func TestSettings_Push(t *testing.T) {
	t.Parallel()
	public, private, err := NewVAPID()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := NewVAPID()
	if err != nil {
		t.Fatal(err)
	}
	const ops = "ops@shop.example"
	with := func(public string, private notify.Secret, subject string) Settings {
		return Settings{PublicURL: "https://notify.example.com", VAPIDPublicKey: public, VAPIDPrivateKey: private, VAPIDSubject: subject}
	}
	for name, c := range map[string]struct {
		settings Settings
		want     string // the subject, or the mistake
	}{
		"off":                 {Settings{}, "off"},
		"a mail address":      {with(public, private, ops), ops},
		"a page":              {with(public, private, "https://shop.example/contact"), "https://shop.example/contact"},
		"padded":              {with(public+"=", private+"=", ops), ops},
		"no public key":       {with("", private, ops), "LANDFALL_VAPID_PUBLIC_KEY is not set"},
		"no private key":      {with(public, "", ops), "LANDFALL_VAPID_PRIVATE_KEY is not set"},
		"no subject":          {with(public, private, ""), "LANDFALL_VAPID_SUBJECT is not set"},
		"the subject alone":   {with("", "", ops), "LANDFALL_VAPID_PUBLIC_KEY is not set"},
		"of two pairs":        {with(other, private, ops), "LANDFALL_VAPID_PUBLIC_KEY does not belong to"},
		"the wrong way round": {with(private.Reveal(), notify.Secret(public), ops), "LANDFALL_VAPID_PRIVATE_KEY is no key"},
		"zero":                {with(public, notify.Secret(strings.Repeat("A", 43)), ops), "LANDFALL_VAPID_PRIVATE_KEY is no key"},
		"mailto":              {with(public, private, "mailto:ops@shop.example"), "LANDFALL_VAPID_SUBJECT is neither"},
		"a name beside it":    {with(public, private, "Ops <ops@shop.example>"), "LANDFALL_VAPID_SUBJECT is neither"},
		"in the clear":        {with(public, private, "http://shop.example"), "LANDFALL_VAPID_SUBJECT is neither"},
	} {
		p, err := c.settings.Push()
		got := "off"
		switch {
		case err != nil:
			got = err.Error()
		case p != nil:
			got = p.Subject
			if p.PublicKey != public || p.PrivateKey != private || p.Loopback {
				t.Errorf("%s: read as %+v", name, p)
			}
		}
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, private.Reveal()) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if printed := with(public, private, ops).Print(); strings.Contains(printed, private.Reveal()) || !strings.Contains(printed, public) {
		t.Errorf("the settings are printed as %s", printed)
	}
	here := with(public, private, ops)
	here.PublicURL = "http://127.0.0.1:8080"
	if p, err := here.Push(); err != nil || !p.Loopback {
		t.Errorf("on this machine: %+v, %v", p, err)
	}
}
