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

// story reads all that is known about a parcel and whom it is for. It runs inside the transaction that will act on it.
func (l *Ledger) story(ctx context.Context, q querier, m notify.MerchantID, id parcel.ID, now time.Time) (notify.Story, error) {
	s := notify.Story{Merchant: m}
	p, err := parcelByID(ctx, q, m, id)
	if err != nil || p == nil {
		return s, err
	}
	s.Parcel = *p
	events, err := eventsOf(ctx, q, m, id)
	if err != nil {
		return s, err
	}
	s.Parcel.State, s.Marks = parcel.Fold(events)
	if s.Order, err = order(ctx, q, m, p.Order); err != nil || s.Order == nil {
		return s, err
	}
	if err := l.subject(ctx, q, &s, notify.PersonID(s.Order.Person), now); err != nil {
		return s, err
	}
	s.Unsent, err = unsent(ctx, q, id)
	return s, err
}

// subject reads who a story is for, what they agreed to and what they were sent lately. Of somebody erased there is only
// the date.
func (l *Ledger) subject(ctx context.Context, q querier, s *notify.Story, id notify.PersonID, now time.Time) (err error) {
	if id.Erased() {
		s.ErasedAt, err = erasedAt(ctx, q, s.Merchant, id)
		return err
	}
	r, err := recordOf(ctx, q, s.Merchant, id)
	if err != nil || r == nil {
		return err
	}
	if s.Person, err = r.person(); err != nil {
		return err
	}
	if s.Consents, err = consents(ctx, q, s.Merchant, id); err != nil {
		return err
	}
	s.Stamp = r.stamp(len(s.Consents))
	if r.marked {
		if s.Consents, s.ErasedAt, err = l.outlived(ctx, q, *s, s.Consents); err != nil {
			return err
		}
	}
	if now.IsZero() { // nobody decides anything about it
		return nil
	}
	if s.DeadEnds, err = l.deadEnds(ctx, q, s.Merchant, *s.Person); err != nil {
		return err
	}
	if s.Contacts, err = contacts(ctx, q, s.Merchant, id, now.Add(-notify.ContactsFor)); err != nil {
		return err
	}
	s.Wrote, err = wrote(ctx, q, s.Merchant, id, now.Add(-notify.ContactsFor))
	return err
}

// wrote reads when somebody last wrote to each account since an instant; nil for nowhere.
func wrote(ctx context.Context, q querier, m notify.MerchantID, id notify.PersonID, since time.Time) (map[notify.Account]time.Time, error) {
	var out map[notify.Account]time.Time
	err := rows(ctx, q, func(r *sql.Rows) error {
		var to notify.Account
		var when int64
		if err := r.Scan(&to.Channel, &to.Sender, &when); err != nil {
			return err
		}
		if out == nil {
			out = map[notify.Account]time.Time{}
		}
		out[to] = at(when)
		return nil
	}, wroteOn, m, id, ms(since))
	return out, err
}

const wroteOn = `select channel, sender, max(at) from replies where merchant = $1 and person = $2 and at > $3 group by channel, sender`

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

// contacts lists what a person was sent since an instant, the newest first, as far as a provider may have taken it. A
// notification is at most its time to live, and the tries after it, older than its call.
func contacts(ctx context.Context, q querier, m notify.MerchantID, id notify.PersonID, since time.Time) ([]notify.Contact, error) {
	var out []notify.Contact
	err := rows(ctx, q, func(r *sql.Rows) error {
		var c notify.Contact
		var n notify.Notification
		var data string
		var when int64
		if err := r.Scan(&data, &c.Channel, &when); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(data), &n); err != nil {
			return err
		}
		c.Notification, c.Parcel, c.Kind, c.Class, c.Urgent, c.Tells, c.At = n.ID, n.Parcel, n.Kind, n.Notice.Class, n.Notice.Urgent, n.Tells, at(when)
		out = append(out, c)
		return nil
	}, contactsOf, m, id, ms(since.Add(-longestWait)), ms(since))
	return out, err
}

// longestWait bounds how long after it was planned a message may still go.
const longestWait = 14 * 24 * time.Hour

const contactsOf = `select n.data, d.channel, d.claimed_at from notifications n join deliveries d on d.notification = n.id
	where n.merchant = $1 and n.person = $2 and n.created_at > $3 and d.claimed_at > $4
	and d.state in ('sending', 'unknown', 'sent', 'delivered', 'read') order by d.claimed_at desc`

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
