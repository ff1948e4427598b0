package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSettings_Mailbox(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, []byte("nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const form = "write it as imaps://bounce@mail.example.com/INBOX"
	tests := map[string]struct {
		settings Settings
		want     string // host:port user folder, or the mistake
	}{
		"none":            {Settings{}, "none"},
		"short":           {Settings{BounceIMAP: "imaps://bounce@mail.example.com", BounceIMAPPassword: "p"}, "mail.example.com:993 bounce INBOX tls"},
		"whole":           {Settings{BounceIMAP: "imaps://bounce%40acme.example@mail.example.com:1993/Bounces/Landfall", BounceIMAPPassword: "p"}, "mail.example.com:1993 bounce@acme.example Bounces/Landfall tls"},
		"at in the user":  {Settings{BounceIMAP: "imaps://bounce@acme.example@mail.example.com/", BounceIMAPPassword: "p"}, "mail.example.com:993 bounce@acme.example INBOX tls"},
		"plain at home":   {Settings{BounceIMAP: "imap://bounce@127.0.0.1/INBOX", BounceIMAPPassword: "p"}, "127.0.0.1:143 bounce INBOX plain"},
		"plain abroad":    {Settings{BounceIMAP: "imap://bounce@mail.example.com", BounceIMAPPassword: "p"}, "LANDFALL_BOUNCE_IMAP is not encrypted; use imaps, or imap to an address of this machine only"},
		"other kind":      {Settings{BounceIMAP: "pop3://bounce@mail.example.com", BounceIMAPPassword: "p"}, "LANDFALL_BOUNCE_IMAP is no address of a mailbox; " + form},
		"no host":         {Settings{BounceIMAP: "imaps:///INBOX", BounceIMAPPassword: "p"}, "LANDFALL_BOUNCE_IMAP is no address of a mailbox; " + form},
		"unreadable":      {Settings{BounceIMAP: "imaps://hunter2@[x", BounceIMAPPassword: "p"}, "LANDFALL_BOUNCE_IMAP is no address of a mailbox; " + form},
		"no user":         {Settings{BounceIMAP: "imaps://mail.example.com/INBOX", BounceIMAPPassword: "p"}, "LANDFALL_BOUNCE_IMAP names no user; " + form},
		"no password":     {Settings{BounceIMAP: "imaps://bounce@mail.example.com"}, "LANDFALL_BOUNCE_IMAP_PASSWORD is not set; set it to the password of the user in LANDFALL_BOUNCE_IMAP"},
		"password within": {Settings{BounceIMAP: "imaps://bounce:hunter2@mail.example.com"}, "LANDFALL_BOUNCE_IMAP holds a password; put it into LANDFALL_BOUNCE_IMAP_PASSWORD, and only the user before the @"},
		"password alone":  {Settings{BounceIMAPPassword: "hunter2"}, "LANDFALL_BOUNCE_IMAP is not set, and its password or certificates are; set all of it or nothing"},
		"no file": {Settings{BounceIMAP: "imaps://b@mail.example.com", BounceIMAPPassword: "p", BounceIMAPCAFile: "missing.pem"},
			"LANDFALL_BOUNCE_IMAP_CA_FILE names a file that cannot be read; check its path and rights"},
		"no certificate": {Settings{BounceIMAP: "imaps://b@mail.example.com", BounceIMAPPassword: "p", BounceIMAPCAFile: empty},
			"LANDFALL_BOUNCE_IMAP_CA_FILE holds no certificate; it must be PEM, beginning with -----BEGIN CERTIFICATE-----"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := told(tt.settings.Mailbox()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func told(b *Mailbox, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case b == nil:
		return "none"
	}
	return b.Host + ":" + b.Port + " " + b.User + " " + b.Folder + map[bool]string{true: " tls", false: " plain"}[b.TLS]
}
