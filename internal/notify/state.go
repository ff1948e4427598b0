package notify

import "slices"

// State is where a delivery stands.
type State string

// The states. API values, metric labels and documentation derive from States.
const (
	Planned    State = "planned"
	Held       State = "held"
	Queued     State = "queued"
	Sending    State = "sending"
	UnknownSt  State = "unknown"
	Sent       State = "sent"
	Arrived    State = "delivered"
	Read       State = "read"
	Dropped    State = "dropped"
	Failed     State = "failed"
	Expired    State = "expired"
	Superseded State = "superseded"
)

// StateFact explains one state.
type StateFact struct {
	State State
	// Rank orders the states of a message on its way: a late or repeated report never moves one back.
	Rank int
	// End is set when nothing more is done about the delivery.
	End bool
	// Means is the state in terms of the real world.
	Means string
}

var states = [...]StateFact{
	{Planned, 1, false, "decided, waiting to be handed to the queue"},
	{Held, 2, false, "waiting for an hour the person accepts"},
	{Queued, 3, false, "failed for now, waiting to be tried again"},
	{Sending, 4, false, "a worker is calling the provider right now"},
	{UnknownSt, 5, true, "the provider may have taken it and we did not hear; the next receipt settles it"},
	{Sent, 6, true, "the provider took it"},
	{Arrived, 7, true, "the provider says it reached the phone or mailbox"},
	{Read, 8, true, "the person opened it"},
	{Dropped, 9, true, "we decided not to send it"},
	{Failed, 9, true, "it could not be delivered on this channel"},
	{Expired, 9, true, "it was too old to be worth sending"},
	{Superseded, 9, true, "newer news took its place"},
}

// States lists every state in rank order.
func States() []StateFact { return slices.Clone(states[:]) }

// Fact returns what s means; an unknown word gives the zero StateFact.
func (s State) Fact() StateFact {
	if i := slices.IndexFunc(states[:], func(f StateFact) bool { return f.State == s }); i >= 0 {
		return states[i]
	}
	return StateFact{}
}

// Open reports whether something is still to be done about a delivery in state s.
func (s State) Open() bool { return !s.Fact().End }

// Unsent reports whether no provider has been called yet, so that newer news may still take its place.
func (s State) Unsent() bool { return s == Planned || s == Held || s == Queued }

// Follows reports whether a provider's report may move a delivery from s to next. A failure reported after a
// delivery was confirmed does not count; a confirmation after a reported failure does, since phones are switched
// on again.
func (s State) Follows(next State) bool {
	switch {
	case s == next || s.Open() && s != Sending:
		return false
	case s == Failed:
		return next == Arrived || next == Read
	case next == Failed:
		return s == Sending || s == UnknownSt || s == Sent
	default:
		return s.Fact().Rank < next.Fact().Rank && s.Fact().Rank < Dropped.Fact().Rank
	}
}
