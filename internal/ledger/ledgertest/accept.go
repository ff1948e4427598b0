package ledgertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// intake is what Accept promises.
var intake = map[string]func(*shelf){
	"an event is planned once":                                 eventOnce,
	"a repeated id is a no-op that says so":                    repeatedID,
	"a second feed joins the parcel":                           secondFeed,
	"two carriers with one number are two parcels":             carriersDisagree,
	"a feed that names no carrier joins":                       noCarrier,
	"a postal number keeps its meaning across carriers":        postalNumber,
	"the shop's number wins over the carrier's name":           shopsNumber,
	"a recycled number opens a new parcel":                     recycled,
	"a recycled number does not reach its former owner":        recycledOwner,
	"silence of months in customs keeps the order":             longSilence,
	"later news supersedes what waits":                         superseding,
	"late news is folded by the time it happened":              lateNews,
	"a planner that panics leaves nothing":                     plannerPanics,
	"an event that cannot be written takes the others with it": unwritable,
	"a request given up before its turn leaves nothing":        givenUp,
	"everything is found again after the file is reopened":     durable,
}

func eventOnce(s *shelf) {
	id := s.departed()
	same(s, "told", s.told(acme), []string{"departed_origin planned"})
	d := s.state(id)
	same(s, "due", d.Due, noon())
	p := s.parcelsOf(acme, "A1")
	if len(p) != 1 || p[0].State.Kind != parcel.Departed || !p[0].FirstSeen.Equal(noon()) {
		s.t.Errorf("parcels of the order: %+v", p)
	}
}

func repeatedID(s *shelf) {
	s.departed()
	in := s.hear(event("e1", parcel.Delivered, noon().Add(time.Hour)), event("e2", parcel.InTransit, noon().Add(time.Hour)))
	same(s, "repeated", in.Repeated, []parcel.EventID{"e1"})
	if len(in.Ready) != 1 || !strings.Contains(string(in.Ready[0].Delivery), string(parcel.InTransit)) {
		s.t.Errorf("ready: %v", in.Ready)
	}
	if in := s.hearFor(other, event("e1", parcel.Departed, noon())); len(in.Repeated) > 0 {
		s.t.Error("another merchant's event of the same id counts as a repeat")
	}
}

func secondFeed(s *shelf) {
	s.departed()
	again := event("17track:9", parcel.Departed, noon().Add(time.Minute))
	if in := s.hear(again); len(in.Ready) > 0 {
		s.t.Errorf("the same news is told twice: %v", in.Ready)
	}
	same(s, "reasons", s.reasons(acme, again.ID), []notify.Reason{notify.NotNews})
	same(s, "parcels", len(s.parcelsOf(acme, "A1")), 1)
}

// boxes counts the parcels that a list of events, heard one by one without any order, makes.
func (s *shelf) boxes(events ...parcel.Event) int {
	s.t.Helper()
	seen := map[parcel.ID]bool{}
	for _, e := range events {
		_, err := s.Accept(s.t.Context(), acme, []parcel.Event{e}, e.HeardAt, func(st notify.Story, _ map[parcel.EventID]bool) notify.Plan {
			seen[st.Parcel.ID] = true
			return notify.Plan{}
		})
		s.must(err)
	}
	return len(seen)
}

func carriersDisagree(s *shelf) {
	a, b := event("e1", parcel.PickedUp, noon()), event("e2", parcel.Departed, noon().Add(time.Hour))
	same(s, "parcels", s.boxes(a, under(b, "ups", "0034")), 2)
}

func noCarrier(s *shelf) {
	a, b := event("e1", parcel.PickedUp, noon()), event("e2", parcel.Departed, noon().Add(time.Hour))
	same(s, "parcels", s.boxes(under(a, "", "0034"), b), 1)
	same(s, "parcels of the other number", s.boxes(under(event("e3", parcel.PickedUp, noon()), "dhl", "77"), under(event("e4", parcel.Departed, noon()), "", "77")), 1)
}

func postalNumber(s *shelf) {
	a, b := event("e1", parcel.PickedUp, noon()), event("e2", parcel.Departed, noon().Add(time.Hour))
	same(s, "parcels", s.boxes(under(a, "china-post", "LX123456785CN"), under(b, "deutsche-post", "LX123456785CN")), 1)
}

func shopsNumber(s *shelf) {
	s.ready()
	s.hear(event("e1", parcel.PickedUp, noon()))
	in := s.hear(under(event("e2", parcel.Departed, noon().Add(time.Hour)), "dhl-express", "0034"))
	same(s, "ready", len(in.Ready), 1)
	same(s, "parcels", len(s.parcelsOf(acme, "A1")), 1)
}

const month = 30 * 24 * time.Hour

func recycled(s *shelf) {
	a, b := event("e1", parcel.Delivered, noon()), event("e2", parcel.PickedUp, noon().Add(4*month))
	same(s, "parcels", s.boxes(a, b), 2)
	same(s, "parcels after a late scan of the new one", s.boxes(event("e3", parcel.Departed, noon().Add(4*month+time.Hour))), 1)
}

// The carrier gives a number out again. Whoever had it before must not hear of a stranger's parcel, even when the shop
// sends their old order once more.
func recycledOwner(s *shelf) {
	s.ready()
	s.hear(event("e1", parcel.Delivered, noon()))
	later := noon().Add(4 * month)
	in := s.hear(event("e2", parcel.PickedUp, later))
	s.order(acme, coat(), later.Add(time.Minute))
	same(s, "ready for the former owner", in.Ready, nil)
	same(s, "reasons", s.reasons(acme, "e2"), []notify.Reason{notify.NoOrder})
	same(s, "parcels of the former owner", len(s.parcelsOf(acme, "A1")), 1)
	next := coat()
	next.ID = "A2"
	same(s, "ready for the new owner", len(s.order(acme, next, later.Add(time.Hour)).Ready), 1)
}

func longSilence(s *shelf) {
	s.ready()
	s.hear(event("e1", parcel.Customs, noon()))
	in := s.hear(event("e2", parcel.Delivered, noon().Add(4*month)))
	same(s, "ready", len(in.Ready), 1)
	same(s, "parcels", len(s.parcelsOf(acme, "A1")), 2)
}

func superseding(s *shelf) {
	id := s.departed()
	s.hear(event("e2", parcel.Delivered, noon().Add(time.Hour)))
	s.is(id, notify.Superseded, notify.SupersededBy)
	all, err := s.Notifications(s.t.Context(), acme, ledger.Filter{ID: notify.NotificationID(strings.TrimSuffix(string(id), ".email"))})
	s.must(err)
	last := all[0].Decisions[len(all[0].Decisions)-1]
	if last.Reason != notify.SupersededBy || last.Delivery != id || last.Detail != "by event e2" {
		s.t.Errorf("the record says %+v", last)
	}
}

func lateNews(s *shelf) {
	s.ready()
	s.hear(event("e1", parcel.Delivered, noon()))
	late := event("e2", parcel.OutForDeliv, noon().Add(-time.Hour))
	late.HeardAt = noon().Add(time.Hour)
	same(s, "ready", s.hear(late).Ready, nil)
	same(s, "reasons", s.reasons(acme, "e2"), []notify.Reason{notify.OutOfOrder})
	if p := s.parcelsOf(acme, "A1"); p[0].State.Kind != parcel.Delivered {
		s.t.Errorf("a late scan moved the parcel back to %s", p[0].State.Kind)
	}
}

// nothing insists that no trace of an event is left: it is new when it is heard again.
func (s *shelf) nothing(e parcel.Event) {
	s.t.Helper()
	if in := s.hear(e); len(in.Repeated) > 0 || len(in.Ready) != 1 {
		s.t.Errorf("heard again: %+v", in)
	}
}

func plannerPanics(s *shelf) {
	s.ready()
	e := event("e1", parcel.Departed, noon())
	in, err := s.Accept(s.t.Context(), acme, []parcel.Event{e}, noon(), func(notify.Story, map[parcel.EventID]bool) notify.Plan { panic("no such market") })
	if err == nil || !strings.Contains(err.Error(), "no such market") || len(in.Ready) > 0 {
		s.t.Fatalf("a planner's panic gives %v, %+v", err, in)
	}
	s.nothing(e)
}

// JSON cannot hold the year of the second event, which is found when the first is written already.
func unwritable(s *shelf) {
	s.ready()
	events := []parcel.Event{event("e1", parcel.PickedUp, noon()), under(event("e2", parcel.Departed, noon()), "ups", "77")}
	events[1].ETA = &parcel.Window{From: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if _, err := s.Accept(s.t.Context(), acme, events, noon(), tell(acme, noon())); err == nil {
		s.t.Fatal("an event that cannot be written is accepted")
	}
	same(s, "told", s.told(acme), nil)
	s.nothing(events[0])
}

func givenUp(s *shelf) {
	s.ready()
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	e := event("e1", parcel.Departed, noon())
	if _, err := s.Accept(ctx, acme, []parcel.Event{e}, noon(), tell(acme, noon())); !errors.Is(err, context.Canceled) {
		s.t.Fatalf("a request given up ends with %v", err)
	}
	s.nothing(e)
}

func durable(s *shelf) {
	id := s.departed()
	before, err := s.History(s.t.Context(), acme, "A1")
	s.must(err)
	s.reopen()
	after, err := s.History(s.t.Context(), acme, "A1")
	s.must(err)
	same(s, "history", after, before)
	due, err := s.Due(s.t.Context(), noon(), noon().Add(time.Millisecond), 10)
	s.must(err)
	same(s, "due", due, handed(id, noon(), 0))
	same(s, "repeated", s.hear(event("e1", parcel.Departed, noon())).Repeated, []parcel.EventID{"e1"})
}

// orders is what PutOrder and PutPerson promise.
var orders = map[string]func(*shelf){
	"order and person before the event":            func(s *shelf) { s.departed() },
	"the order after the event":                    orderLater,
	"the order after the event, named by its feed": orderNamed,
	"a feed names the order later":                 orderHinted,
	"the person after the order":                   personLater,
	"an order sent again plans nothing":            orderAgain,
	"a person sent again plans nothing":            personAgain,
	"a parcel added to a known order is linked":    parcelAdded,
}

func orderLater(s *shelf) {
	s.person(acme, customer(mei), noon())
	same(s, "ready", s.hear(event("e1", parcel.Departed, noon()), event("e2", parcel.Delay, noon().Add(time.Hour))).Ready, nil)
	same(s, "reasons", s.reasons(acme, "e1"), []notify.Reason{notify.NoOrder})
	same(s, "ready with the order", len(s.order(acme, coat(), noon().Add(2*time.Hour)).Ready), 2)
}

func orderNamed(s *shelf) {
	s.person(acme, customer(mei), noon())
	e := event("e1", parcel.Departed, noon())
	e.Order = "A1"
	same(s, "ready", s.hear(e).Ready, nil)
	bare := coat()
	bare.Parcels = nil
	same(s, "ready with the order", len(s.order(acme, bare, noon()).Ready), 1)
}

func orderHinted(s *shelf) {
	s.person(acme, customer(mei), noon())
	bare := coat()
	bare.Parcels = nil
	s.order(acme, bare, noon())
	same(s, "ready", s.hear(event("e1", parcel.PickedUp, noon())).Ready, nil)
	e := event("e2", parcel.Departed, noon().Add(time.Hour))
	e.Order = "A1"
	same(s, "ready once it is named", len(s.hear(e).Ready), 1)
}

func personLater(s *shelf) {
	s.order(acme, coat(), noon())
	same(s, "ready", s.hear(event("e1", parcel.Departed, noon())).Ready, nil)
	same(s, "reasons", s.reasons(acme, "e1"), []notify.Reason{notify.NoPerson})
	same(s, "ready for another person", s.person(acme, customer("tom"), noon()).Ready, nil)
	same(s, "ready", len(s.person(acme, customer(mei), noon()).Ready), 1)
}

func orderAgain(s *shelf) {
	s.departed()
	changed := coat()
	changed.URL = "https://shop.example/A1"
	same(s, "ready", s.order(acme, changed, noon().Add(time.Hour)).Ready, nil)
	o, err := s.Order(s.t.Context(), acme, "A1")
	s.must(err)
	same(s, "order", *o, changed)
}

func personAgain(s *shelf) {
	s.departed()
	moved := customer(mei)
	moved.Phone, moved.Locale = "+4917000000", "de"
	same(s, "ready", s.person(acme, moved, noon().Add(time.Hour)).Ready, nil)
	p, err := s.Person(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "locale", p.Locale, "de")
	same(s, "behind the old number", s.at(acme, "+4915112345678"), nil)
	same(s, "behind the new number", s.at(acme, "+4917000000"), []notify.PersonID{mei})
}

// at lists who is behind a phone number.
func (s *shelf) at(m notify.MerchantID, phone notify.Secret) []notify.PersonID {
	s.t.Helper()
	people, err := s.PeopleAt(s.t.Context(), m, notify.Address{Channel: notify.SMS, Value: phone})
	s.must(err)
	return slices.Clip(people)
}

func parcelAdded(s *shelf) {
	s.ready()
	e := under(event("e1", parcel.Departed, noon()), "ups", "77")
	same(s, "ready", s.hear(e).Ready, nil)
	more := coat()
	more.Parcels = append(more.Parcels, parcel.Label{Carrier: "ups", Number: "77"})
	same(s, "ready", len(s.order(acme, more, noon()).Ready), 1)
	same(s, "parcels", len(s.parcelsOf(acme, "A1")), 1)
}
