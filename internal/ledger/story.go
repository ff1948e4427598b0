package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// story reads all that is known about a parcel and whom it is for, but for what is Unsent. It runs inside the transaction that
// will act on it.
func (l *Ledger) story(ctx context.Context, q querier, m notify.MerchantID, id parcel.ID, now time.Time) (notify.Story, error) {
	s := notify.Story{Merchant: m}
	var events []parcel.Event
	err := rows(ctx, q, func(r *sql.Rows) error {
		var order, event string
		var seen int64
		if err := r.Scan(&s.Parcel.ID, &s.Parcel.Carrier, &s.Parcel.Number, &seen, &s.Parcel.Order, &order, &event); err != nil {
			return err
		}
		s.Parcel.FirstSeen = at(seen)
		if order != "" && s.Order == nil {
			s.Order = new(parcel.Order)
			if err := json.Unmarshal([]byte(order), s.Order); err != nil {
				return err
			}
		}
		if event == "" {
			return nil
		}
		events = append(events, parcel.Event{})
		return json.Unmarshal([]byte(event), &events[len(events)-1])
	}, storyOf, id, m)
	if err != nil || s.Parcel.ID == "" {
		return s, err
	}
	s.Parcel.State, s.Marks = parcel.Fold(events)
	if s.Order == nil {
		return s, nil
	}
	return s, l.subject(ctx, q, &s, notify.PersonID(s.Order.Person), now)
}

// storyOf reads a parcel and its order beside each of its events.
const storyOf = `select p.id, p.carrier, p.number, p.first_seen, p.order_id, coalesce(o.data, ''), coalesce(e.data, '') from parcels p
	left join orders o on o.merchant = p.merchant and o.id = p.order_id
	left join events e on e.parcel = p.id and e.merchant = p.merchant
	where p.id = $1 and p.merchant = $2`

// record is a person as stored: what the shop told, what they chose themselves, and whether the merchant has erased anybody
// at all, which most have not.
type record struct {
	told, own string
	marked    bool
}

// recordOf reads a person's record; nil for nobody.
func recordOf(ctx context.Context, q querier, m notify.MerchantID, id notify.PersonID) (found *record, err error) {
	err = rows(ctx, q, func(r *sql.Rows) error {
		found = &record{}
		return r.Scan(&found.told, &found.own, &found.marked)
	}, recordQuery, m, id)
	return found, err
}

const recordQuery = `select data, coalesce((select data from preferences where merchant = $1 and person = $2), '{}'), ` + anySuppressed + `
	from people where merchant = $1 and id = $2`

// person is somebody as they are to be treated: as the shop told, with their own preferences over it.
func (r record) person() (*notify.Person, error) {
	var p notify.Person
	var chosen notify.Preferences
	if err := json.Unmarshal([]byte(r.told), &p); err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	if err := json.Unmarshal([]byte(r.own), &chosen); err != nil {
		return nil, fmt.Errorf("read preferences: %w", err)
	}
	p = chosen.Over(p)
	return &p, nil
}

// stamp is Story.Stamp of a person with so many acts of consent.
func (r record) stamp(acts int) string { return digest(r.told, r.own, strconv.Itoa(acts)) }

// outlived adds the refusals of a person's addresses that outlived an erasure, and says when one of these addresses, or the
// person under this id, was last erased.
func (l *Ledger) outlived(ctx context.Context, q querier, s notify.Story, acts []notify.ConsentEvent) ([]notify.ConsentEvent, time.Time, error) {
	found, err := l.suppressed(ctx, q, s.Merchant, traits(*s.Person))
	erased, refusals := remains(found)
	return append(acts, refusals...), erased, err
}

// Stamp changes whenever a person, a preference or an act of consent of theirs does; it is "" for nobody.
func (l *Ledger) Stamp(ctx context.Context, m notify.MerchantID, p notify.PersonID) (string, error) {
	stamp := ""
	err := rows(ctx, l.read, func(r *sql.Rows) error {
		var who record
		var acts int
		err := r.Scan(&who.told, &who.own, &acts)
		stamp = who.stamp(acts)
		return err
	}, stampOf, m, p)
	return stamp, err
}

const stampOf = `select data, coalesce((select data from preferences where merchant = $1 and person = $2), '{}'), (select count(*) from (` + actsOf + `) acts)
	from people where merchant = $1 and id = $2`

func eventsOf(ctx context.Context, q querier, m notify.MerchantID, id parcel.ID) ([]parcel.Event, error) {
	return documents[parcel.Event](ctx, q, `select data from events where parcel = $1 and merchant = $2`, id, m)
}

func order(ctx context.Context, q querier, m notify.MerchantID, id parcel.OrderID) (*parcel.Order, error) {
	return document[parcel.Order](ctx, q, `select data from orders where merchant = $1 and id = $2`, m, id)
}

// person reads somebody as they are to be treated; nil for nobody.
func person(ctx context.Context, q querier, m notify.MerchantID, id notify.PersonID) (*notify.Person, error) {
	r, err := recordOf(ctx, q, m, id)
	if err != nil || r == nil {
		return nil, err
	}
	return r.person()
}

// consents reads what holds for a person: their own acts, and those that came in from an address the person has now.
func consents(ctx context.Context, q querier, m notify.MerchantID, id notify.PersonID) ([]notify.ConsentEvent, error) {
	return documents[notify.ConsentEvent](ctx, q, consentsOf, m, id)
}

const consentsOf = `select data from (` + actsOf + `) acts order by occurred_at, id`

// SQLite keeps the order of a cross join: the person's few addresses first, not all acts of the merchant.
const actsOf = `select id, occurred_at, data from consents where merchant = $1 and person = $2
	union all
	select c.id, c.occurred_at, c.data from addresses a cross join address_consents c
		where a.merchant = $1 and a.person = $2 and c.merchant = a.merchant and c.channel = a.channel and c.address = a.address`

const parcelColumns = `id, carrier, number, first_seen, order_id, state`

func scanParcel(r *sql.Rows) (parcel.Parcel, error) {
	var p parcel.Parcel
	var seen int64
	var state string
	if err := r.Scan(&p.ID, &p.Carrier, &p.Number, &seen, &p.Order, &state); err != nil {
		return p, err
	}
	p.FirstSeen = at(seen)
	return p, json.Unmarshal([]byte(state), &p.State)
}

func parcels(ctx context.Context, q querier, where string, args ...any) ([]parcel.Parcel, error) {
	var out []parcel.Parcel
	err := rows(ctx, q, func(r *sql.Rows) error {
		p, err := scanParcel(r)
		out = append(out, p)
		return err
	}, parcelsWhere(where), args...)
	return out, err
}

func parcelsWhere(where string) string {
	return `select ` + parcelColumns + ` from parcels where ` + where
}

func parcelByID(ctx context.Context, q querier, m notify.MerchantID, id parcel.ID) (*parcel.Parcel, error) {
	ps, err := parcels(ctx, q, `id = $1 and merchant = $2`, id, m)
	if err != nil || len(ps) == 0 {
		return nil, err
	}
	return &ps[0], nil
}

const deliveryColumns = `d.id, d.notification, d.channel, d.state, d.reason, d.held_for, d.due, d.attempts, d.idem_key, d.urgent, d.round, d.sender, d.provider_id, d.reply_token, d.words, d.updated_at, d.sent_at`

// scanDelivery reads deliveryColumns, and more columns after them into rest.
func scanDelivery(r *sql.Rows, rest ...any) (notify.Delivery, error) {
	var d notify.Delivery
	var due, updated, sent int64
	var words string
	into := append([]any{&d.ID, &d.Notification, &d.Channel, &d.State, &d.Reason, &d.HeldFor, &due, &d.Attempts,
		&d.Key, &d.Urgent, &d.Round, &d.Sender, &d.ProviderID, &d.ReplyToken, &words, &updated, &sent}, rest...)
	if err := r.Scan(into...); err != nil {
		return d, err
	}
	d.Due, d.UpdatedAt, d.SentAt = at(due), at(updated), at(sent)
	if words == "" {
		return d, nil
	}
	d.Words = new(notify.Words)
	return d, json.Unmarshal([]byte(words), d.Words)
}

func unsent(ctx context.Context, q querier, id parcel.ID) ([]notify.Unsent, error) {
	var out []notify.Unsent
	err := rows(ctx, q, func(r *sql.Rows) error {
		u, err := scanUnsent(r)
		out = append(out, u)
		return err
	}, `select `+deliveryColumns+`, n.data from notifications n join deliveries d on d.notification = n.id
		where n.parcel = $1 and d.state in ('planned', 'held', 'queued') order by n.created_at, d.id`, id)
	return out, err
}

func scanUnsent(r *sql.Rows) (notify.Unsent, error) {
	var u notify.Unsent
	var data string
	var err error
	if u.Delivery, err = scanDelivery(r, &data); err != nil {
		return u, err
	}
	return u, json.Unmarshal([]byte(data), &u.Notification)
}

// deliveries reads all deliveries of a notification, in the order they were tried.
func deliveries(ctx context.Context, q querier, id notify.NotificationID) ([]notify.Delivery, error) {
	var out []notify.Delivery
	err := rows(ctx, q, func(r *sql.Rows) error {
		d, err := scanDelivery(r)
		out = append(out, d)
		return err
	}, `select `+deliveryColumns+` from deliveries d where d.notification = $1 order by d.position, d.id`, id)
	return out, err
}
