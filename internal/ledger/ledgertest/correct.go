package ledgertest

import (
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// corrections is what an order sent again with other words promises.
var corrections = map[string]func(*shelf){
	"a label withdrawn gives its parcel to the other order": labelMoves,
	"a label withdrawn leaves its parcel to nobody":         labelGone,
	"a label withdrawn leaves a parcel its feed names":      labelHinted,
	"a label withdrawn leaves other carriers' parcels":      labelOfOne,
	"a label with a corrected carrier keeps its parcel":     labelRenamed,
	"an order given to another person tells that person":    orderChangesHands,
	"an order plans each of its parcels once":               orderPlansOnce,
}

// order2 is an order of Tom's with the same number.
func order2(labels ...parcel.Label) parcel.Order {
	return parcel.Order{ID: "A2", Person: "tom", Parcels: labels}
}

// bare is Mei's order with other labels.
func bare(labels ...parcel.Label) parcel.Order {
	o := coat()
	o.Parcels = labels
	return o
}

// holds insists on the carriers of an order's parcels, in order of time.
func (s *shelf) holds(o parcel.OrderID, carriers ...parcel.Carrier) {
	s.t.Helper()
	var got []parcel.Carrier
	for _, p := range s.parcelsOf(acme, o) {
		got = append(got, p.Carrier)
	}
	same(s, "parcels of "+string(o), got, carriers)
}

func labelMoves(s *shelf) {
	s.departed()
	s.person(acme, customer("tom"), noon())
	same(s, "ready for the second order", s.order(acme, order2(coat().Parcels...), noon()).Ready, nil)
	same(s, "ready for the right order", len(s.order(acme, bare(), noon().Add(time.Minute)).Ready), 1)
	s.holds("A1")
	s.holds("A2", "dhl")
}

func labelGone(s *shelf) {
	s.departed()
	same(s, "ready", s.order(acme, bare(), noon()).Ready, nil)
	s.holds("A1")
	s.hear(event("e2", parcel.Delivered, noon().Add(time.Hour)))
	same(s, "reasons", s.reasons(acme, "e2"), []notify.Reason{notify.NoOrder})
}

func labelHinted(s *shelf) {
	s.ready()
	e := event("e1", parcel.Departed, noon())
	e.Order = "A1"
	s.hear(e)
	s.order(acme, bare(), noon())
	s.holds("A1", "dhl")
}

func labelOfOne(s *shelf) {
	dhl, ups := coat().Parcels[0], parcel.Label{Carrier: "ups", Number: "0034"}
	s.hear(event("e1", parcel.PickedUp, noon()))
	s.hear(under(event("e2", parcel.PickedUp, noon().Add(time.Minute)), "ups", "0034"))
	s.order(acme, bare(dhl, ups), noon())
	s.holds("A1", "dhl", "ups")
	s.order(acme, bare(ups), noon())
	s.holds("A1", "ups")
}

func labelRenamed(s *shelf) {
	s.departed()
	same(s, "ready", s.order(acme, bare(parcel.Label{Carrier: "dhl-express", Number: "0034"}), noon()).Ready, nil)
	s.holds("A1", "dhl")
}

func orderChangesHands(s *shelf) {
	first := s.departed()
	s.person(acme, customer("tom"), noon())
	sold := coat()
	sold.Person = "tom"
	var people []notify.PersonID
	_, err := s.PutOrder(s.t.Context(), acme, sold, noon(), func(st notify.Story, fresh map[parcel.EventID]bool) notify.Plan {
		if fresh != nil {
			s.t.Errorf("only %v is planned", fresh)
		}
		people = append(people, st.Person.ID)
		return notify.Plan{}
	})
	s.must(err)
	same(s, "planned for", people, []notify.PersonID{"tom"})
	s.is(first, notify.Planned, notify.OK)
}

func orderPlansOnce(s *shelf) {
	s.hear(event("e1", parcel.Departed, noon()))
	var planned []parcel.ID
	_, err := s.PutOrder(s.t.Context(), acme, coat(), noon(), func(st notify.Story, _ map[parcel.EventID]bool) notify.Plan {
		planned = append(planned, st.Parcel.ID)
		return notify.Plan{}
	})
	s.must(err)
	same(s, "plans", len(planned), 1)
}
