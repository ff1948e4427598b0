package dispatcher

import (
	"slices"
	"strings"

	"landfall/internal/notify"
)

// address is where the person is reached on a channel: on LINE also by phone number, where a sender may.
func (c *choice) address(channel notify.Channel) (notify.Address, bool) {
	if c.byNumber(channel) {
		return notify.Address{Channel: channel, Value: notify.Secret(c.person.Phone)}, true
	}
	return c.person.Address(channel)
}

// byNumber reports whether the person is reached on a channel by phone number although they are not known there: on LINE, by an
// account that may send notification messages.
func (c *choice) byNumber(channel notify.Channel) bool {
	if channel != notify.LINE || c.merchant == nil || c.market == nil || c.person.Line != "" || c.notification.Audience != notify.Customer {
		return false
	}
	phone := string(c.person.Phone)
	return lineNumber(phone) && slices.ContainsFunc(c.merchant.Senders.in(channel, c.market.Code), func(s Sender) bool { return s.Phone })
}

// lineNumber reports whether LINE's notification messages go to a number: to those of Japan, Thailand and Taiwan.
func lineNumber(phone string) bool {
	return strings.HasPrefix(phone, "+81") || strings.HasPrefix(phone, "+66") || strings.HasPrefix(phone, "+886")
}
