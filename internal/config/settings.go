// Package config reads what an operator and a merchant write: settings from flags, variables and landfall.yaml, and the
// folder of merchants. It checks everything before anything is started, and every mistake is one sentence that says
// what to do. It builds nothing; internal/app does.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strings"
	"time"

	"landfall/internal/notify"
)

// Settings is how one process runs. Flags win over variables, variables over landfall.yaml, that over the defaults.
type Settings struct {
	Listen             string        `name:"listen" env:"LANDFALL_LISTEN" default:":8080" help:"Address to serve HTTP on."`
	Database           string        `name:"database" env:"LANDFALL_DATABASE" default:"sqlite:landfall.db" help:"Ledger: sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME, which several processes may share."`
	Redis              string        `name:"redis" env:"LANDFALL_REDIS" default:"embedded" help:"Queue: embedded, redis://, rediss:// or redis-sentinel://."`
	Merchants          string        `name:"merchants" env:"LANDFALL_MERCHANTS" default:"./merchants" help:"Folder of merchants."`
	PublicURL          string        `name:"public-url" env:"LANDFALL_PUBLIC_URL" default:"http://localhost:8080" help:"Base of links and callbacks, as the internet sees it."`
	SecretKey          notify.Secret `name:"secret-key" env:"LANDFALL_SECRET_KEY" help:"Signs links and keys the hashes of erased addresses; at least 32 characters. Required."`
	SecretOld          notify.Secret `name:"secret-key-old" env:"LANDFALL_SECRET_KEY_OLD" help:"The secret key before this one: hashes of erased addresses made under it are still found."`
	BounceOn           string        `name:"bounce-listen" env:"LANDFALL_BOUNCE_LISTEN" help:"Address on which mails are taken that come back, by SMTP, such as :2525; none when left out."`
	BounceIMAP         string        `name:"bounce-imap" env:"LANDFALL_BOUNCE_IMAP" help:"Mailbox that mails come back to, read every minute, such as imaps://bounce@mail.example.com/INBOX; none when left out."`
	BounceIMAPPassword notify.Secret `name:"bounce-imap-password" env:"LANDFALL_BOUNCE_IMAP_PASSWORD" help:"Its password."`
	BounceIMAPCAFile   string        `name:"bounce-imap-ca-file" env:"LANDFALL_BOUNCE_IMAP_CA_FILE" help:"Certificates to trust there, PEM; default: the system's."`
	DeskPrivate        bool          `name:"desk-private" env:"LANDFALL_DESK_PRIVATE" help:"Merchants' desks may be on this machine or in a private network."`
	ModelURL           string        `name:"model-url" env:"LANDFALL_MODEL_URL" help:"Language model to ask what a message means that nobody else understands, for merchants that want it: base of an API in OpenAI's form, such as https://api.example.com/v1; none when left out."`
	ModelName          string        `name:"model-name" env:"LANDFALL_MODEL_NAME" help:"Its name."`
	ModelKey           notify.Secret `name:"model-key" env:"LANDFALL_MODEL_KEY" help:"Bearer token for it; none when left out."`
	ModelDaily         int           `name:"model-daily" env:"LANDFALL_MODEL_DAILY" default:"1000" help:"How many messages of one merchant it is asked about in a day at most."`
	VAPIDPublicKey     string        `name:"vapid-public-key" env:"LANDFALL_VAPID_PUBLIC_KEY" help:"Tells browsers of new messages in the inbox (Web Push), with the two beside it: the public key that 'landfall vapid' prints; off when left out."`
	VAPIDPrivateKey    notify.Secret `name:"vapid-private-key" env:"LANDFALL_VAPID_PRIVATE_KEY" help:"The private key that belongs to it."`
	VAPIDSubject       string        `name:"vapid-subject" env:"LANDFALL_VAPID_SUBJECT" help:"Where push services reach you: a bare mail address, or an https URL."`
	Drain              time.Duration `name:"drain" env:"LANDFALL_DRAIN" default:"35s" help:"How long deliveries under way may take to finish when the process is told to stop; what is not done then is handed back."`
	LogLevel           string        `name:"log-level" env:"LANDFALL_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least important log line to print."`
	Limits             `embed:"" group:"Limits"`
	Providers          `embed:"" group:"Providers (defaults for every merchant's senders)"`
}

// Providers are defaults for every merchant's senders, so that each can be pointed at a stand-in.
type Providers struct {
	SendersPrivate   bool          `name:"senders-private" env:"LANDFALL_SENDERS_PRIVATE" help:"A base_url that a merchant writes itself may be on this machine or in a private network."`
	TwilioBaseURL    string        `name:"twilio-base-url" env:"TWILIO_BASE_URL" help:"Twilio's API; plain http only on this machine."`
	TwilioAccountSID string        `name:"twilio-account-sid" env:"TWILIO_ACCOUNT_SID" help:"Twilio account, AC and 32 hex digits."`
	TwilioAuthToken  notify.Secret `name:"twilio-auth-token" env:"TWILIO_AUTH_TOKEN" help:"Signs callbacks, and calls without an API key."`
	TwilioAPIKey     string        `name:"twilio-api-key" env:"TWILIO_API_KEY" help:"Signs calls in the auth token's place, SK and 32 hex digits."`
	TwilioAPISecret  notify.Secret `name:"twilio-api-secret" env:"TWILIO_API_SECRET" help:"Belongs to the API key."`

	LineBaseURL       string        `name:"line-base-url" env:"LINE_BASE_URL" help:"LINE's Messaging API."`
	LineDataBaseURL   string        `name:"line-data-base-url" env:"LINE_DATA_BASE_URL" help:"LINE's content API; kept for media, which no message uses yet."`
	LineChannelToken  notify.Secret `name:"line-channel-token" env:"LINE_CHANNEL_TOKEN" help:"LINE channel access token."`
	LineChannelSecret notify.Secret `name:"line-channel-secret" env:"LINE_CHANNEL_SECRET" help:"Signs LINE's webhooks."`

	SMTPHost         string        `name:"smtp-host" env:"SMTP_HOST" help:"Mail server."`
	SMTPPort         int           `name:"smtp-port" env:"SMTP_PORT" help:"Its port; 587 with starttls, 465 with tls."`
	SMTPTLS          string        `name:"smtp-tls" env:"SMTP_TLS" enum:",none,starttls,tls" default:"" placeholder:"none|starttls|tls" help:"none (this machine only), starttls or tls."`
	SMTPCAFile       string        `name:"smtp-ca-file" env:"SMTP_CA_FILE" help:"Certificates to trust, PEM; default: the system's."`
	SMTPServerName   string        `name:"smtp-server-name" env:"SMTP_SERVER_NAME" help:"Name in the server's certificate; default: the host."`
	SMTPUser         string        `name:"smtp-user" env:"SMTP_USER" help:"Login at the mail server."`
	SMTPPassword     notify.Secret `name:"smtp-password" env:"SMTP_PASSWORD" help:"Its password."`
	SMTPEnvelopeFrom string        `name:"smtp-envelope-from" env:"SMTP_ENVELOPE_FROM" help:"Where bounces go, such as bounce+{id}@example.com."`

	DKIMDomain   string        `name:"dkim-domain" env:"LANDFALL_DKIM_DOMAIN" help:"Domain that signs the mails of senders of that domain without a key of their own."`
	DKIMSelector string        `name:"dkim-selector" env:"LANDFALL_DKIM_SELECTOR" help:"Name of the key in the domain's DNS, such as landfall for landfall._domainkey.example.com."`
	DKIMKey      notify.Secret `name:"dkim-key" env:"LANDFALL_DKIM_KEY" help:"RSA key of 2048 bits or more: PEM, or file:PATH."`
}

// minKey is the least length of a secret key: 32 characters, as 'openssl rand -hex 16' prints.
const minKey = 32

// Check reports every mistake, one sentence each.
func (s Settings) Check() error {
	var errs []error
	switch n := len(s.SecretKey.Reveal()); {
	case n == 0:
		errs = append(errs, errors.New("LANDFALL_SECRET_KEY is not set; set it to at least 32 random characters, for example from: openssl rand -hex 32"))
	case n < minKey:
		errs = append(errs, fmt.Errorf("LANDFALL_SECRET_KEY has %d characters; set it to at least %d random ones, for example from: openssl rand -hex 32", n, minKey))
	}
	if s.Drain < 0 {
		errs = append(errs, errors.New("LANDFALL_DRAIN is negative; set it to how long deliveries may take to finish, such as 35s"))
	}
	if s.SecretOld != "" && s.SecretOld == s.SecretKey {
		errs = append(errs, errors.New("LANDFALL_SECRET_KEY_OLD is LANDFALL_SECRET_KEY itself; set it to the key that was in force before, or to nothing"))
	}
	if u, err := url.Parse(s.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, errors.New("LANDFALL_PUBLIC_URL is no web address; write it as https://notify.example.com"))
	}
	if err := encrypted("LANDFALL_MODEL_URL", s.ModelURL); err != nil {
		errs = append(errs, err)
	}
	if s.ModelURL != "" && s.ModelName == "" {
		errs = append(errs, errors.New("LANDFALL_MODEL_NAME is not set; name the model that LANDFALL_MODEL_URL is asked for"))
	}
	if _, err := s.Mailbox(); err != nil {
		errs = append(errs, err)
	}
	if _, err := s.Push(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, s.Limits.check()...)
	return errors.Join(append(errs, s.Providers.check()...)...)
}

// check refuses to send credentials over the internet in the clear, and a key that signs nothing.
func (p Providers) check() (errs []error) {
	for _, base := range []struct{ name, value string }{
		{"TWILIO_BASE_URL", p.TwilioBaseURL}, {"LINE_BASE_URL", p.LineBaseURL}, {"LINE_DATA_BASE_URL", p.LineDataBaseURL},
	} {
		if err := encrypted(base.name, base.value); err != nil {
			errs = append(errs, err)
		}
	}
	if _, err := p.dkim(); err != nil {
		errs = append(errs, err)
	}
	return errs
}

// encrypted reports an address that is none, or that would be called over the internet in the clear; "" is none and no mistake.
func encrypted(name, base string) error {
	u, err := url.Parse(base)
	switch {
	case base == "":
	case err != nil || u.Hostname() == "":
		return fmt.Errorf("%s is no web address; write it as https://host", name)
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return fmt.Errorf("%s is not encrypted; use https, or http to an address of this machine only", name)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Print returns the settings as the text of a landfall.yaml, secrets masked.
func (s Settings) Print() string {
	var b strings.Builder
	write(&b, reflect.ValueOf(s))
	return b.String()
}

func write(b *strings.Builder, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			write(b, v.Field(i))
			continue
		}
		value := v.Field(i).Interface()
		fmt.Fprintf(b, "%s: %#v\n", field.Tag.Get("name"), masked(value))
	}
}

// redacted is an address without its password, wherever that stands.
func redacted(u *url.URL) string {
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// masked is a setting as it may be shown: no secret, and no password within an address.
func masked(value any) any {
	switch v := value.(type) {
	case notify.Secret:
		if v != "" {
			return "(set)"
		}
	case time.Duration:
		return v.String()
	case string:
		if u, err := url.Parse(v); err == nil && (u.User != nil || u.Query().Has("password")) {
			return redacted(u)
		} else if err != nil && strings.Contains(v, "@") {
			return "(unreadable)"
		}
	}
	return value
}
