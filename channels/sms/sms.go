// Package sms sends text messages through Twilio and reads what Twilio reports back. Calls, error codes and
// signatures are internal/twilio's, shared with whatsapp; length and encoding of the words are the templates'.
package sms

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"landfall/channels"
	"landfall/channels/internal/twilio"
	"landfall/internal/notify"
)

// Config is one merchant's SMS sender. Its fields:
//
//	AccountSID            account_sid            the account, "AC..."; required
//	AuthToken             auth_token             signs callbacks, and calls unless there is an API key; required
//	AuthTokenOld          auth_token_old         accepted on callbacks too while the token is being changed
//	APIKey, APISecret     api_key, api_secret    sign calls in the auth token's place
//	From                  from                   a number in E.164, a short code or a sender name of up to 11 characters
//	MessagingServiceSID   messaging_service_sid  a pool of senders, in From's place
//	BaseURL               base_url               default https://api.twilio.com; plain http for this machine only
//	Guarded                                      whether BaseURL may lead to the internet alone, since a merchant gave it
//	Timeout               timeout                of one call; default 15s
//	Rate                  rate                   messages a second, kept by the dispatcher; default no limit
type Config twilio.Config

// WithDefaults returns c with every unset field that has a default filled in.
func (c Config) WithDefaults() Config { return Config(twilio.Config(c).WithDefaults()) }

// sender is what Twilio takes as the sender of a text message.
var sender = regexp.MustCompile(`^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{0,10}[A-Za-z][A-Za-z0-9 ]{0,10})$`)

// Validate reports the first mistake in c, as one sentence that says what to do. Call it after WithDefaults.
func (c Config) Validate() error {
	if err := twilio.Config(c).Validate(); err != nil {
		return fmt.Errorf("sms: %w", err)
	}
	name := c.From != "" && c.From[0] != '+'
	if c.From != "" && !sender.MatchString(c.From) || name && len(c.From) > 11 {
		return errors.New("sms: from is no sender; write a number as +4915112345678, a short code, or a name of up to 11 letters and digits")
	}
	return nil
}

// Tokens returns the auth tokens a callback may be signed with, for Verify.
func (c Config) Tokens() []notify.Secret { return twilio.Config(c).Tokens() }

// Sender sends text messages for one merchant.
type Sender struct {
	from   string
	client *twilio.Client
}

var (
	_ channels.Asker  = (*Sender)(nil)
	_ channels.Prober = (*Sender)(nil)
)

// New returns a sender for cfg, with defaults filled in. The error is the first mistake in cfg.
func New(cfg Config) (*Sender, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	client, err := twilio.NewClient(twilio.Config(cfg))
	if err != nil {
		return nil, fmt.Errorf("sms: %w", err)
	}
	return &Sender{from: cfg.From, client: client}, nil
}

// Send hands m to Twilio; Accepted.ProviderID is the message's SID. Every error is a *channels.Error.
func (s *Sender) Send(ctx context.Context, m channels.Message) (channels.Accepted, error) {
	return s.client.Send(ctx, s.text(m))
}

// Ask lists what Twilio took since an instant that may be m; see channels.Asker.
func (s *Sender) Ask(ctx context.Context, m channels.Message, since time.Time) ([]channels.Accepted, error) {
	return s.client.Ask(ctx, s.text(m), since)
}

// Probe asks Twilio whether it takes the credentials; see channels.Prober.
func (s *Sender) Probe(ctx context.Context) error { return s.client.Probe(ctx) }

func (s *Sender) text(m channels.Message) twilio.Text {
	return twilio.Text{
		To:       m.To.Value.Reveal(),
		From:     s.from,
		Body:     m.Words.Text,
		Callback: m.Callback,
		Delivery: m.Delivery,
	}
}

// Outcomes is what Twilio's codes mean.
func Outcomes() channels.Outcomes { return twilio.Outcomes() }

// ErrSignature is what Verify answers to a callback that is not Twilio's.
var ErrSignature = twilio.ErrSignature

// Verify checks a callback's X-Twilio-Signature. publicURL is the address Twilio called, as Twilio knows it, with
// its query: built from the configured public URL, never from the Host header.
func Verify(tokens []notify.Secret, publicURL string, body []byte, signature string) error {
	return twilio.Verify(tokens, publicURL, body, signature)
}

// Receive reads a callback that Verify has let through. Twilio calls one address for SMS and WhatsApp alike, so this serves
// both; each signal says which it is about.
func Receive(publicURL string, body []byte, now time.Time) ([]channels.Signal, error) {
	return twilio.Receive(publicURL, body, now)
}
