package ledger

import (
	"context"
	"fmt"
	"time"

	"landfall/internal/notify"
)

// PutPreferences stores what a person chose, whole, and appends the acts of consent that came with it, all or nothing. known
// is false when there is no such person, who may have been erased since the page was opened; nothing is kept then.
func (l *Ledger) PutPreferences(ctx context.Context, m notify.MerchantID, p notify.PersonID, chosen notify.Preferences, acts []notify.ConsentEvent, now time.Time) (known bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		known = false // it may be run again
		if err := t.lockPerson(m, p); err != nil {
			return err
		}
		n, err := t.change(putPreferences, m, p, encode(chosen), ms(now))
		if err != nil || n == 0 {
			return err
		}
		known = true
		return t.consents(m, p, acts)
	})
	return known, err
}

// AddOwnConsents appends acts that a person did on a page of their own. known is false, and nothing kept, when there is no such
// person.
func (l *Ledger) AddOwnConsents(ctx context.Context, m notify.MerchantID, p notify.PersonID, acts []notify.ConsentEvent) (known bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(m, p); err != nil {
			return err
		}
		found, err := texts(t.ctx, t.sql, `select id from people where merchant = $1 and id = $2`, m, p)
		if known = len(found) > 0; err != nil || !known {
			return err
		}
		return t.consents(m, p, acts)
	})
	return known, err
}

func (t *tx) consents(m notify.MerchantID, p notify.PersonID, acts []notify.ConsentEvent) error {
	for _, e := range acts {
		if err := t.consent(m, p, e); err != nil {
			return fmt.Errorf("append consent: %w", err)
		}
	}
	return nil
}

// Preferences returns what a person chose; nothing for somebody who chose nothing or is unknown.
func (l *Ledger) Preferences(ctx context.Context, m notify.MerchantID, p notify.PersonID) (notify.Preferences, error) {
	return preferences(ctx, l.read, m, p)
}

func preferences(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) (notify.Preferences, error) {
	chosen, err := document[notify.Preferences](ctx, q, preferencesOf, m, p)
	if err != nil || chosen == nil {
		return notify.Preferences{}, err
	}
	return *chosen, nil
}

const (
	preferencesOf  = `select data from preferences where merchant = $1 and person = $2`
	putPreferences = `insert into preferences (merchant, person, data, updated_at)
		select merchant, id, $3, $4 from people where merchant = $1 and id = $2
		on conflict (merchant, person) do update set data = excluded.data, updated_at = excluded.updated_at`
)
