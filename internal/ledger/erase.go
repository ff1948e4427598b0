package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/policy"
)

// Erase forgets a person, in one transaction: what says who they are is deleted, what the merchant must keep stays under a
// pseudonym and without words, what was waiting to be sent is dropped, and keyed hashes stop a re-import. Afterwards the
// bytes are overwritten in the database's files. A call to a provider under way is not taken back; what it leaves holds no
// words. The Erasure is zero when the merchant has no such person.
func (l *Ledger) Erase(ctx context.Context, m notify.MerchantID, p notify.PersonID, now time.Time) (notify.Erasure, error) {
	var out notify.Erasure
	err := l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(m, p); err != nil {
			return err
		}
		e := erasing{tx: t, merchant: m, id: p, now: now}
		err := e.all()
		out = e.out
		return err
	})
	if err != nil {
		return notify.Erasure{}, fmt.Errorf("erase: %w", err)
	}
	if out.Pseudonym != "" && !out.Already {
		out.Lingers = l.db.wipe(ctx) != nil
	}
	return out, nil
}

// erasing is one Erase under way.
type erasing struct {
	*tx
	merchant notify.MerchantID
	id       notify.PersonID
	now      time.Time

	person    *notify.Person // nil when only their orders or messages are known
	orders    []parcel.Order
	pseudonym notify.PersonID
	out       notify.Erasure
}

// known finds any trace of a person under their id.
const known = `select '' from people where merchant = $1 and id = $2
	union all select '' from orders where merchant = $1 and person = $2
	union all select '' from notifications where merchant = $1 and person = $2
	union all select '' from consents where merchant = $1 and person = $2
	union all select '' from replies where merchant = $1 and person = $2
	union all select '' from preferences where merchant = $1 and person = $2
	union all select '' from inbox where merchant = $1 and person = $2
	union all select '' from browsers where merchant = $1 and person = $2 limit 1`

func (e *erasing) all() error {
	if e.id == notify.MerchantContact || e.id.Erased() {
		return nil
	}
	found, err := texts(e.ctx, e.sql, known, e.merchant, e.id)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return e.before()
	}
	e.pseudonym = e.name()
	e.out = notify.Erasure{Pseudonym: e.pseudonym, At: at(ms(e.now))}
	for _, step := range []func() error{e.read, e.suppress, e.drop, e.wipeWords, e.forget, e.renameNotifications, e.hushParcels, e.stripOrders} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasing) name() notify.PersonID {
	return notify.Pseudonym(idTrait(e.id).hash(e.ledger.key(e.merchant)))
}

// before reports an erasure that was done already.
func (e *erasing) before() error {
	when, err := e.gone(e.merchant, e.id)
	if err == nil && !when.IsZero() {
		e.out = notify.Erasure{Pseudonym: e.name(), At: when, Already: true}
	}
	return err
}

func (e *erasing) read() (err error) {
	if e.person, err = person(e.ctx, e.sql, e.merchant, e.id); err != nil {
		return err
	}
	e.orders, err = documents[parcel.Order](e.ctx, e.sql, `select data from orders where merchant = $1 and person = $2`, e.merchant, e.id)
	e.out.Orders = len(e.orders)
	return err
}

// somebody is the person, as far as known.
func (e *erasing) somebody() notify.Person {
	if e.person == nil {
		return notify.Person{ID: e.id}
	}
	return *e.person
}

// suppress leaves the hashes: of all traits that they were erased, and of the addresses what was refused there.
func (e *erasing) suppress() error {
	who := e.somebody()
	for _, t := range traits(who) {
		if err := e.tx.suppress(e.merchant, t, reasonErased, e.now); err != nil {
			return err
		}
		for _, key := range e.ledger.keys(e.merchant) {
			if err := e.exec(`delete from dead_ends where merchant = $1 and hash = $2`, e.merchant, t.hash(key)); err != nil {
				return err
			}
		}
	}
	acts, err := consents(e.ctx, e.sql, e.merchant, e.id)
	if err == nil {
		acts, _, err = e.ledger.outlived(e.ctx, e.sql, notify.Story{Merchant: e.merchant, Person: &who}, acts)
	}
	if err != nil {
		return err
	}
	for _, no := range refusals(acts) {
		address, ok := who.Address(no.Channel)
		if !ok {
			continue
		}
		if err := e.tx.suppress(e.merchant, traitOf(address), refusalReason(no), no.OccurredAt); err != nil {
			return err
		}
	}
	return nil
}

// refusals folds acts of consent into the refusals that hold, by channel and purpose; one of every purpose is one refusal.
func refusals(acts []notify.ConsentEvent) []notify.ConsentEvent {
	var out []notify.ConsentEvent
	for _, c := range notify.Channels() {
		var of []notify.ConsentEvent
		for _, p := range notify.Purposes() {
			if no := policy.Stand(acts, c, p).No; no.Action != "" {
				of = append(of, notify.ConsentEvent{Channel: c, Purpose: p, Action: no.Action, Method: no.Method, OccurredAt: no.At})
			}
		}
		if len(of) == len(notify.Purposes()) && alike(of) {
			of = of[:1]
			of[0].Purpose = ""
		}
		out = append(out, of...)
	}
	return out
}

func alike(of []notify.ConsentEvent) bool {
	return !slices.ContainsFunc(of, func(e notify.ConsentEvent) bool {
		return e.Action != of[0].Action || e.Method != of[0].Method || !e.OccurredAt.Equal(of[0].OccurredAt)
	})
}

// drop ends what was waiting to be sent to the person.
func (e *erasing) drop() error {
	waiting, err := e.waiting()
	if err != nil {
		return err
	}
	for _, u := range waiting {
		if err := e.exec(`update deliveries set state = $1, reason = $2, updated_at = $3 where id = $4`,
			notify.Dropped, notify.SubjectErased, ms(e.now), u.Delivery.ID); err != nil {
			return err
		}
		d := notify.Decision{At: e.now, Phase: notify.AtDispatch, Event: u.Notification.Event, Rule: u.Notification.Notice.Rule, Notification: u.Notification.ID,
			Delivery: u.Delivery.ID, Channel: u.Delivery.Channel, Verdict: notify.Drop, Reason: notify.SubjectErased}
		if err := e.decisions(e.merchant, u.Notification.Parcel, []notify.Decision{d}); err != nil {
			return err
		}
	}
	e.out.Dropped = len(waiting)
	return nil
}

func (e *erasing) waiting() ([]notify.Unsent, error) {
	var out []notify.Unsent
	err := rows(e.ctx, e.sql, func(r *sql.Rows) error {
		u, err := scanUnsent(r)
		out = append(out, u)
		return err
	}, `select `+deliveryColumns+`, n.data from notifications n join deliveries d on d.notification = n.id
		where n.merchant = $1 and n.person = $2 and d.state in ('planned', 'held', 'queued')`, e.merchant, e.id)
	return out, err
}

// wipeWords takes the words from everything written to the person, and to the merchant's staff about their orders.
func (e *erasing) wipeWords() error {
	for _, whose := range [...]string{`person = $2`, `order_id in (select id from orders where merchant = $1 and person = $2)`} {
		if err := e.exec(wipeWords+whose+`)`, e.merchant, e.id); err != nil {
			return err
		}
	}
	return nil
}

// The empty text keeps SQLite from going through everything with words: the person's notifications are few.
const wipeWords = `update deliveries set words = '', sent_to = '' where (words || '' <> '' or sent_to <> '') and notification in (select id from notifications where merchant = $1 and `

// forget deletes what is the person's alone.
func (e *erasing) forget() error {
	for _, table := range [...]struct {
		rows  string
		count *int
	}{
		{othersAddressConsents, &e.out.Consents},
		{`delete from consents where merchant = $1 and person = $2`, &e.out.Consents},
		{`delete from addresses where merchant = $1 and person = $2`, &e.out.Addresses},
		{`delete from replies where merchant = $1 and person = $2`, &e.out.Replies},
		{`delete from conversations where merchant = $1 and person = $2`, new(int)},
		{`delete from desk_outbox where merchant = $1 and handoff in (select id from handoffs where merchant = $1 and person = $2)`, new(int)},
		{`delete from handoffs where merchant = $1 and person = $2`, new(int)},
		{`delete from inbox where merchant = $1 and person = $2`, &e.out.Cards},
		{`delete from knocks where merchant = $1 and browser in (select id from browsers where merchant = $1 and person = $2)`, new(int)},
		{`delete from browsers where merchant = $1 and person = $2`, &e.out.Browsers},
		{`delete from preferences where merchant = $1 and person = $2`, new(int)},
		{`delete from people where merchant = $1 and id = $2`, new(int)},
	} {
		n, err := e.change(table.rows, e.merchant, e.id)
		if err != nil {
			return err
		}
		*table.count += int(n)
	}
	return nil
}

// othersAddressConsents deletes what came in from the person's addresses, save where somebody else is reached as well.
const othersAddressConsents = `delete from address_consents where merchant = $1 and exists (
	select 1 from addresses a where a.merchant = $1 and a.person = $2 and a.channel = address_consents.channel and a.address = address_consents.address)
	and not exists (select 1 from addresses o where o.merchant = $1 and o.person <> $2 and o.channel = address_consents.channel
	and o.address = address_consents.address)`

// renameNotifications keeps what was told, under the pseudonym.
func (e *erasing) renameNotifications() error {
	all, err := documents[notify.Notification](e.ctx, e.sql, `select data from notifications where merchant = $1 and person = $2`, e.merchant, e.id)
	if err != nil {
		return err
	}
	for _, n := range all {
		n.Person = e.pseudonym
		if err := e.exec(`update notifications set person = $1, data = $2 where id = $3`, e.pseudonym, encode(n), n.ID); err != nil {
			return err
		}
		if err := e.scrub(aboutNotification, n.ID); err != nil {
			return err
		}
	}
	e.out.Notifications = len(all)
	return nil
}

// scrub takes the remarks and facts from decisions that name the person. Decisions are made without personal data; a shop's
// own ids may be some.
func (e *erasing) scrub(where string, args ...any) error {
	named := e.names()
	found := map[int64]notify.Decision{}
	err := rows(e.ctx, e.sql, func(r *sql.Rows) error {
		var seq int64
		var data string
		if err := r.Scan(&seq, &data); err != nil || !slices.ContainsFunc(named, func(s string) bool { return strings.Contains(data, s) }) {
			return err
		}
		var d notify.Decision
		err := json.Unmarshal([]byte(data), &d)
		d.Detail, d.Facts = "", nil
		found[seq] = d
		return err
	}, `select seq, data from decisions where `+where, args...)
	for seq, d := range found {
		if err == nil {
			err = e.exec(`update decisions set data = $1 where seq = $2`, encode(d), seq)
		}
	}
	return err
}

// names are the strings that give the person away.
func (e *erasing) names() []string {
	p := e.somebody()
	all := []string{string(p.ID), p.Name, string(p.Phone), string(p.Email), string(p.Line)}
	return slices.DeleteFunc(all, func(s string) bool { return len(s) < 4 }) // "7" would be found everywhere and gives nobody away
}

// hushParcels takes carriers' own words from the scans of the person's parcels.
func (e *erasing) hushParcels() error {
	for _, o := range e.orders {
		ids, err := texts(e.ctx, e.sql, `select id from parcels where merchant = $1 and order_id = $2`, e.merchant, o.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := e.hush(e.merchant, parcel.ID(id)); err != nil {
				return err
			}
			if err := e.scrub(aboutParcel, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// code is the form of a detail from a feed's closed list; anything else is somebody's own words.
var code = regexp.MustCompile(`^[a-z0-9_]*$`)

// hush takes carriers' own words from a parcel's scans: they may name who signed.
func (t *tx) hush(m notify.MerchantID, id parcel.ID) error {
	events, err := eventsOf(t.ctx, t.sql, m, id)
	if err != nil {
		return err
	}
	for i, e := range events {
		if e.Note == "" && code.MatchString(e.Detail) {
			continue
		}
		if events[i].Note = ""; !code.MatchString(e.Detail) {
			events[i].Detail = ""
		}
		if err := t.exec(`update events set data = $1 where merchant = $2 and id = $3`, encode(events[i]), m, e.ID); err != nil {
			return err
		}
	}
	state, _ := parcel.Fold(events)
	return t.exec(`update parcels set state = $1 where id = $2`, encode(state), id)
}

// stripOrders leaves of each order its id and tracking numbers, so that what is heard of them later is known to be nobody's.
func (e *erasing) stripOrders() error {
	for _, o := range e.orders {
		bare := parcel.Order{ID: o.ID, Person: string(e.pseudonym), Parcels: o.Parcels}
		if err := e.exec(`update orders set person = $1, data = $2 where merchant = $3 and id = $4`, e.pseudonym, encode(bare), e.merchant, o.ID); err != nil {
			return err
		}
	}
	return nil
}
