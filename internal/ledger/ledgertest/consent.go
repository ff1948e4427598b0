package ledgertest

import (
	"errors"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// addressActs is what acts of consent under an address promise.
var addressActs = map[string]func(*shelf){
	"an act under an address holds for everybody there":  addressEverybody,
	"an act under an address waits for its person":       addressEarly,
	"an act under an address stays with the address":     addressStays,
	"an act under an address is kept once":               addressOnce,
	"a provider's opt-out holds for everybody there":     optOutEverybody,
	"an opt-out of the merchant's staff stays with them": optOutStaff,
	"an id does not stand for two acts":                  twoActs,
}

// A shop that gives a withdrawal the id of the grant before it is told; it must not believe the withdrawal was heard.
func twoActs(s *shelf) {
	s.person(acme, customer(mei), noon())
	grant := stop("c1")
	grant.Action = notify.Granted
	s.must(s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{grant, grant}))
	err := s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{stop("c2"), stop("c1")})
	if !errors.Is(err, ledger.ErrConsentID) {
		s.t.Errorf("error %v", err)
	}
	same(s, "acts", s.acts(mei), []notify.ConsentEvent{grant})
}

func stop(id string) notify.ConsentEvent {
	return notify.ConsentEvent{ID: id, Channel: notify.SMS, Action: notify.Withdrawn, OccurredAt: noon()}
}

// texted adds an act that came in by text message, which is all that tells its channel.
func (s *shelf) texted(phone notify.Secret, e notify.ConsentEvent) {
	s.t.Helper()
	e.Channel = ""
	_, err := s.AddAddressConsent(s.t.Context(), acme, notify.Address{Channel: notify.SMS, Value: phone}, e, e.ReceivedAt, nil)
	s.must(err)
}

// acts lists what is on record for a person.
func (s *shelf) acts(p notify.PersonID) []notify.ConsentEvent {
	s.t.Helper()
	got, err := s.Consents(s.t.Context(), acme, p)
	s.must(err)
	return got
}

func addressEverybody(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.texted("+4915112345678", stop("c1"))
	s.person(acme, customer("mei-2"), noon())
	o := coat()
	o.Person = "mei-2"
	s.order(acme, o, noon())
	id := s.hear(event("e1", parcel.Departed, noon())).Ready[0].Delivery
	var judged []notify.ConsentEvent
	s.claim(id, noon(), func(j notify.Job) notify.Ruling {
		judged = j.Story.Consents
		return notify.Ruling{State: notify.Dropped, Reason: notify.SuppressedStop}
	})
	same(s, "acts the judge sees", judged, []notify.ConsentEvent{stop("c1")})
	same(s, "acts of the first record", s.acts(mei), []notify.ConsentEvent{stop("c1")})
}

func addressEarly(s *shelf) {
	grant := stop("c0")
	grant.Action, grant.OccurredAt = notify.Granted, noon().Add(-time.Hour)
	s.texted("+4915112345678", stop("c1"))
	s.must(s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{grant}))
	same(s, "acts before", s.acts(mei), []notify.ConsentEvent{grant})
	s.person(acme, customer(mei), noon())
	same(s, "acts", s.acts(mei), []notify.ConsentEvent{grant, stop("c1")})
}

func addressStays(s *shelf) {
	s.person(acme, customer(mei), noon())
	s.texted("+4915112345678", stop("c1"))
	moved := customer(mei)
	moved.Phone = "+4917000000"
	s.person(acme, moved, noon())
	same(s, "acts after the number was given up", s.acts(mei), nil)
	s.person(acme, customer("tom"), noon())
	same(s, "acts of who has it now", s.acts("tom"), []notify.ConsentEvent{stop("c1")})
}

func addressOnce(s *shelf) {
	s.person(acme, customer(mei), noon())
	again := stop("c1")
	again.Action = notify.Granted
	s.texted("+4915112345678", stop("c1"))
	s.texted("+4915112345678", again)
	same(s, "acts", s.acts(mei), []notify.ConsentEvent{stop("c1")})
}

func optOutEverybody(s *shelf) {
	id := s.sending()
	said := notify.ConsentEvent{ID: "provider:1", Channel: notify.Email, Action: notify.Withdrawn, OccurredAt: noon()}
	s.record(notify.Outcome{Delivery: id, State: notify.Failed, Reason: notify.OptedOut, Consent: &said})
	s.person(acme, customer("mei-2"), noon())
	same(s, "acts of the second record", s.acts("mei-2"), []notify.ConsentEvent{said})
}

func optOutStaff(s *shelf) {
	s.ready()
	plan := func(st notify.Story, fresh map[parcel.EventID]bool) notify.Plan {
		p := tell(acme, noon())(st, fresh)
		p.Notifications[0].Notification.Person = notify.MerchantContact
		return p
	}
	in, err := s.Accept(s.t.Context(), acme, []parcel.Event{event("e1", parcel.Departed, noon())}, noon(), plan)
	s.must(err)
	s.claim(in.Ready[0].Delivery, noon(), send)
	said := notify.ConsentEvent{ID: "provider:1", Channel: notify.Email, Action: notify.Withdrawn, OccurredAt: noon()}
	s.record(notify.Outcome{Delivery: in.Ready[0].Delivery, State: notify.Failed, Reason: notify.OptedOut, Consent: &said})
	same(s, "acts of the customer", s.acts(mei), nil)
	same(s, "acts of the staff", s.acts(notify.MerchantContact), []notify.ConsentEvent{said})
}
