package ledgertest

import (
	"fmt"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// heard is what Heard promises.
var heard = map[string]func(*shelf){
	"an answer was enough when nobody came back":   containment,
	"what was not understood can be read":          unclear,
	"a report is one merchant's and one stretch's": heardWhen,
}

// wrote has Mei write something, of which the assistant makes what is said, so long after noon.
func (s *shelf) wrote(after time.Duration, h notify.Heard) {
	s.t.Helper()
	s.messages++
	id := fmt.Sprint("m", s.messages)
	now := noon().Add(after)
	_, err := s.Converse(s.t.Context(), acme, mei, notify.SMS, notify.Message{ID: id, Text: "text of " + id, At: now}, now, func(notify.Exchange) notify.Response {
		r := notify.Response{Heard: h}
		if h.Outcome == notify.HandedOver {
			r.Handoff = &notify.DeskHandoff{ID: "h" + id, Reason: h.Intent, Order: h.Order, CreatedAt: now}
		}
		return r
	})
	s.must(err)
}

func answeredAbout(order parcel.OrderID) notify.Heard {
	return notify.Heard{Outcome: notify.WasAnswered, Intent: "order_status", Lang: "de", Confidence: .9, Order: order}
}

func containment(s *shelf) {
	s.ready()
	s.wrote(0, answeredAbout("A1"))           // she comes back about it
	s.wrote(time.Minute, answeredAbout("A1")) // the same talk, which goes on
	s.wrote(3*time.Hour, answeredAbout("A1")) // somebody takes over
	s.wrote(4*time.Hour, notify.Heard{Outcome: notify.HandedOver, Intent: "complaint", Order: "A2"})
	s.wrote(5*time.Hour, answeredAbout("A2")) // enough
	s.wrote(5*time.Hour+20*time.Minute, answeredAbout("A2"))
	s.wrote(60*time.Hour, answeredAbout("A2")) // not settled yet; more than two days later it says nothing of the ones before
	r, err := s.Heard(s.t.Context(), acme, noon(), noon().Add(100*time.Hour), noon().Add(100*time.Hour))
	s.must(err)
	same(s, "intents", r.Intents, []notify.IntentCount{{Intent: "order_status", Messages: 6, Answered: 6, Settled: 5, Contained: 2}, {Intent: "complaint", Messages: 1}})
	same(s, "outcomes", r.Outcomes, []notify.OutcomeCount{{Outcome: notify.WasAnswered, Messages: 6}, {Outcome: notify.HandedOver, Messages: 1}})
	same(s, "handoffs", r.Handoffs, []notify.ReasonCount{{Reason: "complaint", Handoffs: 1}})
}

func unclear(s *shelf) {
	s.ready()
	s.wrote(0, notify.Heard{Outcome: notify.NotUnderstood, Intent: "out_of_scope", Lang: "de"})
	s.wrote(time.Minute, answeredAbout("A1"))
	s.wrote(2*time.Minute, notify.Heard{Outcome: notify.Attack, Intent: "out_of_scope", Lang: "en"})
	r, err := s.Heard(s.t.Context(), acme, noon(), noon().Add(time.Hour), noon().Add(time.Hour))
	s.must(err)
	same(s, "unclear", r.Unclear, []notify.Unclear{
		{At: noon().Add(2 * time.Minute), Channel: notify.SMS, Lang: "en", Outcome: notify.Attack, Text: "text of m3"},
		{At: noon(), Channel: notify.SMS, Lang: "de", Outcome: notify.NotUnderstood, Text: "text of m1"}})
}

func heardWhen(s *shelf) {
	s.ready()
	s.wrote(0, answeredAbout("A1"))
	s.wrote(2*time.Hour, answeredAbout("A1"))
	for _, c := range []struct {
		m        notify.MerchantID
		from, to time.Duration
		want     int
	}{{acme, 0, time.Hour, 1}, {acme, 0, 3 * time.Hour, 2}, {acme, time.Hour, 2 * time.Hour, 0}, {other, 0, 3 * time.Hour, 0}} {
		r, err := s.Heard(s.t.Context(), c.m, noon().Add(c.from), noon().Add(c.to), noon().Add(3*time.Hour))
		s.must(err)
		n := 0
		for _, i := range r.Intents {
			n += i.Messages
		}
		same(s, fmt.Sprint("messages of ", c.m, " from ", c.from, " to ", c.to), n, c.want)
	}
}
