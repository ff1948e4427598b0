package ledgertest

import (
	"errors"
	"strings"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// erasures is what a person's wish to be forgotten does.
var erasures = map[string]func(*shelf){
	"erasure drops what waits":                           erasureDrops,
	"erasure of a message under way keeps no words":      erasureUnderWay,
	"erasure of a message under way leads to no retry":   erasureRetry,
	"erasure leaves the record under a pseudonym":        erasurePseudonym,
	"erasure of nobody does nothing":                     erasureNobody,
	"erasure repeated says so":                           erasureRepeated,
	"erasure of somebody known by an order alone":        erasureOrderOnly,
	"erasure leaves the merchant's staff":                erasureStaff,
	"scans after erasure say that the person was erased": erasureLaterScan,
	"an erased person is not imported again":             erasureImport,
	"an erased person may become a customer again":       erasureAgain,
	"a customer who came back may be erased again":       erasureTwice,
	"an order of an erased person":                       erasureOrders,
	"a STOP outlives erasure":                            erasureStop,
	"a STOP after erasure leaves no address":             erasureLateStop,
	"a START after erasure takes the STOP back":          erasureLateStart,
	"late signals after erasure create nobody":           erasureLateSignals,
	"erasure at one merchant leaves the other":           erasureIsolation,
	"erasure leaves who shares the phone":                erasureFamily,
}

// erased is an hour after noon.
func erased() time.Time { return noon().Add(time.Hour) }

func (s *shelf) erase(p notify.PersonID) notify.Erasure {
	s.t.Helper()
	out, err := s.Erase(s.t.Context(), acme, p, erased())
	s.must(err)
	return out
}

// refused insists that somebody is not stored.
func (s *shelf) refused(m notify.MerchantID, p notify.Person) {
	s.t.Helper()
	_, err := s.PutPerson(s.t.Context(), m, p, erased(), tell(m, erased()))
	if !errors.Is(err, ledger.ErrErased) {
		s.t.Errorf("%s is stored: %v", p.ID, err)
	}
}

// back is Mei as a customer again.
func back() notify.Person {
	p := customer(mei)
	p.Again = true
	return p
}

// judged lets a judge look at the story of a new delivery to Mei, and sends nothing.
func (s *shelf) judged(e parcel.EventID, k parcel.Kind, at time.Time) notify.Story {
	s.t.Helper()
	in := s.hear(event(e, k, at))
	if len(in.Ready) != 1 {
		s.t.Fatalf("%d deliveries are ready, want one: %v", len(in.Ready), s.reasons(acme, e))
	}
	var story notify.Story
	s.claim(in.Ready[0].Delivery, at, func(j notify.Job) notify.Ruling {
		story = j.Story
		return notify.Ruling{State: notify.Dropped, Reason: notify.OK}
	})
	return story
}

func erasureDrops(s *shelf) {
	id := s.departed()
	out := s.erase(mei)
	s.is(id, notify.Dropped, notify.SubjectErased)
	same(s, "dropped", out.Dropped, 1)
	all, err := s.Notifications(s.t.Context(), acme, ledger.Filter{})
	s.must(err)
	last := all[0].Decisions[len(all[0].Decisions)-1]
	same(s, "the last decision", last.Reason, notify.SubjectErased)
	same(s, "its delivery", last.Delivery, id)
	if s.claim(id, erased(), send) != nil {
		s.t.Error("it is given out all the same")
	}
}

func erasureUnderWay(s *shelf) {
	id := s.sending()
	s.erase(mei)
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, ProviderID: "SM1", Words: &notify.Words{Text: "Hello Mei"},
		Consent: &notify.ConsentEvent{ID: "c9", Action: notify.Blocked, OccurredAt: erased()}})
	s.is(id, notify.Sent, notify.WasSent)
	same(s, "its words", s.state(id).Words, nil)
	same(s, "the provider's id", s.state(id).ProviderID, "SM1")
}

func erasureRetry(s *shelf) {
	id := s.sending()
	s.erase(mei)
	s.record(notify.Outcome{Delivery: id, State: notify.Queued, Reason: notify.RetryScheduled, Due: erased(), Words: &notify.Words{Text: "Hello Mei"}})
	s.claim(id, erased(), func(j notify.Job) notify.Ruling {
		same(s, "person", j.Story.Person, nil)
		same(s, "erased", j.Story.ErasedAt, erased())
		return notify.Ruling{State: notify.Dropped, Reason: notify.SubjectErased}
	})
	s.is(id, notify.Dropped, notify.SubjectErased)
	same(s, "its words", s.state(id).Words, nil)
}

func erasurePseudonym(s *shelf) {
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, Words: &notify.Words{Text: "Hello Mei"}})
	out := s.erase(mei)
	if !out.Pseudonym.Erased() || strings.Contains(string(out.Pseudonym), string(mei)) {
		s.t.Errorf("the pseudonym is %s", out.Pseudonym)
	}
	same(s, "counts", out, notify.Erasure{Pseudonym: out.Pseudonym, At: erased(), Addresses: 4, Orders: 1, Notifications: 1})
	all, err := s.Notifications(s.t.Context(), acme, ledger.Filter{Person: out.Pseudonym})
	s.must(err)
	same(s, "notifications under the pseudonym", len(all), 1)
	same(s, "person", all[0].Notification.Person, out.Pseudonym)
	same(s, "words", all[0].Deliveries[0].Words, nil)
	o, err := s.Order(s.t.Context(), acme, "A1")
	s.must(err)
	same(s, "order", *o, parcel.Order{ID: "A1", Person: string(out.Pseudonym), Parcels: coat().Parcels})
	known, err := s.Person(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "person", known, nil)
}

func erasureNobody(s *shelf) {
	s.departed()
	same(s, "erasure", s.erase("nobody"), notify.Erasure{})
	same(s, "told", s.told(acme), []string{"departed_origin planned"})
}

func erasureRepeated(s *shelf) {
	s.ready()
	first := s.erase(mei)
	again, err := s.Erase(s.t.Context(), acme, mei, erased().Add(time.Hour))
	s.must(err)
	same(s, "the second", again, notify.Erasure{Pseudonym: first.Pseudonym, At: erased(), Already: true})
	same(s, "of the pseudonym", s.erase(first.Pseudonym), notify.Erasure{})
}

func erasureOrderOnly(s *shelf) {
	s.order(acme, coat(), noon())
	out := s.erase(mei)
	same(s, "orders", out.Orders, 1)
	s.refused(acme, notify.Person{ID: mei})
}

func erasureStaff(s *shelf) {
	s.departed()
	n := notify.Notification{ID: "n_staff", Merchant: acme, Person: notify.MerchantContact, Audience: notify.Staff, Order: "A1", CreatedAt: noon()}
	_, err := s.Accept(s.t.Context(), acme, []parcel.Event{event("e2", parcel.InTransit, noon())}, noon(),
		func(notify.Story, map[parcel.EventID]bool) notify.Plan {
			return notify.Plan{Notifications: []notify.Planning{{Notification: n, Deliveries: []notify.Delivery{delivery(n.ID, notify.Email, noon())}}}}
		})
	s.must(err)
	s.claim("n_staff.email", noon(), send)
	s.record(notify.Outcome{Delivery: "n_staff.email", State: notify.Sent, Reason: notify.WasSent, Words: &notify.Words{Text: "Mei's parcel"}})
	same(s, "erasure of the staff", s.erase(notify.MerchantContact), notify.Erasure{})
	s.erase(mei)
	s.is("n_staff.email", notify.Sent, notify.WasSent)
	same(s, "what the staff read of Mei", s.state("n_staff.email").Words, nil)
}

func erasureLaterScan(s *shelf) {
	s.departed()
	s.erase(mei)
	late := event("e2", parcel.Delivered, erased())
	late.Note, late.Detail = "Signed by: TANAKA", "TANAKA"
	same(s, "ready", s.hear(late).Ready, nil)
	same(s, "why", s.reasons(acme, "e2"), []notify.Reason{notify.SubjectErased})
	h, err := s.History(s.t.Context(), acme, "A1")
	s.must(err)
	for _, e := range h.Events {
		same(s, "the carrier's words", e.Note+e.Detail, "")
	}
	same(s, "the parcel's state", h.Parcels[0].State.Detail, "")
}

func erasureImport(s *shelf) {
	p := customer(mei)
	p.Line, p.Email = "U1", "mei@bücher.example"
	s.person(acme, p, noon())
	s.erase(mei)
	for _, who := range []notify.Person{{ID: mei}, {ID: "x1", Phone: "+4915112345678"}, {ID: "x2", Phone: "+49 151 12345678"}, {ID: "x3", Line: "U1"},
		{ID: "x4", Email: " MEI@BÜCHER.example"}, {ID: "x5", Email: "mei@xn--bcher-kva.example"}} {
		s.refused(acme, who)
	}
	s.person(acme, notify.Person{ID: "x6", Phone: "+4915112345679", Email: "mey@bücher.example"}, erased())
	s.refused(acme, notify.Person{ID: "x6", Phone: "+4915112345678"})
	s.refused(acme, notify.Person{ID: s.erase("x6").Pseudonym, Again: true})
}

func erasureAgain(s *shelf) {
	s.departed()
	s.erase(mei)
	s.person(acme, back(), erased())
	s.person(acme, customer(mei), erased()) // what is known need not say so again
	same(s, "old news", s.hear(event("e2", parcel.InTransit, erased())).Ready, nil)
	o := coat()
	o.ID, o.Parcels = "A2", []parcel.Label{{Carrier: "dhl", Number: "0035"}}
	s.order(acme, o, erased())
	in := s.hear(under(event("e3", parcel.Departed, erased()), "dhl", "0035"))
	same(s, "news of a new order", len(in.Ready), 1)
	s.claim(in.Ready[0].Delivery, erased(), func(j notify.Job) notify.Ruling {
		same(s, "person", j.Story.Person.ID, mei)
		same(s, "advertising rests on what was said since", j.Story.ErasedAt, erased())
		return notify.Ruling{State: notify.Dropped}
	})
}

func erasureTwice(s *shelf) {
	s.ready()
	first := s.erase(mei)
	s.person(acme, back(), erased())
	second, err := s.Erase(s.t.Context(), acme, mei, erased().Add(time.Hour))
	s.must(err)
	same(s, "pseudonym", second.Pseudonym, first.Pseudonym)
	same(s, "done anew", second.Already, false)
	s.refused(acme, customer(mei))
}

func erasureOrders(s *shelf) {
	s.ready()
	s.erase(mei)
	full := coat()
	full.Items = []parcel.Item{{Title: "Wollmantel"}}
	s.order(acme, full, erased())
	o, err := s.Order(s.t.Context(), acme, "A1")
	s.must(err)
	same(s, "items", o.Items, nil)
	full.ID = "A2"
	if _, err := s.PutOrder(s.t.Context(), acme, full, erased(), nil); !errors.Is(err, ledger.ErrErased) {
		s.t.Errorf("a new order: %v", err)
	}
	s.person(acme, back(), erased())
	s.order(acme, full, erased())
}

func erasureStop(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.texted("+4915112345678", notify.ConsentEvent{ID: "c1", Action: notify.Withdrawn, Method: notify.MethodStop, OccurredAt: noon()})
	same(s, "consents", s.erase(mei).Consents, 1)
	s.person(acme, back(), erased())
	s.order(acme, coat(), erased())
	got := s.judged("e1", parcel.Departed, erased())
	same(s, "what holds", got.Consents, []notify.ConsentEvent{{ID: "suppression:withdrawn:stop_keyword:sms:", Channel: notify.SMS, Action: notify.Withdrawn,
		Method: notify.MethodStop, Actor: notify.ActorSubject, OccurredAt: noon(), ReceivedAt: noon()}})
	same(s, "on record under the address", s.acts(mei), nil)
}

func erasureLateStop(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.erase(mei)
	at := erased().Add(time.Minute)
	s.texted("+4915112345678", notify.ConsentEvent{ID: "c1", Action: notify.Withdrawn, Method: notify.MethodStop, OccurredAt: at})
	s.person(acme, back(), at)
	s.order(acme, coat(), at)
	same(s, "under the address", s.acts(mei), nil)
	got := s.judged("e1", parcel.Departed, at)
	same(s, "refusals", len(got.Consents), 1)
	same(s, "since", got.Consents[0].OccurredAt, at)
}

func erasureLateStart(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.texted("+4915112345678", stop("c1"))
	s.erase(mei)
	s.texted("+4915112345678", notify.ConsentEvent{ID: "c2", Action: notify.Granted, OccurredAt: noon()}) // no newer than the STOP
	s.person(acme, back(), erased())
	s.order(acme, coat(), erased())
	same(s, "refusals", len(s.judged("e1", parcel.Departed, erased()).Consents), 1)
	s.erase(mei)
	s.texted("+4915112345678", notify.ConsentEvent{ID: "c3", Action: notify.Granted, Purpose: notify.OrderStatus, OccurredAt: erased()})
	s.person(acme, back(), erased())
	o := coat()
	o.ID, o.Parcels = "A2", []parcel.Label{{Carrier: "dhl", Number: "0035"}}
	s.order(acme, o, erased())
	in := s.hear(under(event("e2", parcel.Departed, erased()), "dhl", "0035"))
	s.claim(in.Ready[0].Delivery, erased(), func(j notify.Job) notify.Ruling {
		same(s, "refusals", j.Story.Consents, nil)
		return notify.Ruling{State: notify.Dropped}
	})
}

func erasureLateSignals(s *shelf) {
	id := s.sending()
	s.erase(mei)
	added, err := s.AddReply(s.t.Context(), acme, mei, notify.SMS, notify.Message{ID: "m1", Text: "where is my coat?", At: erased()})
	s.must(err)
	same(s, "a reply is kept", added, false)
	same(s, "who is at the phone", s.at(acme, "+4915112345678"), nil)
	if err := s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{stop("c1")}); !errors.Is(err, ledger.ErrErased) {
		s.t.Errorf("an act of consent: %v", err)
	}
	card, err := s.PutCard(s.t.Context(), acme, inapp.Card{Delivery: id, Person: mei, Text: "Hello Mei"}, erased())
	s.must(err)
	same(s, "a card is kept", card, false)
	same(s, "a receipt is", s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Arrived}, notify.SaidDelivered), notify.Arrived)
	known, err := s.Person(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "person", known, nil)
}

func erasureIsolation(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.person(other, customer(mei), noon())
	s.erase(mei)
	known, err := s.Person(s.t.Context(), other, mei)
	s.must(err)
	if known == nil || known.Phone != "+4915112345678" {
		s.t.Errorf("the other merchant knows %v", known)
	}
	s.person(other, customer("mei-2"), erased())
	s.refused(acme, customer("mei-2"))
	theirs, err := s.Erase(s.t.Context(), other, mei, erased())
	s.must(err)
	if theirs.Pseudonym == s.erase(mei).Pseudonym {
		s.t.Error("two merchants have the same hash")
	}
}

func erasureFamily(s *shelf) {
	tom := notify.Person{ID: "tom", Phone: "+4915112345678"}
	s.person(acme, customer(mei), noon())
	s.person(acme, tom, noon())
	s.texted("+4915112345678", stop("c1"))
	s.erase(mei)
	same(s, "who is at the phone", s.at(acme, "+4915112345678"), []notify.PersonID{"tom"})
	same(s, "what was said there", s.acts("tom"), []notify.ConsentEvent{stop("c1")})
	s.person(acme, tom, erased())
	s.texted("+4915112345678", stop("c2"))
	same(s, "what is said there", len(s.acts("tom")), 2)
}
