package app

import (
	"errors"
	"fmt"
	"time"

	"landfall/channels"
	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/internal/httpapi"
	"landfall/internal/notify"
)

// BuildTenant makes a merchant's senders and words from its configuration; w is the world all merchants share, now dates
// mails. The inbox is the caller's to add. Its errors name the merchant's file.
func BuildTenant(m *config.Merchant, w *dispatcher.World, now func() time.Time) (*httpapi.Tenant, error) {
	voice, err := NewVoice(m, "")
	if err != nil {
		return nil, err
	}
	voices, err := voices(m)
	if err != nil {
		return nil, err
	}
	senders, err := senders(m.Senders, now)
	if err != nil {
		return nil, within(string(m.ID)+"/merchant.yaml: senders.", err)
	}
	t := &httpapi.Tenant{Key: m.Key, Name: m.Name, Recipients: recipients(m.Senders), Feeds: map[string]httpapi.Feed{}, Merchant: &dispatcher.Merchant{
		ID: m.ID, Markets: m.Markets, DefaultMarket: m.DefaultMarket, Voice: voice, Voices: voices, Senders: senders, World: w,
	}}
	if c := m.Contact; c != nil {
		t.Contact = &notify.Person{ID: notify.MerchantContact, Email: c.Email, Locale: c.Locale}
	}
	for name, f := range m.Feeds {
		t.Feeds[name] = httpapi.Feed{Kind: f.Kind, Secret: f.Secret}
	}
	for _, s := range m.Senders.WhatsApp {
		t.TwilioTokens = append(t.TwilioTokens, s.Config.Tokens()...)
	}
	for _, s := range m.Senders.SMS {
		t.TwilioTokens = append(t.TwilioTokens, s.Config.Tokens()...)
	}
	for _, s := range m.Senders.LINE {
		t.LineSecrets = append(t.LineSecrets, s.Config.Secrets()...)
	}
	return t, nil
}

// within puts the place of an error before it, and before each of those joined in it.
func within(place string, err error) error {
	many, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s%w", place, err)
	}
	var errs []error
	for _, one := range many.Unwrap() {
		errs = append(errs, within(place, one))
	}
	return errors.Join(errs...)
}

// senders builds a merchant's senders; every mistake is one sentence.
func senders(s config.Senders, now func() time.Time) (dispatcher.Senders, error) {
	out := dispatcher.Senders{}
	errs := []error{
		build(out, notify.WhatsApp, s.WhatsApp, func(c whatsapp.Config) (channels.Sender, float64, error) {
			s, err := whatsapp.New(c)
			return s, c.Rate, err
		}),
		build(out, notify.SMS, s.SMS, func(c sms.Config) (channels.Sender, float64, error) { s, err := sms.New(c); return s, c.Rate, err }),
		build(out, notify.LINE, s.LINE, func(c line.Config) (channels.Sender, float64, error) { s, err := line.New(c); return s, c.Rate, err }),
		build(out, notify.Email, s.Email, func(c email.Config) (channels.Sender, float64, error) {
			s, err := email.New(c, now)
			return s, c.Rate, err
		}),
	}
	return out, errors.Join(errs...)
}

// build adds the accounts of one channel to a merchant's senders. An error of make begins with the channel's name.
func build[C any](into dispatcher.Senders, c notify.Channel, accounts config.Accounts[C], make func(C) (channels.Sender, float64, error)) error {
	var errs []error
	for _, a := range accounts {
		sender, rate, err := make(a.Config)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		into[c] = append(into[c], dispatcher.Sender{Sender: sender, Name: a.Name, Markets: a.Markets, Rate: rate})
	}
	return errors.Join(errs...)
}
