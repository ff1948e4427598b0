package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"landfall/internal/notify"
)

// toDesk puts what was just written into the desk's outbox: a handoff, or a message of a conversation that the desk has.
func (a *acceptance) toDesk(p notify.PersonID, c notify.Channel, reply string, h *notify.DeskHandoff) error {
	const put = `insert into desk_outbox (merchant, handoff, reply, created_at, due) `
	if h != nil {
		if h.Desk == "" {
			return nil
		}
		return a.exec(put+`values ($1, $2, '', $3, $3) on conflict do nothing`, a.merchant, h.ID, ms(a.now))
	}
	return a.exec(put+`select $1, id, $2, $3, $3 from handoffs where merchant = $1 and person = $4 and channel = $5 and closed_at = 0 and desk_state in ($6, $7)
		order by created_at desc limit 1 on conflict do nothing`, a.merchant, reply, ms(a.now), p, c, notify.DeskWaiting, notify.DeskReached)
}

// DeskDue takes what is due to be handed to a desk, of each handoff the first thing: it comes again at the given time unless it is done by then. Each time something is taken is an attempt
// with a number of its own, and what comes of an attempt is recorded for the latest alone: whoever is late changes nothing.
func (l *Ledger) DeskDue(ctx context.Context, now, again time.Time, limit int) (out []notify.DeskItem, err error) {
	err = l.update(ctx, func(t *tx) error {
		out = nil // it may be run again
		if err := t.lock("desk", "", ""); err != nil {
			return err
		}
		var replies []string
		err := rows(t.ctx, t.sql, func(r *sql.Rows) error {
			var i notify.DeskItem
			var reply string
			var since int64
			err := r.Scan(&i.Seq, &i.Merchant, &i.Handoff.ID, &reply, &since, &i.Attempts)
			i.Since = at(since)
			out, replies = append(out, i), append(replies, reply)
			return err
		}, `select o.seq, o.merchant, o.handoff, o.reply, o.created_at, o.attempts from desk_outbox o where o.due <= $1
			and not exists (select 1 from desk_outbox b where b.merchant = o.merchant and b.handoff = o.handoff and b.seq < o.seq) order by o.due, o.seq limit $2`, ms(now), limit)
		for i := range out {
			if err != nil {
				return err
			}
			err = t.deskItem(&out[i], replies[i], again)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the desk's outbox: %w", err)
	}
	return out, nil
}

// deskItem completes what is in the outbox, and takes it.
func (t *tx) deskItem(i *notify.DeskItem, reply string, again time.Time) error {
	if err := t.exec(`update desk_outbox set due = $1, attempts = attempts + 1 where seq = $2`, ms(again), i.Seq); err != nil {
		return err
	}
	i.Attempts++
	found, err := handoffs(t.ctx, t.sql, `merchant = $1 and id = $2`, i.Merchant, i.Handoff.ID)
	if err != nil || len(found) == 0 {
		return err
	}
	i.Handoff = found[0]
	if reply == "" {
		return nil
	}
	i.Message = &notify.Message{ID: reply}
	return rows(t.ctx, t.sql, func(r *sql.Rows) error {
		var when int64
		err := r.Scan(&i.Message.Text, &when)
		i.Message.At = at(when)
		return err
	}, `select body, at from replies where merchant = $1 and id = $2`, i.Merchant, reply)
}

// thisAttempt finds what an attempt took, unless it is done, closed, erased, or taken again by now. A number of SQLite's may come again, a handoff's and a reply's do not.
const thisAttempt = ` where seq = $1 and merchant = $2 and handoff = $3 and reply = $4 and attempts = $5`

func attempt(i notify.DeskItem) []any {
	reply := ""
	if i.Message != nil {
		reply = i.Message.ID
	}
	return []any{i.Seq, i.Merchant, i.Handoff.ID, reply, i.Attempts}
}

// settle takes something out of the outbox. It reports false when the attempt is not the latest.
func (t *tx) settle(i notify.DeskItem) (bool, error) {
	n, err := t.change(`delete from desk_outbox`+thisAttempt, attempt(i)...)
	return n > 0, err
}

// DeskDone records that the desk has something, since when and where; what is "" of the place stays as it was. It reports false, and changes nothing, when the attempt is not the latest.
func (l *Ledger) DeskDone(ctx context.Context, i notify.DeskItem, now time.Time, place notify.DeskPlace) (ok bool, err error) {
	err = l.update(ctx, func(t *tx) (err error) {
		if ok, err = t.settle(i); err != nil || !ok {
			return err
		}
		return t.exec(`update handoffs set desk_state = $1, desk_failing = 0, desk_ref = case when $2 = '' then desk_ref else $2 end,
			desk_last = case when $3 = '' then desk_last else $3 end, desk_at = case when desk_at = 0 then $4 else desk_at end where merchant = $5 and id = $6`,
			notify.DeskReached, place.Ref, place.Last, ms(now), i.Merchant, i.Handoff.ID)
	})
	return ok, err
}

// DeskRefused takes a message out of the outbox that the desk does not take, and keeps that: nothing else of the conversation waits for it. It reports false, and changes nothing, when the
// attempt is not the latest.
func (l *Ledger) DeskRefused(ctx context.Context, i notify.DeskItem, now time.Time) (ok bool, err error) {
	err = l.update(ctx, func(t *tx) (err error) {
		if ok, err = t.settle(i); err != nil || !ok || i.Message == nil {
			return err
		}
		if err := t.exec(`update replies set desk_refused = $1 where merchant = $2 and id = $3`, ms(now), i.Merchant, i.Message.ID); err != nil {
			return err
		}
		return t.exec(`update handoffs set desk_failing = 0, desk_refused = desk_refused + 1 where merchant = $1 and id = $2`, i.Merchant, i.Handoff.ID)
	})
	return ok, err
}

// DeskFailed keeps something in the outbox until the given time; a zero one gives up the whole handoff. It reports false, and changes nothing, when the attempt is not the latest.
func (l *Ledger) DeskFailed(ctx context.Context, i notify.DeskItem, now, again time.Time) (ok bool, err error) {
	err = l.update(ctx, func(t *tx) (err error) {
		if again.IsZero() {
			ok, err = t.giveUp(i)
			return err
		}
		n, err := t.change(`update desk_outbox set due = $6`+thisAttempt, append(attempt(i), ms(again))...)
		if ok = n > 0; err != nil || !ok {
			return err
		}
		return t.exec(`update handoffs set desk_failing = $1 where merchant = $2 and id = $3 and desk_failing = 0`, ms(now), i.Merchant, i.Handoff.ID)
	})
	return ok, err
}

// giveUp takes a whole handoff out of the outbox.
func (t *tx) giveUp(i notify.DeskItem) (bool, error) {
	ok, err := t.settle(i)
	if err != nil || !ok {
		return ok, err
	}
	if err := t.exec(`delete from desk_outbox where merchant = $1 and handoff = $2`, i.Merchant, i.Handoff.ID); err != nil {
		return ok, err
	}
	return ok, t.exec(`update handoffs set desk_state = $1 where merchant = $2 and id = $3`, notify.DeskGivenUp, i.Merchant, i.Handoff.ID)
}

// Handoff reads one handoff, open or closed; nil when there is no such one.
func (l *Ledger) Handoff(ctx context.Context, m notify.MerchantID, id string) (*notify.DeskHandoff, error) {
	found, err := handoffs(ctx, l.read, `merchant = $1 and id = $2`, m, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// HandoffAt reads the handoff that a desk calls by a name, an open one if there is; nil for none.
func (l *Ledger) HandoffAt(ctx context.Context, m notify.MerchantID, ref string) (*notify.DeskHandoff, error) {
	found, err := handoffs(ctx, l.read, `merchant = $1 and desk_ref = $2 order by case when closed_at = 0 then 0 else 1 end, created_at desc limit 1`, m, ref)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Turns reads the last messages of a conversation, the oldest first: what the person wrote on a channel, and what was answered there.
func (l *Ledger) Turns(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, limit int) ([]notify.Turn, error) {
	var out []notify.Turn
	err := rows(ctx, l.read, func(r *sql.Rows) error {
		t := notify.Turn{From: "customer"}
		var when, refused int64
		err := r.Scan(&t.Text, &when, &refused)
		t.At, t.Refused = at(when), refused > 0
		out = append(out, t)
		return err
	}, `select body, at, desk_refused from replies where merchant = $1 and person = $2 and channel = $3 order by at desc limit $4`, m, p, c, limit)
	if err != nil {
		return nil, fmt.Errorf("read a conversation: %w", err)
	}
	told, err := l.Notifications(ctx, m, Filter{Person: p, Limit: lookedThrough})
	if err != nil {
		return nil, err
	}
	for _, n := range told {
		for _, d := range n.Deliveries {
			if n.Notification.Notice.Class == notify.ChatReply && d.Channel == c && d.Words != nil {
				out = append(out, notify.Turn{At: n.Notification.CreatedAt, From: spokeAs(n.Notification.Notice.Rule), Text: d.Words.Text})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b notify.Turn) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(b.From, a.From)) })
	return out[max(len(out)-limit, 0):], nil
}

// lookedThrough is how many of a person's notifications are looked through for answers.
const lookedThrough = 100

// spokeAs is who spoke, by the rule of an answer.
func spokeAs(rule string) string {
	if rule == notify.AgentRule {
		return "agent"
	}
	return "assistant"
}
