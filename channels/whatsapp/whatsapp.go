// Package whatsapp sends WhatsApp messages through Twilio: approved templates at any time, free words only within 24
// hours of the person's last message. It sends what it is given; the dispatcher knows when that window is open.
// Calls and error codes are internal/twilio's, shared with sms; package sms reads the callbacks of both.
package whatsapp

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

// Config is one merchant's WhatsApp sender. Its fields:
//
//	AccountSID            account_sid            the account, "AC..."; required
//	AuthToken             auth_token             signs callbacks, and calls unless there is an API key; required
//	AuthTokenOld          auth_token_old         accepted on callbacks too while the token is being changed
//	APIKey, APISecret     api_key, api_secret    sign calls in the auth token's place
//	From                  from                   the sender's number in E.164, without "whatsapp:"
//	MessagingServiceSID   messaging_service_sid  a pool of senders, in From's place
//	BaseURL               base_url               default https://api.twilio.com; plain http for this machine only
//	Guarded                                      whether BaseURL may lead to the internet alone, since a merchant gave it
//	Timeout               timeout                of one call; default 15s
//	Rate                  rate                   messages a second, kept by the dispatcher; default no limit
type Config twilio.Config

// WithDefaults returns c with every unset field that has a default filled in.
func (c Config) WithDefaults() Config { return Config(twilio.Config(c).WithDefaults()) }

var number = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

// Validate reports the first mistake in c, as one sentence that says what to do. Call it after WithDefaults.
func (c Config) Validate() error {
	if err := twilio.Config(c).Validate(); err != nil {
		return fmt.Errorf("whatsapp: %w", err)
	}
	if c.From != "" && !number.MatchString(c.From) {
		return errors.New("whatsapp: from is no number; write it as +4915112345678, without \"whatsapp:\"")
	}
	return nil
}

// Tokens returns the auth tokens a callback may be signed with, for sms.Verify.
func (c Config) Tokens() []notify.Secret { return twilio.Config(c).Tokens() }

// Sender sends WhatsApp messages for one merchant.
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
		return nil, fmt.Errorf("whatsapp: %w", err)
	}
	return &Sender{from: cfg.From, client: client}, nil
}

// Send hands m to Twilio: its template when it has one, else its text. Accepted.ProviderID is the message's SID; most
// failures are known only later, by callback. Every error is a *channels.Error.
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
		To:       twilio.WhatsAppPrefix + m.To.Value.Reveal(),
		From:     twilio.WhatsAppPrefix + s.from,
		Body:     m.Words.Text,
		Content:  m.Words.Content,
		Callback: m.Callback,
		Delivery: m.Delivery,
	}
}
