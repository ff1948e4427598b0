package notify

import "slices"

// Class is the legal nature of a message. It follows from what the message says, whatever a rule calls it.
type Class string

// Transactional carries out an order, Marketing advertises, ChatReply answers what the person just wrote.
const (
	Transactional  Class = "transactional"
	MarketingClass Class = "marketing"
	ChatReply      Class = "chat_reply"
)

// Urgent is one of the few kinds of news that may light up a phone at night.
type Urgent string

// The closed list. None of them gets past a STOP, a missing consent or the law.
const (
	CourierAtDoor  Urgent = "COURIER_AT_DOOR"
	WindowStarts   Urgent = "DELIVERY_WINDOW_STARTS_WITHIN_2H"
	PickupEnds     Urgent = "PICKUP_EXPIRES_TODAY"
	PerishableCOD  Urgent = "PERISHABLE_OR_COD_ACTION"
	SafetyRecall   Urgent = "SAFETY_RECALL"
	UserInitiated  Urgent = "USER_INITIATED_REPLY" // of chat replies only; no rule may claim it
	urgentForRules        = 5
)

var urgents = [...]Urgent{CourierAtDoor, WindowStarts, PickupEnds, PerishableCOD, SafetyRecall, UserInitiated}

// Urgents lists what a rule may call urgent.
func Urgents() []Urgent { return slices.Clone(urgents[:urgentForRules]) }

// Purpose is what a person agreed to be written to about.
type Purpose string

// The purposes consent is kept for.
const (
	OrderStatus   Purpose = "order_status"
	ReviewRequest Purpose = "review_request"
	Marketing     Purpose = "marketing"
)

// Purposes lists all purposes.
func Purposes() []Purpose { return []Purpose{OrderStatus, ReviewRequest, Marketing} }
