package ledger

import (
	"cmp"
	"database/sql"
	"slices"
	"time"

	"landfall/internal/parcel"
)

// claim is a label in the ledger: the shop's word that a number is an order's.
type claim struct {
	order   parcel.OrderID
	carrier parcel.Carrier
	since   time.Time // when the shop said so first
}

// covers reports whether a label may be about a parcel scanned at a time. One last seen months before the shop announced
// the number was somebody else's.
func (c claim) covers(scan time.Time) bool {
	return scan.IsZero() || c.since.Sub(scan) <= parcel.RecycleAfter
}

// served reports whether the parcel a label is about has come to its end. When the carrier gives the number out again,
// the next parcel is somebody else's.
func (c claim) served(known []parcel.Parcel) bool {
	return slices.ContainsFunc(known, func(p parcel.Parcel) bool {
		return p.Order == c.order && p.State.Ended && c.covers(scanned(p))
	})
}

// scanned is when a parcel was last heard of.
func scanned(p parcel.Parcel) time.Time {
	if p.State.LastScan.IsZero() {
		return p.FirstSeen
	}
	return p.State.LastScan
}

// claims lists the labels with a number.
func (a *acceptance) claims(n parcel.Number, carrier parcel.Carrier) ([]claim, error) {
	var out []claim
	err := rows(a.ctx, a.sql, func(r *sql.Rows) error {
		var c claim
		var since int64
		err := r.Scan(&c.order, &c.carrier, &since)
		c.since = at(since)
		out = append(out, c)
		return err
	}, `select order_id, carrier, updated_at from labels where merchant = $1 and number = $2`, a.merchant, n)
	sortClaims(out, carrier)
	return out, err
}

// sortClaims puts those under this carrier's name first, since feeds and shops do not always agree on who carries a parcel; then
// the newest first.
func sortClaims(cs []claim, carrier parcel.Carrier) {
	other := func(c claim) int {
		if c.carrier == carrier {
			return 0
		}
		return 1
	}
	slices.SortFunc(cs, func(a, b claim) int {
		return cmp.Or(cmp.Compare(other(a), other(b)), b.since.Compare(a.since), cmp.Compare(a.order, b.order))
	})
}

// announced finds the order a parcel belongs to, by one event of it and the labels with its number.
func (a *acceptance) announced(e parcel.Event, cs []claim) (parcel.OrderID, error) {
	if len(cs) == 0 {
		return e.Order, nil
	}
	known, err := a.known(e.Number)
	if err != nil {
		return "", err
	}
	valid, err := a.valid(known, e, cs)
	return owner(e, cs, valid), err
}

// owner chooses the first label that may be about an event's parcel; else the order the feed names, unless that order's
// own label speaks of another parcel.
func owner(e parcel.Event, cs, valid []claim) parcel.OrderID {
	if len(valid) > 0 {
		return valid[0].order
	}
	if slices.ContainsFunc(cs, func(c claim) bool { return c.order == e.Order && !c.covers(e.HappenedAt) }) {
		return ""
	}
	return e.Order
}

// valid leaves the labels that may be about an event's parcel; known are the parcels of its number.
func (a *acceptance) valid(known []parcel.Parcel, e parcel.Event, cs []claim) ([]claim, error) {
	if len(cs) == 0 {
		return nil, nil
	}
	if err := a.settle(known); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(cs), func(c claim) bool { return !c.covers(e.HappenedAt) || c.served(known) }), nil
}

// settle brings the parcels of this acceptance up to date: a journey may have ended a few events ago.
func (a *acceptance) settle(known []parcel.Parcel) error {
	for i, p := range known {
		if a.fresh[p.ID] == nil || p.Order == "" {
			continue
		}
		events, err := eventsOf(a.ctx, a.sql, a.merchant, p.ID)
		if err != nil {
			return err
		}
		known[i].State, _ = parcel.Fold(events)
	}
	return nil
}

// relabel writes an order's labels and returns those it had before and has no more.
func (a *acceptance) relabel(o parcel.Order) ([]parcel.Label, error) {
	gone, err := a.labels(o.ID)
	if err != nil {
		return nil, err
	}
	gone = slices.DeleteFunc(gone, func(l parcel.Label) bool { return slices.Contains(o.Parcels, l) })
	for _, l := range gone {
		if err := a.exec(`delete from labels where merchant = $1 and number = $2 and carrier = $3 and order_id = $4`,
			a.merchant, l.Number, l.Carrier, o.ID); err != nil {
			return nil, err
		}
	}
	for _, l := range o.Parcels {
		if err := a.exec(`insert into labels (merchant, number, carrier, order_id, updated_at) values ($1, $2, $3, $4, $5)
			on conflict (merchant, number, carrier, order_id) do nothing`, a.merchant, l.Number, l.Carrier, o.ID, ms(a.now)); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

const labelsOf = `select carrier, number from labels where merchant = $1 and order_id = $2 order by number, carrier`

func (a *acceptance) labels(o parcel.OrderID) ([]parcel.Label, error) {
	var out []parcel.Label
	err := rows(a.ctx, a.sql, func(r *sql.Rows) error {
		var l parcel.Label
		err := r.Scan(&l.Carrier, &l.Number)
		out = append(out, l)
		return err
	}, labelsOf, a.merchant, o)
	return out, err
}

// release takes the parcel of a withdrawn label from its order and gives it to whoever it belongs to without that label:
// another order that announced it, or the one a feed names, which may be the same again.
func (a *acceptance) release(o parcel.OrderID, l parcel.Label) error {
	mine, err := parcels(a.ctx, a.sql, `merchant = $1 and number = $2 and order_id = $3 order by id`, a.merchant, l.Number, o)
	if err != nil {
		return err
	}
	for _, p := range ownFirst(mine, l.Carrier) {
		next, err := a.without(o, p)
		if err != nil {
			return err
		}
		if next == o {
			continue
		}
		if err := a.assign(p.ID, next); err != nil {
			return err
		}
		if next != "" {
			a.touch(p.ID)
		}
	}
	return nil
}

// without finds the order a parcel belongs to when the labels of one order do not count.
func (a *acceptance) without(o parcel.OrderID, p parcel.Parcel) (parcel.OrderID, error) {
	cs, err := a.claims(p.Number, p.Carrier)
	if err != nil {
		return "", err
	}
	hint, err := a.named(p.ID)
	if err != nil {
		return "", err
	}
	cs = slices.DeleteFunc(cs, func(c claim) bool { return c.order == o })
	return a.announced(parcel.Event{Number: p.Number, Carrier: p.Carrier, HappenedAt: scanned(p), Order: hint}, cs)
}

// named returns the order a parcel's feeds name, by their latest event that names one.
func (a *acceptance) named(p parcel.ID) (parcel.OrderID, error) {
	events, err := eventsOf(a.ctx, a.sql, a.merchant, p)
	for _, e := range slices.Backward(byTime(events)) {
		if e.Order != "" {
			return e.Order, nil
		}
	}
	return "", err
}

// announce links the parcels that were heard of before the shop announced their number. A parcel that a feed gave to an
// order nobody knows counts as belonging to none.
func (a *acceptance) announce(o parcel.OrderID, l parcel.Label) error {
	cs, err := a.claims(l.Number, l.Carrier)
	if err != nil {
		return err
	}
	known, err := a.known(l.Number)
	if err != nil {
		return err
	}
	c := cs[slices.IndexFunc(cs, func(c claim) bool { return c.order == o && c.carrier == l.Carrier })]
	if c.served(known) {
		return nil
	}
	free, err := parcels(a.ctx, a.sql, freeParcels, a.merchant, l.Number, o)
	if err != nil {
		return err
	}
	free = slices.DeleteFunc(free, func(p parcel.Parcel) bool { return p.Order != o && !c.covers(scanned(p)) })
	return a.take(o, ownFirst(free, l.Carrier))
}

// freeParcels are those of a number that belong to an order already or to no order that is stored.
const freeParcels = `merchant = $1 and number = $2 and (order_id = $3
	or not exists (select 1 from orders o where o.merchant = $1 and o.id = parcels.order_id)) order by first_seen, id`

// take links parcels to an order, save those that are linked already.
func (a *acceptance) take(o parcel.OrderID, ps []parcel.Parcel) error {
	for _, p := range ps {
		if p.Order == o {
			continue
		}
		if err := a.assign(p.ID, o); err != nil {
			return err
		}
		a.touch(p.ID)
	}
	return nil
}

// ownFirst leaves the parcels of a label's own carrier, or all when there is none of it.
func ownFirst(ps []parcel.Parcel, carrier parcel.Carrier) []parcel.Parcel {
	own := slices.DeleteFunc(slices.Clone(ps), func(p parcel.Parcel) bool { return p.Carrier != carrier })
	if carrier == "" || len(own) == 0 {
		return ps
	}
	return own
}

// touch remembers parcels that are to be planned.
func (a *acceptance) touch(ids ...parcel.ID) {
	for _, id := range ids {
		if !slices.Contains(a.order, id) {
			a.order = append(a.order, id)
		}
	}
}
