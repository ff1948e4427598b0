package app

import (
	"net/url"
	"slices"

	"landfall/channels/line"
	"landfall/internal/config"
	"landfall/internal/desk"
	"landfall/internal/notify"
	"landfall/internal/subject"
)

// recipients lists who may be given people's addresses and words: the providers behind a merchant's senders, each once, and the merchant's desk.
func recipients(s config.Senders, d *desk.Config) []subject.Recipient {
	var out []subject.Recipient
	add := func(name, host string, c notify.Channel) {
		r := subject.Recipient{Name: name, Host: host, Channels: []notify.Channel{c}}
		if !slices.ContainsFunc(out, func(o subject.Recipient) bool { return o.Name == name && o.Host == host }) {
			out = append(out, r)
		}
	}
	for _, a := range s.WhatsApp {
		add("Twilio, for WhatsApp by Meta", host(a.Config.BaseURL, twilioHost), notify.WhatsApp)
	}
	for _, a := range s.SMS {
		add("Twilio", host(a.Config.BaseURL, twilioHost), notify.SMS)
	}
	for _, a := range s.LINE {
		add("LINE", host(a.Config.BaseURL, host(line.DefaultBaseURL, "")), notify.LINE)
	}
	for _, a := range s.Email {
		add("the merchant's mail server", a.Config.Host, notify.Email)
	}
	if d != nil {
		out = append(out, subject.Recipient{Name: "the merchant's desk, " + string(d.Kind), Host: host(d.URL, ""), Channels: notify.Channels(), Desk: true})
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
