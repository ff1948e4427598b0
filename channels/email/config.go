package email

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"
	"time"

	"landfall/channels/internal/outbound"
	"landfall/internal/notify"
)

// Security is how the connection to the mail server is encrypted. None of them ever falls back to a weaker one.
type Security string

// The ways to encrypt. Plain is for a server on this machine only.
const (
	Plain    Security = "none"
	StartTLS Security = "starttls" // begins in the clear and refuses to go on without TLS
	Implicit Security = "tls"      // TLS from the first byte
)

// DefaultTimeout bounds one mail. It is longer than an API call's, since servers delay strangers on purpose.
const DefaultTimeout = 30 * time.Second

// idMark stands for the delivery in Config.EnvelopeFrom and Config.ReplyTo.
const idMark = "{id}"

// Config is one merchant's mail sender.
type Config struct {
	// From is what people see, "Acme <orders@acme.example>" or a bare address. Its domain names the mails. Required.
	From string `yaml:"from"`
	// ReplyTo is where answers go; with {id} in place of the delivery and a signature, reply+{id}@acme.example, they are understood. Default: From.
	ReplyTo string `yaml:"reply_to"`
	// EnvelopeFrom is where bounces go, with {id} in place of the delivery and a signature: bounce+{id}@acme.example. Default: From.
	EnvelopeFrom string `yaml:"envelope_from"`
	// DKIM signs the mails. Default: the mail server does, or nobody.
	DKIM *DKIM `yaml:"dkim"`
	// Host is the mail server. Required.
	Host string `yaml:"host"`
	// Port is the server's. Default: 587 with starttls, 465 with tls, 25 with none.
	Port int `yaml:"port"`
	// TLS is none, starttls or tls. Default: starttls.
	TLS Security `yaml:"tls"`
	// User and Password log in. Default: no login.
	User     string        `yaml:"user"`
	Password notify.Secret `yaml:"password"`
	// CAFile holds the PEM certificates to trust. Default: the system's.
	CAFile string `yaml:"ca_file"`
	// ServerName is the name the server's certificate must bear. Default: Host.
	ServerName string `yaml:"server_name"`
	// Timeout bounds one mail from dialing to the server's yes. Default: 30s.
	Timeout time.Duration `yaml:"timeout"`
	// Rate is how many messages a second may be sent; the dispatcher keeps to it. Default: no limit.
	Rate float64 `yaml:"rate"`
}

// WithDefaults returns c with every unset field that has a default filled in.
func (c Config) WithDefaults() Config {
	c.TLS = cmp.Or(c.TLS, StartTLS)
	c.Port = cmp.Or(c.Port, map[Security]int{Plain: 25, StartTLS: 587, Implicit: 465}[c.TLS])
	c.ServerName = cmp.Or(c.ServerName, c.Host)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	return c
}

// Validate reports the first mistake in c, as one sentence that says what to do. Call it after WithDefaults.
func (c Config) Validate() error {
	if err := c.validateServer(); err != nil {
		return err
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		return errors.New("email: from is no mail address; write it as Acme <orders@acme.example>")
	}
	if _, err := mail.ParseAddress(named(c.ReplyTo, "0")); c.ReplyTo != "" && err != nil {
		return errors.New("email: reply_to is no mail address; write it as help@acme.example, or as reply+{id}@acme.example where the assistant answers")
	}
	if c.DKIM != nil {
		if err := c.DKIM.Validate(); err != nil {
			return err
		}
	}
	if c.EnvelopeFrom == "" {
		return nil
	}
	_, err := mail.ParseAddress(named(c.EnvelopeFrom, "0"))
	if strings.Count(c.EnvelopeFrom, idMark) != 1 || err != nil {
		return errors.New("email: envelope_from is no pattern of an address; write it as bounce+{id}@acme.example")
	}
	return nil
}

func (c Config) validateServer() error {
	switch {
	case c.Host == "" || strings.ContainsAny(c.Host, "/ \t\r\n"):
		return errors.New("email: host is missing or no host name; write it as smtp.acme.example")
	case c.TLS != Plain && c.TLS != StartTLS && c.TLS != Implicit:
		return fmt.Errorf("email: tls %q is unknown; use starttls, tls, or none for a server on this machine", c.TLS)
	case c.Port < 1 || c.Port > 65535:
		return fmt.Errorf("email: port %d does not exist; use 587, 465 or 25", c.Port)
	case c.TLS == Plain && !outbound.Loopback(c.Host):
		return errors.New("email: tls none is for a server on this machine only; use starttls or tls")
	case (c.User == "") != (c.Password == ""):
		return errors.New("email: user and password belong together; set both or neither")
	case c.Rate < 0:
		return errors.New("email: rate is negative; write how many messages a second may be sent, such as 10")
	case c.Timeout < 0:
		return errors.New("email: timeout is negative; write it as 30s")
	}
	return nil
}

// named puts a delivery into the pattern of an address.
func named(pattern, id string) string { return strings.Replace(pattern, idMark, id, 1) }

// tlsConfig reads CAFile; its errors are sentences for people.
func (c Config) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CAFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("email: ca_file cannot be read; check its path: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("email: ca_file holds no certificate; it must be PEM, beginning with -----BEGIN CERTIFICATE-----")
	}
	return cfg, nil
}
