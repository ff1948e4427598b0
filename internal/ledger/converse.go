package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// boughtMost is how many of a person's orders an answer may speak of, the latest ones.
const boughtMost = 50

// Converse keeps what a person wrote on a channel, asks react for the answer, and writes it, what is to be remembered, and who is to see to it,
// all in one transaction. A repeated message, and one of nobody, is not answered.
func (l *Ledger) Converse(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message, now time.Time, react func(notify.Exchange) notify.Response) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(m, p); err != nil {
			return err
		}
		a := acceptance{tx: t, merchant: m, now: now}
		err := a.converse(p, c, msg, react)
		in = a.intake
		return err
	})
	if err != nil {
		return in, fmt.Errorf("converse: %w", err)
	}
	return in, nil
}

func (a *acceptance) converse(p notify.PersonID, c notify.Channel, msg notify.Message, react func(notify.Exchange) notify.Response) error {
	added, err := a.reply(a.merchant, p, c, msg)
	if err != nil || !added {
		return err
	}
	x, err := a.exchange(p, c)
	if err != nil || x.Story.Person == nil {
		return err
	}
	if lapsed, err := a.lapse(p, c, msg.ID); err != nil {
		return err
	} else if lapsed {
		x.Talk = nil
	}
	r := react(x)
	if err := a.heard(a.merchant, msg.ID, r.Heard); err != nil {
		return err
	}
	if err := a.exec(`insert into conversations (merchant, person, channel, talk, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (merchant, person, channel) do update set talk = excluded.talk, updated_at = excluded.updated_at`,
		a.merchant, p, c, string(r.Talk), ms(a.now)); err != nil {
		return err
	}
	if h := r.Handoff; h != nil {
		if err := a.exec(`insert into handoffs (id, merchant, person, channel, reason, order_id, created_at, desk_state) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing`,
			h.ID, a.merchant, p, c, h.Reason, h.Order, ms(a.now), h.Desk); err != nil {
			return err
		}
	}
	if r.Handoff != nil || r.Heard.Outcome == notify.LeftAlone {
		if err := a.toDesk(p, c, msg.ID, r.Handoff); err != nil {
			return err
		}
	}
	if r.Say == nil {
		return nil
	}
	return a.notification(*r.Say)
}

// quietFor is how long a customer has written nothing when a conversation that nobody has closed is the assistant's again.
const quietFor = 7 * 24 * time.Hour

// lapse closes a conversation's handoffs when the customer has written nothing for long before this message.
func (a *acceptance) lapse(p notify.PersonID, c notify.Channel, msg string) (bool, error) {
	n, err := a.change(`update handoffs set closed_at = $1 where merchant = $2 and person = $3 and channel = $4 and closed_at = 0 and created_at < $5
		and not exists (select 1 from replies r where r.merchant = $2 and r.person = $3 and r.channel = $4 and r.id <> $6 and r.at > $5)`,
		ms(a.now), a.merchant, p, c, ms(a.now.Add(-quietFor)), msg)
	return n > 0, err
}

// reply stores what a person wrote back. It reports false when the provider repeated itself, and when the person is not there any more.
func (t *tx) reply(m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message) (bool, error) {
	n, err := t.change(`insert into replies (merchant, id, person, channel, sender, body, at) select $1, $2, id, $4, $5, $6, $7
		from people where merchant = $1 and id = $3 on conflict (merchant, id) do nothing`, m, msg.ID, p, c, msg.Sender, msg.Text, ms(msg.At))
	return n > 0, err
}

// exchange reads who wrote, what they bought and what was said before.
func (a *acceptance) exchange(p notify.PersonID, c notify.Channel) (notify.Exchange, error) {
	x := notify.Exchange{Story: notify.Story{Merchant: a.merchant}, Parcels: map[parcel.OrderID][]parcel.Parcel{}}
	if err := a.ledger.subject(a.ctx, a.sql, &x.Story, p, a.now); err != nil {
		return x, err
	}
	talks, err := texts(a.ctx, a.sql, `select talk from conversations where merchant = $1 and person = $2 and channel = $3`, a.merchant, p, c)
	if err != nil {
		return x, err
	}
	if len(talks) > 0 {
		x.Talk = json.RawMessage(talks[0])
	}
	if x.Orders, err = documents[parcel.Order](a.ctx, a.sql, `select data from orders where merchant = $1 and person = $2 order by updated_at desc limit $3`, a.merchant, p, boughtMost); err != nil {
		return x, err
	}
	for _, o := range x.Orders {
		if x.Parcels[o.ID], err = parcels(a.ctx, a.sql, `merchant = $1 and order_id = $2 order by first_seen, id`, a.merchant, o.ID); err != nil {
			return x, err
		}
	}
	return x, nil
}

// Say writes what react plans for the customer of an open handoff. ok is false when there is none, or nobody any more; what was said before the handoff was closed is no news, and is ok.
func (l *Ledger) Say(ctx context.Context, m notify.MerchantID, handoff string, now time.Time, react func(notify.Story, notify.DeskHandoff) *notify.Planning) (in notify.Intake, ok bool, err error) {
	err = l.update(ctx, func(t *tx) (err error) {
		if err := t.lockHandoff(m, handoff); err != nil {
			return err
		}
		a := acceptance{tx: t, merchant: m, now: now}
		ok, err = a.say(handoff, react)
		in = a.intake
		return err
	})
	return in, ok, err
}

func (a *acceptance) say(handoff string, react func(notify.Story, notify.DeskHandoff) *notify.Planning) (ok bool, err error) {
	found, err := handoffs(a.ctx, a.sql, `merchant = $1 and id = $2`, a.merchant, handoff)
	if err != nil || len(found) == 0 {
		return false, err
	}
	s := notify.Story{Merchant: a.merchant}
	if err := a.ledger.subject(a.ctx, a.sql, &s, found[0].Person, a.now); err != nil || s.Person == nil {
		return false, err
	}
	p := react(s, found[0])
	if found[0].Closed {
		return a.saidBefore(p)
	}
	if p == nil {
		return true, nil
	}
	return true, a.notification(*p)
}

func (a *acceptance) saidBefore(p *notify.Planning) (bool, error) {
	if p == nil {
		return false, nil
	}
	found, err := texts(a.ctx, a.sql, `select id from notifications where merchant = $1 and id = $2`, a.merchant, p.Notification.ID)
	return len(found) > 0, err
}

// Handoffs lists the conversations that a person of the merchant's own is to see to, the oldest first.
func (l *Ledger) Handoffs(ctx context.Context, m notify.MerchantID, limit int) ([]notify.DeskHandoff, error) {
	return handoffs(ctx, l.read, `merchant = $1 and closed_at = 0 order by created_at, id limit $2`, m, limit)
}

func handoffs(ctx context.Context, q querier, where string, args ...any) ([]notify.DeskHandoff, error) {
	var out []notify.DeskHandoff
	err := rows(ctx, q, func(r *sql.Rows) error {
		var h notify.DeskHandoff
		var created, failing, closed int64
		err := r.Scan(&h.ID, &h.Person, &h.Channel, &h.Reason, &h.Order, &created, &h.Desk, &h.Place.Ref, &h.Place.Last, &h.Refused, &failing, &closed)
		h.CreatedAt, h.Failing, h.Closed = at(created), at(failing), closed > 0
		out = append(out, h)
		return err
	}, `select id, person, channel, reason, order_id, created_at, desk_state, desk_ref, desk_last, desk_refused, desk_failing, closed_at from handoffs where `+where, args...)
	return out, err
}

// CloseHandoff gives a conversation back to the assistant, which begins anew. ok is false when there is no such open one.
func (l *Ledger) CloseHandoff(ctx context.Context, m notify.MerchantID, id string, now time.Time) (ok bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		if err := t.lockHandoff(m, id); err != nil {
			return err
		}
		n, err := t.change(`update handoffs set closed_at = $1 where merchant = $2 and id = $3 and closed_at = 0`, ms(now), m, id)
		if ok = n > 0; err != nil || !ok {
			return err
		}
		if err := t.exec(`delete from desk_outbox where merchant = $1 and handoff = $2`, m, id); err != nil {
			return err
		}
		return t.exec(`delete from conversations where merchant = $1 and (person, channel) in (select person, channel from handoffs where id = $2)`, m, id)
	})
	return ok, err
}
