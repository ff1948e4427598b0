package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
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
	if i := slices.IndexFunc(known, func(p parcel.Parcel) bool { return p.Carrier == e.Carrier }); i >= 0 {
		return known[i].ID, nil
	}
	if i := slices.IndexFunc(known, func(p parcel.Parcel) bool { return sameBox(p, e) }); i >= 0 {
		return known[i].ID, nil
	}
	return a.open(e)
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

// plan folds a parcel anew and writes what its fresh events mean for its person.
func (a *acceptance) plan(id parcel.ID, fresh map[parcel.EventID]bool, plan notify.Planner) error {
	s, err := story(a.ctx, a.sql, a.merchant, id)
	if err != nil {
		return err
	}
	if err := a.exec(`update parcels set state = $1 where id = $2`, encode(s.Parcel.State), id); err != nil {
		return err
	}
	return a.write(s, plan(s, fresh))
}

func (a *acceptance) write(s notify.Story, p notify.Plan) error {
	for _, sup := range p.Supersede {
		if err := a.supersede(s.Parcel.ID, sup); err != nil {
			return err
		}
	}
	for _, n := range p.Notifications {
		if err := a.notification(n); err != nil {
			return fmt.Errorf("plan %s: %w", n.Notification.ID, err)
		}
	}
	return a.decisions(s.Parcel.ID, p.Decisions)
}

// notification writes a planned notification, unless the same news was told before.
func (a *acceptance) notification(p notify.Planning) error {
	n := p.Notification
	added, err := a.change(`insert into notifications (id, merchant, person, order_id, parcel, created_at, reason, data)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing`,
		n.ID, a.merchant, n.Person, n.Order, n.Parcel, ms(n.CreatedAt), p.Reason, encode(n))
	if err != nil || added == 0 {
		return err
	}
	for i, d := range p.Deliveries {
		if err := a.delivery(d, i); err != nil {
			return err
		}
		if d.State.Open() && !d.Due.After(a.now) {
			a.intake.Ready = append(a.intake.Ready, d.ID)
		}
	}
	return a.decisions(n.Parcel, p.Decisions)
}

// delivery writes a new delivery. One that is due counts as handed to the queue from the moment it is committed, so that
// the sweep leaves it alone for a while.
func (t *tx) delivery(d notify.Delivery, position int) error {
	handed := int64(0)
	if !d.Due.After(d.UpdatedAt) {
		handed = ms(d.UpdatedAt)
	}
	return t.exec(`insert into deliveries (id, notification, merchant, channel, position, state, reason, held_for, due, handed_at,
		claimed_at, attempts, idem_key, provider_id, words, updated_at, sent_at)
		select $1, $2, merchant, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, '', '', $11, 0 from notifications where id = $2
		on conflict (id) do nothing`,
		d.ID, d.Notification, d.Channel, position, d.State, d.Reason, d.HeldFor, ms(d.Due), handed, d.Key, ms(d.UpdatedAt))
}

func (a *acceptance) supersede(p parcel.ID, s notify.Supersession) error {
	n, err := a.change(`update deliveries set state = $1, reason = $2, updated_at = $3 where id = $4 and state in ('planned', 'held', 'queued')`,
		notify.Superseded, notify.SupersededBy, ms(a.now), s.Delivery)
	if err != nil || n == 0 {
		return err
	}
	ids, err := texts(a.ctx, a.sql, `select notification from deliveries where id = $1`, s.Delivery)
	if err != nil {
		return err
	}
	return a.decisions(p, []notify.Decision{{At: a.now, Phase: notify.AtPlan, Notification: notify.NotificationID(ids[0]), Delivery: s.Delivery,
		Verdict: notify.Drop, Reason: notify.SupersededBy, Detail: s.Why()}})
}

func (t *tx) decisions(p parcel.ID, ds []notify.Decision) error {
	for _, d := range ds {
		err := t.exec(`insert into decisions (merchant, at, event, notification, delivery, parcel, data)
			select merchant, $1, $2, $3, $4, id, $5 from parcels where id = $6`,
			ms(d.At), d.Event, d.Notification, d.Delivery, encode(d), p)
		if err != nil {
			return err
		}
	}
	return nil
}

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

// PutPerson stores a person. When the person is new, what happened to the parcels of orders stored before is planned now.
func (l *Ledger) PutPerson(ctx context.Context, m notify.MerchantID, p notify.Person, now time.Time, plan notify.Planner) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		a := acceptance{tx: t, merchant: m, now: now}
		known, err := person(t.ctx, t.sql, m, p.ID)
		if err != nil {
			return err
		}
		if err := a.storePerson(p); err != nil || known != nil {
			return err
		}
		waiting, err := parcels(t.ctx, t.sql, `merchant = $1 and order_id in (select id from orders where merchant = $1 and person = $2)`, m, p.ID)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if err := a.plan(w.ID, nil, plan); err != nil {
				return err
			}
		}
		in = a.intake
		return nil
	})
	return in, err
}

func (a *acceptance) storePerson(p notify.Person) error {
	err := a.exec(`insert into people (merchant, id, data, updated_at) values ($1, $2, $3, $4)
		on conflict (merchant, id) do update set data = excluded.data, updated_at = excluded.updated_at`, a.merchant, p.ID, encode(p), ms(a.now))
	if err != nil {
		return err
	}
	if err := a.exec(`delete from addresses where merchant = $1 and person = $2`, a.merchant, p.ID); err != nil {
		return err
	}
	for _, c := range notify.Channels() {
		address, ok := p.Address(c)
		if !ok {
			continue
		}
		if err := a.exec(`insert into addresses (merchant, channel, address, person) values ($1, $2, $3, $4)`,
			a.merchant, c, address.Value.Reveal(), p.ID); err != nil {
			return err
		}
	}
	return nil
}

func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	var out []string
	err := rows(ctx, q, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		out = append(out, s)
		return err
	}, query, args...)
	return out, err
}

// digest is a short name made of parts: the same parts always give the same name. It stands in links that go out by text
// message, so every character counts; 80 bits are enough for all parcels there are.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:16]
}
