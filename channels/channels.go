// Package channels is the contract between the dispatcher and the ways to reach a person. Each channel is a package
// of its own beside this one, with its own Config, built on the provider's own SDK; no channel imports another.
// A channel sends one message and says what came of it in the words of this package; it does not retry, choose,
// or remember. channeltest is the kit every channel must pass.
package channels

import (
	"context"
	"errors"
	"fmt"
	"time"

	"landfall/internal/notify"
)

// Message is one delivery ready to be sent.
type Message struct {
	Merchant notify.MerchantID
	Delivery notify.DeliveryID
	Attempt  int    // from 1
	Key      string // a UUID, the same for every attempt of this delivery
	To       notify.Address
	Words    notify.Words
	// ReplyToken lets the message go as an answer on LINE; "" for none.
	ReplyToken notify.Secret
	Thread     string // messages of one thread belong together: the order's id
	Notice     string // what it is about, for statistics: the notice's key
	// Return stands for the delivery where messages come back to that could not be delivered: signed, so that nobody else can
	// make one. Only e-mail has a place for it; "" stands for the delivery's id.
	Return string
	// Callback is the public URL the provider reports to, already naming merchant and delivery; "" for none.
	Callback string
	// Unsubscribe is the public URL of RFC 8058 at which the person ends messages like this one; "" for none. Only e-mail has
	// a place for it.
	Unsubscribe string
	// Knock is how the person may be told of a message that waits silently. Only the inbox has a place for it.
	Knock Knock
}

// Knock says when and how a phone may light up for a message that waits silently until it is looked at.
type Knock struct {
	At       time.Time // when it may; zero for never
	Until    time.Time // when it is not worth it any more
	Urgency  notify.Urgency
	Collapse string // a later knock of the same name takes the place of an earlier one; "" for none
}

// Accepted is a provider's yes.
type Accepted struct {
	ProviderID string
	// State is notify.Sent, or notify.Arrived when the channel knows at once that it has arrived.
	State notify.State
}

// Sender sends messages on one channel for one merchant's account. Send may be called from many goroutines.
//
// A nil error means the provider took the message. Otherwise the error is an *Error; when it is not, the
// dispatcher treats it as Ambiguous, since it does not know whether the message left. No error text may hold a
// credential or a person's address.
type Sender interface {
	Send(ctx context.Context, m Message) (Accepted, error)
}

// Asker is a Sender whose provider knows no idempotency key but can be asked what it took.
type Asker interface {
	Sender
	// Ask lists what the provider took since an instant that may be m: to the same address, in the same words. An error says
	// nothing about m.
	Ask(ctx context.Context, m Message, since time.Time) ([]Accepted, error)
}

// Prober is a Sender that can ask its provider whether it would take messages now.
type Prober interface {
	Sender
	// Probe makes the calls that show it, and sends nothing to anybody. An error is always an *Error, never Ambiguous.
	Probe(ctx context.Context) error
}

// Kind says what a failed send asks for.
type Kind string

// The kinds of failure, and what the dispatcher does about each.
const (
	Temporary     Kind = "temporary"       // not taken; try again, with growing pauses
	Throttled     Kind = "throttled"       // not taken; try again after RetryAfter, no attempt spent
	Rejected      Kind = "rejected"        // never will be; a dead letter
	Unreachable   Kind = "unreachable"     // this address does not work; next channel
	OptedOut      Kind = "opted_out"       // the provider says the person opted out; recorded, stop
	NotAllowedNow Kind = "not_allowed_now" // this message may not go on this channel now; next channel
	Misconfigured Kind = "misconfigured"   // credentials or sender; nothing will go until the merchant acts
	Ambiguous     Kind = "ambiguous"       // it may have been taken; not sent again to find out
)

// Kinds lists every kind of failure.
func Kinds() []Kind {
	return []Kind{Temporary, Throttled, Rejected, Unreachable, OptedOut, NotAllowedNow, Misconfigured, Ambiguous}
}

// Error is a provider's no, in Landfall's words.
type Error struct {
	Kind       Kind
	Code       string        // the provider's own code, or the HTTP or SMTP status
	RetryAfter time.Duration // how long to wait at least; 0 when nobody says
	Tries      int           // of Temporary: how many calls are worth making in all; 0: as many as the dispatcher makes
	Down       bool          // the provider itself does not work, whoever the message is for
	Unlisted   bool          // the code is not in the channel's table; what is done about it is a guess
	Detail     string        // for people; holds no credential and no address
}

// Error returns the failure in one line.
func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %s", e.Kind, e.Detail)
	}
	return fmt.Sprintf("%s (%s): %s", e.Kind, e.Code, e.Detail)
}

// AsError returns err as an *Error. Anything else is Ambiguous, since nobody knows whether the message left.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Ambiguous, Detail: "the channel failed in an unexpected way"}
}

// Signal is what a provider tells us of its own accord: a receipt, a reply, an opt-in or opt-out. Exactly one of
// Receipt, Reply and Consent is set.
type Signal struct {
	Receipt *notify.Receipt
	// Failure is why, beside a receipt that says failed.
	Failure *Error
	Reply   *Reply
	Consent *notify.ConsentEvent
	// From is the person's address on the channel, for Reply and Consent.
	From notify.Address
	// Answered is set when the provider has confirmed the act to the person itself.
	Answered bool
}

// Reply is something a person wrote back.
type Reply struct {
	ID string // the provider's, unique
	// To is what the provider calls whom it was written to: a number, a pool of numbers. Nothing where there is but one account.
	To []string
	// Sender is that account by the merchant's own name, for who knows the merchant's accounts to fill in.
	Sender string
	// Of is the delivery it replies to, where the channel tells: only its person can have written it.
	Of notify.DeliveryID
	// Mail is what an answer by mail refers to.
	Mail notify.MailHead
	// Token answers it on LINE, once and within a minute; "" for none.
	Token notify.Secret
	// Text is untrusted.
	Text string
	At   time.Time
	// Handled is set when the provider has acted on an opt-out or help word itself and answered the person.
	Handled bool
}
