package notify

import (
	"encoding/json"
	"time"

	"landfall/internal/parcel"
)

// Message is what a person wrote back.
type Message struct {
	ID     string // unique per merchant: a repeated message is answered once
	Sender string // the merchant's account it was written to; "" for an only one
	Token  Secret // answers it on LINE, once and within a minute; "" for none
	Mail   MailHead
	Text   string
	At     time.Time
}

// MailHead is what an answer to a mail refers to; empty for what is no mail.
type MailHead struct {
	MessageID string // without the angle brackets
	Subject   string
}

// Origin is whose a delivery is.
type Origin struct {
	Merchant MerchantID // "" for a delivery there is not
	Person   PersonID
	Address  Secret // theirs on its channel, as it is now; "" for none
	Sender   string // the account it went by
}

// Exchange is all that an answer to a message may use: who wrote, what they bought, and what was said before.
type Exchange struct {
	Story  Story // of the person alone, about no parcel
	Orders []parcel.Order
	// Parcels are those of each order, the first announced first.
	Parcels map[parcel.OrderID][]parcel.Parcel
	// Talk is what was remembered of the conversation; nil when there was none.
	Talk json.RawMessage
}

// Response is what an exchange comes to, written in one transaction.
type Response struct {
	Talk    json.RawMessage // to be remembered
	Say     *Planning       // nil for silence
	Handoff *DeskHandoff    // nil when nobody needs to see to it
	Heard   Heard
}
