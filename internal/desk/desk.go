// Package desk hands conversations to the place where a merchant's own people answer them, and reads what they say there: a webhook of the merchant's, Chatwoot's API channel, or
// Zendesk. What is handed over waits in the ledger's outbox until the desk has it (outbox.go).
package desk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Kind is what a desk is.
type Kind string

// The kinds of desk.
const (
	Webhook  Kind = "webhook"
	Chatwoot Kind = "chatwoot"
	Zendesk  Kind = "zendesk"
)

// Config is a merchant's desk.
type Config struct {
	// Kind is webhook, chatwoot or zendesk. Required.
	Kind Kind `yaml:"kind"`
	// URL is the webhook's address, or the base of Chatwoot's or Zendesk's: https://app.chatwoot.com, https://acme.zendesk.com. Required.
	URL string `yaml:"url"`
	// Secret signs what is sent to a webhook, and what any desk sends us. Required.
	Secret notify.Secret `yaml:"secret"`
	// Inbox is the identifier of Chatwoot's API channel.
	Inbox string `yaml:"inbox"`
	// Email and Token are in whose name Zendesk is called.
	Email notify.EmailAddress `yaml:"email"`
	Token notify.Secret       `yaml:"token"`
}

// Validate reports the first mistake, as one sentence that says what to do.
func (c Config) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case c.Kind != Webhook && c.Kind != Chatwoot && c.Kind != Zendesk:
		return errors.New("kind is none that is known; write webhook, chatwoot or zendesk")
	case err != nil || u.Hostname() == "" || u.User != nil:
		return errors.New("url is no web address; write it as https://desk.example")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return errors.New("url is not encrypted; use https")
	case len(c.Secret.Reveal()) < shortestSecret:
		return fmt.Errorf("secret is missing or has fewer than %d characters; copy it from the desk's webhook settings, or make one with: openssl rand -hex 32, and name it as env:NAME", shortestSecret)
	case c.Kind == Chatwoot && c.Inbox == "":
		return errors.New("inbox is missing; copy the inbox identifier from the settings of Chatwoot's API channel")
	case c.Kind == Zendesk && (c.Email == "" || c.Token == ""):
		return errors.New("email and token are missing; make an API token in Zendesk's admin centre, and name it as env:NAME")
	}
	return nil
}

// shortestSecret is how many characters a secret has at least.
const shortestSecret = 16

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Packet is a conversation as a desk gets it: whoever reads it knows the story.
type Packet struct {
	Handoff   string          `json:"handoff"`
	Merchant  string          `json:"merchant"`
	Reason    string          `json:"reason"`
	CreatedAt time.Time       `json:"created_at"`
	Person    notify.PersonID `json:"person"`
	Name      string          `json:"name,omitempty"`
	Address   string          `json:"address,omitempty"` // masked
	Locale    string          `json:"locale,omitempty"`
	Channel   notify.Channel  `json:"channel"`
	Order     *OrderBrief     `json:"order,omitempty"`
	Turns     []notify.Turn   `json:"turns"`
}

// OrderBrief is the order a conversation is about.
type OrderBrief struct {
	ID        parcel.OrderID `json:"id"`
	Title     string         `json:"title,omitempty"`
	OrderedAt time.Time      `json:"ordered_at,omitzero"`
	Parcels   []ParcelBrief  `json:"parcels,omitempty"`
	Timeline  []Line         `json:"timeline,omitempty"`
}

// ParcelBrief is how one parcel stands.
type ParcelBrief struct {
	Carrier  parcel.Carrier `json:"carrier,omitempty"`
	Number   parcel.Number  `json:"number"`
	Stage    parcel.Stage   `json:"stage,omitempty"`
	Kind     parcel.Kind    `json:"kind,omitempty"`
	Trouble  parcel.Kind    `json:"trouble,omitempty"`
	LastScan time.Time      `json:"last_scan,omitzero"`
	ETA      *parcel.Window `json:"eta,omitempty"`
}

// Line is one of an order's timeline.
type Line struct {
	At      time.Time `json:"at"`
	Summary string    `json:"summary"`
}

// Message is what a customer wrote while the desk has the conversation.
type Message struct {
	Handoff string    `json:"handoff"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
}

// Desk is where people answer. An attempt that is not the first looks at what the desk has already and makes only what is missing, since the answer to an earlier one may have been
// lost; a first one costs no call for that.
type Desk interface {
	// Open hands a conversation over and returns where the desk has it.
	Open(ctx context.Context, p Packet, again bool) (notify.DeskPlace, error)
	// Say passes on what the customer wrote since, and returns the place with what is new of it.
	Say(ctx context.Context, at notify.DeskPlace, m Message, again bool) (notify.DeskPlace, error)
}

// ErrRefused is a desk's no to whoever calls, or to where: it will be the same tomorrow unless the merchant changes something, and the same for everything else.
var ErrRefused = errors.New("the desk refuses what it is given; check its address, token and secret under 'desk' in merchant.yaml")

// ErrUnwanted is a desk's no to what it is given: it will be the same tomorrow, and says nothing of anything else.
var ErrUnwanted = errors.New("the desk does not take what it is given; read it with GET /v1/handoffs/{id}")

// New returns a desk; now dates what is signed.
func New(c Config, client *http.Client, now func() time.Time) Desk {
	call := caller{client: client, now: now}
	switch c.Kind {
	case Chatwoot:
		return chatwoot{c, call}
	case Zendesk:
		return zendesk{c, call}
	}
	return webhook{c, call}
}
