package config

import (
	"cmp"

	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
	"landfall/internal/tracking"
)

// defaults fills what a merchant leaves out from the operator's settings.
func (l Loader) defaults(m *Merchant) {
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
	for i := range m.Senders.Email {
		l.Providers.email(&m.Senders.Email[i].Config)
	}
}

func (p Providers) whatsapp(c *whatsapp.Config) {
	c.BaseURL = cmp.Or(c.BaseURL, p.TwilioBaseURL)
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
	c.BaseURL = cmp.Or(c.BaseURL, p.LineBaseURL)
	c.ChannelToken = cmp.Or(c.ChannelToken, p.LineChannelToken)
	c.ChannelSecret = cmp.Or(c.ChannelSecret, p.LineChannelSecret)
}

func (p Providers) email(c *email.Config) {
	c.Host = cmp.Or(c.Host, p.SMTPHost)
	c.Port = cmp.Or(c.Port, p.SMTPPort)
	c.TLS = cmp.Or(c.TLS, email.Security(p.SMTPTLS))
	c.CAFile = cmp.Or(c.CAFile, p.SMTPCAFile)
	c.ServerName = cmp.Or(c.ServerName, p.SMTPServerName)
	c.User = cmp.Or(c.User, p.SMTPUser)
	c.Password = cmp.Or(c.Password, p.SMTPPassword)
	c.EnvelopeFrom = cmp.Or(c.EnvelopeFrom, p.SMTPEnvelopeFrom)
}
