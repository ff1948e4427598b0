package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Accept stores events, folds each into its parcel and writes what plan makes of it, all in one transaction. When it
// returns without an error everything is durable; with an error nothing is.
func (l *Ledger) Accept(ctx context.Context, m notify.MerchantID, events []parcel.Event, now time.Time, plan notify.Planner) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		a := acceptance{tx: t, merchant: m, now: now, fresh: map[parcel.ID]map[parcel.EventID]bool{}}
		for _, e := range events {
			if err := a.event(e); err != nil {
				return fmt.Errorf("accept event %s: %w", e.ID, err)
			}
		}
		for _, id := range a.order {
			if err := a.plan(id, a.fresh[id], plan); err != nil {
				return err
			}
		}
		in = a.intake
		return nil
	})
	return in, err
}

// acceptance is one Accept under way.
type acceptance struct {
	*tx
	merchant notify.MerchantID
	now      time.Time
	order    []parcel.ID // parcels touched, in the order they were
	fresh    map[parcel.ID]map[parcel.EventID]bool
	intake   notify.Intake
}

func (a *acceptance) event(e parcel.Event) error {
	p, err := a.parcel(e)
	if err != nil {
		return err
	}
	n, err := a.change(`insert into events (merchant, id, parcel, happened_at, heard_at, data) values ($1, $2, $3, $4, $5, $6)
		on conflict (merchant, id) do nothing`, a.merchant, e.ID, p, ms(e.HappenedAt), ms(e.HeardAt), encode(e))
	if err != nil {
		return err
	}
	if n == 0 {
		a.intake.Repeated = append(a.intake.Repeated, e.ID)
		return nil
	}
	if a.fresh[p] == nil {
		a.fresh[p] = map[parcel.EventID]bool{}
		a.order = append(a.order, p)
	}
	a.fresh[p][e.ID] = true
	return nil
}

// parcel finds the parcel an event is about, or opens a new one.
func (a *acceptance) parcel(e parcel.Event) (parcel.ID, error) {
	known, err := parcels(a.ctx, a.sql, `merchant = $1 and number = $2 order by first_seen desc`, a.merchant, e.Number)
	if err != nil {
		return "", err
	}
	known = slices.DeleteFunc(known, func(p parcel.Parcel) bool { return p.Recycled(e.HappenedAt) })
	i := slices.IndexFunc(known, func(p parcel.Parcel) bool { return p.Carrier == e.Carrier })
	if i < 0 {
		i = slices.IndexFunc(known, func(p parcel.Parcel) bool { return sameBox(p, e) })
	}
	if i < 0 {
		return a.open(e)
	}
	return known[i].ID, a.hint(known[i], e)
}

// hint links a parcel that belongs to no order yet to the one a feed names.
func (a *acceptance) hint(p parcel.Parcel, e parcel.Event) error {
	if p.Order != "" || e.Order == "" {
		return nil
	}
	return a.exec(`update parcels set order_id = $1 where id = $2`, e.Order, p.ID)
}

// postal is the form of a number from the Universal Postal Union (S10), which keeps its meaning when one country's post
// hands the parcel to another's.
var postal = regexp.MustCompile(`^[A-Z]{2}[0-9]{9}[A-Z]{2}$`)

// sameBox reports whether an event under another carrier's name is about p all the same: one side does not name a
// carrier, the shop announced the number, or the number belongs to the whole postal union.
func sameBox(p parcel.Parcel, e parcel.Event) bool {
	return p.Carrier == "" || e.Carrier == "" || p.Order != "" || postal.MatchString(string(e.Number))
}

func (a *acceptance) open(e parcel.Event) (parcel.ID, error) {
	order, err := a.announced(e)
	if err != nil {
		return "", err
	}
	seen := e.HeardAt
	id := parcel.ID("p_" + digest(string(a.merchant), string(e.Carrier), string(e.Number), fmt.Sprint(ms(seen))))
	return id, a.exec(`insert into parcels (id, merchant, carrier, number, first_seen, order_id, state) values ($1, $2, $3, $4, $5, $6, $7)`,
		id, a.merchant, e.Carrier, e.Number, ms(seen), order, encode(parcel.State{Kind: parcel.Unknown, Stage: parcel.StageAnnounced}))
}

// announced finds the order a number belongs to: the newest the shop announced it for, under this carrier's name if it
// can be, since feeds and shops do not always agree on who carries a parcel; else the one the feed names.
func (a *acceptance) announced(e parcel.Event) (parcel.OrderID, error) {
	ids, err := texts(a.ctx, a.sql, `select order_id from labels where merchant = $1 and number = $2
		order by case when carrier = $3 then 0 else 1 end, updated_at desc`, a.merchant, e.Number, e.Carrier)
	if err != nil {
		return "", err
	}
	served, err := a.served(e.Number)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if !slices.Contains(served, parcel.OrderID(id)) {
			return parcel.OrderID(id), nil
		}
	}
	return e.Order, nil
}

// served lists the orders whose parcel under a number has come to its end. When the carrier gives the number out again,
// the next parcel is somebody else's.
func (a *acceptance) served(n parcel.Number) ([]parcel.OrderID, error) {
	known, err := parcels(a.ctx, a.sql, `merchant = $1 and number = $2 and order_id <> ''`, a.merchant, n)
	var served []parcel.OrderID
	for _, p := range known {
		if p.State.Ended {
			served = append(served, p.Order)
		}
	}
	return served, err
}

// digest is a short name made of parts: the same parts always give the same name. It stands in links that go out by text
// message, so every character counts; 80 bits are enough for all parcels there are.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:16]
}
