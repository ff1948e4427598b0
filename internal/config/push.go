package config

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/mail"
	"net/url"
	"strings"

	"landfall/internal/notify"
)

// Push is what browsers are told of new messages with (Web Push): a pair of VAPID keys, and who runs this.
type Push struct {
	PublicKey  string // in base64url
	PrivateKey notify.Secret
	Subject    string // a bare mail address, or an https URL
	Loopback   bool   // whether only this machine reaches Landfall, so that browsers may be on it too
}

// Push reads the settings of Web Push; nil when it is off. Its errors are sentences for people.
func (s Settings) Push() (*Push, error) {
	if s.VAPIDPublicKey == "" && s.VAPIDPrivateKey == "" && s.VAPIDSubject == "" {
		return nil, nil
	}
	for _, part := range [...]struct{ name, value, as string }{
		{"LANDFALL_VAPID_PUBLIC_KEY", s.VAPIDPublicKey, "the key that 'landfall vapid' prints"},
		{"LANDFALL_VAPID_PRIVATE_KEY", s.VAPIDPrivateKey.Reveal(), "the key that 'landfall vapid' prints"},
		{"LANDFALL_VAPID_SUBJECT", s.VAPIDSubject, "a mail address or https URL of yours"},
	} {
		if part.value == "" {
			return nil, errors.New(part.name + " is not set, and another of the VAPID settings is; set it to " + part.as + ", or none of the three")
		}
	}
	p := &Push{PublicKey: strings.TrimRight(s.VAPIDPublicKey, "="), PrivateKey: notify.Secret(strings.TrimRight(s.VAPIDPrivateKey.Reveal(), "=")), Subject: s.VAPIDSubject}
	if u, err := url.Parse(s.PublicURL); err == nil {
		p.Loopback = loopback(u.Hostname())
	}
	if err := p.pair(); err != nil {
		return nil, err
	}
	if !contact(p.Subject) {
		return nil, errors.New("LANDFALL_VAPID_SUBJECT is neither a mail address nor an https URL; write it as ops@example.com, without mailto:, or as https://example.com/contact")
	}
	return p, nil
}

// pair reports keys that are none, or do not belong together: every push would be refused.
func (p *Push) pair() error {
	secret, err := base64.RawURLEncoding.DecodeString(p.PrivateKey.Reveal())
	if err != nil || len(secret) != 32 {
		return errors.New("LANDFALL_VAPID_PRIVATE_KEY is no key; make a pair with 'landfall vapid'")
	}
	private, err := ecdh.P256().NewPrivateKey(secret)
	if err != nil {
		return errors.New("LANDFALL_VAPID_PRIVATE_KEY is no key; make a pair with 'landfall vapid'")
	}
	if p.PublicKey != base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()) {
		return errors.New("LANDFALL_VAPID_PUBLIC_KEY does not belong to LANDFALL_VAPID_PRIVATE_KEY; set both to what one run of 'landfall vapid' printed")
	}
	return nil
}

// contact reports whether push services can reach somebody there.
func contact(subject string) bool {
	if u, err := url.Parse(subject); err == nil && u.Scheme == "https" {
		return u.Hostname() != "" && u.User == nil
	}
	a, err := mail.ParseAddress(subject)
	return err == nil && a.Address == subject && !strings.HasPrefix(subject, "mailto:")
}

// NewVAPID makes a pair of VAPID keys, in base64url as browsers and push services write them.
func NewVAPID() (public string, private notify.Secret, err error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return "", "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode(key.PublicKey().Bytes()), notify.Secret(encode(key.Bytes())), nil
}
