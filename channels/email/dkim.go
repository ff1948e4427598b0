package email

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/wneessen/go-mail"
	"golang.org/x/net/publicsuffix"

	"landfall/internal/notify"
)

// DKIM signs a sender's mails, so that mailboxes can tell that they are the domain's. Source: RFC 6376.
type DKIM struct {
	// Domain signs; its DNS holds the public key. Default: that of From.
	Domain string `yaml:"domain"`
	// Selector is the name of the key in the domain's DNS, "landfall" of landfall._domainkey.acme.example. Required.
	Selector string `yaml:"selector"`
	// Key is an RSA key of 2048 bits or more, PEM. Required.
	Key notify.Secret `yaml:"key"`
}

// minBits is the least length of a key that large mailboxes accept as good. Source: RFC 8301, section 3.2.
const minBits = 2048

// signed are the headers a signature covers. Mailboxes take the one-click unsubscription only from under a signature (RFC 8058,
// section 4). Those that stand here twice are covered once more than they occur, so that none can be added on the way (RFC 6376,
// section 8.15).
var signed = []string{"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "List-Id", "List-Unsubscribe",
	"List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted", "Content-Type", "Content-Language", "MIME-Version",
	"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Type"}

var selector = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// Validate reports the first mistake, as one sentence that says what to do.
func (d DKIM) Validate() error {
	if !selector.MatchString(d.Selector) {
		return errors.New("email: dkim.selector is missing or no name in DNS; write it as landfall, for landfall._domainkey.acme.example")
	}
	_, err := d.key()
	return err
}

// SignsFor reports whether a signature of the domain speaks for an author's address: both belong to one organization, which is what
// DMARC asks for (RFC 7489, section 3.1.1). An address that is none belongs to nobody.
func (d DKIM) SignsFor(from string) bool {
	author, err := netmail.ParseAddress(from)
	return err == nil && d.Domain != "" && organization(domainOf(author.Address)) == organization(d.Domain)
}

// organization is what a domain's owner registered: acme.example of mail.acme.example.
func organization(domain string) string {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	registered, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return registered
}

// key reads the key; its errors are sentences for people and hold nothing of it.
func (d DKIM) key() (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(d.Key.Reveal()))
	if block == nil {
		return nil, errors.New("email: dkim.key is no PEM; name the file of the private key as file:PATH, made with: openssl genrsa -out dkim.pem 2048")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		other, parsed := x509.ParsePKCS8PrivateKey(block.Bytes)
		key, _ = other.(*rsa.PrivateKey)
		if parsed != nil || key == nil {
			return nil, errors.New("email: dkim.key is no RSA key, which is the one kind that every mailbox reads; make one with: openssl genrsa -out dkim.pem 2048")
		}
	}
	if bits := key.N.BitLen(); bits < minBits {
		return nil, fmt.Errorf("email: dkim.key has %d bits; make one of 2048 with: openssl genrsa -out dkim.pem 2048", bits)
	}
	return key, nil
}

// signer signs mails.
type signer struct{ options dkim.SignOptions }

// newSigner returns a signer for the mails of a domain; nil when d is.
func newSigner(d *DKIM, domain string) (*signer, error) {
	if d == nil {
		return nil, nil
	}
	key, err := d.key()
	if err != nil {
		return nil, err
	}
	if d.Domain != "" {
		domain = d.Domain
	}
	return &signer{dkim.SignOptions{Domain: domain, Selector: d.Selector, Signer: key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}}, nil
}

// sign adds the signature to msg, which must be written the same way each time: it needs a boundary of its own. The signature is
// folded by who made it; go-mail's own folds within names of headers, which no mailbox verifies.
func (s *signer) sign(msg *mail.Msg) error {
	if s == nil {
		return nil
	}
	var plain, signed bytes.Buffer
	if _, err := msg.WriteTo(&plain); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	options := s.options
	if err := dkim.Sign(&signed, bytes.NewReader(plain.Bytes()), &options); err != nil {
		return fmt.Errorf("sign mail: %w", err)
	}
	header, _, _ := strings.Cut(signed.String()[:signed.Len()-plain.Len()], "\r\n\r\n")
	name, value, _ := strings.Cut(strings.TrimRight(header, "\r\n"), ":")
	msg.SetGenHeaderPreformatted(mail.Header(name), strings.TrimLeft(value, " "))
	return nil
}
