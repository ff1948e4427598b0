package ledgertest

import (
	"time"

	"landfall/internal/notify"
)

// desks is what the desk's outbox promises.
var desks = map[string]func(*shelf){
	"a desk is handed things in order, one at a time": deskOrder,
	"a desk that cannot be reached is given up":       deskGivenUp,
	"what is closed or erased is handed to nobody":    deskForgotten,
	"a merchant without a desk hands nothing over":    deskless,
	"a conversation nobody closed is free in a week":  deskLapses,
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
	s.must(s.DeskFailed(s.t.Context(), first[0], at, at.Add(time.Hour)))
	same(s, "things due before its time", len(s.deskDue(at.Add(30*time.Minute))), 0)
	at = at.Add(time.Hour)
	again := s.deskDue(at)
	same(s, "attempts", again[0].Attempts, 1)
	same(s, "failing since", again[0].Handoff.Failing, noon().Add(time.Minute))
	s.must(s.DeskDone(s.t.Context(), again[0], "ref-1"))
	for _, text := range []string{"hello?", "anybody?"} {
		next := s.deskDue(at)
		same(s, "what comes next", next[0].Message.Text, text)
		same(s, "what the desk calls it", next[0].Handoff.Ref, "ref-1")
		s.must(s.DeskDone(s.t.Context(), next[0], ""))
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
	s.must(s.DeskFailed(s.t.Context(), s.deskDue(at)[0], at, time.Time{}))
	same(s, "things due", len(s.deskDue(at.Add(time.Hour))), 0)
	h, err := s.Handoff(s.t.Context(), acme, id)
	s.must(err)
	same(s, "the handoff is", h.Desk, notify.DeskGivenUp)
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
