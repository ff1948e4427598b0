// Package subject shows people what is kept about them, and by which right they were written to: the export of Articles 15
// and 20 of the GDPR as one zip file, and the proof behind one message. It is made of values alone; the ledger gathers them.
package subject

import (
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// Dossier is everything a merchant's ledger holds about one person, and about nobody else.
type Dossier struct {
	Person   notify.Person           // as they are treated: what the shop told, with their own preferences over it
	Chosen   notify.Preferences      // these alone
	Consents []notify.ConsentEvent   // the person's own acts, and those at the addresses they have now, in order of time
	Chains   [][]notify.ConsentEvent // the same as they were chained, for verification
	Told     []report.Told           // the newest first
	Replies  []report.Reply
	Cards    []Card
	Browsers []Browser
	Orders   []Order
	Handoffs []Handoff
}

// Handoff is a conversation that a person of the merchant's own saw to, and how handing it to the merchant's desk went.
type Handoff struct {
	ID        string           `json:"id"`
	Channel   notify.Channel   `json:"channel"`
	Reason    string           `json:"reason"`
	Order     parcel.OrderID   `json:"order,omitempty"`
	CreatedAt time.Time        `json:"created_at"`
	ClosedAt  time.Time        `json:"closed_at,omitzero"`
	Desk      notify.DeskState `json:"desk,omitempty"`
	GivenAt   time.Time        `json:"given_at,omitzero"` // when the desk first had it; zero when it has nothing of it
}

// Card is a message in the person's in-app inbox.
type Card struct {
	ID         notify.DeliveryID `json:"id"`
	Title      string            `json:"title"`
	Text       string            `json:"text"`
	Link       string            `json:"link,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	SeenAt     time.Time         `json:"seen_at,omitzero"`
	ReadAt     time.Time         `json:"read_at,omitzero"`
	ArchivedAt time.Time         `json:"archived_at,omitzero"`
}

// Browser is one that is told of what comes into the person's inbox.
type Browser struct {
	Endpoint  string    `json:"endpoint"` // where its maker's push service takes messages for it, which only the browser can read
	Key       string    `json:"p256dh"`
	Auth      string    `json:"auth"`
	CreatedAt time.Time `json:"created_at"`
}

// Order is what the person bought, and what happened to it on its way.
type Order struct {
	parcel.Order
	Shipments []Shipment `json:"shipments,omitempty"`
}

// Shipment is a parcel with what its carriers reported.
type Shipment struct {
	Carrier parcel.Carrier `json:"carrier,omitempty"`
	Number  parcel.Number  `json:"number"`
	State   parcel.State   `json:"state"`
	Scans   []parcel.Event `json:"scans,omitempty"`
}

// About is what an export says of itself.
type About struct {
	GeneratedAt time.Time
	Merchant    notify.MerchantID
	Name        string // of the merchant, who answers for the data
	Recipients  []Recipient
}

// Recipient is somebody to whom the merchant hands people's addresses and words.
type Recipient struct {
	Name     string           `json:"name"`
	Host     string           `json:"host,omitempty"` // where it is reached
	Channels []notify.Channel `json:"channels"`
	// Desk is set for the merchant's desk, which is given conversations and sends nothing.
	Desk bool `json:"-"`
}

// message is one delivery, or one notification that reached nobody.
type message struct {
	At           time.Time             `json:"decided_at"`
	SentAt       time.Time             `json:"sent_at,omitzero"`
	Notification notify.NotificationID `json:"notification"`
	Order        parcel.OrderID        `json:"order,omitempty"`
	Event        parcel.Kind           `json:"event,omitempty"`
	Channel      notify.Channel        `json:"channel,omitempty"`
	Template     notify.TemplateKey    `json:"template"`
	Rule         string                `json:"rule"`
	Purpose      notify.Purpose        `json:"purpose"`
	Class        notify.Class          `json:"class"`
	Basis        notify.Reason         `json:"legal_basis,omitempty"`
	Decision     notify.Verdict        `json:"decision,omitempty"`
	Reason       notify.Reason         `json:"reason"`
	Why          string                `json:"why,omitempty"`
	Provider     string                `json:"provider,omitempty"`
	State        notify.State          `json:"state,omitempty"`
	Locale       string                `json:"locale,omitempty"`
	Title        string                `json:"title,omitempty"`
	Text         string                `json:"text,omitempty"`
}

// reply is what the person wrote back.
type reply struct {
	At      time.Time      `json:"at"`
	Channel notify.Channel `json:"channel"`
	Text    string         `json:"text"`
}
