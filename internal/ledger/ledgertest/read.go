package ledgertest

import (
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// receipts is what AddReceipt promises.
var receipts = map[string]func(*shelf){
	"receipts move a delivery forward only":         receiptOrder,
	"a repeated receipt changes nothing":            receiptAgain,
	"a receipt is found by the provider's id":       receiptByProvider,
	"the delivery a receipt names comes first":      receiptNamed,
	"another merchant's receipt touches nothing":    receiptOfAnother,
	"a receipt before the call changes nothing":     receiptEarly,
	"a receipt settles an unknown outcome":          receiptSettles,
	"a phone switched on again beats a failure":     receiptRevives,
	"a failure after a confirmation does not count": receiptFailsLate,
}

// sent plans a delivery and sends it under the provider's id SM1.
func (s *shelf) sent() notify.DeliveryID {
	s.t.Helper()
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, ProviderID: "SM1"})
	return id
}

func receiptOrder(s *shelf) {
	id := s.sent()
	same(s, "state", s.receipt(acme, notify.Receipt{ID: "r2", Delivery: id, State: notify.Read}, notify.SaidRead), notify.Read)
	same(s, "state", s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Arrived}, notify.SaidDelivered), notify.State(""))
	s.is(id, notify.Read, notify.SaidRead)
}

func receiptAgain(s *shelf) {
	id := s.sent()
	for range 2 {
		s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Arrived}, notify.SaidDelivered)
	}
	s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Read}, notify.SaidRead)
	s.is(id, notify.Arrived, notify.SaidDelivered)
	all, err := s.Notifications(s.t.Context(), acme, ledger.Filter{})
	s.must(err)
	said := 0
	for _, d := range all[0].Decisions {
		if d.Reason == notify.SaidDelivered {
			said++
			same(s, "delivery", d.Delivery, id)
			same(s, "channel", d.Channel, notify.Email)
		}
	}
	same(s, "entries", said, 1)
}

func receiptByProvider(s *shelf) {
	id := s.sent()
	s.receipt(acme, notify.Receipt{ID: "r1", ProviderID: "SM1", State: notify.Arrived}, notify.SaidDelivered)
	s.is(id, notify.Arrived, notify.SaidDelivered)
	same(s, "state", s.receipt(acme, notify.Receipt{ID: "r2", ProviderID: "SM2", State: notify.Arrived}, notify.SaidDelivered), notify.State(""))
	same(s, "state of none", s.receipt(acme, notify.Receipt{ID: "r3", State: notify.Arrived}, notify.SaidDelivered), notify.State(""))
}

func receiptNamed(s *shelf) {
	first := s.sent()
	second := s.hear(event("e2", parcel.Arrived, noon().Add(time.Hour))).Ready[0].Delivery
	s.claim(second, noon().Add(time.Hour), send)
	s.receipt(acme, notify.Receipt{ID: "r1", Delivery: second, ProviderID: "SM1", State: notify.Arrived}, notify.SaidDelivered)
	s.is(second, notify.Arrived, notify.SaidDelivered)
	s.is(first, notify.Sent, notify.WasSent)
}

func receiptOfAnother(s *shelf) {
	id := s.sent()
	for _, r := range []notify.Receipt{{ID: "r1", Delivery: id, State: notify.Failed}, {ID: "r2", ProviderID: "SM1", State: notify.Failed}} {
		same(s, "state", s.receipt(other, r, notify.SaidFailed), notify.State(""))
	}
	s.is(id, notify.Sent, notify.WasSent)
}

func receiptEarly(s *shelf) {
	id := s.departed()
	same(s, "state", s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Arrived}, notify.SaidDelivered), notify.State(""))
	s.is(id, notify.Planned, notify.OK)
}

func receiptSettles(s *shelf) {
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.UnknownSt, Reason: notify.UnknownOutcome})
	s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, ProviderID: "SM9", State: notify.Arrived}, notify.SaidDelivered)
	s.is(id, notify.Arrived, notify.SaidDelivered)
	same(s, "provider id", s.state(id).ProviderID, "SM9")
}

func receiptRevives(s *shelf) {
	id := s.sent()
	s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Failed}, notify.SaidFailed)
	s.receipt(acme, notify.Receipt{ID: "r2", Delivery: id, State: notify.Arrived}, notify.SaidDelivered)
	s.is(id, notify.Arrived, notify.SaidDelivered)
}

func receiptFailsLate(s *shelf) {
	id := s.sent()
	s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Arrived}, notify.SaidDelivered)
	s.receipt(acme, notify.Receipt{ID: "r2", Delivery: id, State: notify.Failed}, notify.SaidFailed)
	s.is(id, notify.Arrived, notify.SaidDelivered)
}

// reads is what the reading methods promise.
var reads = map[string]func(*shelf){
	"every read keeps to its merchant":          isolation,
	"a history holds everything about an order": history,
	"notifications are filtered and paged":      filters,
	"a repeated consent or reply is kept once":  onceEach,
	"consents come in the order they happened":  consentOrder,
	"families share a phone":                    sharedPhone,
	"a story knows when its person last wrote":  lastWrote,
	"what was turned away is counted":           refusals,
	"a parcel is read with its events in time":  parcelRead,
	"the ledger answers a ping":                 func(s *shelf) { s.must(s.Ping(s.t.Context())) },
}

// lastWrote is the newest reply to each account, as far as it still matters.
func lastWrote(s *shelf) {
	id := s.departed()
	ctx := s.t.Context()
	for _, m := range []notify.Message{{ID: "m1", At: noon().Add(-2 * time.Hour)}, {ID: "m2", At: noon().Add(-time.Hour)}, {ID: "m4", Sender: "support", At: noon().Add(-3 * time.Hour)}} {
		_, err := s.AddReply(ctx, acme, mei, notify.WhatsApp, m)
		s.must(err)
	}
	_, err := s.AddReply(ctx, acme, mei, notify.SMS, notify.Message{ID: "m3", Text: "hello", At: noon().Add(-notify.ContactsFor)})
	s.must(err)
	var got map[notify.Account]time.Time
	_, err = s.Claim(ctx, id, noon(), func(j notify.Job) notify.Ruling {
		got = j.Story.Wrote
		return notify.Ruling{}
	})
	s.must(err)
	same(s, "when Mei wrote", got, map[notify.Account]time.Time{
		{Channel: notify.WhatsApp}: noon().Add(-time.Hour), {Channel: notify.WhatsApp, Sender: "support"}: noon().Add(-3 * time.Hour)})
}

// isolation lets two merchants have the same person, order, number and event ids, and asks for the one as the other.
func isolation(s *shelf) {
	id := s.departed()
	ctx := s.t.Context()
	s.must(s.AddConsents(ctx, acme, mei, []notify.ConsentEvent{{ID: "c1", Channel: notify.SMS, Action: notify.Granted, OccurredAt: noon()}}))
	_, err := s.AddReply(ctx, acme, mei, notify.SMS, notify.Message{ID: "m1", Text: "where is it?", At: noon()})
	s.must(err)
	s.must(s.Refuse(ctx, acme, "twilio", "signature", 10, noon()))
	box := s.parcelsOf(acme, "A1")[0].ID

	o, err := s.Order(ctx, other, "A1")
	s.must(err)
	p, err := s.Person(ctx, other, mei)
	s.must(err)
	h, err := s.History(ctx, other, "A1")
	s.must(err)
	story, err := s.Parcel(ctx, other, box)
	s.must(err)
	if o != nil || p != nil || h != nil || story != nil {
		s.t.Errorf("another merchant reads %v %v %v %v", o, p, h, story)
	}
	consents, err := s.Consents(ctx, other, mei)
	s.must(err)
	same(s, "consents", consents, nil)
	same(s, "people", s.at(other, "+4915112345678"), nil)
	told, err := s.Notifications(ctx, other, ledger.Filter{Person: mei, Order: "A1", Parcel: box, ID: notify.NotificationID(id)})
	s.must(err)
	same(s, "told", told, nil)
	same(s, "told without a filter", s.told(other), nil)
	same(s, "reasons", s.reasons(other, "e1"), nil)
	n, err := s.Refusals(ctx, other)
	s.must(err)
	same(s, "refusals", n, 0)
	s.neighbour()
}

// neighbour gives the other merchant the same ids and sees that both go on by themselves.
func (s *shelf) neighbour() {
	s.t.Helper()
	s.person(other, customer(mei), noon())
	s.order(other, coat(), noon())
	same(s, "ready", len(s.hearFor(other, event("e1", parcel.Delivered, noon())).Ready), 1)
	same(s, "told", s.told(other), []string{"delivered planned"})
	same(s, "told as before", s.told(acme), []string{"departed_origin planned"})
	h, err := s.History(s.t.Context(), other, "A1")
	s.must(err)
	same(s, "replies", h.Replies, nil)
	same(s, "consents", h.Consents, nil)
}

func history(s *shelf) {
	id := s.sent()
	ctx := s.t.Context()
	granted := notify.ConsentEvent{ID: "c1", Channel: notify.Email, Action: notify.Granted, OccurredAt: noon()}
	s.must(s.AddConsents(ctx, acme, mei, []notify.ConsentEvent{granted}))
	_, err := s.AddReply(ctx, acme, mei, notify.SMS, notify.Message{ID: "m1", Text: "Danke!", At: noon().Add(time.Hour)})
	s.must(err)
	s.hear(event("e2", parcel.Departed, noon().Add(time.Minute)))
	h, err := s.History(ctx, acme, "A1")
	s.must(err)
	same(s, "order", h.Order, coat())
	same(s, "parcels", len(h.Parcels), 1)
	same(s, "events", []parcel.EventID{h.Events[0].ID, h.Events[1].ID}, []parcel.EventID{"e1", "e2"})
	same(s, "event's parcel", h.Events[0].Parcel, h.Parcels[0].ID)
	same(s, "told", []notify.DeliveryID{h.Told[0].Deliveries[0].ID}, []notify.DeliveryID{id})
	same(s, "decisions of no notification", []notify.Reason{h.Decisions[0].Reason}, []notify.Reason{notify.NotNews})
	same(s, "replies", h.Replies, []report.Reply{{Channel: notify.SMS, Text: "Danke!", At: noon().Add(time.Hour)}})
	same(s, "consents", h.Consents, []notify.ConsentEvent{granted})
}

func filters(s *shelf) {
	s.departed()
	s.hear(event("e2", parcel.Arrived, noon().Add(time.Hour)))
	box := s.parcelsOf(acme, "A1")[0].ID
	cases := []struct {
		name   string
		filter ledger.Filter
		want   int
	}{
		{"all", ledger.Filter{}, 2}, {"newest", ledger.Filter{Limit: 1}, 1}, {"older ones", ledger.Filter{Before: noon().Add(time.Hour)}, 1},
		{"person", ledger.Filter{Person: mei}, 2}, {"stranger", ledger.Filter{Person: "tom"}, 0}, {"order", ledger.Filter{Order: "A1"}, 2},
		{"no such order", ledger.Filter{Order: "A2"}, 0}, {"parcel", ledger.Filter{Parcel: box}, 2}, {"no such id", ledger.Filter{ID: "n_0"}, 0},
	}
	for _, c := range cases {
		got, err := s.Notifications(s.t.Context(), acme, c.filter)
		s.must(err)
		same(s, c.name, len(got), c.want)
	}
	same(s, "newest first", s.told(acme), []string{"arrived_destination_country planned", "departed_origin superseded"})
}

func onceEach(s *shelf) {
	s.ready()
	ctx := s.t.Context()
	first := notify.ConsentEvent{ID: "c1", Channel: notify.SMS, Action: notify.Granted, OccurredAt: noon()}
	second := first
	second.Source = "sent again"
	s.must(s.AddConsents(ctx, acme, mei, []notify.ConsentEvent{first, second}))
	got, err := s.Consents(ctx, acme, mei)
	s.must(err)
	same(s, "consents", got, []notify.ConsentEvent{first})
	for i, want := range []bool{true, false} {
		added, err := s.AddReply(ctx, acme, mei, notify.SMS, notify.Message{ID: "m1", Text: "hello", At: noon()})
		s.must(err)
		if added != want {
			s.t.Errorf("reply %d is added: %t", i+1, added)
		}
	}
}

func consentOrder(s *shelf) {
	s.ready()
	late := notify.ConsentEvent{ID: "a", Channel: notify.SMS, Action: notify.Withdrawn, OccurredAt: noon().Add(time.Hour)}
	early := notify.ConsentEvent{ID: "b", Channel: notify.SMS, Action: notify.Granted, OccurredAt: noon()}
	s.must(s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{late, early}))
	got, err := s.Consents(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "consents", got, []notify.ConsentEvent{early, late})
}

func sharedPhone(s *shelf) {
	s.person(acme, customer("tom"), noon())
	s.person(acme, customer(mei), noon())
	same(s, "people", s.at(acme, "+4915112345678"), []notify.PersonID{mei, "tom"})
}

func refusals(s *shelf) {
	for i := range 3 {
		s.must(s.Refuse(s.t.Context(), acme, "twilio", "signature", 12, noon().Add(time.Duration(i)*40*time.Minute)))
	}
	s.must(s.Refuse(s.t.Context(), acme, "twilio", "unreadable", 12, noon()))
	n, err := s.Refusals(s.t.Context(), acme)
	s.must(err)
	same(s, "refusals", n, 4)
}

func parcelRead(s *shelf) {
	s.departed()
	s.hear(event("e0", parcel.PickedUp, noon().Add(-time.Hour)))
	story, err := s.Parcel(s.t.Context(), acme, s.parcelsOf(acme, "A1")[0].ID)
	s.must(err)
	same(s, "events", []parcel.EventID{story.Marks[0].Event.ID, story.Marks[1].Event.ID}, []parcel.EventID{"e0", "e1"})
	same(s, "person", story.Person.ID, mei)
	none, err := s.Parcel(s.t.Context(), acme, "p_none")
	s.must(err)
	if none != nil {
		s.t.Errorf("a parcel nobody knows: %+v", none)
	}
}
