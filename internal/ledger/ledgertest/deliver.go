package ledgertest

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// send is the judge that lets everything go.
func send(notify.Job) notify.Ruling {
	return notify.Ruling{State: notify.Sending, Reason: notify.BasisContract}
}

// claim claims a delivery.
func (s *shelf) claim(id notify.DeliveryID, at time.Time, judge func(notify.Job) notify.Ruling) *notify.Claim {
	s.t.Helper()
	c, err := s.Claim(s.t.Context(), id, at, judge)
	s.must(err)
	return c
}

// sending plans a delivery and claims it.
func (s *shelf) sending() notify.DeliveryID {
	s.t.Helper()
	id := s.departed()
	if s.claim(id, noon(), send) == nil {
		s.t.Fatal("the delivery is not to be had")
	}
	return id
}

// record writes an outcome that ended a second after noon.
func (s *shelf) record(o notify.Outcome) {
	s.t.Helper()
	o.StartedAt, o.EndedAt = noon(), noon().Add(time.Second)
	s.must(s.Record(s.t.Context(), o))
}

// outbox is what Claim and Record promise.
var outbox = map[string]func(*shelf){
	"only one of many gets a delivery":              oneClaimer,
	"a delivery nobody knows is nothing to do":      claimNothing,
	"a delivery asked for too early":                claimEarly,
	"what the queue did not take is due again":      released,
	"a held delivery waits for its hour":            claimHeld,
	"a dropped delivery makes room for the next":    claimDropped,
	"the judge sees a consent withdrawn since":      judgedFacts,
	"a judge that panics leaves the delivery be":    judgePanics,
	"an answer is recorded with its words":          recordSent,
	"a retry waits and keeps its count":             recordRetry,
	"a throttled call is not counted":               recordThrottled,
	"a failure makes room for the next channel":     recordNext,
	"a receipt that overtook the answer stays":      receiptOvertakes,
	"a failure overtaken by a receipt ends there":   receiptOvertakesFailure,
	"a late answer settles an unknown outcome":      lateAnswer,
	"a lost call is given up once":                  lostOnce,
	"a withdrawal told by the provider is recorded": recordConsent,
}

func oneClaimer(s *shelf) {
	id := s.departed()
	var won atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			c, err := s.Claim(s.t.Context(), id, noon(), send)
			if err != nil {
				s.t.Error(err)
			}
			if c != nil {
				won.Add(1)
			}
		})
	}
	all.Wait()
	same(s, "claims", won.Load(), int32(1))
	same(s, "attempts", s.state(id).Attempts, 1)
}

func claimNothing(s *shelf) {
	if c := s.claim("n_never.email", noon(), send); c != nil {
		s.t.Errorf("got %+v", c)
	}
}

func claimEarly(s *shelf) {
	id := s.departed()
	_, err := s.Claim(s.t.Context(), id, noon().Add(-time.Minute), send)
	early, ok := errors.AsType[interface {
		error
		DueAt() time.Time
	}](err)
	if !ok || !early.DueAt().Equal(noon()) {
		s.t.Fatalf("asked for too early it says %v", err)
	}
	s.is(id, notify.Planned, notify.OK)
	due, err := s.Due(s.t.Context(), noon(), noon().Add(-time.Minute), 10)
	s.must(err)
	same(s, "due at its time, whoever came before it", len(due), 1)
}

func released(s *shelf) {
	id := s.departed()
	due := func() int {
		hs, err := s.Due(s.t.Context(), noon(), noon().Add(-time.Minute), 10)
		s.must(err)
		return len(hs)
	}
	same(s, "due while the queue has it", due(), 0)
	s.must(s.Release(s.t.Context(), []notify.Handoff{{Delivery: id}}))
	same(s, "due when the queue has not", due(), 1)
}

func claimHeld(s *shelf) {
	id, morning := s.departed(), noon().Add(20*time.Hour)
	c := s.claim(id, noon(), func(notify.Job) notify.Ruling {
		return notify.Ruling{State: notify.Held, Reason: notify.QuietCourtesy, Due: morning}
	})
	same(s, "ruling", c.Ruling.State, notify.Held)
	s.is(id, notify.Held, notify.QuietCourtesy)
	if _, err := s.Claim(s.t.Context(), id, morning.Add(-time.Millisecond), send); err == nil {
		s.t.Error("a held delivery is given out before its hour")
	}
	if c := s.claim(id, morning, send); c == nil || c.Job.Delivery.HeldFor != notify.QuietCourtesy {
		s.t.Errorf("in the morning it is %+v", c)
	}
}

func claimDropped(s *shelf) {
	id := s.departed()
	next := delivery(s.state(id).Notification, notify.SMS, noon())
	s.claim(id, noon(), func(j notify.Job) notify.Ruling {
		same(s, "tried", j.Tried, []notify.Channel{notify.Email})
		return notify.Ruling{State: notify.Dropped, Reason: notify.NoEndpoint, Next: &next}
	})
	s.is(id, notify.Dropped, notify.NoEndpoint)
	if c := s.claim(id, noon(), send); c != nil {
		s.t.Error("what ended is given out again")
	}
	c := s.claim(next.ID, noon(), send)
	if c == nil {
		s.t.Fatal("the next channel is not to be had")
	}
	same(s, "tried", c.Job.Tried, []notify.Channel{notify.Email, notify.SMS})
}

func judgedFacts(s *shelf) {
	id := s.departed()
	stop := notify.ConsentEvent{ID: "c1", Channel: notify.Email, Action: notify.Withdrawn, OccurredAt: noon(), ReceivedAt: noon()}
	s.must(s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{stop}))
	s.hear(event("e2", parcel.InTransit, noon().Add(time.Minute)))
	s.claim(id, noon().Add(time.Hour), func(j notify.Job) notify.Ruling {
		same(s, "consents", j.Story.Consents, []notify.ConsentEvent{stop})
		same(s, "person", j.Story.Person.ID, mei)
		same(s, "order", j.Story.Order.ID, parcel.OrderID("A1"))
		same(s, "events", len(j.Story.Marks), 2)
		same(s, "parcel", j.Story.Parcel.State.Kind, parcel.InTransit)
		return notify.Ruling{State: notify.Dropped, Reason: notify.ConsentWithdrawn}
	})
	s.is(id, notify.Dropped, notify.ConsentWithdrawn)
}

func judgePanics(s *shelf) {
	id := s.departed()
	if _, err := s.Claim(s.t.Context(), id, noon(), func(notify.Job) notify.Ruling { panic("no such merchant") }); err == nil {
		s.t.Error("a judge's panic is no error")
	}
	s.is(id, notify.Planned, notify.OK)
	if c := s.claim(id, noon(), send); c == nil {
		s.t.Error("the delivery is lost")
	}
}

func recordSent(s *shelf) {
	id := s.sending()
	words := notify.Words{Locale: "de", Text: "Ihr Paket ist unterwegs.", Segments: 1}
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, ProviderID: "SM1", Words: &words,
		Decisions: []notify.Decision{{At: noon(), Delivery: id, Verdict: notify.Note, Reason: notify.WasSent}}})
	d := s.state(id)
	s.is(id, notify.Sent, notify.WasSent)
	same(s, "words", d.Words, &words)
	same(s, "provider id", d.ProviderID, "SM1")
	same(s, "sent at", d.SentAt, noon().Add(time.Second))
	if c := s.claim(id, noon().Add(time.Hour), send); c != nil {
		s.t.Error("what was sent is given out again")
	}
}

func recordRetry(s *shelf) {
	id := s.sending()
	again := noon().Add(time.Minute)
	s.record(notify.Outcome{Delivery: id, State: notify.Queued, Reason: notify.RetryScheduled, Due: again})
	s.is(id, notify.Queued, notify.RetryScheduled)
	if c := s.claim(id, again, send); c == nil || c.Job.Delivery.Attempts != 2 {
		s.t.Errorf("the second try is %+v", c)
	}
}

func recordThrottled(s *shelf) {
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.Queued, Reason: notify.RetryScheduled, Due: noon(), Unspent: true})
	same(s, "attempts", s.state(id).Attempts, 0)
}

func recordNext(s *shelf) {
	id := s.sending()
	next := delivery(s.state(id).Notification, notify.SMS, noon())
	s.record(notify.Outcome{Delivery: id, State: notify.Failed, Reason: notify.BadEndpoint, Next: &next})
	same(s, "told", s.told(acme), []string{"departed_origin failed planned"})
}

// receipt tells of a delivery at noon, and returns what that came to; "" when it changed nothing.
func (s *shelf) receipt(m notify.MerchantID, r notify.Receipt, reason notify.Reason) notify.State {
	s.t.Helper()
	r.At = noon()
	out, err := s.AddReceipt(s.t.Context(), m, r, noon().Add(time.Minute), func(j notify.Job) notify.Outcome {
		return notify.Outcome{Delivery: j.Delivery.ID, EndedAt: noon().Add(time.Minute), State: r.State, Reason: reason, Code: r.Code,
			Decisions: []notify.Decision{{At: noon().Add(time.Minute), Phase: notify.AfterSend, Notification: j.Notification.ID, Delivery: j.Delivery.ID,
				Channel: j.Delivery.Channel, Verdict: notify.Note, Reason: reason}}}
	})
	s.must(err)
	if out == nil {
		return ""
	}
	return out.State
}

func receiptOvertakes(s *shelf) {
	id := s.sending()
	same(s, "state", s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, ProviderID: "SM1", State: notify.Arrived}, notify.SaidDelivered), notify.Arrived)
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, Words: &notify.Words{Text: "Hallo"}})
	s.is(id, notify.Arrived, notify.SaidDelivered)
	d := s.state(id)
	same(s, "provider id", d.ProviderID, "SM1")
	same(s, "sent at", d.SentAt, noon().Add(time.Second))
	if d.Words == nil || d.Words.Text != "Hallo" {
		s.t.Errorf("the words are lost: %+v", d.Words)
	}
}

func receiptOvertakesFailure(s *shelf) {
	id := s.sending()
	s.receipt(acme, notify.Receipt{ID: "r1", Delivery: id, State: notify.Arrived}, notify.SaidDelivered)
	next := delivery(s.state(id).Notification, notify.SMS, noon())
	s.record(notify.Outcome{Delivery: id, State: notify.Failed, Reason: notify.BadEndpoint, Next: &next})
	same(s, "told", s.told(acme), []string{"departed_origin delivered"})
}

func lateAnswer(s *shelf) {
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.UnknownSt, Reason: notify.UnknownOutcome})
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, ProviderID: "SM1"})
	s.is(id, notify.Sent, notify.WasSent)
	s.record(notify.Outcome{Delivery: id, State: notify.UnknownSt, Reason: notify.UnknownOutcome})
	s.is(id, notify.Sent, notify.WasSent)
	same(s, "provider id", s.state(id).ProviderID, "SM1")
}

func recordConsent(s *shelf) {
	id := s.sending()
	stop := notify.ConsentEvent{ID: "provider:1", Channel: notify.Email, Action: notify.Withdrawn, OccurredAt: noon()}
	s.record(notify.Outcome{Delivery: id, State: notify.Failed, Reason: notify.OptedOut, Consent: &stop})
	got, err := s.Consents(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "consents", got, []notify.ConsentEvent{stop})
}

// backlog is what Due, Orphans, NextDue and Busy promise.
var backlog = map[string]func(*shelf){
	"what was handed over is left alone for a while": dueHanded,
	"every page of the backlog holds others":         duePages,
	"held work is due at its hour":                   dueHeld,
	"a retry is due at its time":                     dueRetry,
	"a call that never ended is an orphan":           orphans,
	"busy counts what is due and what is sent":       busy,
}

// handed is one mail that is due.
func handed(id notify.DeliveryID, due time.Time, late time.Duration) []notify.Handoff {
	return []notify.Handoff{{Delivery: id, Channel: notify.Email, Due: due, Late: late}}
}

func (s *shelf) due(now, lost time.Time, limit int) []notify.Handoff {
	s.t.Helper()
	hs, err := s.Due(s.t.Context(), now, lost, limit)
	s.must(err)
	return hs
}

func dueHanded(s *shelf) {
	id := s.departed()
	later := noon().Add(time.Minute)
	same(s, "right after the intake", s.due(noon(), noon(), 10), nil)
	same(s, "much later", s.due(later, later, 10), handed(id, noon(), time.Minute))
	same(s, "once more", s.due(later, later, 10), nil)
}

func duePages(s *shelf) {
	s.ready()
	kinds := []parcel.Kind{parcel.PickedUp, parcel.Departed, parcel.Arrived}
	for i, k := range kinds {
		s.hear(under(event(parcel.EventID(k), k, noon().Add(time.Duration(i)*time.Second)), "dhl", parcel.Number("0034")))
	}
	now := noon().Add(time.Minute)
	seen := map[notify.DeliveryID]bool{}
	pages := 0
	for hs := s.due(now, now.Add(time.Millisecond), 1); len(hs) > 0 && pages < 10; hs = s.due(now, now.Add(time.Millisecond), 1) {
		seen[hs[0].Delivery] = true
		pages++
	}
	if pages != len(seen) || pages == 0 {
		s.t.Errorf("%d pages hold %d deliveries", pages, len(seen))
	}
}

func dueHeld(s *shelf) {
	id, morning := s.departed(), noon().Add(20*time.Hour)
	s.claim(id, noon(), func(notify.Job) notify.Ruling {
		return notify.Ruling{State: notify.Held, Reason: notify.QuietCourtesy, Due: morning}
	})
	same(s, "over night", s.due(morning.Add(-time.Second), morning, 10), nil)
	next, err := s.NextDue(s.t.Context(), noon())
	s.must(err)
	same(s, "next", next, morning)
	same(s, "in the morning", s.due(morning, morning.Add(-30*time.Second), 10), handed(id, morning, 0))
	next, err = s.NextDue(s.t.Context(), morning)
	s.must(err)
	same(s, "next after that", next, time.Time{})
}

func dueRetry(s *shelf) {
	id, due := s.sending(), noon().Add(time.Minute)
	s.record(notify.Outcome{Delivery: id, State: notify.Queued, Reason: notify.RetryScheduled, Due: due})
	same(s, "before its time", s.due(due.Add(-time.Millisecond), due.Add(-time.Minute), 10), nil)
	same(s, "at its time", s.due(due, due.Add(-30*time.Second), 10), handed(id, due, 0))
	same(s, "with the queue", s.due(due, due.Add(-30*time.Second), 10), nil)
}

func orphans(s *shelf) {
	id := s.sending()
	young, err := s.Orphans(s.t.Context(), noon(), 10)
	s.must(err)
	same(s, "while it is called", len(young), 0)
	old, err := s.Orphans(s.t.Context(), noon().Add(time.Millisecond), 10)
	s.must(err)
	if len(old) != 1 || old[0].ID != id || old[0].Channel != notify.Email {
		s.t.Errorf("orphans: %+v", old)
	}
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent})
	done, err := s.Orphans(s.t.Context(), noon().Add(time.Hour), 10)
	s.must(err)
	same(s, "once it is recorded", len(done), 0)
}

func busy(s *shelf) {
	id := s.departed()
	count := func(want int) {
		s.t.Helper()
		n, err := s.Busy(s.t.Context(), noon())
		s.must(err)
		same(s, "busy", n, want)
	}
	count(1)
	s.claim(id, noon(), send)
	count(1)
	s.record(notify.Outcome{Delivery: id, State: notify.Queued, Reason: notify.RetryScheduled, Due: noon().Add(time.Hour)})
	count(0)
}

// Two processes may find one orphan. The second must not touch the call that the first has made way for.
func lostOnce(s *shelf) {
	id := s.sending()
	lost := notify.Outcome{Delivery: id, StartedAt: noon(), EndedAt: noon(), State: notify.Queued, Reason: notify.RetryScheduled, Due: noon(), Lost: true}
	s.must(s.Record(s.t.Context(), lost))
	s.is(id, notify.Queued, notify.RetryScheduled)
	if s.claim(id, noon().Add(time.Minute), send) == nil {
		s.t.Fatal("the delivery is not to be had again")
	}
	s.must(s.Record(s.t.Context(), lost))
	s.is(id, notify.Sending, notify.BasisContract)
}
