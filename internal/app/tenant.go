package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"landfall/channels"
	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
	"landfall/dispatcher"
	"landfall/internal/chat"
	"landfall/internal/config"
	"landfall/internal/httpapi"
	"landfall/internal/notify"
	"landfall/internal/understand"
)

// BuildTenant makes a merchant's senders and words from its configuration; w is the world all merchants share, now dates
// mails. The inbox is the caller's to add. Its errors name the merchant's file.
func BuildTenant(m *config.Merchant, w *dispatcher.World, now func() time.Time) (*httpapi.Tenant, error) {
	merchant, err := decider(m, w)
	if err != nil {
		return nil, err
	}
	if merchant.Senders, err = senders(m.Senders, now); err != nil {
		return nil, within(string(m.ID)+"/merchant.yaml: senders.", err)
	}
	t := &httpapi.Tenant{Key: opened(m), Name: m.Name, Recipients: recipients(m.Senders, m.Desk), Feeds: map[string]httpapi.Feed{}, Merchant: merchant}
	t.Inbox = httpapi.InboxAccess{Secret: m.Inbox.Secret, SecretOld: m.Inbox.SecretOld, Origins: m.Inbox.Origins}
	for name, f := range m.Feeds {
		t.Feeds[name] = httpapi.Feed{Kind: f.Kind, Secret: f.Secret}
	}
	t.Signers, t.Desk = signers(m.Senders), m.Desk
	return t, nil
}

// signers are the accounts whose providers sign what they tell us.
func signers(s config.Senders) (out []httpapi.Signer) {
	for _, a := range s.WhatsApp {
		out = append(out, httpapi.Signer{Account: notify.Account{Channel: notify.WhatsApp, Sender: a.Name}, Secrets: a.Config.Tokens(), At: cmp.Or(a.Config.MessagingServiceSID, a.Config.From)})
	}
	for _, a := range s.SMS {
		out = append(out, httpapi.Signer{Account: notify.Account{Channel: notify.SMS, Sender: a.Name}, Secrets: a.Config.Tokens(), At: cmp.Or(a.Config.MessagingServiceSID, a.Config.From)})
	}
	for _, a := range s.LINE {
		out = append(out, httpapi.Signer{Account: notify.Account{Channel: notify.LINE, Sender: a.Name}, Secrets: a.Config.Secrets()})
	}
	return out
}

// decider is a merchant as far as deciding takes: rules and words, and on which channels there are accounts, without any that
// could be called.
func decider(m *config.Merchant, w *dispatcher.World) (*dispatcher.Merchant, error) {
	voice, err := NewVoice(m, "")
	if err != nil {
		return nil, err
	}
	voices, err := voices(m)
	if err != nil {
		return nil, err
	}
	out := &dispatcher.Merchant{ID: m.ID, Markets: m.Markets, DefaultMarket: m.DefaultMarket, Voice: voice, Voices: voices, World: w, Senders: dispatcher.Senders{}, Model: m.Model, Desk: m.Desk != nil}
	name(out.Senders, notify.WhatsApp, m.Senders.WhatsApp)
	name(out.Senders, notify.SMS, m.Senders.SMS)
	name(out.Senders, notify.LINE, m.Senders.LINE)
	reachByNumber(out.Senders, m.Senders.LINE)
	name(out.Senders, notify.Email, m.Senders.Email)
	if out.Assistant, err = assistant(m, w); err != nil {
		return nil, err
	}
	if c := m.Contact; c != nil {
		out.Contact = &notify.Person{ID: notify.MerchantContact, Email: c.Email, Locale: c.Locale}
	}
	return out, nil
}

// assistant is who answers the merchant's customers, who knows words of the merchant's own too; nil for nobody.
func assistant(m *config.Merchant, w *dispatcher.World) (func() (dispatcher.Assistant, error), error) {
	folder, err := fs.Sub(m.Dir, understanding)
	if err != nil || !m.Assistant {
		return nil, err
	}
	more, err := understand.ReadExtension(folder)
	if err != nil {
		return nil, fmt.Errorf("%s/%s/%w", m.ID, understanding, err)
	}
	return sync.OnceValues(func() (dispatcher.Assistant, error) {
		a, err := chat.New(w.Replies)
		if err != nil {
			return nil, err
		}
		return a.Extend(more)
	}), nil
}

// understanding is the folder of a merchant's own words for what customers write.
const understanding = "understanding"

// name adds the accounts of one channel by their names alone.
func name[C any](into dispatcher.Senders, c notify.Channel, accounts config.Accounts[C]) {
	for _, a := range accounts {
		into[c] = append(into[c], dispatcher.Sender{Name: a.Name, Markets: a.Markets})
	}
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
	reachByNumber(out, s.LINE)
	return out, errors.Join(errs...)
}

// reachByNumber marks the LINE accounts that may write to phone numbers.
func reachByNumber(in dispatcher.Senders, accounts config.Accounts[line.Config]) {
	for i, s := range in[notify.LINE] {
		in[notify.LINE][i].Phone = slices.ContainsFunc(accounts, func(a config.Account[line.Config]) bool { return a.Name == s.Name && a.Config.Phone })
	}
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

// opened says what a merchant's keys open.
func opened(m *config.Merchant) func(string, time.Time) (func(string) bool, bool) {
	return func(key string, now time.Time) (func(string) bool, bool) {
		k, ok := m.Key(key, now)
		return func(scope string) bool { return k.Opens(config.Scope(scope)) }, ok
	}
}
