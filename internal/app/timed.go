package app

import (
	"context"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// timed is the ledger as the dispatcher and the desks have it: each write is timed until it is durable, and what it tells is counted.
type timed struct {
	*ledger.Ledger
	metrics *metrics
	now     func() time.Time
}

// took times a write from now until the returned function is called.
func (t timed) took(write string) func() {
	began := time.Now()
	return func() { t.metrics.commits.WithLabelValues(write).Observe(time.Since(began).Seconds()) }
}

// Accept is the ledger's.
func (t timed) Accept(ctx context.Context, m notify.MerchantID, events []parcel.Event, now time.Time, plan notify.Planner) (notify.Intake, error) {
	defer t.took("accept")()
	in, err := t.Ledger.Accept(ctx, m, events, now, plan)
	if err == nil {
		t.metrics.accepted(events, in.Repeated)
	}
	return in, err
}

// PutOrder is the ledger's.
func (t timed) PutOrder(ctx context.Context, m notify.MerchantID, o parcel.Order, now time.Time, plan notify.Planner) (notify.Intake, error) {
	defer t.took("order")()
	return t.Ledger.PutOrder(ctx, m, o, now, plan)
}

// PutPerson is the ledger's.
func (t timed) PutPerson(ctx context.Context, m notify.MerchantID, p notify.Person, now time.Time, plan notify.Planner) (notify.Intake, error) {
	defer t.took("person")()
	return t.Ledger.PutPerson(ctx, m, p, now, plan)
}

// Converse is the ledger's.
func (t timed) Converse(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message, now time.Time, react func(notify.Exchange) notify.Response) (notify.Intake, error) {
	defer t.took("converse")()
	return t.Ledger.Converse(ctx, m, p, c, msg, now, react)
}

// Claim is the ledger's.
func (t timed) Claim(ctx context.Context, id notify.DeliveryID, now time.Time, judge func(notify.Job) notify.Ruling) (*notify.Claim, error) {
	defer t.took("claim")()
	return t.Ledger.Claim(ctx, id, now, judge)
}

// Record is the ledger's.
func (t timed) Record(ctx context.Context, o notify.Outcome) error {
	defer t.took("record")()
	return t.Ledger.Record(ctx, o)
}

// AddReceipt is the ledger's.
func (t timed) AddReceipt(ctx context.Context, m notify.MerchantID, r notify.Receipt, now time.Time, react func(notify.Job) notify.Outcome) (*notify.Outcome, error) {
	defer t.took("receipt")()
	return t.Ledger.AddReceipt(ctx, m, r, now, react)
}

// Due is the ledger's, asked by each sweep.
func (t timed) Due(ctx context.Context, now, lost time.Time, limit int) ([]notify.Handoff, error) {
	defer t.took("due")()
	hs, err := t.Ledger.Due(ctx, now, lost, limit)
	if err != nil {
		return nil, err
	}
	t.metrics.swept.WithLabelValues().Set(float64(t.now().Unix()))
	for _, h := range hs {
		t.metrics.lag.WithLabelValues().Observe(max(h.Late, 0).Seconds())
	}
	return hs, nil
}

// DeskDone is the ledger's. The call was made, whether or not it is the latest.
func (t timed) DeskDone(ctx context.Context, i notify.DeskItem, now time.Time, place notify.DeskPlace) (bool, error) {
	t.metrics.desk.WithLabelValues("reached").Inc()
	return t.Ledger.DeskDone(ctx, i, now, place)
}

// DeskRefused is the ledger's.
func (t timed) DeskRefused(ctx context.Context, i notify.DeskItem, now time.Time) (bool, error) {
	t.metrics.desk.WithLabelValues("refused").Inc()
	return t.Ledger.DeskRefused(ctx, i, now)
}

// DeskFailed is the ledger's.
func (t timed) DeskFailed(ctx context.Context, i notify.DeskItem, now, again time.Time) (bool, error) {
	result := "failed"
	if again.IsZero() {
		result = "given_up"
	}
	t.metrics.desk.WithLabelValues(result).Inc()
	return t.Ledger.DeskFailed(ctx, i, now, again)
}
