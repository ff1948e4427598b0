package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// DeadFilter says which dead letters to list; empty fields do not narrow.
type DeadFilter struct {
	ID      notify.NotificationID
	Channel notify.Channel
	Reason  notify.Reason // its code, without the provider's
	Person  notify.PersonID
	Order   parcel.OrderID
	Since   time.Time // ended since
	After   string    // a page's DeadPage.Next
	Limit   int       // 0: all
}

// DeadPage is a part of the list of dead letters, the latest first.
type DeadPage struct {
	Letters []report.Told
	Next    string // where the next page begins; "" after the last
}

// doubtful is how long a delivery may be unknown before it counts as one that nobody will hear of.
const doubtful = time.Hour

// dead is true of a delivery that ended and has nobody to follow it: no delivery of its notification has reached the person or may
// still, apart from the silent copy in the inbox, and it is the last of those that failed. $1 is the merchant, $2 when what is
// unknown has been so for too long. What belonged to somebody who was erased is nobody's letter any more, and what the person
// answered with a no of their own has its answer.
const dead = `d.merchant = $1 and d.state in ('failed', 'unknown') and (d.state = 'failed' or d.due = 0 and d.updated_at < $2)
	and n.person not like 'erased-%' and d.reason not like 'OPTOUT_RECEIVED%' and not exists (select 1 from deliveries s where s.notification = d.notification and s.id <> d.id and s.channel <> 'inapp'
		and (s.state in ('planned', 'held', 'queued', 'sending', 'sent', 'delivered', 'read') or s.state in ('failed', 'unknown') and s.position > d.position))`

// deadQuery asks for what is set in the filter and for nothing else.
func deadQuery(m notify.MerchantID, f DeadFilter, now time.Time) (string, []any) {
	where, args := dead, []any{m, ms(now.Add(-doubtful))}
	narrow := func(condition string, set bool, values ...any) {
		if !set {
			return
		}
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where += " and " + condition
	}
	narrow(`d.notification = ?`, f.ID != "", f.ID)
	narrow(`d.channel = ?`, f.Channel != "", f.Channel)
	narrow(`(d.reason = ? or substr(d.reason, 1, ?) = ?)`, f.Reason != "", f.Reason, len(f.Reason)+1, string(f.Reason)+":")
	narrow(`n.person = ?`, f.Person != "", f.Person)
	narrow(`n.order_id = ?`, f.Order != "", f.Order)
	narrow(`d.updated_at >= ?`, !f.Since.IsZero(), ms(f.Since))
	at, id, _ := strings.Cut(f.After, "~")
	after, _ := strconv.ParseInt(at, 10, 64) // a cursor that is none begins at the end of time
	narrow(`(d.updated_at < ? or d.updated_at = ? and d.id < ?)`, f.After != "", after, after, id)
	limit := math.MaxInt32
	if f.Limit > 0 {
		limit = f.Limit
	}
	args = append(args, limit)
	return fmt.Sprintf(`select d.notification, d.id, d.updated_at from deliveries d join notifications n on n.id = d.notification
		where %s order by d.updated_at desc, d.id desc limit $%d`, where, len(args)), args
}

// Dead lists a merchant's dead letters.
func (l *Ledger) Dead(ctx context.Context, m notify.MerchantID, f DeadFilter, now time.Time) (DeadPage, error) {
	var page DeadPage
	var ids []notify.NotificationID
	query, args := deadQuery(m, f, now)
	err := rows(ctx, l.read, func(r *sql.Rows) error {
		var id notify.NotificationID
		var delivery string
		var updated int64
		err := r.Scan(&id, &delivery, &updated)
		ids = append(ids, id)
		page.Next = fmt.Sprintf("%d~%s", updated, delivery)
		return err
	}, query, args...)
	if err != nil {
		return DeadPage{}, err
	}
	if f.Limit == 0 || len(ids) < f.Limit {
		page.Next = ""
	}
	for _, id := range ids {
		told, err := told(ctx, l.read, m, Filter{ID: id})
		if err != nil {
			return DeadPage{}, err
		}
		page.Letters = append(page.Letters, told...)
	}
	return page, nil
}

// Revive plans a dead letter anew, in one transaction: plan is given its last delivery with all that is known now, and what it
// returns is written. A letter that is not dead, or not any more, leaves ok false; somebody else may have revived it a moment ago.
func (l *Ledger) Revive(ctx context.Context, m notify.MerchantID, id notify.NotificationID, now time.Time, plan func(notify.Job) notify.Planning) (ready []notify.Handoff, ok bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		ready, ok = nil, false
		if err := t.lockNotification(id); err != nil {
			return err
		}
		query, args := deadQuery(m, DeadFilter{ID: id}, now)
		var last notify.DeliveryID
		err := rows(t.ctx, t.sql, func(r *sql.Rows) error { return r.Scan(new(string), &last, new(int64)) }, query, args...)
		if err != nil || last == "" {
			return err
		}
		job, err := t.job(last, now)
		if err != nil {
			return err
		}
		ok = true
		p := plan(*job)
		ready, err = t.revive(m, p, now)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("revive %s: %w", id, err)
	}
	return ready, ok, nil
}

func (t *tx) revive(m notify.MerchantID, p notify.Planning, now time.Time) (ready []notify.Handoff, err error) {
	if err := t.exec(`update notifications set data = $1 where id = $2`, encode(p.Notification), p.Notification.ID); err != nil {
		return nil, err
	}
	for _, d := range p.Deliveries {
		if err := t.delivery(d); err != nil {
			return nil, err
		}
		if d.State.Open() && !d.Due.After(now) {
			ready = append(ready, d.Handoff())
		}
	}
	return ready, t.decisions(m, p.Notification.Parcel, p.Decisions)
}
