// Package config reads what an operator and a merchant write: settings from flags, variables and landfall.yaml, and the
// folder of merchants. It checks everything before anything is started, and every mistake is one sentence that says
// what to do. It builds nothing; internal/app does.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"landfall/internal/notify"
)

// Settings is how one process runs. Flags win over variables, variables over landfall.yaml, that over the defaults.
type Settings struct {
	Listen    string        `name:"listen" env:"LANDFALL_LISTEN" default:":8080" help:"Address to serve HTTP on."`
	Database  string        `name:"database" env:"LANDFALL_DATABASE" default:"sqlite:landfall.db" help:"Ledger: sqlite:PATH."`
	Redis     string        `name:"redis" env:"LANDFALL_REDIS" default:"embedded" help:"Queue: embedded, redis://, rediss:// or redis-sentinel://."`
	Merchants string        `name:"merchants" env:"LANDFALL_MERCHANTS" default:"./merchants" help:"Folder of merchants."`
	PublicURL string        `name:"public-url" env:"LANDFALL_PUBLIC_URL" default:"http://localhost:8080" help:"Base of links and callbacks, as the internet sees it."`
	SecretKey notify.Secret `name:"secret-key" env:"LANDFALL_SECRET_KEY" help:"Signs links; at least 32 characters. Required."`
	LogLevel  string        `name:"log-level" env:"LANDFALL_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least important log line to print."`
	Providers `embed:"" group:"Providers (defaults for every merchant's senders)"`
}

// Providers are defaults for every merchant's senders, so that each can be pointed at a stand-in.
type Providers struct {
	TwilioBaseURL    string        `name:"twilio-base-url" env:"TWILIO_BASE_URL" help:"Twilio's API; plain http only on this machine."`
	TwilioAccountSID string        `name:"twilio-account-sid" env:"TWILIO_ACCOUNT_SID"`
	TwilioAuthToken  notify.Secret `name:"twilio-auth-token" env:"TWILIO_AUTH_TOKEN"`
	TwilioAPIKey     string        `name:"twilio-api-key" env:"TWILIO_API_KEY"`
	TwilioAPISecret  notify.Secret `name:"twilio-api-secret" env:"TWILIO_API_SECRET"`

	LineBaseURL       string        `name:"line-base-url" env:"LINE_BASE_URL" help:"LINE's Messaging API."`
	LineDataBaseURL   string        `name:"line-data-base-url" env:"LINE_DATA_BASE_URL" help:"LINE's content API; kept for media, which no message uses yet."`
	LineChannelToken  notify.Secret `name:"line-channel-token" env:"LINE_CHANNEL_TOKEN"`
	LineChannelSecret notify.Secret `name:"line-channel-secret" env:"LINE_CHANNEL_SECRET"`

	SMTPHost         string        `name:"smtp-host" env:"SMTP_HOST"`
	SMTPPort         int           `name:"smtp-port" env:"SMTP_PORT"`
	SMTPTLS          string        `name:"smtp-tls" env:"SMTP_TLS" enum:",none,starttls,tls" default:"" help:"none (this machine only), starttls or tls."`
	SMTPCAFile       string        `name:"smtp-ca-file" env:"SMTP_CA_FILE"`
	SMTPServerName   string        `name:"smtp-server-name" env:"SMTP_SERVER_NAME"`
	SMTPUser         string        `name:"smtp-user" env:"SMTP_USER"`
	SMTPPassword     notify.Secret `name:"smtp-password" env:"SMTP_PASSWORD"`
	SMTPEnvelopeFrom string        `name:"smtp-envelope-from" env:"SMTP_ENVELOPE_FROM" help:"Where bounces go, such as bounce+{id}@example.com."`
}

// minKey is the least length of a secret key: 32 characters, as 'openssl rand -hex 16' prints.
const minKey = 32

// Validate reports every mistake, one sentence each.
func (s Settings) Validate() error {
	var errs []error
	if n := len(s.SecretKey.Reveal()); n < minKey {
		errs = append(errs, fmt.Errorf("LANDFALL_SECRET_KEY has %d characters; set it to at least %d random ones, for example from: openssl rand -hex 32", n, minKey))
	}
	if u, err := url.Parse(s.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, fmt.Errorf("LANDFALL_PUBLIC_URL %q is no address; write it as https://notify.example.com", s.PublicURL))
	}
	return errors.Join(errs...)
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
		if secret, ok := value.(notify.Secret); ok && secret != "" {
			value = "(set)"
		}
		fmt.Fprintf(b, "%s: %#v\n", field.Tag.Get("name"), value)
	}
}
