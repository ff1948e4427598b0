package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// Filter says which notifications to list; empty fields do not narrow.
type Filter struct {
	Person notify.PersonID
	Order  parcel.OrderID
	Parcel parcel.ID
	ID     notify.NotificationID
	Before time.Time // created before
	Limit  int       // 0: all
}

// Notifications lists a merchant's notifications with all that became of them, newest first.
func (l *Ledger) Notifications(ctx context.Context, m notify.MerchantID, f Filter) ([]report.Told, error) {
	return told(ctx, l.read, m, f)
}

func told(ctx context.Context, q querier, m notify.MerchantID, f Filter) ([]report.Told, error) {
	var out []report.Told
	query, args := toldQuery(m, f)
	err := rows(ctx, q, func(r *sql.Rows) error {
		var t report.Told
		var data string
		if err := r.Scan(&t.Reason, &data); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(data), &t.Notification)
		out = append(out, t)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Deliveries, err = deliveries(ctx, q, out[i].Notification.ID); err != nil {
			return nil, err
		}
		if out[i].Decisions, err = decisionsOf(ctx, q, aboutNotification, out[i].Notification.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// toldQuery asks for what is set in the filter and for nothing else, so that the database sees which index serves.
func toldQuery(m notify.MerchantID, f Filter) (string, []any) {
	where, args := `merchant = $1`, []any{m}
	narrow := func(condition string, set bool, value any) {
		if set {
			args = append(args, value)
			where += fmt.Sprintf(` and `+condition+` $%d`, len(args))
		}
	}
	narrow(`person =`, f.Person != "", f.Person)
	narrow(`order_id =`, f.Order != "", f.Order)
	narrow(`parcel =`, f.Parcel != "", f.Parcel)
	narrow(`id =`, f.ID != "", f.ID)
	narrow(`created_at <`, !f.Before.IsZero(), ms(f.Before))
	args = append(args, cmp.Or(f.Limit, math.MaxInt32))
	return fmt.Sprintf(`select reason, data from notifications where %s order by created_at desc, id limit $%d`, where, len(args)), args
}

func decisionsOf(ctx context.Context, q querier, where string, args ...any) ([]notify.Decision, error) {
	return documents[notify.Decision](ctx, q, decisionsWhere(where), args...)
}

// What decisions are about. Each repeats the condition of the partial index that serves it.
const (
	aboutNotification = `notification = $1 and notification <> ''`
	aboutParcel       = `parcel = $1 and notification = ''`
	aboutEvent        = `merchant = $1 and event = $2 and notification = ''`
)

func decisionsWhere(where string) string {
	return `select data from decisions where ` + where + ` order by at, seq`
}

// History reads everything about an order; nil when the merchant has no such order.
func (l *Ledger) History(ctx context.Context, m notify.MerchantID, id parcel.OrderID) (*report.History, error) {
	o, err := order(ctx, l.read, m, id)
	if err != nil || o == nil {
		return nil, err
	}
	h := &report.History{Order: *o}
	if h.Parcels, err = parcels(ctx, l.read, `merchant = $1 and order_id = $2 order by first_seen, id`, m, id); err != nil {
		return nil, err
	}
	for _, p := range h.Parcels {
		if err := l.parcelHistory(ctx, h, p.ID); err != nil {
			return nil, fmt.Errorf("read history of %s: %w", p.ID, err)
		}
	}
	if h.Told, err = told(ctx, l.read, m, Filter{Order: id}); err != nil {
		return nil, err
	}
	if h.Consents, err = consents(ctx, l.read, m, notify.PersonID(o.Person)); err != nil {
		return nil, err
	}
	h.Replies, err = replies(ctx, l.read, m, notify.PersonID(o.Person))
	return h, err
}

func (l *Ledger) parcelHistory(ctx context.Context, h *report.History, id parcel.ID) error {
	events, err := documents[parcel.Event](ctx, l.read, `select data from events where parcel = $1 order by happened_at, id`, id)
	if err != nil {
		return err
	}
	for _, e := range events {
		h.Events = append(h.Events, report.Event{Parcel: id, Event: e})
	}
	ds, err := decisionsOf(ctx, l.read, aboutParcel, id)
	h.Decisions = append(h.Decisions, ds...)
	return err
}

func replies(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) ([]report.Reply, error) {
	var out []report.Reply
	err := rows(ctx, q, func(r *sql.Rows) error {
		var reply report.Reply
		var when int64
		err := r.Scan(&reply.Channel, &reply.Text, &when)
		reply.At = at(when)
		out = append(out, reply)
		return err
	}, `select channel, body, at from replies where merchant = $1 and person = $2 order by at`, m, p)
	return out, err
}

// Parcel reads a parcel with its events in order of time; nil when the merchant has no such parcel.
func (l *Ledger) Parcel(ctx context.Context, m notify.MerchantID, id parcel.ID) (*notify.Story, error) {
	s, err := l.story(ctx, l.read, m, id, time.Time{})
	if err != nil || s.Parcel.ID == "" {
		return nil, err
	}
	return &s, nil
}

// Refusals counts callbacks of a merchant that were turned away.
func (l *Ledger) Refusals(ctx context.Context, m notify.MerchantID) (int, error) {
	sum, err := number(ctx, l.read, `select coalesce(sum(count), 0) from refusals where merchant = $1`, m)
	return int(sum), err
}

// EventDecisions lists what was decided about an event beside any notification of it.
func (l *Ledger) EventDecisions(ctx context.Context, m notify.MerchantID, id parcel.EventID) ([]notify.Decision, error) {
	return decisionsOf(ctx, l.read, aboutEvent, m, id)
}
