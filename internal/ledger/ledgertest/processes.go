package ledgertest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// RunProcesses runs what several processes that share a ledger are promised. Each has one of its own open.
func RunProcesses(t *testing.T, fresh func(*testing.T) Open) {
	for name, test := range processes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := fresh(t)
			test(newShelf(t, open), newShelf(t, open))
		})
	}
}

// processes is what holds between two processes.
var processes = map[string]func(one, two *shelf){
	"a delivery is claimed once":                             claimedOnce,
	"what is due is taken once":                              takenOnce,
	"an order and its first scan meet, whichever is first":   scanMeetsOrder,
	"a customer and their parcel meet, whichever is first":   customerMeetsParcel,
	"scans of one parcel are planned one after another":      scansInTurn,
	"acts of consent form one chain":                         oneChain,
	"cards are numbered one after another":                   numberedCards,
	"failures of an account are counted one after another":   countedFailures,
	"who is erased leaves nothing, whatever comes meanwhile": erasedMeanwhile,
}

// both runs something n times in each process, all at once.
func both(one, two *shelf, n int, do func(s *shelf, i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(one, 2*i) })
		all.Go(func() { do(two, 2*i+1) })
	}
	all.Wait()
}

func claimedOnce(one, two *shelf) {
	id := one.departed()
	var won atomic.Int32
	both(one, two, 16, func(s *shelf, _ int) {
		if c, err := s.Claim(context.Background(), id, noon(), send); err != nil {
			s.t.Error(err)
		} else if c != nil {
			won.Add(1)
		}
	})
	same(one, "claims", won.Load(), int32(1))
	same(one, "attempts", one.state(id).Attempts, 1)
}

func takenOnce(one, two *shelf) {
	one.person(acme, customer(mei), noon())
	for i := range 40 {
		number := parcel.Number(fmt.Sprint(1000 + i))
		one.order(acme, parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: string(mei), Parcels: []parcel.Label{{Carrier: "dhl", Number: number}}}, noon())
		one.hear(under(event(parcel.EventID(fmt.Sprint("e", i)), parcel.Departed, noon()), "dhl", number))
	}
	later := noon().Add(time.Hour)
	var mu sync.Mutex
	taken := map[notify.DeliveryID]int{}
	both(one, two, 4, func(s *shelf, _ int) {
		due, err := s.Due(context.Background(), later, later, 10)
		if err != nil {
			s.t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, h := range due {
			taken[h.Delivery]++
		}
	})
	for id, n := range taken {
		if n != 1 {
			one.t.Errorf("%s is taken %d times", id, n)
		}
	}
	if len(taken) == 0 {
		one.t.Error("nothing is taken")
	}
}

// many is how often two meet, so that each comes first now and then.
const many = 12

func scanMeetsOrder(one, two *shelf) {
	one.person(acme, customer(mei), noon())
	for i := range many {
		o := parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: string(mei), Parcels: []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint(1000 + i))}}}
		e := under(event(parcel.EventID(fmt.Sprint("e", i)), parcel.Departed, noon()), "dhl", o.Parcels[0].Number)
		if i%2 == 0 { // a feed may name the order; then it has no label
			e.Order, o.Parcels = o.ID, nil
		}
		meet(one, two, func() error {
			_, err := one.PutOrder(context.Background(), acme, o, noon(), tell(acme, noon()))
			return err
		},
			func() error {
				_, err := two.Accept(context.Background(), acme, []parcel.Event{e}, noon(), tell(acme, noon()))
				return err
			})
	}
	same(one, "notifications", len(one.told(acme)), many)
}

func meet(one, two *shelf, first, second func() error) {
	var all sync.WaitGroup
	all.Go(func() {
		if err := first(); err != nil {
			one.t.Error(err)
		}
	})
	all.Go(func() {
		if err := second(); err != nil {
			two.t.Error(err)
		}
	})
	all.Wait()
}

func customerMeetsParcel(one, two *shelf) {
	for i := range many {
		p := customer(notify.PersonID(fmt.Sprint("p", i)))
		o := parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: string(p.ID), Parcels: []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint(1000 + i))}}}
		one.order(acme, o, noon())
		e := under(event(parcel.EventID(fmt.Sprint("e", i)), parcel.Departed, noon()), "dhl", o.Parcels[0].Number)
		meet(one, two, func() error {
			_, err := one.PutPerson(context.Background(), acme, p, noon(), tell(acme, noon()))
			return err
		},
			func() error {
				_, err := two.Accept(context.Background(), acme, []parcel.Event{e}, noon(), tell(acme, noon()))
				return err
			})
	}
	same(one, "notifications", len(one.told(acme)), many)
}

func scansInTurn(one, two *shelf) {
	one.ready()
	kinds := []parcel.Kind{parcel.PickedUp, parcel.Departed, parcel.Arrived, parcel.OutForDeliv, parcel.Delivered}
	both(one, two, len(kinds), func(s *shelf, i int) {
		at := noon().Add(time.Duration(i/2) * time.Minute)
		if _, err := s.Accept(context.Background(), acme, []parcel.Event{event(parcel.EventID(fmt.Sprint("e", i/2)), kinds[i/2], at)}, at, tell(acme, at)); err != nil {
			s.t.Error(err)
		}
	})
	ps := one.parcelsOf(acme, "A1")
	if len(ps) != 1 || ps[0].State.Kind != parcel.Delivered {
		one.t.Errorf("the parcel is %+v, want one that was delivered", ps)
	}
	open := 0
	for _, words := range one.told(acme) {
		if words == string(parcel.Delivered)+" planned" {
			open++
		}
	}
	same(one, "messages of the delivery", open, 1)
}

func oneChain(one, two *shelf) {
	one.ready()
	both(one, two, 10, func(s *shelf, i int) {
		act := notify.ConsentEvent{ID: fmt.Sprint("c", i), Channel: notify.Email, Action: notify.Granted, OccurredAt: noon()}
		if err := s.AddConsents(context.Background(), acme, mei, []notify.ConsentEvent{act}); err != nil {
			s.t.Error(err)
		}
	})
	d, err := one.Dossier(context.Background(), acme, mei)
	one.must(err)
	seen := ""
	for i, e := range d.Chains[0] {
		if e.Seq != int64(i+1) || e.PrevHash != seen {
			one.t.Fatalf("act %d is number %d after %q", i, e.Seq, e.PrevHash)
		}
		seen = e.Hash
	}
	same(one, "acts", len(d.Chains[0]), 20)
}

func numberedCards(one, two *shelf) {
	both(one, two, 10, func(s *shelf, i int) {
		c := inapp.Card{Delivery: notify.DeliveryID(fmt.Sprint("d", i)), Person: mei, Title: "News", Text: "of it"}
		if _, err := s.PutCard(context.Background(), acme, c, noon()); err != nil {
			s.t.Error(err)
		}
	})
	ms, err := one.CardsAfter(context.Background(), owner(acme, mei), 0, 100)
	one.must(err)
	for i, m := range ms {
		if m.Seq != int64(i+1) {
			one.t.Errorf("card %d has number %d", i+1, m.Seq)
		}
	}
	same(one, "cards", len(ms), 20)
}

func countedFailures(one, two *shelf) {
	one.person(acme, customer(mei), noon())
	var claimed []notify.DeliveryID
	for i := range 20 {
		number := parcel.Number(fmt.Sprint(1000 + i))
		p := customer(notify.PersonID(fmt.Sprint("p", i)))
		one.person(acme, p, noon())
		one.order(acme, parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: string(p.ID), Parcels: []parcel.Label{{Carrier: "dhl", Number: number}}}, noon())
		in := one.hear(under(event(parcel.EventID(fmt.Sprint("e", i)), parcel.Departed, noon()), "dhl", number))
		one.claim(in.Ready[0].Delivery, noon(), send)
		claimed = append(claimed, in.Ready[0].Delivery)
	}
	worse := func(p notify.Parking) notify.Parking { p.Failures++; return p }
	both(one, two, 10, func(s *shelf, i int) {
		o := notify.Outcome{Delivery: claimed[i], StartedAt: noon(), EndedAt: noon(), State: notify.Failed, Reason: "SENDER_MISCONFIGURED", Parking: worse}
		if err := s.Record(context.Background(), o); err != nil {
			s.t.Error(err)
		}
	})
	all, err := one.Parked(context.Background(), acme)
	one.must(err)
	same(one, "failures", all[notify.Account{Channel: notify.Email}].Failures, 20)
}

func erasedMeanwhile(one, two *shelf) {
	for i := range many {
		p := customer(notify.PersonID(fmt.Sprint("customer", i)))
		p.Name, p.Phone, p.Email = fmt.Sprint("Somebody", i), notify.Phone(fmt.Sprint("+49151123456", 10+i)), notify.EmailAddress(fmt.Sprint(i, "@example.com"))
		number := parcel.Number(fmt.Sprint(1000 + i))
		one.person(acme, p, noon())
		one.order(acme, parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: string(p.ID), Parcels: []parcel.Label{{Carrier: "dhl", Number: number}}}, noon())
		e := under(event(parcel.EventID(fmt.Sprint("e", i)), parcel.Delivered, noon()), "dhl", number)
		e.Note = "signed by " + p.Name
		meet(one, two, func() error { _, err := one.Erase(context.Background(), acme, p.ID, noon()); return err },
			func() error {
				_, err := two.Accept(context.Background(), acme, []parcel.Event{e}, noon(), tell(acme, noon()))
				return err
			})
		h, err := one.History(context.Background(), acme, parcel.OrderID(fmt.Sprint("A", i)))
		one.must(err)
		for _, heard := range h.Events {
			if heard.Event.Note != "" {
				one.t.Errorf("of somebody erased there is left %q", heard.Event.Note)
			}
		}
		for _, told := range h.Told {
			if !told.Notification.Person.Erased() {
				one.t.Errorf("a message is still for %s", told.Notification.Person)
			}
		}
	}
}
