package app

import (
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/token"
)

// linkLife is how long a link to a customer's page works: longer than the 60 days for which Canada asks that one may
// unsubscribe from a message.
const linkLife = 90 * 24 * time.Hour

// link is the customer's tracking page.
func (a *App) link(m notify.MerchantID, p parcel.ID, _ *parcel.Order) string {
	return a.page("/t/", token.Track, string(m), p.Compact())
}

// preferences is a customer's page of choices.
func (a *App) preferences(m notify.MerchantID, p notify.PersonID) string {
	return a.page("/p/", token.Preferences, string(m), string(p))
}

// leave is where a customer ends one kind of message on a channel.
func (a *App) leave(m notify.MerchantID, p notify.PersonID, c notify.Channel, why notify.Purpose) string {
	return a.page("/u/", token.Unsubscribe, string(m), string(p), string(c), string(why))
}

// page is the address of a page of somebody's. It expires at the end of a day, so that messages of one day carry the same
// link.
func (a *App) page(path string, use token.Use, names ...string) string {
	expires := a.Now().Add(linkLife).Truncate(24 * time.Hour)
	return a.publicURL() + path + a.tokens.Sign(use, strings.Join(names, "/"), expires)
}
