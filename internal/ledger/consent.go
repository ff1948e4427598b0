package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"landfall/internal/notify"
)

// AddConsents appends consent events of a person; a repeated id is left as it was. The error is ErrConsentID when an
// id comes back with another act, and ErrErased when the person was erased; nothing is kept then.
func (l *Ledger) AddConsents(ctx context.Context, m notify.MerchantID, p notify.PersonID, events []notify.ConsentEvent) error {
	return l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(m, p); err != nil {
			return err
		}
		if since, err := t.gone(m, p); err != nil || !since.IsZero() {
			return cmp.Or(err, ErrErased)
		}
		return t.consents(m, p, events)
	})
}

// ErrConsentID says that a consent event's id was used before for another act. To take it for a repeat would lose the act,
// and that may be a withdrawal.
var ErrConsentID = errors.New("this id was used before for another act of consent")

func (t *tx) consent(m notify.MerchantID, p notify.PersonID, e notify.ConsentEvent) error {
	kept, err := document[notify.ConsentEvent](t.ctx, t.sql, `select data from consents where merchant = $1 and person = $2 and id = $3`, m, p, e.ID)
	switch {
	case err != nil:
		return err
	case kept != nil && (kept.Channel != e.Channel || kept.Purpose != e.Purpose || kept.Action != e.Action):
		return ErrConsentID
	case kept != nil:
		return nil
	}
	if e, err = t.chained(e, `select data from consents where merchant = $1 and person = $2 order by seq desc limit 1`, m, p); err != nil {
		return err
	}
	return t.exec(`insert into consents (merchant, person, id, occurred_at, data, seq) values ($1, $2, $3, $4, $5, $6)`,
		m, p, e.ID, ms(e.OccurredAt), encode(e), e.Seq)
}

// chained makes an act the next link after the last one that query finds.
func (t *tx) chained(e notify.ConsentEvent, query string, args ...any) (notify.ConsentEvent, error) {
	last, err := document[notify.ConsentEvent](t.ctx, t.sql, query, args...)
	if err != nil || last == nil {
		return e.Chained(1, ""), err
	}
	return e.Chained(last.Seq+1, last.Hash), nil
}

// AddAddressConsent appends what whoever is behind an address did there, on that address's channel. It holds for everybody
// reached at the address, also for people stored later; a repeated id is left as it was. react is asked, for the first of the
// people reached there, what is to be said about it; what it plans is written with the act. A nil react says nothing. Of an
// address that was erased and is nobody's now only its hash is kept, with what was refused.
func (l *Ledger) AddAddressConsent(ctx context.Context, m notify.MerchantID, a notify.Address, e notify.ConsentEvent, now time.Time, react notify.Reaction) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		acts := acceptance{tx: t, merchant: m, now: now}
		err := acts.act(a, e, react)
		in = acts.intake
		return err
	})
	if err != nil {
		return in, fmt.Errorf("append consent: %w", err)
	}
	return in, nil
}

// act adds an act and what is to be said about it.
func (a *acceptance) act(at notify.Address, e notify.ConsentEvent, react notify.Reaction) error {
	if err := a.lock("address", a.merchant, string(at.Channel)+at.Value.Reveal()); err != nil {
		return err
	}
	before, err := a.reached(at)
	if err != nil {
		return err
	}
	added, err := a.addressConsent(a.merchant, at, e)
	if err != nil || !added || before == nil || react == nil {
		return err
	}
	after, err := a.reached(at)
	if err != nil {
		return err
	}
	if p := react(*after, before.Consents); p != nil {
		return a.notification(*p)
	}
	return nil
}

// reached reads the first of the people reached at an address; nil when there is none.
func (a *acceptance) reached(at notify.Address) (*notify.Story, error) {
	people, err := peopleAt(a.ctx, a.sql, a.merchant, at)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	s := notify.Story{Merchant: a.merchant}
	if err := a.ledger.subject(a.ctx, a.sql, &s, people[0], a.now); err != nil || s.Person == nil {
		return nil, err
	}
	return &s, nil
}

// addressConsent reports whether the act was added rather than known.
func (t *tx) addressConsent(m notify.MerchantID, a notify.Address, e notify.ConsentEvent) (bool, error) {
	e.Channel = a.Channel
	if err := t.lock("address", m, string(a.Channel)+a.Value.Reveal()); err != nil {
		return false, err
	}
	if kept, err := t.hushed(m, a, e); err != nil || kept {
		return false, err
	}
	address := a.Value.Reveal()
	kept, err := texts(t.ctx, t.sql, `select id from address_consents where merchant = $1 and channel = $2 and address = $3 and id = $4`,
		m, a.Channel, address, e.ID)
	if err != nil || len(kept) > 0 {
		return false, err
	}
	e, err = t.chained(e, `select data from address_consents where merchant = $1 and channel = $2 and address = $3 order by seq desc limit 1`,
		m, a.Channel, address)
	if err != nil {
		return false, err
	}
	return true, t.exec(`insert into address_consents (merchant, channel, address, id, occurred_at, data, seq) values ($1, $2, $3, $4, $5, $6, $7)`,
		m, a.Channel, address, e.ID, ms(e.OccurredAt), encode(e), e.Seq)
}

// Consents lists a person's consent events, and those of the addresses the person has now, in order of time.
func (l *Ledger) Consents(ctx context.Context, m notify.MerchantID, p notify.PersonID) ([]notify.ConsentEvent, error) {
	return consents(ctx, l.read, m, p)
}
