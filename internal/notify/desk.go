package notify

import (
	"time"

	"landfall/internal/parcel"
)

// DeskHandoff is a conversation that a person of the merchant's own is to see to.
type DeskHandoff struct {
	ID        string         `json:"id"`
	Person    PersonID       `json:"person"`
	Channel   Channel        `json:"channel"`
	Reason    string         `json:"reason"` // what the customer wants, in the words of package understand
	Order     parcel.OrderID `json:"order,omitempty"`
	CreatedAt time.Time      `json:"created_at"`
	// Desk is how handing it to the merchant's desk goes; "" for a merchant without one.
	Desk DeskState `json:"desk,omitempty" enum:"waiting,reached,given_up" doc:"How handing it to the merchant's desk goes; missing without a desk."`
	// Refused is how many of the customer's messages the desk refused.
	Refused int `json:"refused,omitempty" doc:"How many of the customer's messages the desk does not take; GET /v1/handoffs/{id} marks them."`
	// Place is where the desk has it.
	Place DeskPlace `json:"-"`
	// Closed is set once the conversation is the assistant's again.
	Closed bool `json:"-"`
	// Failing is since when the desk cannot be reached; zero while it can.
	Failing time.Time `json:"-"`
}

// DeskPlace is where a desk has a conversation; what is "" is not known.
type DeskPlace struct {
	Ref  string // what the desk calls the conversation
	Last string // what it calls the last thing it was given there
}

// AgentRule is the rule of what an agent says in a conversation.
const AgentRule = "agent"

// DeskState is how handing a conversation to the merchant's desk goes.
type DeskState string

// The states of handing over.
const (
	DeskWaiting DeskState = "waiting"
	DeskReached DeskState = "reached"
	DeskGivenUp DeskState = "given_up" // it could not be reached for a day
)

// DeskItem is something to be handed to a desk: a handoff, or a message of its customer's since.
type DeskItem struct {
	Seq      int64
	Merchant MerchantID
	Handoff  DeskHandoff
	Message  *Message // nil for the handoff itself
	Since    time.Time
	Attempts int // this one included
}

// Turn is one message of a conversation.
type Turn struct {
	At   time.Time `json:"at"`
	From string    `json:"from" enum:"customer,assistant,agent"`
	Text string    `json:"text"`
	// Refused is set for a message that the merchant's desk does not take.
	Refused bool `json:"refused,omitempty" doc:"The merchant's desk does not take this message: it is here alone."`
}
