package notify

import "slices"

// Channel is a way to reach a person.
type Channel string

// The channels Landfall speaks.
const (
	WhatsApp Channel = "whatsapp"
	LINE     Channel = "line"
	SMS      Channel = "sms"
	Email    Channel = "email"
	InApp    Channel = "inapp"
)

// Channels lists all channels; documentation, checks and metric labels loop over it.
func Channels() []Channel { return []Channel{WhatsApp, LINE, SMS, Email, InApp} }

// Known reports whether c is a channel.
func (c Channel) Known() bool { return slices.Contains(Channels(), c) }

// Interrupts reports whether a message on c lights up a phone. Only such channels keep quiet hours; email and
// the in-app inbox wait silently until they are looked at.
func (c Channel) Interrupts() bool { return c == WhatsApp || c == LINE || c == SMS }

// Repeatable reports whether sending the same delivery twice under one key reaches the person once: LINE knows its
// retry keys for 24 hours, the inbox has one row a delivery. Twilio has no such key; an email keeps its Message-ID, which
// mailboxes may or may not look at.
func (c Channel) Repeatable() bool { return c == LINE || c == InApp }

// Address is where a person is reached on one channel.
type Address struct {
	Channel Channel
	// Value is an E.164 number, an e-mail address, a LINE user id or, in-app, the person's id.
	Value Secret
}

// Address returns p's address on c, and whether there is one.
func (p Person) Address(c Channel) (Address, bool) {
	var v Secret
	switch c {
	case WhatsApp, SMS:
		v = Secret(p.Phone)
	case LINE:
		v = Secret(p.Line)
	case Email:
		v = Secret(p.Email)
	case InApp:
		if p.InApp {
			v = Secret(p.ID)
		}
	}
	return Address{Channel: c, Value: v}, v != ""
}
