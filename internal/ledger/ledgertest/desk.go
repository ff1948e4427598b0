package ledgertest

import (
	"time"

	"landfall/internal/notify"
	"landfall/internal/subject"
)

// desks is what the desk's outbox promises.
var desks = map[string]func(*shelf){
	"a desk is handed things in order, one at a time":        deskOrder,
	"a desk that cannot be reached is given up":              deskGivenUp,
	"what comes of an attempt counts while it is the latest": deskLate,
	"a number that comes again is another attempt":           deskNumberAgain,
	"a message that a desk refuses holds up nothing":         deskRefuses,
	"an export says what a desk has":                         deskExported,
	"what is closed or erased is handed to nobody":           deskForgotten,
	"a merchant without a desk hands nothing over":           deskless,
	"a conversation nobody closed is free in a week":         deskLapses,
}

// handsOver has Mei ask for a person, of a merchant with a desk or without, and write twice more.
func (s *shelf) handsOver(desk notify.DeskState) string {
	s.t.Helper()
	s.ready()
	for i, text := range []string{"a person, please", "hello?", "anybody?"} {
		now := noon().Add(time.Duration(i) * time.Second)
		_, err := s.Converse(s.t.Context(), acme, mei, notify.SMS, notify.Message{ID: text, Text: text, At: now}, now, func(notify.Exchange) notify.Response {
			if i == 0 {
				return notify.Response{Heard: notify.Heard{Outcome: notify.HandedOver}, Handoff: &notify.DeskHandoff{ID: "h1", Reason: "contact_human", Desk: desk}}
			}
			return notify.Response{Heard: notify.Heard{Outcome: notify.LeftAlone}, Talk: []byte(`{"desk":true}`)}
		})
		s.must(err)
	}
	return "h1"
}

// deskDone records that the desk has something.
func (s *shelf) deskDone(i notify.DeskItem, ref string) bool {
	s.t.Helper()
	ok, err := s.DeskDone(s.t.Context(), i, noon().Add(time.Hour), notify.DeskPlace{Ref: ref, Last: "last of " + ref})
	s.must(err)
	return ok
}

// deskFailed records that a desk was not reached.
func (s *shelf) deskFailed(i notify.DeskItem, now, again time.Time) bool {
	s.t.Helper()
	ok, err := s.DeskFailed(s.t.Context(), i, now, again)
	s.must(err)
	return ok
}

// deskDue is what is due at a time; it comes again a minute later.
func (s *shelf) deskDue(at time.Time) []notify.DeskItem {
	s.t.Helper()
	items, err := s.DeskDue(s.t.Context(), at, at.Add(time.Minute), 10)
	s.must(err)
	return items
}

func deskOrder(s *shelf) {
	id := s.handsOver(notify.DeskWaiting)
	at := noon().Add(time.Minute)
	first := s.deskDue(at)
	same(s, "things due", len(first), 1)
	same(s, "the first is the handoff", first[0].Message == nil && first[0].Handoff.ID == id && first[0].Handoff.Person == mei, true)
	same(s, "things due while it is under way", len(s.deskDue(at)), 0)
	same(s, "the failure counts", s.deskFailed(first[0], at, at.Add(time.Hour)), true)
	same(s, "things due before its time", len(s.deskDue(at.Add(30*time.Minute))), 0)
	at = at.Add(time.Hour)
	again := s.deskDue(at)
	same(s, "attempts", again[0].Attempts, 2)
	same(s, "failing since", again[0].Handoff.Failing, noon().Add(time.Minute))
	same(s, "it counts", s.deskDone(again[0], "ref-1"), true)
	for _, text := range []string{"hello?", "anybody?"} {
		next := s.deskDue(at)
		same(s, "what comes next", next[0].Message.Text, text)
		same(s, "what the desk calls it", next[0].Handoff.Place.Ref, "ref-1")
		same(s, "what it was given last", next[0].Handoff.Place.Last, "last of ref-1")
		ok, err := s.DeskDone(s.t.Context(), next[0], at.Add(time.Hour), notify.DeskPlace{})
		s.must(err)
		same(s, "it counts", ok, true)
	}
	same(s, "things due in the end", len(s.deskDue(at.Add(time.Hour))), 0)
	h, err := s.HandoffAt(s.t.Context(), acme, "ref-1")
	s.must(err)
	same(s, "the handoff", h != nil && h.ID == id && h.Desk == notify.DeskReached && h.Failing.IsZero(), true)
	h, err = s.HandoffAt(s.t.Context(), other, "ref-1")
	s.must(err)
	same(s, "another merchant's", h == nil, true)
}

func deskGivenUp(s *shelf) {
	id := s.handsOver(notify.DeskWaiting)
	at := noon().Add(time.Minute)
	same(s, "giving up counts", s.deskFailed(s.deskDue(at)[0], at, time.Time{}), true)
	same(s, "things due", len(s.deskDue(at.Add(time.Hour))), 0)
	h, err := s.Handoff(s.t.Context(), acme, id)
	s.must(err)
	same(s, "the handoff is", h.Desk, notify.DeskGivenUp)
}

// deskLate has a process take so long that another begins: what the first records changes nothing, whatever it is.
func deskLate(s *shelf) {
	id := s.handsOver(notify.DeskWaiting)
	at := noon().Add(time.Minute)
	late := s.deskDue(at)[0]
	at = at.Add(time.Minute)
	latest := s.deskDue(at)[0]
	same(s, "a late failure counts", s.deskFailed(late, at, at.Add(time.Hour)), false)
	same(s, "a late end counts", s.deskFailed(late, at, time.Time{}), false)
	same(s, "a late answer counts", s.deskDone(late, "ref-late"), false)
	h, err := s.Handoff(s.t.Context(), acme, id)
	s.must(err)
	same(s, "the handoff is as it was", h.Desk == notify.DeskWaiting && h.Place.Ref == "" && h.Failing.IsZero(), true)
	same(s, "the latest counts", s.deskDone(latest, "ref-1"), true)
	same(s, "the latest counts once", s.deskDone(latest, "ref-2"), false)
	h, err = s.Handoff(s.t.Context(), acme, id)
	s.must(err)
	same(s, "what the desk calls it", h.Place.Ref, "ref-1")
	next := s.deskDue(at)[0]
	_, err = s.CloseHandoff(s.t.Context(), acme, id, at)
	s.must(err)
	h, err = s.HandoffAt(s.t.Context(), acme, "ref-1")
	s.must(err)
	same(s, "the desk's name finds what is closed", h != nil && h.Closed, true)
	same(s, "what comes after the end counts", s.deskFailed(next, at, time.Time{}), false)
}

// deskNumberAgain has SQLite give a number that a late process still holds to something else.
func deskNumberAgain(s *shelf) {
	s.handsOver(notify.DeskWaiting)
	at := noon().Add(time.Minute)
	s.deskDone(s.deskDue(at)[0], "")
	s.deskDone(s.deskDue(at)[0], "")
	late := s.deskDue(at)[0]
	s.deskDone(late, "")
	_, err := s.Converse(s.t.Context(), acme, mei, notify.SMS, notify.Message{ID: "later", Text: "later", At: at}, at, func(notify.Exchange) notify.Response {
		return notify.Response{Heard: notify.Heard{Outcome: notify.LeftAlone}, Talk: []byte(`{"desk":true}`)}
	})
	s.must(err)
	latest := s.deskDue(at)[0]
	same(s, "what is due", latest.Message.Text, "later")
	same(s, "a late answer to something else counts", s.deskDone(late, ""), false)
	same(s, "the latest counts", s.deskDone(latest, ""), true)
}

// deskRefuses has a desk take the handoff and the last message, and not the one between.
func deskRefuses(s *shelf) {
	id := s.handsOver(notify.DeskWaiting)
	at := noon().Add(time.Minute)
	s.deskDone(s.deskDue(at)[0], "ref-1")
	refused := s.deskDue(at)[0]
	s.deskFailed(refused, at, at)
	latest := s.deskDue(at)[0]
	ok, err := s.DeskRefused(s.t.Context(), refused, at)
	s.must(err)
	same(s, "a late no counts", ok, false)
	ok, err = s.DeskRefused(s.t.Context(), latest, at)
	s.must(err)
	same(s, "the latest counts", ok, true)
	next := s.deskDue(at)[0]
	same(s, "what comes next", next.Message.Text, "anybody?")
	same(s, "refused so far", next.Handoff.Refused, 1)
	s.deskDone(next, "")
	h, err := s.Handoff(s.t.Context(), acme, id)
	s.must(err)
	same(s, "the handoff", h.Desk == notify.DeskReached && h.Failing.IsZero() && h.Refused == 1, true)
	turns, err := s.Turns(s.t.Context(), acme, mei, notify.SMS, 10)
	s.must(err)
	for _, t := range turns {
		same(s, t.Text+" is refused", t.Refused, t.Text == "hello?")
	}
	same(s, "turns", len(turns), 3)
}

// deskExported looks at a person's handoffs before the desk has anything, after, and at the end.
func deskExported(s *shelf) {
	id := s.handsOver(notify.DeskWaiting)
	exported := func() subject.Handoff {
		d, err := s.Dossier(s.t.Context(), acme, mei)
		s.must(err)
		same(s, "handoffs", len(d.Handoffs), 1)
		return d.Handoffs[0]
	}
	want := subject.Handoff{ID: id, Channel: notify.SMS, Reason: "contact_human", CreatedAt: noon(), Desk: notify.DeskWaiting}
	same(s, "what waits", exported(), want)
	at := noon().Add(time.Minute)
	s.deskDone(s.deskDue(at)[0], "ref-1")
	want.Desk, want.GivenAt = notify.DeskReached, noon().Add(time.Hour)
	same(s, "what the desk has", exported(), want)
	next := s.deskDue(at)[0]
	_, err := s.DeskDone(s.t.Context(), next, at.Add(24*time.Hour), notify.DeskPlace{})
	s.must(err)
	s.deskFailed(s.deskDue(at)[0], at, time.Time{})
	_, err = s.CloseHandoff(s.t.Context(), acme, id, at)
	s.must(err)
	want.Desk, want.ClosedAt = notify.DeskGivenUp, at
	same(s, "what the desk had", exported(), want)
}

func deskForgotten(s *shelf) {
	id := s.handsOver(notify.DeskWaiting)
	_, err := s.CloseHandoff(s.t.Context(), acme, id, noon())
	s.must(err)
	same(s, "things due of what is closed", len(s.deskDue(noon().Add(time.Hour))), 0)
}

func deskless(s *shelf) {
	s.handsOver("")
	same(s, "things due", len(s.deskDue(noon().Add(time.Hour))), 0)
}

func deskLapses(s *shelf) {
	s.handsOver(notify.DeskWaiting)
	last := noon().Add(2 * time.Second)
	for i, c := range []struct {
		after time.Duration
		open  int
	}{{6 * 24 * time.Hour, 1}, {12 * 24 * time.Hour, 1}, {19*24*time.Hour + time.Minute, 0}} { // each is six days, six, and seven after the one before
		now := last.Add(c.after)
		talk := ""
		_, err := s.Converse(s.t.Context(), acme, mei, notify.SMS, notify.Message{ID: string(rune('a' + i)), At: now}, now, func(x notify.Exchange) notify.Response {
			talk = string(x.Talk)
			return notify.Response{Talk: []byte(`{"desk":true}`)}
		})
		s.must(err)
		open, err := s.Handoffs(s.t.Context(), acme, 10)
		s.must(err)
		same(s, "handoffs that are open", len(open), c.open)
		same(s, "what was remembered counts", talk != "", c.open == 1)
	}
}
