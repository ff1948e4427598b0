package simulate

import (
	"context"
	"errors"
	"slices"
	"time"

	"landfall/dispatcher"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// Question is what explain asks: what Event would lead to at the instant it is heard, after History, in a world.
type Question struct {
	Given   Given
	History []parcel.Event // oldest first
	Event   parcel.Event
}

// Ask answers a question about a merchant. Nothing of the merchant's own is touched.
func Ask(ctx context.Context, m *dispatcher.Merchant, q Question) (rows []report.Row, err error) {
	s, err := New(ctx, m)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Begin(ctx, First(slices.Concat(q.History, []parcel.Event{q.Event})), q.Given); err != nil {
		return nil, err
	}
	return s.Explain(ctx, q.History, q.Event)
}

// First is when a world begins in which events are heard: when the first of them happened. An order is known by then.
func First(events []parcel.Event) time.Time {
	at := events[0].HeardAt
	for _, e := range events {
		if e.HappenedAt.Before(at) {
			at = e.HappenedAt
		}
	}
	return at
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
	rows, err := s.Foresee(ctx, changed(before, after))
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	return s.Silence(ctx, event)
}

// changed keeps the rows that the event brought or altered.
func changed(before, after []report.Row) []report.Row {
	return slices.DeleteFunc(after, func(r report.Row) bool {
		return slices.ContainsFunc(before, func(b report.Row) bool {
			return b.Notification == r.Notification && b.Delivery == r.Delivery && b.Outcome == r.Outcome
		})
	})
}

// Foresee fills in the words of messages that wait, by letting their time come.
func (s *Simulation) Foresee(ctx context.Context, rows []report.Row) ([]report.Row, error) {
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

// Silence explains an event that nobody is told of, or not by every rule: one row for each reason.
func (s *Simulation) Silence(ctx context.Context, e parcel.Event) ([]report.Row, error) {
	ds, err := s.ledger.EventDecisions(ctx, s.merchant.ID, e.ID)
	rows := make([]report.Row, len(ds))
	for i, d := range ds {
		rows[i] = report.Row{Event: e.ID, Kind: e.Kind, Rule: d.Rule, Outcome: string(notify.Dropped), Reason: d.Reason, Why: d.Reason.Means(),
			At: d.At, Decisions: []notify.Decision{d}}
	}
	return rows, err
}

// Touch is a rule that had something said, in the market it had it said in.
type Touch struct {
	Market string
	Rule   string
}

// Touched lists the rules that had something said so far.
func (s *Simulation) Touched(ctx context.Context) ([]Touch, error) {
	told, err := s.told(ctx, ledger.Filter{})
	out := make([]Touch, len(told))
	for i, t := range told {
		out[i] = Touch{t.Notification.Market, t.Notification.Notice.Rule}
	}
	return out, err
}
