package ledger

import (
	"fmt"
	"slices"
	"strings"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// plan folds a parcel anew and writes what its fresh events mean for its person.
func (a *acceptance) plan(id parcel.ID, fresh map[parcel.EventID]bool, plan notify.Planner) error {
	if err := a.lockParcel(a.merchant, id); err != nil {
		return err
	}
	s, err := a.ledger.story(a.ctx, a.sql, a.merchant, id, a.now)
	if err != nil {
		return err
	}
	if s.Order != nil {
		if s.Unsent, err = unsent(a.ctx, a.sql, id); err != nil {
			return err
		}
	}
	if err := a.exec(`update parcels set state = $1 where id = $2`, encode(s.Parcel.State), id); err != nil {
		return err
	}
	if s.Order != nil && notify.PersonID(s.Order.Person).Erased() {
		if err := a.hush(a.merchant, id); err != nil {
			return err
		}
	}
	return a.write(s, plan(s, fresh))
}

func (a *acceptance) write(s notify.Story, p notify.Plan) error {
	var ds []notify.Decision
	for _, sup := range p.Supersede {
		d, err := a.supersede(sup)
		if err != nil {
			return err
		}
		ds = append(ds, d...)
	}
	for _, n := range p.Notifications {
		d, err := a.planned(n)
		if err != nil {
			return fmt.Errorf("plan %s: %w", n.Notification.ID, err)
		}
		ds = append(ds, d...)
	}
	return a.decisions(a.merchant, s.Parcel.ID, append(ds, p.Decisions...))
}

// notification writes a planned notification and what was decided about it, unless the same news was told before.
func (a *acceptance) notification(p notify.Planning) error {
	ds, err := a.planned(p)
	if err != nil {
		return err
	}
	return a.decisions(a.merchant, p.Notification.Parcel, ds)
}

// planned writes a planned notification, and returns the decisions about it that are to be written; none when the same news was told
// before.
func (a *acceptance) planned(p notify.Planning) ([]notify.Decision, error) {
	n := p.Notification
	added, err := a.change(`insert into notifications (id, merchant, person, order_id, parcel, created_at, reason, data)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing`,
		n.ID, a.merchant, n.Person, n.Order, n.Parcel, ms(n.CreatedAt), p.Reason, encode(n))
	if err != nil || added == 0 {
		return nil, err
	}
	for _, d := range p.Deliveries {
		if err := a.delivery(d); err != nil {
			return nil, err
		}
		if d.State.Open() && !d.Due.After(a.now) {
			a.intake.Ready = append(a.intake.Ready, d.Handoff())
		}
	}
	return p.Decisions, nil
}

// delivery writes a new delivery. One that is due counts as handed to the queue from the moment it is committed, so that
// the sweep leaves it alone for a while.
func (t *tx) delivery(d notify.Delivery) error {
	handed := int64(0)
	if !d.Due.After(d.UpdatedAt) {
		handed = ms(d.UpdatedAt)
	}
	return t.exec(`insert into deliveries (id, notification, merchant, channel, position, state, reason, held_for, due, handed_at,
		claimed_at, attempts, idem_key, urgent, round, provider_id, words, updated_at, sent_at, reply_token)
		select $1, $2, merchant, $3, (select count(*) from deliveries where notification = $2), $4, $5, $6, $7, $8, 0, 0, $9, $10, $11, '', $12, $13, 0, $14 from notifications where id = $2
		on conflict (id) do nothing`,
		d.ID, d.Notification, d.Channel, d.State, d.Reason, d.HeldFor, ms(d.Due), handed, d.Key, flag(d.Urgent), d.Round, beforehand(d.Words), ms(d.UpdatedAt), d.ReplyToken.Reveal())
}

// flag is how a yes is stored: databases differ in whether they know one.
func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// beforehand are words that a delivery has from the beginning, as an answer does.
func beforehand(w *notify.Words) string {
	if w == nil {
		return ""
	}
	return encode(w)
}

// supersede takes a delivery back that newer news replaces, and returns the decision about it that is to be written; none when it is
// under way already.
func (a *acceptance) supersede(s notify.Supersession) ([]notify.Decision, error) {
	n, err := a.change(`update deliveries set state = $1, reason = $2, updated_at = $3 where id = $4 and state in ('planned', 'held', 'queued')`,
		notify.Superseded, notify.SupersededBy, ms(a.now), s.Delivery)
	if err != nil || n == 0 {
		return nil, err
	}
	ids, err := texts(a.ctx, a.sql, `select notification from deliveries where id = $1`, s.Delivery)
	if err != nil {
		return nil, err
	}
	return []notify.Decision{{At: a.now, Phase: notify.AtPlan, Notification: notify.NotificationID(ids[0]), Delivery: s.Delivery,
		Verdict: notify.Drop, Reason: notify.SupersededBy, Detail: s.Why()}}, nil
}

func (t *tx) decisions(m notify.MerchantID, p parcel.ID, ds []notify.Decision) error {
	for some := range slices.Chunk(ds, 16) {
		var marks strings.Builder
		var args []any
		for i, d := range some {
			fmt.Fprintf(&marks, ", ($%d, $%d, $%d, $%d, $%d, $%d, $%d)", 7*i+1, 7*i+2, 7*i+3, 7*i+4, 7*i+5, 7*i+6, 7*i+7)
			args = append(args, m, ms(d.At), d.Event, d.Notification, d.Delivery, p, encode(d))
		}
		if err := t.exec(`insert into decisions (merchant, at, event, notification, delivery, parcel, data) values `+marks.String()[2:], args...); err != nil {
			return err
		}
	}
	return nil
}
