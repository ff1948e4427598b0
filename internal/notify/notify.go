// Package notify is what we say about a parcel and to whom: people and their addresses, notices, notifications,
// deliveries with their states and reasons, and the values that travel between the dispatcher and the ledger.
// It decides nothing, stores nothing and reads no clock.
package notify

import (
	"encoding/json"
	"time"

	"landfall/internal/parcel"
)

// Audience is who a rule speaks to.
type Audience string

// A rule speaks to the customer, to the merchant's own staff, or to both.
const (
	Customer Audience = "customer"
	Staff    Audience = "merchant"
)

// Urgency orders deliveries that are due together.
type Urgency string

// Normal is the default.
const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
	High   Urgency = "high"
)

// Notice is what a rule wants said.
type Notice struct {
	Rule     string        `json:"rule"`
	Say      TemplateKey   `json:"say"`
	To       []Audience    `json:"to"`
	Urgency  Urgency       `json:"urgency"`
	Collapse string        `json:"collapse,omitempty"` // a later notice of this group supersedes an unsent earlier one
	TTL      time.Duration `json:"ttl"`                // how long after we heard of it the notice is worth sending
	Class    Class         `json:"class,omitempty"`    // empty: transactional
	Purpose  Purpose       `json:"purpose,omitempty"`  // what must have been agreed to where consent is asked for; empty: order status
	Urgent   Urgent        `json:"urgent,omitempty"`   // may light up a phone at night; empty: it may not
	Escalate *Escalation   `json:"escalate,omitempty"` // nil: nobody looks whether it is noticed
}

// Escalation says that other channels are to be tried when a notice goes unnoticed.
type Escalation struct {
	After    time.Duration `json:"after"`            // since it was sent
	Unless   State         `json:"unless,omitempty"` // not when it has come this far: Read or Arrived; "" for whatever happened
	Channels []Channel     `json:"channels"`         // in order
}

// Notification is one notice for one person.
type Notification struct {
	ID       NotificationID `json:"id"`
	Merchant MerchantID     `json:"merchant"`
	Person   PersonID       `json:"person"`
	Audience Audience       `json:"audience"`
	Order    parcel.OrderID `json:"order"`
	Parcel   parcel.ID      `json:"parcel"`
	Event    parcel.EventID `json:"event"`
	Kind     parcel.Kind    `json:"kind"`
	// Occurrence is the event's entry into its kind. Parcel, person, rule, kind and occurrence together are
	// unique in the ledger: that is why the same news is told once, however many feeds report it.
	Occurrence int    `json:"occurrence"`
	Market     string `json:"market"`
	// Only is the one channel a chat reply may go on; empty for the market's order.
	Only Channel `json:"only,omitempty"`
	// Tells is what an answer says of parcels: a notice of the same need not follow it.
	Tells     []Told    `json:"tells,omitempty"`
	Notice    Notice    `json:"notice"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Told is news of a parcel that somebody was told.
type Told struct {
	Parcel parcel.ID   `json:"parcel"`
	Kind   parcel.Kind `json:"kind"`
}

// OptOutConfirmed is the template of the one message that confirms a STOP, AdsOptOutConfirmed of the one that confirms
// a STOP to advertising alone.
const (
	OptOutConfirmed    TemplateKey = "optout_confirmed"
	AdsOptOutConfirmed TemplateKey = "optout_marketing_confirmed"
)

// Confirms reports whether n is the message that confirms a STOP, which alone may follow one.
func (n Notification) Confirms() bool {
	return n.Notice.Class == ChatReply && (n.Notice.Say == OptOutConfirmed || n.Notice.Say == AdsOptOutConfirmed)
}

// Delivery is a notification on one channel.
type Delivery struct {
	ID           DeliveryID     `json:"id"`
	Notification NotificationID `json:"notification"`
	Channel      Channel        `json:"channel"`
	State        State          `json:"state"`
	Reason       Reason         `json:"reason"`
	HeldFor      Reason         `json:"held_for,omitempty"` // why it waited, kept after it went
	// Due is the instant before which nothing is done. A delivery that was sent, or may have been, is looked at again then;
	// zero when it is not.
	Due      time.Time `json:"due"`
	Attempts int       `json:"attempts"` // provider calls so far
	// Key is the idempotency key of this delivery, the same for every attempt: LINE's retry key and the local
	// part of an e-mail's Message-ID.
	Key        string `json:"key"`
	Round      int    `json:"round,omitempty"`  // how often its notification had been a dead letter that somebody sent again
	Urgent     bool   `json:"urgent,omitempty"` // trouble, and what the rule calls urgent, goes before other news
	Sender     string `json:"sender,omitempty"` // which of the merchant's accounts on the channel it went by; "" for an only one
	ProviderID string `json:"provider_id,omitempty"`
	// ReplyToken lets an answer go by LINE's reply token. Once the delivery is claimed it is set only while that is how it goes.
	ReplyToken Secret    `json:"-"`
	Words      *Words    `json:"words,omitempty"` // as they were sent
	UpdatedAt  time.Time `json:"updated_at"`
	SentAt     time.Time `json:"sent_at,omitzero"`
}

// Handoff is what the queue is given of it.
func (d Delivery) Handoff() Handoff {
	return Handoff{Delivery: d.ID, Channel: d.Channel, Urgent: d.Urgent, Due: d.Due}
}

// Account names the sender it went by.
func (d Delivery) Account() Account { return Account{d.Channel, d.Sender} }

// Awaits reports whether something is still to be done about it when it is due: it is not sent yet, or it is looked at again.
func (d Delivery) Awaits() bool {
	return d.State.Unsent() || !d.Due.IsZero() && (d.State == UnknownSt || d.State == Sent || d.State == Arrived)
}

// Words is a notice rendered for one channel and locale.
type Words struct {
	Locale string `json:"locale"`
	// Fallback is set when the words are not in the locale that was asked for.
	Fallback Reason `json:"fallback,omitempty"`

	Answers string `json:"answers,omitempty"` // the Message-ID of the mail it answers, without the angle brackets
	Title   string `json:"title,omitempty"`   // email subject, in-app headline, LINE alt text
	Text    string `json:"text"`              // what a person reads, on every channel; the plain part of an email
	HTML    string `json:"html,omitempty"`    // email only
	// Flex is a LINE flex container, sent as it is.
	Flex json.RawMessage `json:"flex,omitempty"`
	// Content is an approved WhatsApp template with its variables.
	Content *Content `json:"content,omitempty"`
	Link    string   `json:"link,omitempty"`

	Segments int    `json:"segments,omitempty"` // SMS only
	Encoding string `json:"encoding,omitempty"` // SMS only: GSM-7 or UCS-2
}

// Content names an approved WhatsApp template and fills it.
type Content struct {
	SID       string            `json:"sid"`
	Variables map[string]string `json:"variables"` // "1", "2", ... -> value
}

// Phase is when a decision was made.
type Phase string

// A delivery is judged when it is planned and again in the transaction that claims it for sending, which for a held one is its
// release; what happened afterwards is recorded in the same list.
const (
	AtPlan     Phase = "plan"
	AtDispatch Phase = "dispatch"
	AfterSend  Phase = "after"
)

// Verdict is what a decision says.
type Verdict string

// Allow lets a delivery go, Hold makes it wait until a time, Skip shuts one channel, Drop ends the notification.
// Note records what happened without deciding anything.
const (
	Allow Verdict = "allow"
	Hold  Verdict = "hold"
	Skip  Verdict = "skip"
	Drop  Verdict = "drop"
	Note  Verdict = "note"
)

// Decision is a verdict with its reason. Every step keeps one.
type Decision struct {
	At           time.Time      `json:"at"`
	Phase        Phase          `json:"phase"`
	Event        parcel.EventID `json:"event,omitempty"`
	Rule         string         `json:"rule,omitempty"`
	Notification NotificationID `json:"notification,omitempty"`
	Delivery     DeliveryID     `json:"delivery,omitempty"`
	Channel      Channel        `json:"channel,omitempty"`
	Verdict      Verdict        `json:"verdict"`
	Reason       Reason         `json:"reason"`
	Until        time.Time      `json:"until,omitzero"`
	// Also lists what else spoke for the verdict: every window a held message waits for.
	Also []Reason `json:"also,omitempty"`
	// Detail is a short remark for people, without personal data: a zone and where it came from, a provider's code.
	Detail string `json:"detail,omitempty"`
	// Facts are what the gates looked at, without personal data; policy.Replay comes to the same verdict from them.
	Facts json.RawMessage `json:"facts,omitempty"`
}

// Basis is the right by which an allowing decision lets a message go. Urgency lets it go at its hour; the right stands behind it.
func (d Decision) Basis() Reason {
	if d.Reason.Code() == UrgentException && len(d.Also) > 0 {
		return d.Also[0]
	}
	return d.Reason
}

// Story is everything known about one parcel at the moment something is decided about it. The ledger reads it
// inside the transaction that will write the decision.
type Story struct {
	Merchant MerchantID
	Parcel   parcel.Parcel
	Marks    []parcel.Mark // what each event meant, in order of time
	Order    *parcel.Order
	Person   *Person
	Consents []ConsentEvent
	Unsent   []Unsent  // this parcel's notifications that no provider has been called for
	Contacts []Contact // what this person was sent lately, the newest first: see ContactsFor
	// Wrote says when the person last wrote to an account, as far as that is within ContactsFor.
	Wrote map[Account]time.Time
	// DeadEnds are the channels on which a provider said that the person's address leads nowhere, with its code.
	DeadEnds map[Channel]string
	// ErasedAt is when one of the person's present addresses was erased on request; zero for never.
	ErasedAt time.Time
	// Stamp changes whenever the person, a preference or an act of consent of theirs does.
	Stamp string
}

// ContactsFor is how far back a Story's Contacts go.
const ContactsFor = 48 * time.Hour

// Contact is one message that was sent to a person, for caps.
type Contact struct {
	Notification NotificationID
	Parcel       parcel.ID
	Kind         parcel.Kind
	Channel      Channel
	Class        Class
	Urgent       Urgent
	Tells        []Told
	At           time.Time // when its provider was called
}

// Unsent is a notification whose delivery is still waiting.
type Unsent struct {
	Notification Notification
	Delivery     Delivery
}

// Plan is what is to be written about a story: new notifications, each with its first deliveries, older ones
// that newer news replaces, and the decisions behind all of it.
type Plan struct {
	Notifications []Planning
	Supersede     []Supersession
	Decisions     []Decision
}

// Planning is a new notification with its deliveries: one that speaks, and a silent one in the inbox beside it.
type Planning struct {
	Notification Notification
	Deliveries   []Delivery
	Reason       Reason // why nobody is told, when there are no deliveries
	Decisions    []Decision
}

// Supersession ends a waiting delivery because newer news took its place: another notification, or an event that made
// it old without being told itself.
type Supersession struct {
	Delivery DeliveryID
	By       NotificationID
	Event    parcel.EventID
}

// Why names what took the place.
func (s Supersession) Why() string {
	if s.By != "" {
		return "by " + string(s.By)
	}
	return "by event " + string(s.Event)
}

// Job is one delivery about to be judged for sending, with all that is known.
type Job struct {
	Delivery     Delivery
	Notification Notification
	Story        Story
	// Tried lists the channels this notification has used or skipped so far in this round, this one included.
	Tried []Channel
	// Siblings are the notification's other deliveries of this round, in the order they were planned.
	Siblings []Delivery
	// Parked are the merchant's accounts that failed lately.
	Parked map[Account]Parking
}

// Account names one of a merchant's senders.
type Account struct {
	Channel Channel
	Sender  string // "" for an only one
}

// Parking is how an account fares that failed lately.
type Parking struct {
	Failures int       // in a row
	Since    time.Time // the first of them
	Until    time.Time // nothing goes by the account before; zero while it is still trusted
	Code     string    // the provider's, of the last
}

// Ruling is the outcome of judging a job: what to write about the delivery and which delivery comes next.
type Ruling struct {
	State     State // Sending, Held, Queued, Dropped, Expired, Superseded or Failed; what it was when it was only looked at again
	Reason    Reason
	Due       time.Time // of a held or queued delivery, and of one that is to be looked at again
	Decisions []Decision
	Next      *Delivery // another channel for the same notification
	Sender    string    // the account it goes by, when State is Sending
	ByToken   bool      // it goes by its reply token
	// ProbedUntil is set when the account has failed and this delivery tries whether it works again; others wait until then.
	ProbedUntil time.Time
	// Ask is set when the provider is to be asked whether it took the message.
	Ask bool
}

// Place is one in the lane of an account.
type Place struct {
	Lane string
	Rate float64 // messages a second
}

// Outcome is what came of one call to a provider.
type Outcome struct {
	Delivery   DeliveryID
	StartedAt  time.Time
	EndedAt    time.Time
	State      State // Sent, Arrived, Queued (try again at Due), Failed or UnknownSt
	Reason     Reason
	Due        time.Time
	Unspent    bool // the provider asked us to slow down: this call does not count as an attempt
	ProviderID string
	Code       string // the provider's own code
	Words      *Words
	Consent    *ConsentEvent // when the provider told us the person opted out
	DeadEnd    bool          // the provider says that the address it went to leads nowhere
	Alive      bool          // the provider says that the message reached the address it went to
	Asked      bool          // no call was made, the provider was asked about an earlier one
	Lost       bool          // the worker that began the call at StartedAt is gone; another process may have noticed first
	// Parking folds what came of the call into how the account fares; nil when that says nothing about the account.
	Parking func(Parking) Parking
	// Alarm plans what the merchant's own people are told when the account has come to rest by this outcome; nil for nothing.
	Alarm     func(Parking) *Planning
	Decisions []Decision
	Next      *Delivery
}

// Planner decides what a story's events mean for its person. fresh names the events to decide about; nil means all.
type Planner func(s Story, fresh map[parcel.EventID]bool) Plan

// Reaction says what is to be said to a person about an act of consent just added; before is what was on record until then.
// It is nil when nothing is.
type Reaction func(s Story, before []ConsentEvent) *Planning

// Intake is what became of events, an order or a person once they are stored.
type Intake struct {
	Repeated []parcel.EventID // heard before: nothing was done about these
	Ready    []Handoff        // due now, to be handed to the queue
}

// Claim is a delivery judged and, when Ruling.State is Sending, given to the caller to send.
type Claim struct {
	Job    Job
	Ruling Ruling
}

// Handoff is a delivery to be given to the queue.
type Handoff struct {
	Delivery DeliveryID
	Channel  Channel
	Urgent   bool      // goes before what is not
	Turn     bool      // its turn has come in its account's lane: it goes before what has no place there yet
	Due      time.Time // tells one handing over of a delivery from the next
	// Late is how long ago it was due. A queue that refuses an id it already holds may tell a task that was
	// merely waiting from one that got lost by it.
	Late time.Duration
}

// Receipt is what a provider said later about a delivery it took.
type Receipt struct {
	ID         string // unique per provider: a repeated callback is dropped
	Delivery   DeliveryID
	ProviderID string // used when Delivery is unknown
	Channel    Channel
	State      State // Sent, Arrived, Read or Failed
	Code       string
	At         time.Time
}
