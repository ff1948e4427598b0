// Package inapp delivers into the merchant's own app: a row in the person's inbox, which internal/inbox serves and streams.
// It has no provider; the ledger is its medium, so a message has arrived as soon as it is stored.
package inapp

import (
	"context"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

// Inbox stores a card once per delivery: storing the same delivery again changes nothing.
type Inbox interface {
	Put(ctx context.Context, m notify.MerchantID, card Card) error
}

// Card is one message in a person's inbox.
type Card struct {
	Delivery notify.DeliveryID
	Person   notify.PersonID
	Title    string
	Text     string
	Link     string
	Knock    channels.Knock
}

// Browser is where a person lets a browser tell of new cards: what its Push API gave, in base64url but for the address.
type Browser struct {
	Endpoint notify.Secret // an address of the browser's push service; whoever knows it may try to push
	Key      notify.Secret // the browser's public key, p256dh
	Auth     notify.Secret // the secret it shares with whoever pushes
}

// Push is what a browser is told of a card.
type Push struct {
	Card     notify.DeliveryID
	Title    string
	Text     string
	Link     string
	Urgency  notify.Urgency
	Collapse string        // a later push of the same name takes the place of an earlier one; "" for none
	TTL      time.Duration // how long it is worth keeping for a browser that is away
}

// Sender puts cards into an inbox.
type Sender struct{ inbox Inbox }

// New returns a sender into an inbox.
func New(inbox Inbox) *Sender { return &Sender{inbox: inbox} }

// Send stores the card. A failure is temporary: the inbox is our own database.
func (s *Sender) Send(ctx context.Context, m channels.Message) (channels.Accepted, error) {
	err := s.inbox.Put(ctx, m.Merchant, Card{
		Delivery: m.Delivery, Person: notify.PersonID(m.To.Value.Reveal()), Title: m.Words.Title, Text: m.Words.Text, Link: m.Words.Link, Knock: m.Knock,
	})
	if err != nil {
		return channels.Accepted{}, &channels.Error{Kind: channels.Temporary, Code: "inbox", Detail: "the inbox could not be written"}
	}
	return channels.Accepted{ProviderID: string(m.Delivery), State: notify.Arrived}, nil
}
