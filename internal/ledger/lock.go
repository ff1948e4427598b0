package ledger

import (
	"slices"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// What a transaction reads and then writes must not change in between. On SQLite nobody else writes meanwhile; on PostgreSQL
// a transaction locks what it is about before it reads it: tracking numbers first, then an order, then a person, then an
// address, so that two seldom wait for each other. When they do, PostgreSQL ends one of them, and it is tried again.

// locked names what is locked. No id of ours holds a line feed.
func locked(kind string, m notify.MerchantID, id string) string {
	return kind + "\n" + string(m) + "\n" + id
}

func (t *tx) lock(kind string, m notify.MerchantID, id string) error {
	return t.ledger.db.lock(t, locked(kind, m, id))
}

func (t *tx) lockPerson(m notify.MerchantID, p notify.PersonID) error {
	return t.lock("person", m, string(p))
}

// personKey is locked's key of a person, in SQL.
const personKey = `'person' || chr(10) || n.merchant || chr(10) || n.person as key`

// lockDelivery locks whom a delivery is for.
func (t *tx) lockDelivery(id notify.DeliveryID) error {
	return t.ledger.db.lockOf(t, `select `+personKey+` from deliveries d join notifications n on n.id = d.notification where d.id = $1`, id)
}

// lockNotification locks whom a notification is for.
func (t *tx) lockNotification(id notify.NotificationID) error {
	return t.ledger.db.lockOf(t, `select `+personKey+` from notifications n where n.id = $1`, id)
}

// lockHandoff locks whose conversation was handed over.
func (t *tx) lockHandoff(m notify.MerchantID, id string) error {
	return t.ledger.db.lockOf(t, `select `+personKey+` from handoffs n where n.merchant = $1 and n.id = $2`, m, id)
}

// lockNumbers locks tracking numbers, in an order that all keep.
func (t *tx) lockNumbers(m notify.MerchantID, numbers []parcel.Number) error {
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) {
		if err := t.lock("number", m, string(n)); err != nil {
			return err
		}
	}
	return nil
}

// lockParcel locks the order that a parcel belongs to and whom that is for.
func (t *tx) lockParcel(m notify.MerchantID, p parcel.ID) error {
	if err := t.ledger.db.lockOf(t, `select 'order' || chr(10) || n.merchant || chr(10) || n.order_id as key from parcels n
		where n.id = $1 and n.merchant = $2 and n.order_id <> ''`, p, m); err != nil {
		return err
	}
	return t.ledger.db.lockOf(t, `select `+personKey+` from orders n join parcels p on p.merchant = n.merchant and p.order_id = n.id
		where p.id = $1 and p.merchant = $2`, p, m)
}

// lockOrder locks an order that is to be stored: the numbers of its parcels, those it had and those it gets, then itself, then
// whose it was and whose it becomes.
func (t *tx) lockOrder(m notify.MerchantID, o parcel.Order) error {
	if !t.ledger.db.shared() {
		return nil
	}
	var numbers []parcel.Number
	for _, l := range o.Parcels {
		numbers = append(numbers, l.Number)
	}
	had, err := t.had(m, o.ID)
	if err != nil {
		return err
	}
	if err := t.lockNumbers(m, append(numbers, had...)); err != nil {
		return err
	}
	if err := t.lock("order", m, string(o.ID)); err != nil {
		return err
	}
	if had, err = t.had(m, o.ID); err != nil { // it may have been stored a moment ago
		return err
	}
	if err := t.lockNumbers(m, had); err != nil {
		return err
	}
	return t.lockPerson(m, notify.PersonID(o.Person))
}

// had lists the numbers that an order announced, or was given.
func (t *tx) had(m notify.MerchantID, o parcel.OrderID) ([]parcel.Number, error) {
	all, err := texts(t.ctx, t.sql, `select number from labels where merchant = $1 and order_id = $2
		union select number from parcels where merchant = $1 and order_id = $2`, m, o)
	numbers := make([]parcel.Number, len(all))
	for i, n := range all {
		numbers[i] = parcel.Number(n)
	}
	return numbers, err
}
