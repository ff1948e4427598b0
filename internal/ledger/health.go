package ledger

import (
	"context"
	"database/sql"
	"time"

	"landfall/internal/notify"
)

// parked reads which of a merchant's accounts failed lately; nil when all work.
func parked(ctx context.Context, q querier, m notify.MerchantID) (map[notify.Account]notify.Parking, error) {
	var out map[notify.Account]notify.Parking
	err := rows(ctx, q, func(r *sql.Rows) error {
		var a notify.Account
		var p notify.Parking
		var since, until int64
		if err := r.Scan(&a.Channel, &a.Sender, &p.Failures, &since, &until, &p.Code); err != nil {
			return err
		}
		if out == nil {
			out = map[notify.Account]notify.Parking{}
		}
		p.Since, p.Until = at(since), at(until)
		out[a] = p
		return nil
	}, `select channel, sender, failures, since, until, code from parkings where merchant = $1`, m)
	return out, err
}

// Parked lists a merchant's accounts that failed lately.
func (l *Ledger) Parked(ctx context.Context, m notify.MerchantID) (map[notify.Account]notify.Parking, error) {
	return parked(ctx, l.read, m)
}

// park folds what came of a call into how the account fares, and plans what the merchant is told when it comes to rest. One without
// failures has no row.
func (t *tx) park(m notify.MerchantID, a notify.Account, o notify.Outcome) error {
	if o.Parking == nil {
		return nil
	}
	all, err := parked(t.ctx, t.sql, m)
	if err != nil {
		return err
	}
	before, failing := all[a]
	if o.Parking(before).Failures == 0 && !failing { // it worked before and does now: nobody need wait for that
		return nil
	}
	if err := t.lock("account", m, string(a.Channel)+a.Sender); err != nil {
		return err
	}
	if all, err = parked(t.ctx, t.sql, m); err != nil {
		return err
	}
	p := o.Parking(all[a])
	if p.Failures == 0 {
		return t.exec(`delete from parkings where merchant = $1 and channel = $2 and sender = $3`, m, a.Channel, a.Sender)
	}
	if err := t.exec(`insert into parkings (merchant, channel, sender, failures, since, until, code) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (merchant, channel, sender) do update set failures = excluded.failures, since = excluded.since, until = excluded.until, code = excluded.code`,
		m, a.Channel, a.Sender, p.Failures, ms(p.Since), ms(p.Until), p.Code); err != nil {
		return err
	}
	if o.Alarm == nil || !all[a].Until.IsZero() || p.Until.IsZero() {
		return nil
	}
	told := o.Alarm(p)
	if told == nil {
		return nil
	}
	return (&acceptance{tx: t, merchant: m, now: o.EndedAt}).notification(*told)
}

// probe lets one delivery try an account that failed; others wait until then.
func (t *tx) probe(m notify.MerchantID, a notify.Account, until time.Time) error {
	if until.IsZero() {
		return nil
	}
	return t.exec(`update parkings set until = $1 where merchant = $2 and channel = $3 and sender = $4`, ms(until), m, a.Channel, a.Sender)
}

// anyDeadEnd reports whether a provider has called any address of the merchant's people a dead end.
const anyDeadEnd = `exists (select 1 from dead_ends where merchant = $1)`

// deadEnds reads on which channels a person's addresses lead nowhere; nil for none.
func (l *Ledger) deadEnds(ctx context.Context, q querier, m notify.MerchantID, p notify.Person) (map[notify.Channel]string, error) {
	if some, err := texts(ctx, q, `select '' where `+anyDeadEnd, m); err != nil || len(some) == 0 {
		return nil, err
	}
	var out map[notify.Channel]string
	for _, c := range notify.Channels() {
		a, reached := p.Address(c)
		if !reached {
			continue
		}
		codes, err := texts(ctx, q, `select code from dead_ends where merchant = $1 and channel = $2 and hash = $3`, m, c, l.sentTo(m, a))
		if err != nil {
			return nil, err
		}
		if len(codes) == 0 {
			continue
		}
		if out == nil {
			out = map[notify.Channel]string{}
		}
		out[c] = codes[0]
	}
	return out, nil
}

// sentTo is what is kept of the address a message went to.
func (l *Ledger) sentTo(m notify.MerchantID, a notify.Address) string {
	return traitOf(a).hash(l.key(m))
}

// deadEnd keeps, or takes back, that the address a delivery went to leads nowhere.
func (t *tx) deadEnd(job *notify.Job, o notify.Outcome) error {
	if !o.DeadEnd && !o.Alive {
		return nil
	}
	if o.Alive {
		return t.exec(`delete from dead_ends where merchant = $1 and channel = $2 and hash = (select sent_to from deliveries where id = $3)`,
			job.Story.Merchant, job.Delivery.Channel, job.Delivery.ID)
	}
	return t.exec(`insert into dead_ends (merchant, channel, hash, code, at) select $1, channel, sent_to, $2, $3 from deliveries where id = $4 and sent_to <> ''
		on conflict (merchant, channel, hash) do update set code = excluded.code, at = excluded.at`,
		job.Story.Merchant, o.Code, ms(o.EndedAt), job.Delivery.ID)
}

// Unclaimed returns those of a provider's ids that no delivery of the merchant's has, in the order given.
func (l *Ledger) Unclaimed(ctx context.Context, m notify.MerchantID, ids []string) ([]string, error) {
	var out []string
	for _, id := range ids {
		owners, err := texts(ctx, l.read, deliveryByProvider, m, id)
		if err != nil {
			return nil, err
		}
		if len(owners) == 0 {
			out = append(out, id)
		}
	}
	return out, nil
}
