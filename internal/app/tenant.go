package app

import (
	"errors"
	"fmt"
	"io/fs"
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
	"landfall/locales"
	"landfall/templates"
)

// BuildTenant makes a merchant's senders and words from its configuration; w is the world all merchants share, now dates
// mails. The inbox is the caller's to add. Its errors name the merchant's file.
func BuildTenant(m *config.Merchant, w *dispatcher.World, now func() time.Time) (*httpapi.Tenant, error) {
	words, err := Words(m)
	if err != nil {
		return nil, err
	}
	senders, err := senders(m.Senders, now)
	if err != nil {
		return nil, within(string(m.ID)+"/merchant.yaml: senders.", err)
	}
	t := &httpapi.Tenant{Key: m.Key, Name: m.Name, Recipients: recipients(m.Senders), Feeds: map[string]httpapi.Feed{}, Merchant: &dispatcher.Merchant{
		ID: m.ID, Markets: m.Markets, DefaultMarket: m.DefaultMarket, Words: words, Senders: senders, World: w, Rates: rates(m.Senders),
		Brand: templates.Brand{Name: m.Brand.Name, Color: m.Brand.Color, URL: m.Brand.URL, Support: m.Brand.Support, LogoURL: m.Brand.Logo},
	}}
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

// Words are the shipped templates and catalogs with the merchant's own laid over them.
func Words(m *config.Merchant) (*templates.Set, error) {
	catalog, err := Catalog(m)
	if err != nil {
		return nil, err
	}
	set, err := templates.New(catalog, overrides(m.Dir, "templates")...)
	if err != nil {
		return nil, within(string(m.ID)+"/templates: ", err)
	}
	return set.WithContent(m.Content), nil
}

// Catalog is the shipped catalogs with the merchant's own laid over them.
func Catalog(m *config.Merchant) (*locales.Catalog, error) {
	layers := overrides(m.Dir, "locales")
	for i, layer := range layers {
		layers[i] = locales.Named(string(m.ID)+"/locales", layer)
	}
	return locales.New(layers...)
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

// overrides returns a merchant's folder when there is one.
func overrides(dir fs.FS, name string) []fs.FS {
	if dir == nil {
		return nil
	}
	if info, err := fs.Stat(dir, name); err != nil || !info.IsDir() {
		return nil
	}
	sub, err := fs.Sub(dir, name)
	if err != nil {
		return nil
	}
	return []fs.FS{sub}
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
