package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"
	"time"

	"landfall/internal/notify"
)

// subject reads who a story is for, what they agreed to and what they were sent lately. Of somebody erased there is only
// the date.
func (l *Ledger) subject(ctx context.Context, q querier, s *notify.Story, id notify.PersonID, now time.Time) (err error) {
	if id.Erased() {
		s.ErasedAt, err = erasedAt(ctx, q, s.Merchant, id)
		return err
	}
	k, err := learned(ctx, q, s, id, now)
	if err != nil || k.record == nil {
		return err
	}
	if s.Person, err = k.record.person(); err != nil {
		return err
	}
	s.Consents, s.Contacts, s.Wrote = k.consents(), k.contacts, k.wrote
	s.Stamp = k.record.stamp(len(s.Consents))
	if k.record.marked {
		if s.Consents, s.ErasedAt, err = l.outlived(ctx, q, *s, s.Consents); err != nil {
			return err
		}
	}
	if k.deadEnds && !now.IsZero() {
		s.DeadEnds, err = l.deadEnds(ctx, q, s.Merchant, *s.Person)
	}
	return err
}

// What is known of a person is read by one statement, since a statement costs more than its rows: each row names the part of the answer
// that it belongs to.
const (
	thePerson = iota
	anAct
	aContact
	aMessage
	aDeadEnd
)

// subjectOf asks about a person ($2) of a merchant ($1): contacts planned after $3 and made after $4, and messages after $4. A
// notification is at most its time to live, and the tries after it, older than its call.
const subjectOf = `select 0, data, coalesce((select data from preferences where merchant = $1 and person = $2), '{}'), '', case when ` + anySuppressed + ` then 1 else 0 end
		from people where merchant = $1 and id = $2
	union all select 1, data, id, '', occurred_at from (` + actsOf + `) acts
	union all select 2, n.data, d.channel, '', d.claimed_at from notifications n join deliveries d on d.notification = n.id
		where n.merchant = $1 and n.person = $2 and n.created_at > $3 and d.claimed_at > $4
		and d.state in ('sending', 'unknown', 'sent', 'delivered', 'read')
	union all select 3, '', channel, sender, max(at) from replies where merchant = $1 and person = $2 and at > $4 group by channel, sender
	union all select 4, '', '', '', 0 where ` + anyDeadEnd

// longestWait bounds how long after it was planned a message may still go.
const longestWait = 14 * 24 * time.Hour

// knowledge is what is known of a person.
type knowledge struct {
	record   *record // nil for nobody
	acts     []act
	contacts []notify.Contact
	wrote    map[notify.Account]time.Time
	deadEnds bool // whether the merchant has any
}

// act is an act of consent with what it is sorted by.
type act struct {
	notify.ConsentEvent
	at int64
	id string
}

// learned reads what is known of a person as of an instant; of nobody's contacts and messages when that is zero, since nobody decides
// anything then.
func learned(ctx context.Context, q querier, s *notify.Story, id notify.PersonID, now time.Time) (knowledge, error) {
	var k knowledge
	planned, since := int64(math.MaxInt64), int64(math.MaxInt64)
	if !now.IsZero() {
		from := now.Add(-notify.ContactsFor)
		planned, since = ms(from.Add(-longestWait)), ms(from)
	}
	err := rows(ctx, q, func(r *sql.Rows) error {
		var f fact
		if err := r.Scan(&f.part, &f.data, &f.a, &f.b, &f.n); err != nil {
			return err
		}
		return k.learn(f)
	}, subjectOf, s.Merchant, id, planned, since)
	slices.SortStableFunc(k.contacts, func(a, b notify.Contact) int { return b.At.Compare(a.At) })
	return k, err
}

// fact is a row of subjectOf.
type fact struct {
	part       int
	data, a, b string
	n          int64
}

func (k *knowledge) learn(f fact) error {
	switch f.part {
	case thePerson:
		k.record = &record{told: f.data, own: f.a, marked: f.n == 1}
	case anAct:
		a := act{at: f.n, id: f.a}
		err := json.Unmarshal([]byte(f.data), &a.ConsentEvent)
		k.acts = append(k.acts, a)
		return err
	case aContact:
		c, err := f.contact()
		k.contacts = append(k.contacts, c)
		return err
	case aMessage:
		if k.wrote == nil {
			k.wrote = map[notify.Account]time.Time{}
		}
		k.wrote[notify.Account{Channel: notify.Channel(f.a), Sender: f.b}] = at(f.n)
	case aDeadEnd:
		k.deadEnds = true
	}
	return nil
}

func (f fact) contact() (notify.Contact, error) {
	var n notify.Notification
	err := json.Unmarshal([]byte(f.data), &n)
	return notify.Contact{Notification: n.ID, Parcel: n.Parcel, Kind: n.Kind, Channel: notify.Channel(f.a), Class: n.Notice.Class, Urgent: n.Notice.Urgent,
		Tells: n.Tells, At: at(f.n)}, err
}

// consents are the acts in the order they were done.
func (k *knowledge) consents() []notify.ConsentEvent {
	slices.SortFunc(k.acts, func(a, b act) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	var out []notify.ConsentEvent
	for _, a := range k.acts {
		out = append(out, a.ConsentEvent)
	}
	return out
}
