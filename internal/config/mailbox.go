package config

import (
	"cmp"
	"crypto/x509"
	"errors"
	"net/url"
	"os"
	"strings"

	"landfall/internal/notify"
)

// Mailbox is where mails come back to, to be read by IMAP.
type Mailbox struct {
	Host, Port string
	User       string
	Password   notify.Secret
	Folder     string
	TLS        bool           // from the first byte; without it Host is this machine
	Trust      *x509.CertPool // nil: the system's
}

// Mailbox reads the settings of the mailbox; nil when there is none. Its errors are sentences for people.
func (s Settings) Mailbox() (*Mailbox, error) {
	if s.BounceIMAP == "" {
		return nil, s.noMailbox()
	}
	u, err := url.Parse(s.BounceIMAP)
	if err != nil || u.Hostname() == "" || u.Scheme != "imaps" && u.Scheme != "imap" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("LANDFALL_BOUNCE_IMAP is no address of a mailbox; write it as imaps://bounce@mail.example.com/INBOX")
	}
	b := &Mailbox{Host: u.Hostname(), Port: u.Port(), User: u.User.Username(), Password: s.BounceIMAPPassword,
		Folder: cmp.Or(strings.Trim(u.Path, "/"), "INBOX"), TLS: u.Scheme == "imaps"}
	b.Port = cmp.Or(b.Port, map[bool]string{true: "993", false: "143"}[b.TLS])
	if _, written := u.User.Password(); written {
		return nil, errors.New("LANDFALL_BOUNCE_IMAP holds a password; put it into LANDFALL_BOUNCE_IMAP_PASSWORD, and only the user before the @")
	}
	switch {
	case b.User == "":
		return nil, errors.New("LANDFALL_BOUNCE_IMAP names no user; write it as imaps://bounce@mail.example.com/INBOX")
	case b.Password == "":
		return nil, errors.New("LANDFALL_BOUNCE_IMAP_PASSWORD is not set; set it to the password of the user in LANDFALL_BOUNCE_IMAP")
	case !b.TLS && !loopback(b.Host):
		return nil, errors.New("LANDFALL_BOUNCE_IMAP is not encrypted; use imaps, or imap to an address of this machine only")
	}
	b.Trust, err = trust(s.BounceIMAPCAFile)
	return b, err
}

// noMailbox reports what was set for a mailbox that is none.
func (s Settings) noMailbox() error {
	if s.BounceIMAPPassword != "" || s.BounceIMAPCAFile != "" {
		return errors.New("LANDFALL_BOUNCE_IMAP is not set, and its password or certificates are; set all of it or nothing")
	}
	return nil
}

// trust reads certificates; nil for no file.
func trust(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.New("LANDFALL_BOUNCE_IMAP_CA_FILE names a file that cannot be read; check its path and rights")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("LANDFALL_BOUNCE_IMAP_CA_FILE holds no certificate; it must be PEM, beginning with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}
