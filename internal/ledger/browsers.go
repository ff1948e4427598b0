package ledger

import (
	"context"
	"database/sql"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/notify"
)

// maxBrowsers is how many of a person's browsers are told of new cards.
const maxBrowsers = 10

// PutBrowser makes a browser the owner's and nobody else's: who uses it now is who is told. The oldest beyond maxBrowsers make
// room. It is not kept, and known is false, when there is no such person: a token outlives an erasure by hours.
func (l *Ledger) PutBrowser(ctx context.Context, o inbox.Owner, id string, b inapp.Browser, now time.Time) (known bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(o.Merchant, o.Person); err != nil {
			return err
		}
		found, err := texts(t.ctx, t.sql, `select id from people where merchant = $1 and id = $2`, o.Merchant, o.Person)
		if known = len(found) > 0; err != nil || !known {
			return err
		}
		before, err := texts(t.ctx, t.sql, `select person from browsers where merchant = $1 and id = $2`, o.Merchant, id)
		if err == nil && len(before) > 0 && notify.PersonID(before[0]) != o.Person {
			err = t.dropBrowser(o.Merchant, id) // with what the other one was to be told
		}
		if err == nil {
			err = t.exec(`insert into browsers (merchant, id, person, endpoint, key, auth, created_at) values ($1, $2, $3, $4, $5, $6, $7)
				on conflict (merchant, id) do update set key = excluded.key, auth = excluded.auth, created_at = excluded.created_at`,
				o.Merchant, id, o.Person, b.Endpoint.Reveal(), b.Key.Reveal(), b.Auth.Reveal(), ms(now))
		}
		if err != nil {
			return err
		}
		return t.makeRoom(o, id)
	})
	return known, err
}

// makeRoom drops the browsers of a person that are too many, never the one just put.
func (t *tx) makeRoom(o inbox.Owner, put string) error {
	old, err := texts(t.ctx, t.sql, `select id from browsers where merchant = $1 and person = $2 and id <> $3
		order by created_at desc, id limit 1000 offset $4`, o.Merchant, o.Person, put, maxBrowsers-1)
	for _, id := range old {
		if err == nil {
			err = t.dropBrowser(o.Merchant, id)
		}
	}
	return err
}

func (t *tx) dropBrowser(m notify.MerchantID, id string) error {
	if err := t.exec(`delete from knocks where merchant = $1 and browser = $2`, m, id); err != nil {
		return err
	}
	return t.exec(`delete from browsers where merchant = $1 and id = $2`, m, id)
}

// DropBrowser drops a browser of the owner's; false when they have no such.
func (l *Ledger) DropBrowser(ctx context.Context, o inbox.Owner, id string) (found bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		mine, err := texts(t.ctx, t.sql, `select id from browsers where merchant = $1 and id = $2 and person = $3`, o.Merchant, id, o.Person)
		if found = len(mine) > 0; err != nil || !found {
			return err
		}
		return t.dropBrowser(o.Merchant, id)
	})
	return found, err
}

// ForgetBrowser drops a browser, whosever it is.
func (l *Ledger) ForgetBrowser(ctx context.Context, m notify.MerchantID, id string) error {
	return l.update(ctx, func(t *tx) error { return t.dropBrowser(m, id) })
}

// BrowserIDs lists the browsers of an owner.
func (l *Ledger) BrowserIDs(ctx context.Context, o inbox.Owner) ([]string, error) {
	return texts(ctx, l.read, `select id from browsers where merchant = $1 and person = $2 order by created_at, id`, o.Merchant, o.Person)
}

// knocks notes that a person's browsers are to be told of a new card.
func (t *tx) knocks(m notify.MerchantID, c inapp.Card) error {
	if k := c.Knock; !k.At.IsZero() && k.At.Before(k.Until) {
		return t.exec(`insert into knocks (merchant, browser, card, due_at, expires_at, urgency, collapse, tries)
			select merchant, id, $3, $4, $5, $6, $7, 0 from browsers where merchant = $1 and person = $2`,
			m, c.Person, c.Delivery, ms(k.At), ms(k.Until), k.Urgency, k.Collapse)
	}
	return nil
}

// knockColumns joins a knock with its card and its browser: one whose card is not its browser's any more is none.
const knockColumns = `select k.merchant, k.browser, b.endpoint, b.key, b.auth, k.card, c.title, c.body, c.link, k.urgency, k.collapse, k.expires_at, k.tries
	from knocks k join browsers b on b.merchant = k.merchant and b.id = k.browser
	join inbox c on c.id = k.card and c.merchant = b.merchant and c.person = b.person
	where k.due_at <= $1 and k.expires_at > $1 and c.seen_at = 0 and c.archived_at = 0 order by k.due_at, k.card, k.browser limit $2`

// TakeKnocks takes the knocks that are due, and removes them: they are rather not made than made twice.
func (l *Ledger) TakeKnocks(ctx context.Context, now time.Time, limit int) ([]inbox.Knock, error) {
	waiting, err := texts(ctx, l.read, `select card from knocks where due_at <= $1 limit 1`, ms(now))
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	var out []inbox.Knock
	err = l.update(ctx, func(t *tx) (err error) {
		if err := t.lock("knocks", "", ""); err != nil {
			return err
		}
		if out, err = t.knocksDue(now, limit); err != nil {
			return err
		}
		for _, k := range out {
			if err := t.exec(`delete from knocks where merchant = $1 and browser = $2 and card = $3`, k.Merchant, k.Browser, k.Card); err != nil {
				return err
			}
		}
		if len(out) == limit {
			return nil
		}
		return t.exec(`delete from knocks where due_at <= $1`, ms(now)) // what nobody is to be told any more
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *tx) knocksDue(now time.Time, limit int) ([]inbox.Knock, error) {
	var out []inbox.Knock
	err := rows(t.ctx, t.sql, func(r *sql.Rows) error {
		var k inbox.Knock
		var endpoint, key, auth string
		var until int64
		err := r.Scan(&k.Merchant, &k.Browser, &endpoint, &key, &auth, &k.Card, &k.Title, &k.Text, &k.Link, &k.Urgency, &k.Collapse, &until, &k.Tries)
		k.At, k.Until = inapp.Browser{Endpoint: notify.Secret(endpoint), Key: notify.Secret(key), Auth: notify.Secret(auth)}, at(until)
		out = append(out, k)
		return err
	}, knockColumns, ms(now), limit)
	return out, err
}

// KnockAgain puts a knock off that was taken. It is not kept when its browser is gone; one whose card is gone or seen by then
// is not taken.
func (l *Ledger) KnockAgain(ctx context.Context, k inbox.Knock, due time.Time) error {
	return l.update(ctx, func(t *tx) error {
		return t.exec(`insert into knocks (merchant, browser, card, due_at, expires_at, urgency, collapse, tries)
			select merchant, id, $3, $4, $5, $6, $7, $8 from browsers where merchant = $1 and id = $2 on conflict (merchant, browser, card) do nothing`,
			k.Merchant, k.Browser, k.Card, ms(due), ms(k.Until), k.Urgency, k.Collapse, k.Tries)
	})
}
