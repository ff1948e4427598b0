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
		ID: m.ID, Markets: m.Markets, DefaultMarket: m.DefaultMarket, Voice: voice, Voices: voices, Senders: senders, World: w, Rates: rates(m.Senders),
	}}
	t.Inbox = httpapi.InboxAccess{Secret: m.Inbox.Secret, SecretOld: m.Inbox.SecretOld, Origins: m.Inbox.Origins}
	if c := m.Contact; c != nil {
		t.Contact = &notify.Person{ID: notify.MerchantContact, Email: c.Email, Locale: c.Locale}
	}
	for name, f := range m.Feeds {
		t.Feeds[name] = httpapi.Feed{Kind: f.Kind, Secret: f.Secret}
	}
	if s := m.Senders.WhatsApp; s != nil {
		t.TwilioTokens = append(t.TwilioTokens, s.Tokens()...)
	}
	if s := m.Senders.SMS; s != nil {
		t.TwilioTokens = append(t.TwilioTokens, s.Tokens()...)
	}
	if s := m.Senders.LINE; s != nil {
		t.LineSecret = s.ChannelSecret
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

// rates are how many messages a second each sender may send, where the merchant says so.
func rates(s config.Senders) map[notify.Channel]float64 {
	out := map[notify.Channel]float64{}
	if s.WhatsApp != nil {
		out[notify.WhatsApp] = s.WhatsApp.Rate
	}
	if s.SMS != nil {
		out[notify.SMS] = s.SMS.Rate
	}
	if s.LINE != nil {
		out[notify.LINE] = s.LINE.Rate
	}
	if s.Email != nil {
		out[notify.Email] = s.Email.Rate
	}
	return out
}

// senders builds a merchant's senders; every mistake is one sentence.
func senders(s config.Senders, now func() time.Time) (map[notify.Channel]channels.Sender, error) {
	out := map[notify.Channel]channels.Sender{}
	var errs []error
	add := func(c notify.Channel, sender channels.Sender, err error) {
		if err != nil {
			errs = append(errs, err) // it begins with the channel's name
			return
		}
		out[c] = sender
	}
	if s.WhatsApp != nil {
		sender, err := whatsapp.New(*s.WhatsApp)
		add(notify.WhatsApp, sender, err)
	}
	if s.SMS != nil {
		sender, err := sms.New(*s.SMS)
		add(notify.SMS, sender, err)
	}
	if s.LINE != nil {
		sender, err := line.New(*s.LINE)
		add(notify.LINE, sender, err)
	}
	if s.Email != nil {
		sender, err := email.New(*s.Email, now)
		add(notify.Email, sender, err)
	}
	return out, errors.Join(errs...)
}
