// Package simulate answers what would be sent: it runs a merchant's rules and words through the dispatcher and ledger of
// production, on a clock it sets and with senders that only take notes. Nothing leaves the process.
package simulate

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/inbound"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// Given is the world before anything happens.
type Given struct {
	People   []notify.Person
	Consents map[notify.PersonID][]notify.ConsentEvent
	Orders   []parcel.Order
}

// Simulation is one merchant's what-if.
type Simulation struct {
	ledger     *ledger.Ledger
	dispatcher *dispatcher.Dispatcher
	inbound    inbound.Inbound
	merchant   *dispatcher.Merchant
	now        time.Time
	ready      []notify.DeliveryID
	later      []act                               // of the world's, oldest first: they take effect when their time comes
	erased     map[notify.PersonID]notify.PersonID // who is behind a pseudonym
}

// act is an act of consent that lies ahead.
type act struct {
	person notify.PersonID
	event  notify.ConsentEvent
}

// link stands in for tracking pages; it is as long as a real one, so that text message segments are counted right.
const link = "https://notify.example.com/t/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// New starts a simulation for a merchant, each of whose senders is replaced by one that takes notes. What was held until the
// same instant is released together. Close it.
func New(ctx context.Context, m *dispatcher.Merchant) (*Simulation, error) {
	book, err := ledger.OpenScratch(ctx)
	if err != nil {
		return nil, err
	}
	own, world := *m, *m.World
	world.Spread = 0
	own.World = &world
	own.Senders = dispatcher.Senders{notify.InApp: {{Sender: silent{}}}}
	for c, all := range m.Senders {
		own.Senders[c] = slices.Clone(all)
		for i := range own.Senders[c] {
			own.Senders[c][i].Sender = silent{}
		}
	}
	s := &Simulation{ledger: book, merchant: &own, erased: map[notify.PersonID]notify.PersonID{}}
	now := func() time.Time { return s.now }
	s.inbound = inbound.Inbound{Ledger: book, Act: s.act, Receipt: s.receipt, Now: now, Reader: m.World.Replies}
	s.dispatcher = dispatcher.New(dispatcher.Config{
		Ledger: book, Queue: s, Now: now, Jitter: func() float64 { return 0 },
		Wait:     func(context.Context, time.Duration) bool { return true },
		Merchant: func(notify.MerchantID) (*dispatcher.Merchant, bool) { return s.merchant, true },
		Callback: func(notify.MerchantID, notify.Channel) string { return "" },
		Link:     func(notify.MerchantID, parcel.ID, *parcel.Order) string { return link },
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return s, nil
}

// act records what somebody did on a channel, as production does.
func (s *Simulation) act(ctx context.Context, _ notify.MerchantID, from notify.Address, e notify.ConsentEvent, answered bool) error {
	return s.dispatcher.Act(ctx, s.merchant, from, e, answered)
}

// receipt takes in what a provider said later, as production does.
func (s *Simulation) receipt(ctx context.Context, m notify.MerchantID, r notify.Receipt, why *channels.Error) error {
	return s.dispatcher.Receipt(ctx, m, r, why)
}

// Reachable returns m with a sender on every channel: rules can be tried before there are any accounts.
func Reachable(m *dispatcher.Merchant) *dispatcher.Merchant {
	own := *m
	own.Senders = dispatcher.Senders{}
	for _, c := range notify.Channels() {
		own.Senders[c] = []dispatcher.Sender{{Sender: silent{}}}
	}
	return &own
}

// Close forgets everything.
func (s *Simulation) Close() error { return s.ledger.Close() }

// silent takes every message and sends none.
type silent struct{}

func (silent) Send(context.Context, channels.Message) (channels.Accepted, error) {
	return channels.Accepted{State: notify.Sent}, nil
}

// Enqueue notes what is due.
func (s *Simulation) Enqueue(_ context.Context, hs ...notify.Handoff) error {
	for _, h := range hs {
		s.ready = append(s.ready, h.Delivery)
	}
	return nil
}

// Begin stores the world as it is before anything happens. Consents with a later time take effect when it comes.
func (s *Simulation) Begin(ctx context.Context, at time.Time, g Given) error {
	s.now = at
	for _, p := range g.People {
		if err := s.Person(ctx, p, g.Consents[p.ID]...); err != nil {
			return err
		}
	}
	for _, o := range g.Orders {
		if _, err := s.dispatcher.PutOrder(ctx, s.merchant, o); err != nil {
			return err
		}
	}
	return s.work(ctx)
}

// Hear lets time pass until an event is heard, and takes it in.
func (s *Simulation) Hear(ctx context.Context, e parcel.Event) error {
	if err := s.Before(ctx, e.HeardAt); err != nil {
		return err
	}
	if _, err := s.dispatcher.Accept(ctx, s.merchant, []parcel.Event{e}); err != nil {
		return err
	}
	return s.work(ctx)
}

// Until lets time pass: everything that becomes due on the way happens at its own time.
func (s *Simulation) Until(ctx context.Context, t time.Time) error {
	for {
		next, err := s.next(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(t) {
			if t.After(s.now) { // time does not run backwards
				s.now = t
			}
			return s.work(ctx)
		}
		s.now = next
		if err := s.work(ctx); err != nil {
			return err
		}
	}
}

// Before lets time pass until something is about to happen: what becomes due at that very instant waits for it, so that
// somebody who says no as a message is released is not sent it.
func (s *Simulation) Before(ctx context.Context, t time.Time) error {
	for {
		next, err := s.next(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() || !next.Before(t) {
			if t.After(s.now) {
				s.now = t
			}
			return s.agree(ctx)
		}
		if err := s.Until(ctx, next); err != nil {
			return err
		}
	}
}

// Settle lets time pass until nothing waits any more, at most until latest.
func (s *Simulation) Settle(ctx context.Context, latest time.Time) error {
	for {
		next, err := s.next(ctx)
		if err != nil || next.IsZero() || next.After(latest) {
			return err
		}
		if err := s.Until(ctx, next); err != nil {
			return err
		}
	}
}

// next is when something happens by itself; the zero time when nothing will.
func (s *Simulation) next(ctx context.Context) (time.Time, error) {
	due, err := s.ledger.NextDue(ctx, s.now)
	if len(s.later) > 0 && (due.IsZero() || s.later[0].event.OccurredAt.Before(due)) {
		due = s.later[0].event.OccurredAt
	}
	return due, err
}

// agree lets acts of consent take effect whose time has come.
func (s *Simulation) agree(ctx context.Context) error {
	for len(s.later) > 0 && !s.later[0].event.OccurredAt.After(s.now) {
		a := s.later[0]
		s.later = s.later[1:]
		if err := s.ledger.AddConsents(ctx, s.merchant.ID, a.person, []notify.ConsentEvent{a.event}); err != nil {
			return err
		}
	}
	return nil
}

// work lets acts take effect whose time has come, and delivers what is due and whatever that leads to.
func (s *Simulation) work(ctx context.Context) error {
	if err := s.agree(ctx); err != nil {
		return err
	}
	if _, err := s.dispatcher.Sweep(ctx); err != nil {
		return err
	}
	for len(s.ready) > 0 {
		id := s.ready[0]
		s.ready = s.ready[1:]
		err := s.dispatcher.Deliver(ctx, id)
		if _, waits := errors.AsType[*dispatcher.Later](err); err != nil && !waits {
			return err
		}
	}
	return nil
}

// Rows reports everything told so far, oldest first. Answers to what a person wrote are left out: no rule asked for them.
func (s *Simulation) Rows(ctx context.Context) ([]report.Row, error) {
	told, err := s.told(ctx, ledger.Filter{})
	return s.called(report.Rows(told)), err
}

func (s *Simulation) told(ctx context.Context, f ledger.Filter) ([]report.Told, error) {
	told, err := s.ledger.Notifications(ctx, s.merchant.ID, f)
	slices.Reverse(told)
	return slices.DeleteFunc(told, func(t report.Told) bool { return t.Notification.Notice.Class == notify.ChatReply }), err
}
