package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// PutPerson stores a person. When the person is new, what happened to the parcels of orders stored before is planned now.
// The error is ErrErased when that would bring somebody back who was erased, unless p says so itself.
func (l *Ledger) PutPerson(ctx context.Context, m notify.MerchantID, p notify.Person, now time.Time, plan notify.Planner) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		a := acceptance{tx: t, merchant: m, now: now}
		if err := t.lockPerson(m, p.ID); err != nil {
			return err
		}
		known, err := person(t.ctx, t.sql, m, p.ID)
		if err != nil {
			return err
		}
		if back, err := t.unwelcome(m, p, known); err != nil || p.ID.Erased() || back && !p.Again {
			return cmp.Or(err, ErrErased)
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

// Person returns a person; nil when unknown.
func (l *Ledger) Person(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*notify.Person, error) {
	return person(ctx, l.read, m, p)
}

// Order returns an order; nil when unknown.
func (l *Ledger) Order(ctx context.Context, m notify.MerchantID, id parcel.OrderID) (*parcel.Order, error) {
	return order(ctx, l.read, m, id)
}

// PeopleAt lists who of a merchant's customers is reached at an address. It is usually one person; families share phones.
func (l *Ledger) PeopleAt(ctx context.Context, m notify.MerchantID, a notify.Address) ([]notify.PersonID, error) {
	return peopleAt(ctx, l.read, m, a)
}

func peopleAt(ctx context.Context, q querier, m notify.MerchantID, a notify.Address) ([]notify.PersonID, error) {
	ids, err := texts(ctx, q, peopleWith, m, a.Channel, a.Value.Reveal())
	people := make([]notify.PersonID, len(ids))
	for i, id := range ids {
		people[i] = notify.PersonID(id)
	}
	return people, err
}

const peopleWith = `select person from addresses where merchant = $1 and channel = $2 and address = $3 order by person`

// AddReply stores what a person wrote back. added is false when the provider repeated itself, and when the person is not
// there any more: a late message creates nobody.
func (l *Ledger) AddReply(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message) (added bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(m, p); err != nil {
			return err
		}
		added, err = t.reply(m, p, c, msg)
		return err
	})
	return added, err
}

// AddReceipt folds what a provider said later into its delivery. A repeated, late or unknown receipt changes nothing, nor does
// one of an earlier try; the outcome is nil then. Otherwise it is what react makes of it, written in the same transaction.
func (l *Ledger) AddReceipt(ctx context.Context, m notify.MerchantID, r notify.Receipt, now time.Time, react func(notify.Job) notify.Outcome) (*notify.Outcome, error) {
	var out *notify.Outcome
	err := l.update(ctx, func(t *tx) (err error) {
		out, err = t.told(m, r, now, react)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// told writes a receipt and what react makes of it; nil when it changes nothing.
func (t *tx) told(m notify.MerchantID, r notify.Receipt, now time.Time, react func(notify.Job) notify.Outcome) (*notify.Outcome, error) {
	id, err := t.deliveryOf(m, r)
	if err != nil || id == "" {
		return nil, err
	}
	if err := t.lockDelivery(id); err != nil {
		return nil, err
	}
	job, err := t.job(id, now)
	if err != nil {
		return nil, err
	}
	n, err := t.change(`insert into receipts (merchant, id, delivery, state, code, at) values ($1, $2, $3, $4, $5, $6)
		on conflict (merchant, id) do nothing`, m, r.ID, id, r.State, r.Code, ms(r.At))
	if err != nil || n == 0 || !job.Delivery.State.Follows(r.State) {
		return nil, err
	}
	if earlier, err := t.earlier(job.Delivery, r); err != nil || earlier {
		return nil, err
	}
	out := react(*job)
	return &out, t.receipt(job, r, out)
}

// earlier reports whether a receipt tells of the failure of a try before the last: that one is known to have failed.
func (t *tx) earlier(d notify.Delivery, r notify.Receipt) (bool, error) {
	if r.State != notify.Failed || r.ProviderID == "" {
		return false, nil
	}
	tries, err := texts(t.ctx, t.sql, `select provider_id from attempts where delivery = $1 order by started_at desc, seq desc`, d.ID)
	if d.State != notify.Sending && len(tries) > 0 {
		tries = tries[1:]
	}
	return slices.Contains(tries, r.ProviderID), err
}

// receipt writes what a receipt came to. It leaves when to look again as it is, unless it has the delivery tried anew.
func (t *tx) receipt(job *notify.Job, r notify.Receipt, o notify.Outcome) error {
	due := job.Delivery.Due
	if o.State == notify.Queued || o.State.Fact().Rank >= notify.Dropped.Fact().Rank {
		due = o.Due
	}
	err := t.exec(`update deliveries set state = $1, reason = $2, due = $3, handed_at = 0, updated_at = $4,
		provider_id = case when provider_id = '' then $5 else provider_id end where id = $6`,
		o.State, o.Reason, ms(due), ms(o.EndedAt), r.ProviderID, job.Delivery.ID)
	if err != nil {
		return err
	}
	return t.follows(job, o)
}

// deliveryOf finds the delivery a receipt is about, within the merchant's own: the one it names, else the one the provider's
// id was given to.
func (t *tx) deliveryOf(m notify.MerchantID, r notify.Receipt) (notify.DeliveryID, error) {
	ids, err := texts(t.ctx, t.sql, deliveryByID, r.Delivery, m)
	if err == nil && len(ids) == 0 {
		ids, err = texts(t.ctx, t.sql, deliveryByProvider, m, r.ProviderID)
	}
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return notify.DeliveryID(ids[0]), nil
}

// Two queries, since no index serves both sides of an "or". The second repeats the condition of its partial index.
const (
	deliveryByID       = `select id from deliveries where id = $1 and merchant = $2`
	deliveryByProvider = `select id from deliveries where merchant = $1 and provider_id = $2 and provider_id <> '' limit 1`
)

// Origin returns whose delivery it is, to whom it went and by which account; empty for one there is not.
func (l *Ledger) Origin(ctx context.Context, id notify.DeliveryID) (o notify.Origin, err error) {
	err = rows(ctx, l.read, func(r *sql.Rows) error { return r.Scan(&o.Merchant, &o.Person, &o.Sender, &o.Address) },
		`select n.merchant, n.person, d.sender, coalesce(a.address, '') from deliveries d join notifications n on n.id = d.notification
		left join addresses a on a.merchant = n.merchant and a.person = n.person and a.channel = d.channel where d.id = $1`, id)
	return o, err
}

// Refuse keeps a trace of a callback that was turned away: how many there were of a kind in an hour, their bytes, the last time.
func (l *Ledger) Refuse(ctx context.Context, m notify.MerchantID, source, reason string, bytes int, at time.Time) error {
	return l.update(ctx, func(t *tx) error {
		return t.exec(`insert into refusals (merchant, source, reason, hour, count, bytes, last) values ($1, $2, $3, $4, 1, $5, $6)
			on conflict (merchant, source, reason, hour) do update set count = refusals.count + 1, bytes = refusals.bytes + excluded.bytes,
			last = excluded.last`, m, source, reason, ms(at.Truncate(time.Hour)), bytes, ms(at))
	})
}
