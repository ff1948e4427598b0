package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
	"landfall/internal/notify"
	"landfall/internal/tracking"
)

// defaults fills what a merchant leaves out from the operator's settings. The key that signs mails is read each time: a new one in its
// file is taken up with the merchant.
func (l Loader) defaults(m *Merchant) error {
	m.Brand.Name = cmp.Or(m.Brand.Name, m.Name)
	for name, f := range m.Feeds {
		f.Kind = cmp.Or(f.Kind, tracking.Feed(name))
		m.Feeds[name] = f
	}
	for i := range m.Senders.WhatsApp {
		l.Providers.whatsapp(&m.Senders.WhatsApp[i].Config)
	}
	for i := range m.Senders.SMS {
		l.Providers.sms(&m.Senders.SMS[i].Config)
	}
	for i := range m.Senders.LINE {
		l.Providers.line(&m.Senders.LINE[i].Config)
	}
	shared, err := l.Providers.dkim()
	for i := range m.Senders.Email {
		l.Providers.email(&m.Senders.Email[i].Config, shared)
	}
	return err
}

// base is where a provider is called, and whether that may lead to the internet alone: what a merchant writes may, unless the operator means otherwise; the operator's own word is taken.
func (p Providers) base(merchants, operators string) (base string, guarded bool) {
	return cmp.Or(merchants, operators), merchants != "" && merchants != operators && !p.SendersPrivate
}

func (p Providers) whatsapp(c *whatsapp.Config) {
	c.BaseURL, c.Guarded = p.base(c.BaseURL, p.TwilioBaseURL)
	c.AccountSID = cmp.Or(c.AccountSID, p.TwilioAccountSID)
	c.AuthToken = cmp.Or(c.AuthToken, p.TwilioAuthToken)
	if c.APIKey == "" && c.APISecret == "" {
		c.APIKey, c.APISecret = p.TwilioAPIKey, p.TwilioAPISecret
	}
}

func (p Providers) sms(c *sms.Config) {
	shared := whatsapp.Config(*c) // both are one Twilio account's settings
	p.whatsapp(&shared)
	*c = sms.Config(shared)
}

func (p Providers) line(c *line.Config) {
	c.BaseURL, c.Guarded = p.base(c.BaseURL, p.LineBaseURL)
	c.ChannelToken = cmp.Or(c.ChannelToken, p.LineChannelToken)
	c.ChannelSecret = cmp.Or(c.ChannelSecret, p.LineChannelSecret)
}

func (p Providers) email(c *email.Config, shared *email.DKIM) {
	c.Host = cmp.Or(c.Host, p.SMTPHost)
	c.Port = cmp.Or(c.Port, p.SMTPPort)
	c.TLS = cmp.Or(c.TLS, email.Security(p.SMTPTLS))
	c.CAFile = cmp.Or(c.CAFile, p.SMTPCAFile)
	c.ServerName = cmp.Or(c.ServerName, p.SMTPServerName)
	c.User = cmp.Or(c.User, p.SMTPUser)
	c.Password = cmp.Or(c.Password, p.SMTPPassword)
	c.EnvelopeFrom = cmp.Or(c.EnvelopeFrom, p.SMTPEnvelopeFrom)
	// A signature of a stranger's domain speaks for nobody, so mails of other domains go without one.
	if c.DKIM == nil && shared != nil && shared.SignsFor(c.From) {
		c.DKIM = shared
	}
}

// dkim reads the key for every sender; nil when there is none. Its errors are sentences for people.
func (p Providers) dkim() (*email.DKIM, error) {
	key := p.DKIMKey
	switch {
	case p.DKIMDomain == "" && p.DKIMSelector == "" && key == "":
		return nil, nil
	case p.DKIMDomain == "" || p.DKIMSelector == "" || key == "":
		return nil, errors.New("LANDFALL_DKIM_DOMAIN, LANDFALL_DKIM_SELECTOR and LANDFALL_DKIM_KEY belong together; set all of them or none")
	}
	if file, ok := strings.CutPrefix(key.Reveal(), "file:"); ok {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, errors.New("LANDFALL_DKIM_KEY names a file that cannot be read; check its path and rights")
		}
		key = notify.Secret(data)
	}
	d := &email.DKIM{Domain: p.DKIMDomain, Selector: p.DKIMSelector, Key: key}
	if err := d.Validate(); err != nil {
		return nil, fmt.Errorf("the settings LANDFALL_DKIM_… are no signature: %w", err)
	}
	return d, nil
}
