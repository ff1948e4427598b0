package notify

import (
	"time"

	"landfall/internal/parcel"
)

// Heard is what the assistant made of a message.
type Heard struct {
	Outcome    HeardOutcome
	Intent     string // in the words of package understand
	Lang       string
	Confidence float64
	Order      parcel.OrderID // the one it was about; "" for none, or several
}

// HeardOutcome is what became of a message.
type HeardOutcome string

// The outcomes.
const (
	WasAnswered   HeardOutcome = "answered"       // with what there is to know
	AskedBack     HeardOutcome = "asked"          // which order, or whether a person is wanted
	HandedOver    HeardOutcome = "handed_over"    // to a person of the merchant's own
	NotUnderstood HeardOutcome = "not_understood" // and said so
	Attack        HeardOutcome = "attack"         // it tried to give the program orders, and got the fixed answer
	LeftAlone     HeardOutcome = "left_alone"     // a person has the conversation, or there were too many
)

// HeardReport is how the assistant did in a stretch of time.
type HeardReport struct {
	Intents  []IntentCount  `json:"intents"`
	Outcomes []OutcomeCount `json:"outcomes"`
	Handoffs []ReasonCount  `json:"handoffs"`
	Unclear  []Unclear      `json:"unclear" doc:"The latest messages that were not understood, or tried to give the program orders."`
}

// IntentCount counts messages of one intent.
type IntentCount struct {
	Intent    string `json:"intent"`
	Messages  int    `json:"messages"`
	Answered  int    `json:"answered" doc:"With what there is to know."`
	Settled   int    `json:"settled" doc:"Of these, those that are older than 48 hours."`
	Contained int    `json:"contained" doc:"Of the settled ones, those after which nobody had to take over, and the customer did not come back about the order, for 48 hours."`
}

// OutcomeCount counts messages of one outcome.
type OutcomeCount struct {
	Outcome  HeardOutcome `json:"outcome" enum:"answered,asked,handed_over,not_understood,attack,left_alone"`
	Messages int          `json:"messages"`
}

// ReasonCount counts handoffs of one reason.
type ReasonCount struct {
	Reason   string `json:"reason"`
	Handoffs int    `json:"handoffs"`
}

// Unclear is a message that was not understood, or not to be done.
type Unclear struct {
	At      time.Time    `json:"at"`
	Channel Channel      `json:"channel"`
	Lang    string       `json:"lang,omitempty"`
	Outcome HeardOutcome `json:"outcome" enum:"not_understood,attack"`
	Text    string       `json:"text"`
}
