package ledger

import (
	"context"
	"slices"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// PutOrder stores an order. Parcels heard of before it are linked to it, and what happened to them so far is planned now.
func (l *Ledger) PutOrder(ctx context.Context, m notify.MerchantID, o parcel.Order, now time.Time, plan notify.Planner) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		a := acceptance{tx: t, merchant: m, now: now}
		waiting, err := a.storeOrder(o)
		if err != nil {
			return err
		}
		for _, id := range waiting {
			if err := a.plan(id, nil, plan); err != nil {
				return err
			}
		}
		in = a.intake
		return nil
	})
	return in, err
}

// storeOrder writes an order with its labels and returns the parcels that had been waiting for it.
func (a *acceptance) storeOrder(o parcel.Order) ([]parcel.ID, error) {
	var waiting []parcel.ID
	known, err := order(a.ctx, a.sql, a.merchant, o.ID)
	if err != nil {
		return nil, err
	}
	if known == nil { // a feed may have named this order before the shop did
		if waiting, err = a.parcelIDs(`merchant = $1 and order_id = $2`, a.merchant, o.ID); err != nil {
			return nil, err
		}
	}
	err = a.exec(`insert into orders (merchant, id, person, data, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (merchant, id) do update set person = excluded.person, data = excluded.data, updated_at = excluded.updated_at`,
		a.merchant, o.ID, o.Person, encode(o), ms(a.now))
	if err != nil {
		return nil, err
	}
	for _, label := range o.Parcels {
		linked, err := a.announce(o.ID, label)
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, linked...)
	}
	return waiting, nil
}

// announce remembers a label and links the parcels that were heard of before the shop announced it.
func (a *acceptance) announce(o parcel.OrderID, label parcel.Label) ([]parcel.ID, error) {
	err := a.exec(`insert into labels (merchant, number, carrier, order_id, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (merchant, number, carrier, order_id) do nothing`, a.merchant, label.Number, label.Carrier, o, ms(a.now))
	if err != nil {
		return nil, err
	}
	served, err := a.served(label.Number)
	if err != nil || slices.Contains(served, o) {
		return nil, err
	}
	ids, err := a.parcelIDs(`order_id = '' and merchant = $1 and number = $2`, a.merchant, label.Number)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := a.exec(`update parcels set order_id = $1 where id = $2`, o, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (a *acceptance) parcelIDs(where string, args ...any) ([]parcel.ID, error) {
	ps, err := parcels(a.ctx, a.sql, where, args...)
	ids := make([]parcel.ID, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	return ids, err
}
