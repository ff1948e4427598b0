package ledgertest

import (
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// boxesApart is what keeps parcels of one number apart.
var boxesApart = map[string]func(*shelf){
	"a hint to no order leaves the parcel to the label":          hintToNobody,
	"a label's own carrier opens a parcel of its own":            carrierOfAnother,
	"a label links its own carrier's parcel first":               carrierFirst,
	"a label links another carrier's parcel when there is none":  carrierElse,
	"an order sent again takes no stranger's parcel":             carrierAgain,
	"two journeys in one body are two parcels":                   twoJourneys,
	"two journeys in one body: the former owner hears of one":    twoJourneysOwner,
	"an old journey heard later is a parcel of its own":          oldJourney,
	"a label links no parcel that is long gone":                  labelTooLate,
	"a label counts no parcel that is long gone as served":       labelNotServed,
	"a label announced on a long way is linked":                  labelOnTheWay,
	"a repeated event opens nothing, whatever was learned since": repeatedOpensNothing,
	"a repeated event may name the order":                        repeatedNames,
}

func hintToNobody(s *shelf) {
	s.person(acme, customer(mei), noon())
	e := event("e1", parcel.Departed, noon())
	e.Order = "1001-internal"
	s.hear(e)
	same(s, "ready", len(s.order(acme, coat(), noon()).Ready), 1)
	s.holds("A1", "dhl")
	s.order(acme, parcel.Order{ID: "1001-internal", Person: "tom"}, noon())
	s.holds("A1", "dhl")
}

// clash stores two orders with one number under two carriers.
func (s *shelf) clash() {
	s.t.Helper()
	s.ready()
	s.person(acme, customer("tom"), noon())
	s.order(acme, order2(parcel.Label{Carrier: "ups", Number: "0034"}), noon().Add(time.Minute))
}

func carrierOfAnother(s *shelf) {
	s.clash()
	s.hear(event("e1", parcel.Departed, noon()))
	s.hear(under(event("e2", parcel.Delivered, noon().Add(time.Hour)), "ups", "0034"))
	s.hear(under(event("e3", parcel.InTransit, noon().Add(2*time.Hour)), "", "0034"))
	s.holds("A1", "dhl")
	s.holds("A2", "ups")
}

func carrierFirst(s *shelf) {
	s.hear(event("e1", parcel.Departed, noon()))
	s.hear(under(event("e2", parcel.Departed, noon()), "ups", "0034"))
	s.ready()
	s.holds("A1", "dhl")
	s.order(acme, order2(parcel.Label{Carrier: "ups", Number: "0034"}), noon())
	s.holds("A2", "ups")
}

func carrierElse(s *shelf) {
	s.hear(under(event("e1", parcel.Departed, noon()), "yunexpress", "0034"))
	s.ready()
	s.holds("A1", "yunexpress")
}

func carrierAgain(s *shelf) {
	s.hear(event("e1", parcel.Departed, noon()), under(event("e2", parcel.Departed, noon()), "ups", "0034"))
	s.ready()
	s.order(acme, coat(), noon().Add(time.Minute))
	s.holds("A1", "dhl")
}

// journeys is a body with the whole history of a number, newest first as some feeds have it.
func journeys() []parcel.Event {
	return []parcel.Event{event("n2", parcel.Departed, noon()), event("n1", parcel.PickedUp, noon().Add(-time.Hour)),
		event("o2", parcel.Delivered, noon().Add(-5*month)), event("o1", parcel.PickedUp, noon().Add(-6*month))}
}

// heardNow is events heard at noon, however long ago they happened.
func heardNow(events []parcel.Event) []parcel.Event {
	for i := range events {
		events[i].HeardAt = noon()
	}
	return events
}

func twoJourneys(s *shelf) {
	s.ready()
	in := s.hear(heardNow(journeys())...)
	same(s, "ready", len(in.Ready), 1)
	s.holds("A1", "dhl")
	same(s, "state", s.parcelsOf(acme, "A1")[0].State.Kind, parcel.Departed)
	same(s, "reasons of the old journey", s.reasons(acme, "o2"), []notify.Reason{notify.NoOrder})
}

func twoJourneysOwner(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.order(acme, coat(), noon().Add(-6*month))
	s.hear(heardNow(journeys())...)
	s.holds("A1", "dhl")
	same(s, "state", s.parcelsOf(acme, "A1")[0].State.Kind, parcel.Delivered)
	same(s, "reasons of the new journey", s.reasons(acme, "n2"), []notify.Reason{notify.NoOrder})
}

func oldJourney(s *shelf) {
	s.ready()
	all := heardNow(journeys())
	s.hear(all[:2]...)
	s.hear(all[2:]...)
	same(s, "state", s.parcelsOf(acme, "A1")[0].State.Kind, parcel.Departed)
	s.holds("A1", "dhl")
	s.hear(event("n3", parcel.OutForDeliv, noon().Add(time.Hour)))
	same(s, "state after one more", s.parcelsOf(acme, "A1")[0].State.Kind, parcel.OutForDeliv)
}

func labelTooLate(s *shelf) {
	s.hear(heardNow(journeys()[2:])...)
	s.ready()
	s.holds("A1")
	e := event("o3", parcel.Returned, noon().Add(-5*month+time.Hour))
	e.Order = "A1"
	s.hear(e)
	s.holds("A1")
}

func labelNotServed(s *shelf) {
	old := heardNow(journeys()[2:])
	for i := range old {
		old[i].Order = "A1"
	}
	s.order(acme, bare(), noon())
	s.hear(old...)
	s.holds("A1", "dhl")
	s.ready()
	s.hear(event("n1", parcel.PickedUp, noon()))
	s.holds("A1", "dhl", "dhl")
}

func labelOnTheWay(s *shelf) {
	s.ready()
	sea := []parcel.Event{event("e1", parcel.PickedUp, noon().Add(-4*month)), event("e2", parcel.Departed, noon().Add(-2*month)), event("e3", parcel.Arrived, noon())}
	same(s, "ready", len(s.hear(heardNow(sea)...).Ready), 1)
	s.holds("A1", "dhl")
}

func repeatedOpensNothing(s *shelf) {
	s.ready()
	s.hear(event("e1", parcel.Departed, noon()))
	e := under(event("e2", parcel.InTransit, noon().Add(time.Hour)), "ups", "0034")
	s.hear(e)
	s.order(acme, order2(parcel.Label{Carrier: "ups", Number: "0034"}), noon().Add(2*time.Hour))
	same(s, "repeated", s.hear(e).Repeated, []parcel.EventID{"e2"})
	s.holds("A2")
}

func repeatedNames(s *shelf) {
	s.order(acme, bare(), noon())
	e := event("e1", parcel.Departed, noon())
	s.hear(e)
	e.Order = "A1"
	s.hear(e)
	s.holds("A1", "dhl")
}
