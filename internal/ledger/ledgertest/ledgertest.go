// Package ledgertest is the suite every database of the ledger must pass: what Accept, Claim, Record and the reads promise,
// whatever speaks SQL below. It brings a planner and judges of its own, so that it tests storage and no business rule; the
// dispatcher's decisions are tested where they are made. How commits are shared is internal to the ledger and tested there.
package ledgertest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Open opens the ledger on one database; called again after a close it finds what was left there.
type Open func(context.Context) (*ledger.Ledger, error)

// Run runs the suite. fresh returns an empty database for each test.
func Run(t *testing.T, fresh func(*testing.T) Open) {
	for _, group := range []map[string]func(*shelf){intake, boxesApart, orders, corrections, addressActs, choices, outbox, backlog, receipts, reads, heard, desks, inboxes, browsers, erasures, retention} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(newShelf(t, fresh(t)))
			})
		}
	}
}

const (
	acme  notify.MerchantID = "acme"
	other notify.MerchantID = "other"
	mei   notify.PersonID   = "mei"
)

// noon is when most things happen.
func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// shelf is a ledger in a test.
type shelf struct {
	*ledger.Ledger
	t        *testing.T
	open     Open
	messages int // that Mei has written so far
}

func newShelf(t *testing.T, open Open) *shelf {
	t.Helper()
	s := &shelf{t: t, open: open}
	s.enter()
	t.Cleanup(func() { s.must(s.Close()) })
	return s
}

func (s *shelf) enter() {
	s.t.Helper()
	book, err := s.open(context.Background())
	s.must(err)
	s.Ledger = book
}

// reopen closes the ledger and opens it again.
func (s *shelf) reopen() {
	s.t.Helper()
	s.must(s.Close())
	s.enter()
}

func (s *shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// same compares what is with what ought to be; nothing and an empty list are the same.
func same[T any](s *shelf, what string, got, want T) {
	s.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(notify.ConsentEvent{}, "Seq", "PrevHash", "Hash")); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// event is one that Landfall hears of as it happens, under carrier dhl and number 0034.
func event(id parcel.EventID, k parcel.Kind, at time.Time) parcel.Event {
	return parcel.Event{ID: id, Feed: "api", Carrier: "dhl", Number: "0034", Kind: k, HappenedAt: at, HeardAt: at}
}

// under is the event under another carrier's name and number.
func under(e parcel.Event, c parcel.Carrier, n parcel.Number) parcel.Event {
	e.Carrier, e.Number = c, n
	return e
}

// coat is an order of Mei's with the parcel dhl 0034.
func coat() parcel.Order {
	return parcel.Order{ID: "A1", Person: string(mei), Parcels: []parcel.Label{{Carrier: "dhl", Number: "0034"}}}
}

func customer(id notify.PersonID) notify.Person {
	return notify.Person{ID: id, Name: "Mei", Email: "mei@example.com", Phone: "+4915112345678", InApp: true}
}

// tell plans one email for each piece of news somebody can be told, and ends those that it overtakes.
func tell(m notify.MerchantID, due time.Time) notify.Planner {
	return func(s notify.Story, fresh map[parcel.EventID]bool) notify.Plan {
		var p notify.Plan
		for _, mark := range s.Marks {
			if fresh == nil || fresh[mark.Event.ID] {
				one(&p, m, s, mark, due)
			}
		}
		for _, u := range s.Unsent {
			if mark, ok := markOf(s, u.Notification.Event); ok && mark.Overtaken {
				p.Supersede = append(p.Supersede, notify.Supersession{Delivery: u.Delivery.ID, Event: mark.By})
			}
		}
		return p
	}
}

func markOf(s notify.Story, id parcel.EventID) (parcel.Mark, bool) {
	for _, m := range s.Marks {
		if m.Event.ID == id {
			return m, true
		}
	}
	return parcel.Mark{}, false
}

// one plans what a single mark means, or notes why nobody is told.
func one(p *notify.Plan, m notify.MerchantID, s notify.Story, mark parcel.Mark, due time.Time) {
	d := notify.Decision{At: due, Phase: notify.AtPlan, Event: mark.Event.ID, Verdict: notify.Drop, Reason: silence(s, mark)}
	if d.Reason != "" {
		p.Decisions = append(p.Decisions, d)
		return
	}
	n := notify.Notification{
		ID:       notify.NotificationID(fmt.Sprintf("n_%s_%s_%s_%s_%d", m, s.Parcel.ID, s.Person.ID, mark.Event.Kind, mark.Occurrence)),
		Merchant: m, Person: s.Person.ID, Order: s.Order.ID, Parcel: s.Parcel.ID, Event: mark.Event.ID, Kind: mark.Event.Kind,
		Occurrence: mark.Occurrence, CreatedAt: due,
	}
	d.Notification, d.Verdict, d.Reason = n.ID, notify.Allow, notify.BasisContract
	p.Notifications = append(p.Notifications, notify.Planning{
		Notification: n, Deliveries: []notify.Delivery{delivery(n.ID, notify.Email, due)}, Decisions: []notify.Decision{d},
	})
}

func silence(s notify.Story, mark parcel.Mark) notify.Reason {
	switch {
	case !mark.Entered:
		return notify.NotNews
	case mark.Overtaken:
		return notify.OutOfOrder
	case s.Order == nil:
		return notify.NoOrder
	case s.Person == nil && !s.ErasedAt.IsZero():
		return notify.SubjectErased
	case s.Person == nil:
		return notify.NoPerson
	}
	return ""
}

func delivery(n notify.NotificationID, c notify.Channel, due time.Time) notify.Delivery {
	id := notify.DeliveryID(string(n) + "." + string(c))
	return notify.Delivery{ID: id, Notification: n, Channel: c, State: notify.Planned, Reason: notify.OK, Due: due, Key: "key of " + string(id), UpdatedAt: due}
}

// hear accepts events of acme at the time the last of them was heard.
func (s *shelf) hear(events ...parcel.Event) notify.Intake {
	s.t.Helper()
	return s.hearFor(acme, events...)
}

func (s *shelf) hearFor(m notify.MerchantID, events ...parcel.Event) notify.Intake {
	s.t.Helper()
	at := events[len(events)-1].HeardAt
	in, err := s.Accept(s.t.Context(), m, events, at, tell(m, at))
	s.must(err)
	return in
}

func (s *shelf) order(m notify.MerchantID, o parcel.Order, at time.Time) notify.Intake {
	s.t.Helper()
	in, err := s.PutOrder(s.t.Context(), m, o, at, tell(m, at))
	s.must(err)
	return in
}

func (s *shelf) person(m notify.MerchantID, p notify.Person, at time.Time) notify.Intake {
	s.t.Helper()
	in, err := s.PutPerson(s.t.Context(), m, p, at, tell(m, at))
	s.must(err)
	return in
}

// ready stores Mei and her order.
func (s *shelf) ready() {
	s.t.Helper()
	s.person(acme, customer(mei), noon())
	s.order(acme, coat(), noon())
}

// departed stores Mei, her order and one event, and returns the delivery planned for it.
func (s *shelf) departed() notify.DeliveryID {
	s.t.Helper()
	s.ready()
	in := s.hear(event("e1", parcel.Departed, noon()))
	if len(in.Ready) != 1 {
		s.t.Fatalf("%d deliveries are ready, want one", len(in.Ready))
	}
	return in.Ready[0].Delivery
}

// told lists what was planned for a merchant, newest first, as "kind state".
func (s *shelf) told(m notify.MerchantID) []string {
	s.t.Helper()
	all, err := s.Notifications(s.t.Context(), m, ledger.Filter{})
	s.must(err)
	var out []string
	for _, t := range all {
		words := []string{string(t.Notification.Kind)}
		for _, d := range t.Deliveries {
			words = append(words, string(d.State))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// state reads a delivery of acme as it stands.
func (s *shelf) state(id notify.DeliveryID) notify.Delivery {
	s.t.Helper()
	all, err := s.Notifications(s.t.Context(), acme, ledger.Filter{})
	s.must(err)
	for _, t := range all {
		for _, d := range t.Deliveries {
			if d.ID == id {
				return d
			}
		}
	}
	s.t.Fatalf("there is no delivery %s", id)
	return notify.Delivery{}
}

// is insists on a delivery's state and reason.
func (s *shelf) is(id notify.DeliveryID, state notify.State, reason notify.Reason) {
	s.t.Helper()
	if d := s.state(id); d.State != state || d.Reason != reason {
		s.t.Errorf("%s is %s %s, want %s %s", id, d.State, d.Reason, state, reason)
	}
}

// parcelsOf lists the parcels of an order.
func (s *shelf) parcelsOf(m notify.MerchantID, o parcel.OrderID) []parcel.Parcel {
	s.t.Helper()
	h, err := s.History(s.t.Context(), m, o)
	s.must(err)
	if h == nil {
		return nil
	}
	return h.Parcels
}

// reasons lists why nobody was told of an event.
func (s *shelf) reasons(m notify.MerchantID, e parcel.EventID) []notify.Reason {
	s.t.Helper()
	ds, err := s.EventDecisions(s.t.Context(), m, e)
	s.must(err)
	var out []notify.Reason
	for _, d := range ds {
		out = append(out, d.Reason)
	}
	return out
}
