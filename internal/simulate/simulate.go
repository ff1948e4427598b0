// Package simulate answers what would be sent: it runs a merchant's rules and words through the dispatcher and ledger of
// production, on a clock it sets and with senders that only take notes. Nothing leaves the process.
package simulate

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"landfall/channels"
	"landfall/dispatcher"
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
	merchant   *dispatcher.Merchant
	dir        string
	now        time.Time
	ready      []notify.DeliveryID
}

// link stands in for tracking pages; it is as long as a real one, so that text message segments are counted right.
const link = "https://notify.example.com/t/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// New starts a simulation for a merchant, each of whose senders is replaced by one that takes notes. Close it.
func New(ctx context.Context, m *dispatcher.Merchant) (*Simulation, error) {
	dir, err := os.MkdirTemp("", "landfall-simulation-")
	if err != nil {
		return nil, err
	}
	book, err := ledger.Open(ctx, "sqlite:"+filepath.Join(dir, "ledger.db"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	own := *m
	own.Senders = map[notify.Channel]channels.Sender{notify.InApp: silent{}}
	for c := range m.Senders {
		own.Senders[c] = silent{}
	}
	s := &Simulation{ledger: book, merchant: &own, dir: dir}
	s.dispatcher = dispatcher.New(dispatcher.Config{
		Ledger: book, Queue: s, Now: func() time.Time { return s.now }, Jitter: func() float64 { return 0 },
		Merchant: func(notify.MerchantID) (*dispatcher.Merchant, bool) { return s.merchant, true },
		Callback: func(notify.MerchantID, notify.Channel) string { return "" },
		Link:     func(notify.MerchantID, parcel.ID, *parcel.Order) string { return link },
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return s, nil
}

// Close removes everything the simulation wrote.
func (s *Simulation) Close() error { return errors.Join(s.ledger.Close(), os.RemoveAll(s.dir)) }

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

// Begin stores the world as it is before anything happens.
func (s *Simulation) Begin(ctx context.Context, at time.Time, g Given) error {
	s.now = at
	for _, p := range g.People {
		if _, err := s.dispatcher.PutPerson(ctx, s.merchant, p); err != nil {
			return err
		}
		if err := s.ledger.AddConsents(ctx, s.merchant.ID, p.ID, g.Consents[p.ID]); err != nil {
			return err
		}
	}
	for _, o := range g.Orders {
		if _, err := s.dispatcher.PutOrder(ctx, s.merchant, o); err != nil {
			return err
		}
	}
	return nil
}

// Hear lets time pass until an event is heard, and takes it in.
func (s *Simulation) Hear(ctx context.Context, e parcel.Event) error {
	if err := s.Until(ctx, e.HeardAt); err != nil {
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
		next, err := s.ledger.NextDue(ctx, s.now)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(t) {
			s.now = t
			return s.work(ctx)
		}
		s.now = next
		if err := s.work(ctx); err != nil {
			return err
		}
	}
}

// work delivers what is due, and whatever that leads to.
func (s *Simulation) work(ctx context.Context) error {
	if _, err := s.dispatcher.Sweep(ctx); err != nil {
		return err
	}
	for len(s.ready) > 0 {
		id := s.ready[0]
		s.ready = s.ready[1:]
		if err := s.dispatcher.Deliver(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// Rows reports everything told so far, oldest first.
func (s *Simulation) Rows(ctx context.Context) ([]report.Row, error) {
	told, err := s.ledger.Notifications(ctx, s.merchant.ID, ledger.Filter{})
	slices.Reverse(told)
	return report.Rows(told), err
}

// Explain says what an event would lead to at the instant it is heard, after a history. Rows of messages that would wait
// carry the words they would be sent with at their release.
func (s *Simulation) Explain(ctx context.Context, history []parcel.Event, event parcel.Event) ([]report.Row, error) {
	for _, e := range history {
		if err := s.Hear(ctx, e); err != nil {
			return nil, err
		}
	}
	if err := s.Until(ctx, event.HeardAt); err != nil {
		return nil, err
	}
	before, err := s.Rows(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Hear(ctx, event); err != nil {
		return nil, err
	}
	after, err := s.Rows(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.foresee(ctx, changed(before, after))
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return s.silence(ctx, event)
}

// changed keeps the rows that the event brought or altered.
func changed(before, after []report.Row) []report.Row {
	return slices.DeleteFunc(after, func(r report.Row) bool {
		return slices.ContainsFunc(before, func(b report.Row) bool {
			return b.Notification == r.Notification && b.Delivery == r.Delivery && b.Outcome == r.Outcome
		})
	})
}

// foresee fills in the words of messages that wait, by letting their time come.
func (s *Simulation) foresee(ctx context.Context, rows []report.Row) ([]report.Row, error) {
	for i, r := range rows {
		if r.Outcome != string(notify.Held) {
			continue
		}
		if err := s.Until(ctx, r.At); err != nil {
			return nil, err
		}
		later, err := s.Rows(ctx)
		if err != nil {
			return nil, err
		}
		j := slices.IndexFunc(later, func(l report.Row) bool { return l.Delivery == r.Delivery })
		rows[i].Locale, rows[i].Title, rows[i].Text, rows[i].Segments = later[j].Locale, later[j].Title, later[j].Text, later[j].Segments
	}
	return rows, nil
}

// silence explains an event that nobody is told of: one row for each reason.
func (s *Simulation) silence(ctx context.Context, e parcel.Event) ([]report.Row, error) {
	ds, err := s.ledger.EventDecisions(ctx, s.merchant.ID, e.ID)
	rows := make([]report.Row, len(ds))
	for i, d := range ds {
		rows[i] = report.Row{Event: e.ID, Kind: e.Kind, Rule: d.Rule, Outcome: string(notify.Dropped), Reason: d.Reason, Why: d.Reason.Means(),
			At: d.At, Decisions: []notify.Decision{d}}
	}
	return rows, err
}
