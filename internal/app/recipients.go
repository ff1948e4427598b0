package app

import (
	"net/url"

	"landfall/channels/line"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/subject"
)

// recipients lists who is given people's addresses and words: the providers behind a merchant's senders.
func recipients(s config.Senders) []subject.Recipient {
	var out []subject.Recipient
	if s.WhatsApp != nil {
		out = append(out, subject.Recipient{Name: "Twilio, for WhatsApp by Meta", Host: host(s.WhatsApp.BaseURL, twilioHost), Channels: []notify.Channel{notify.WhatsApp}})
	}
	if s.SMS != nil {
		out = append(out, subject.Recipient{Name: "Twilio", Host: host(s.SMS.BaseURL, twilioHost), Channels: []notify.Channel{notify.SMS}})
	}
	if s.LINE != nil {
		out = append(out, subject.Recipient{Name: "LINE", Host: host(s.LINE.BaseURL, host(line.DefaultBaseURL, "")), Channels: []notify.Channel{notify.LINE}})
	}
	if s.Email != nil {
		out = append(out, subject.Recipient{Name: "the merchant's mail server", Host: s.Email.Host, Channels: []notify.Channel{notify.Email}})
	}
	return out
}

// twilioHost is where Twilio is reached unless a sender says otherwise.
const twilioHost = "api.twilio.com"

// host is where an address leads, else the other.
func host(address, otherwise string) string {
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return otherwise
}
