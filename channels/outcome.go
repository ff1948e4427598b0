package channels

import (
	"slices"
	"time"
)

// Outcome is a row of a channel's table of what its provider answers: what one answer means, and what follows from it. The tables
// are all that is known of a provider's codes; the documentation is made from them.
type Outcome struct {
	Code string // the provider's own, or a status; "" for an answer that has none
	Kind Kind
	// Again is how long to wait at least before a further try; 0 when the kind decides.
	Again time.Duration
	// Tries is how many calls are worth making in all, of a Temporary failure; 0: as many as the dispatcher makes.
	Tries int
	// Down is set when the provider itself does not work, whoever the message is for.
	Down  bool
	Means string // in a few words, for the merchant; holds no credential and no address
}

// Error is the failure that a row stands for.
func (o Outcome) Error() *Error {
	return &Error{Kind: o.Kind, Code: o.Code, RetryAfter: o.Again, Tries: o.Tries, Down: o.Down, Detail: o.Means}
}

// Outcomes is one channel's table.
type Outcomes []Outcome

// Find returns the row of a code.
func (t Outcomes) Find(code string) (Outcome, bool) {
	i := slices.IndexFunc(t, func(o Outcome) bool { return o.Code == code })
	if i < 0 {
		return Outcome{}, false
	}
	return t[i], true
}

// Consequence is what one kind of failure leads to. The dispatcher holds to it; the documentation shows it.
type Consequence struct {
	Kind     Kind
	Delivery string // what becomes of the delivery
	Next     bool   // whether the next channel is tried, if there is one
	DeadEnd  bool   // whether the address is not written to again until something reaches it
	Consent  bool   // whether a withdrawal goes on record
	Parks    bool   // whether the account rests
	Spent    bool   // whether the call counts as one of the tries
}

// Consequences lists what each kind of failure leads to.
func Consequences() []Consequence {
	return []Consequence{
		{Kind: Temporary, Delivery: "tried again, 2 s later and doubling up to 10 minutes, 14 times at most; then the next channel", Spent: true},
		{Kind: Throttled, Delivery: "tried again when the provider says, or in 5 s"},
		{Kind: Rejected, Delivery: "failed, a dead letter", Spent: true},
		{Kind: Unreachable, Delivery: "failed", Next: true, DeadEnd: true, Spent: true},
		{Kind: OptedOut, Delivery: "failed", Consent: true, Spent: true},
		{Kind: NotAllowedNow, Delivery: "on WhatsApp once more as an approved text, if it was free words; then failed", Next: true, Spent: true},
		{Kind: Misconfigured, Delivery: "goes by another account, else waits until this one works, and after 15 minutes by the next channel", Parks: true},
		{Kind: Ambiguous, Delivery: "where the provider knows its key, tried again; else unknown until a receipt, or the provider is asked", Spent: true},
	}
}
