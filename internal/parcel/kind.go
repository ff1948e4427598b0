package parcel

import "slices"

// Kind is a canonical kind of event: what happened to a parcel, whoever reported it.
type Kind string

// The canonical kinds. Every feed's codes map to these; a code nobody knows becomes its parent's kind.
const (
	Unknown     Kind = "unknown" // announced by a feed, but with no news of its own
	LabelMade   Kind = "label_created"
	PickedUp    Kind = "picked_up"
	Departed    Kind = "departed_origin"
	InTransit   Kind = "in_transit"
	Arrived     Kind = "arrived_destination_country"
	Customs     Kind = "customs_started"
	CustomsInfo Kind = "customs_info_required"
	CustomsPay  Kind = "customs_payment_due"
	Released    Kind = "customs_released"
	Scheduled   Kind = "delivery_scheduled"
	OutForDeliv Kind = "out_for_delivery"
	Attempted   Kind = "attempt_failed"
	Pickup      Kind = "available_for_pickup"
	PickupAgain Kind = "pickup_reminder"
	Delivered   Kind = "delivered"
	Returning   Kind = "returning"
	Returned    Kind = "returned"

	Problem      Kind = "exception" // an exception whose kind the feed does not tell
	BadAddress   Kind = "address_problem"
	Refused      Kind = "refused"
	Moved        Kind = "moved"
	HeldPayment  Kind = "held_payment"
	HeldPapers   Kind = "held_documents"
	Delay        Kind = "delay"
	Damaged      Kind = "damaged"
	Lost         Kind = "lost"
	Destroyed    Kind = "destroyed"
	Cancelled    Kind = "cancelled"
	CarrierSayNo Kind = "carrier_rejected"

	NeverScanned Kind = "never_scanned"
	Stuck        Kind = "stuck"
	ETAMoved     Kind = "eta_moved"
	ETAMissed    Kind = "eta_missed"
	Tomorrow     Kind = "arriving_tomorrow"
	Expired      Kind = "expired"
)

// Stage says in one word where a parcel is on its way.
type Stage string

// The stages, in the order of a journey. Conditions of rules compare against these words.
const (
	StageAnnounced Stage = "announced"
	StageOrigin    Stage = "origin"
	StageTransit   Stage = "transit"
	StageArrived   Stage = "arrived"
	StageCustoms   Stage = "customs"
	StageDelivery  Stage = "delivery"
	StagePickup    Stage = "pickup"
	StageDelivered Stage = "delivered"
	StageReturning Stage = "returning"
	StageReturned  Stage = "returned"
)

// Class tells how a kind acts on a parcel's state.
type Class string

// Milestones move the parcel along its way, exceptions lie on top of where it is, derived kinds are
// our own conclusions from the silence between scans.
const (
	Milestone Class = "milestone"
	Exception Class = "exception"
	Derived   Class = "derived"
)

// Fact is what the fold knows about one kind.
type Fact struct {
	Kind  Kind
	Class Class
	Stage Stage // of a milestone
	Rank  int   // of a milestone: how far along the way; a scan of lower rank never moves a parcel back
	// Settled is the rank from which a later milestone makes this news old. Never means that only the
	// notice's own time limit does.
	Settled int
	// Over and OverBy are about a message that still waits when such a milestone comes: trouble that happened is told, though
	// the parcel got further meanwhile, unless a milestone has at least the rank Over or is one of OverBy. Over is 0 for what
	// waits no longer than it is news.
	Over   int
	OverBy []Kind
	// Again lists the kinds after which this milestone is news once more although its rank is lower.
	Again []Kind
	// Ends marks kinds after which the carrier does nothing more of its own accord.
	Ends bool
}

// Never is the Settled rank of an exception that no progress makes old.
const Never = 1000

// Facts returns the table of kinds, in the order of a journey.
func Facts() []Fact { return slices.Clone(facts[:]) }

var facts = [...]Fact{
	{Kind: Unknown, Class: Milestone, Stage: StageAnnounced, Rank: 0, Settled: 1},
	{Kind: LabelMade, Class: Milestone, Stage: StageAnnounced, Rank: 10, Settled: 11},
	{Kind: PickedUp, Class: Milestone, Stage: StageOrigin, Rank: 20, Settled: 21},
	{Kind: Departed, Class: Milestone, Stage: StageTransit, Rank: 30, Settled: 36},
	{Kind: InTransit, Class: Milestone, Stage: StageTransit, Rank: 35, Settled: 36},
	{Kind: Arrived, Class: Milestone, Stage: StageArrived, Rank: 40, Settled: 41},
	{Kind: Customs, Class: Milestone, Stage: StageCustoms, Rank: 50, Settled: 51},
	{Kind: CustomsInfo, Class: Milestone, Stage: StageCustoms, Rank: 52, Settled: 60, Over: 100, OverBy: []Kind{Released}},
	{Kind: CustomsPay, Class: Milestone, Stage: StageCustoms, Rank: 54, Settled: 60, Over: 100, OverBy: []Kind{Released}, Again: []Kind{CustomsInfo}},
	{Kind: Released, Class: Milestone, Stage: StageTransit, Rank: 60, Settled: 61},
	{Kind: Scheduled, Class: Milestone, Stage: StageDelivery, Rank: 65, Settled: 66, Again: []Kind{Attempted}},
	{Kind: OutForDeliv, Class: Milestone, Stage: StageDelivery, Rank: 70, Settled: 71, Again: []Kind{Attempted, Pickup}},
	{Kind: Attempted, Class: Milestone, Stage: StageDelivery, Rank: 75, Settled: 76},
	{Kind: Pickup, Class: Milestone, Stage: StagePickup, Rank: 80, Settled: 81},
	{Kind: PickupAgain, Class: Milestone, Stage: StagePickup, Rank: 82, Settled: 83},
	{Kind: Delivered, Class: Milestone, Stage: StageDelivered, Rank: 100, Settled: 110, Ends: true},
	{Kind: Returning, Class: Milestone, Stage: StageReturning, Rank: 110, Settled: 111},
	{Kind: Returned, Class: Milestone, Stage: StageReturned, Rank: 120, Settled: Never, Ends: true},

	{Kind: Problem, Class: Exception, Settled: 1},
	{Kind: BadAddress, Class: Exception, Settled: 70, Over: 100},
	{Kind: Refused, Class: Exception, Settled: 100},
	{Kind: Moved, Class: Exception, Settled: 70, Over: 100},
	{Kind: HeldPayment, Class: Exception, Settled: 60, Over: 100, OverBy: []Kind{Released}},
	{Kind: HeldPapers, Class: Exception, Settled: 60, Over: 100, OverBy: []Kind{Released}},
	{Kind: Delay, Class: Exception, Settled: 1, Over: 100},
	{Kind: Damaged, Class: Exception, Settled: Never},
	{Kind: Lost, Class: Exception, Settled: 1, Ends: true},
	{Kind: Destroyed, Class: Exception, Settled: Never, Ends: true},
	{Kind: Cancelled, Class: Exception, Settled: 20, Ends: true},
	{Kind: CarrierSayNo, Class: Exception, Settled: 20},

	{Kind: NeverScanned, Class: Derived, Settled: 20},
	{Kind: Stuck, Class: Derived, Settled: 1},
	{Kind: ETAMoved, Class: Derived, Settled: 70},
	{Kind: ETAMissed, Class: Derived, Settled: 70},
	{Kind: Tomorrow, Class: Derived, Settled: 70},
	{Kind: Expired, Class: Derived, Settled: 1},
}

// FactOf returns what is known about k; the second result is false for a word that is no kind.
func FactOf(k Kind) (Fact, bool) {
	i := slices.IndexFunc(facts[:], func(f Fact) bool { return f.Kind == k })
	if i < 0 {
		return Fact{}, false
	}
	return facts[i], true
}

// Trouble reports whether somebody has to hear of k by itself: an exception, one of our own conclusions, or a milestone that
// waits for the customer to act.
func (k Kind) Trouble() bool {
	f, _ := FactOf(k)
	return f.Class == Exception || f.Class == Derived && k != Tomorrow || k == CustomsInfo || k == CustomsPay || k == Attempted
}

// Kinds lists all canonical kinds in the order of the table.
func Kinds() []Kind {
	kinds := make([]Kind, len(facts))
	for i, f := range facts {
		kinds[i] = f.Kind
	}
	return kinds
}

// Stages lists all stages in the order of a journey.
func Stages() []Stage {
	return []Stage{StageAnnounced, StageOrigin, StageTransit, StageArrived, StageCustoms,
		StageDelivery, StagePickup, StageDelivered, StageReturning, StageReturned}
}
