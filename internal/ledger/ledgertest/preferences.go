package ledgertest

import (
	"errors"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
)

// choices is what a person's own preferences promise.
var choices = map[string]func(*shelf){
	"preferences outlive what the shop stores":      choicesStay,
	"preferences are read by whoever judges":        choicesJudged,
	"preferences are stored whole":                  choicesWhole,
	"preferences change the stamp":                  choicesStamp,
	"preferences of nobody are not kept":            choicesOfNobody,
	"own acts of nobody are not kept":               ownActsOfNobody,
	"preferences and acts are kept together or not": choicesTogether,
}

// nights is a choice of everything there is to choose.
func nights() notify.Preferences {
	return notify.Preferences{Locale: "ja", TimeZone: "Asia/Tokyo", Prefer: notify.SMS, Quiet: &notify.Quiet{From: 20 * 60, To: 9 * 60}}
}

// choose stores preferences of Mei's, with acts.
func (s *shelf) choose(c notify.Preferences, acts ...notify.ConsentEvent) {
	s.t.Helper()
	known, err := s.PutPreferences(s.t.Context(), acme, mei, c, acts, noon())
	s.must(err)
	if !known {
		s.t.Error("Mei is unknown")
	}
}

// now reads Mei as she is to be treated.
func (s *shelf) now() *notify.Person {
	s.t.Helper()
	p, err := s.Person(s.t.Context(), acme, mei)
	s.must(err)
	return p
}

func choicesStay(s *shelf) {
	told := customer(mei)
	told.Locale, told.Quiet = "de", &notify.Quiet{From: 22 * 60, To: 8 * 60}
	s.person(acme, told, noon())
	s.choose(nights())
	told.Name = "Mei Tanaka"
	s.person(acme, told, noon().Add(time.Hour))
	want := nights().Over(told)
	if want.Locale != "ja" || want.Prefer != notify.SMS || want.Quiet.From != 20*60 {
		s.t.Fatalf("a choice is not laid over what was told: %+v", want)
	}
	same(s, "Mei", s.now(), &want)
	s.choose(notify.Preferences{})
	same(s, "Mei with nothing chosen", s.now(), &told)
}

func choicesJudged(s *shelf) {
	id := s.departed()
	s.choose(nights())
	var judged notify.Person
	s.claim(id, noon(), func(j notify.Job) notify.Ruling {
		judged = *j.Story.Person
		return notify.Ruling{State: notify.Dropped, Reason: notify.SuppressedStop}
	})
	same(s, "whom the judge sees", judged, nights().Over(customer(mei)))
}

func choicesWhole(s *shelf) {
	s.ready()
	s.choose(nights())
	s.choose(notify.Preferences{Prefer: notify.Email})
	got, err := s.Preferences(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "preferences", got, notify.Preferences{Prefer: notify.Email})
	none, err := s.Preferences(s.t.Context(), other, mei)
	s.must(err)
	same(s, "preferences with another merchant", none, notify.Preferences{})
}

func choicesStamp(s *shelf) {
	s.ready()
	stamp := func() string {
		got, err := s.Stamp(s.t.Context(), acme, mei)
		s.must(err)
		return got
	}
	seen := map[string]bool{stamp(): true}
	for _, change := range []func(){
		func() { s.choose(nights()) }, func() { s.choose(nights(), stop("c1")) }, func() { s.choose(notify.Preferences{}) },
	} {
		change()
		if seen[stamp()] {
			s.t.Error("a change leaves the stamp as it was")
		}
		seen[stamp()] = true
	}
}

func choicesOfNobody(s *shelf) {
	known, err := s.PutPreferences(s.t.Context(), acme, mei, nights(), []notify.ConsentEvent{stop("c1")}, noon())
	s.must(err)
	if known {
		s.t.Error("nobody is known")
	}
	s.person(acme, customer(mei), noon())
	want := customer(mei)
	same(s, "Mei, stored later", s.now(), &want)
	same(s, "her acts", s.acts(mei), nil)
}

func ownActsOfNobody(s *shelf) {
	for _, want := range []bool{false, true} {
		known, err := s.AddOwnConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{stop("c1")})
		s.must(err)
		if known != want {
			s.t.Errorf("known: %v, want %v", known, want)
		}
		s.person(acme, customer(mei), noon())
	}
	same(s, "acts", s.acts(mei), []notify.ConsentEvent{stop("c1")})
}

func choicesTogether(s *shelf) {
	s.ready()
	grant := stop("c1")
	grant.Action = notify.Granted
	s.choose(notify.Preferences{Prefer: notify.SMS}, grant, grant)
	_, err := s.PutPreferences(s.t.Context(), acme, mei, nights(), []notify.ConsentEvent{stop("c2"), stop("c1")}, noon())
	if !errors.Is(err, ledger.ErrConsentID) {
		s.t.Errorf("error %v", err)
	}
	same(s, "acts", s.acts(mei), []notify.ConsentEvent{grant})
	got, err := s.Preferences(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "preferences", got, notify.Preferences{Prefer: notify.SMS})
}
