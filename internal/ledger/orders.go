package ledger

import (
	"context"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// PutOrder stores an order. Parcels heard of before it are linked to it, and what happened to them so far is planned now.
// An order sent again corrects the one before: a label it no longer has gives its parcel back, and when it is another
// person's, that person is told instead. An order of somebody erased stays bare, and a new one is ErrErased until they are
// stored anew.
func (l *Ledger) PutOrder(ctx context.Context, m notify.MerchantID, o parcel.Order, now time.Time, plan notify.Planner) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		a := acceptance{tx: t, merchant: m, now: now}
		if err := t.lockOrder(m, o); err != nil {
			return err
		}
		if err := a.storeOrder(o); err != nil {
			return err
		}
		for _, id := range a.order {
			if err := a.plan(id, nil, plan); err != nil {
				return err
			}
		}
		in = a.intake
		return nil
	})
	return in, err
}

// storeOrder writes an order with its labels and touches the parcels that it concerns from now on.
func (a *acceptance) storeOrder(o parcel.Order) error {
	known, err := order(a.ctx, a.sql, a.merchant, o.ID)
	if err != nil {
		return err
	}
	if o, err = a.bare(o, known); err != nil {
		return err
	}
	err = a.exec(`insert into orders (merchant, id, person, data, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (merchant, id) do update set person = excluded.person, data = excluded.data, updated_at = excluded.updated_at`,
		a.merchant, o.ID, o.Person, encode(o), ms(a.now))
	if err != nil {
		return err
	}
	if err := a.relink(o); err != nil {
		return err
	}
	if known != nil && known.Person == o.Person {
		return nil
	}
	ids, err := a.parcelIDs(`merchant = $1 and order_id = $2 order by first_seen, id`, a.merchant, o.ID) // a feed may have named it before the shop did
	a.touch(ids...)
	return err
}

// bare strips an order sent again whose person was erased meanwhile.
func (a *acceptance) bare(o parcel.Order, known *parcel.Order) (parcel.Order, error) {
	since, err := a.gone(a.merchant, notify.PersonID(o.Person))
	switch {
	case err != nil || since.IsZero():
		return o, err
	case known == nil || !notify.PersonID(known.Person).Erased():
		return o, ErrErased
	}
	return parcel.Order{ID: o.ID, Person: known.Person, Parcels: o.Parcels}, nil
}

// relink makes the parcels follow an order's labels.
func (a *acceptance) relink(o parcel.Order) error {
	gone, err := a.relabel(o)
	if err != nil {
		return err
	}
	for _, l := range gone {
		if err := a.release(o.ID, l); err != nil {
			return err
		}
	}
	for _, l := range o.Parcels {
		if err := a.announce(o.ID, l); err != nil {
			return err
		}
	}
	return nil
}

func (a *acceptance) parcelIDs(where string, args ...any) ([]parcel.ID, error) {
	ps, err := parcels(a.ctx, a.sql, where, args...)
	ids := make([]parcel.ID, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	return ids, err
}
