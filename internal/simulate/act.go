package simulate

import (
	"context"
	"slices"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/report"
)

// Person stores a person as known from now on, with what they agreed to. An act of consent with a later time takes effect
// when it comes.
func (s *Simulation) Person(ctx context.Context, p notify.Person, acts ...notify.ConsentEvent) error {
	if _, err := s.dispatcher.PutPerson(ctx, s.merchant, p); err != nil {
		return err
	}
	for _, e := range acts {
		s.later = append(s.later, act{p.ID, e})
	}
	slices.SortStableFunc(s.later, func(a, b act) int { return a.event.OccurredAt.Compare(b.event.OccurredAt) })
	return s.work(ctx)
}

// Consent adds an act of consent, whenever it happened, as a shop does.
func (s *Simulation) Consent(ctx context.Context, p notify.PersonID, e notify.ConsentEvent) error {
	e.ReceivedAt = s.now
	if err := s.ledger.AddConsents(ctx, s.merchant.ID, p, []notify.ConsentEvent{e}); err != nil {
		return err
	}
	return s.work(ctx)
}

// Signal takes in what a provider told of its own accord: a reply, a receipt.
func (s *Simulation) Signal(ctx context.Context, signal channels.Signal) error {
	if err := s.inbound.Apply(ctx, s.merchant.ID, []channels.Signal{signal}); err != nil {
		return err
	}
	return s.work(ctx)
}

// LastTaken returns the delivery that a provider took last for a person on a channel; "" when there is none.
func (s *Simulation) LastTaken(ctx context.Context, p notify.PersonID, c notify.Channel) (id notify.DeliveryID, err error) {
	told, err := s.told(ctx, ledger.Filter{Person: p})
	var last time.Time
	for _, t := range told {
		for _, d := range t.Deliveries {
			if d.Channel == c && !d.SentAt.IsZero() && !d.SentAt.Before(last) {
				id, last = d.ID, d.SentAt
			}
		}
	}
	return id, err
}

// Erase forgets a person on request. Rows go on naming them as they were called before.
func (s *Simulation) Erase(ctx context.Context, p notify.PersonID) error {
	pseudonym, err := s.erase(ctx, p)
	if err != nil {
		return err
	}
	s.erased[pseudonym] = p
	return s.work(ctx)
}

// erase has the ledger forget a person, and returns the name under which what is left is kept.
func (s *Simulation) erase(ctx context.Context, p notify.PersonID) (notify.PersonID, error) {
	e, err := s.ledger.Erase(ctx, s.merchant.ID, p, s.now)
	return e.Pseudonym, err
}

// called returns rows in which people who were erased have their own names again.
func (s *Simulation) called(rows []report.Row) []report.Row {
	for i, r := range rows {
		if own, erased := s.erased[r.Person]; erased {
			rows[i].Person = own
		}
	}
	return rows
}
