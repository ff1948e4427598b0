package ledger

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"landfall/internal/notify"
	"landfall/internal/phone"
)

// Keys are a merchant's keys for hashing what erased people leave behind, the present one first. Hashes are made under the
// first and found under all, so that a key can be exchanged.
type Keys func(notify.MerchantID) [][]byte

// Option sets something about a ledger when it is opened.
type Option func(*Ledger)

// WithKeys gives the ledger its keys, which must be kept apart from the database. Without them hashes are made under a
// random key and mean nothing to whoever opens the ledger next.
func WithKeys(k Keys) Option { return func(l *Ledger) { l.keys = k } }

// SecretKeys derives every merchant's keys from secrets, the present one first; empty ones are passed over.
func SecretKeys(secrets ...notify.Secret) Keys {
	return func(m notify.MerchantID) [][]byte {
		var out [][]byte
		for _, s := range secrets {
			if s != "" {
				out = append(out, sealed([]byte(s.Reveal()), "landfall suppression key|"+string(m)))
			}
		}
		return out
	}
}

// passing returns keys that are forgotten with the process.
func passing() Keys {
	return SecretKeys(notify.Secret(rand.Text()))
}

func sealed(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

// trait is something a person can be recognised by.
type trait struct {
	kind  string
	value string // in its one spelling
}

// The kinds of trait. WhatsApp and SMS share a number; the inbox belongs to the person's id.
const (
	byID    = "person"
	byPhone = "phone"
	byEmail = "email"
	byLine  = "line"
)

// hash is all that is kept of a trait.
func (t trait) hash(key []byte) string {
	return hex.EncodeToString(sealed(key, "v1|"+t.kind+"|"+t.value))
}

func idTrait(p notify.PersonID) trait { return trait{byID, string(p)} }

// traitOf is the trait behind an address.
func traitOf(a notify.Address) trait {
	value := a.Value.Reveal()
	switch a.Channel {
	case notify.WhatsApp, notify.SMS:
		return trait{byPhone, phone.Normal(value)}
	case notify.Email:
		return trait{byEmail, normalEmail(value)}
	case notify.LINE:
		return trait{byLine, value}
	}
	return trait{byID, value}
}

// normalEmail is an address in its one spelling. Upper case in the local part may in theory tell two mailboxes apart; nobody
// uses it so, and people type it both ways.
func normalEmail(s string) string {
	s = strings.ToLower(norm.NFKC.String(strings.TrimSpace(s)))
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	if domain, err := idna.Lookup.ToASCII(s[at+1:]); err == nil {
		return s[:at+1] + domain
	}
	return s
}

// traits are what a person can be recognised by: their id, then each address once.
func traits(p notify.Person) []trait {
	out := []trait{idTrait(p.ID)}
	for _, c := range [...]notify.Channel{notify.SMS, notify.Email, notify.LINE} {
		if a, ok := p.Address(c); ok {
			out = append(out, traitOf(a))
		}
	}
	return out
}

// suppression is one row about a trait.
type suppression struct {
	trait
	reason string
	at     time.Time
}

// reasonErased marks traits of erased people; every other reason is a refusal.
const reasonErased = "erased"

// suppressed lists what is on record about traits, under any of the merchant's keys.
func (l *Ledger) suppressed(ctx context.Context, q querier, m notify.MerchantID, traits []trait) ([]suppression, error) {
	if len(traits) == 0 {
		return nil, nil
	}
	query, args, owners := l.suppressedQuery(m, traits)
	var out []suppression
	err := rows(ctx, q, func(r *sql.Rows) error {
		var s suppression
		var hash string
		var when int64
		if err := r.Scan(&hash, &s.reason, &when); err != nil {
			return err
		}
		s.trait, s.at = owners[hash], at(when)
		out = append(out, s)
		return nil
	}, query, args...)
	return out, err
}

func (l *Ledger) suppressedQuery(m notify.MerchantID, traits []trait) (string, []any, map[string]trait) {
	args, owners, marks := []any{m}, map[string]trait{}, ""
	for _, key := range l.keys(m) {
		for _, t := range traits {
			h := t.hash(key)
			owners[h] = t
			args = append(args, h)
			marks += fmt.Sprintf(", $%d", len(args))
		}
	}
	return `select hash, reason, at from suppressions where merchant = $1 and hash in (` + strings.TrimPrefix(marks, ", ") + `)`, args, owners
}

// anySuppressed reports whether the merchant has erased anybody ever.
const anySuppressed = `exists (select 1 from suppressions where merchant = $1)`

func (l *Ledger) erasedAny(ctx context.Context, q querier, m notify.MerchantID) (bool, error) {
	found, err := texts(ctx, q, `select '' where `+anySuppressed, m)
	return len(found) > 0, err
}

// suppress keeps a hash of a trait with a reason; of several dates the latest counts.
func (t *tx) suppress(m notify.MerchantID, of trait, reason string, when time.Time) error {
	return t.exec(`insert into suppressions (merchant, hash, kind, reason, at) values ($1, $2, $3, $4, $5)
		on conflict (merchant, hash, kind, reason) do update set at = case when suppressions.at > excluded.at then suppressions.at else excluded.at end`,
		m, of.hash(t.ledger.key(m)), of.kind, reason, ms(when))
}

// key is the merchant's present key.
func (l *Ledger) key(m notify.MerchantID) []byte { return l.keys(m)[0] }

// refusalReason writes an act of refusal as a suppression's reason, refusal reads it back. Of how it was said only what
// decides something is kept.
func refusalReason(e notify.ConsentEvent) string {
	method := ""
	if notify.SaysStop(e.Method) {
		method = e.Method
	}
	return strings.Join([]string{string(e.Action), method, string(e.Channel), string(e.Purpose)}, ":")
}

func (s suppression) refusal() (notify.ConsentEvent, bool) {
	parts := strings.Split(s.reason, ":")
	if len(parts) != 4 {
		return notify.ConsentEvent{}, false
	}
	e := notify.ConsentEvent{Action: notify.Action(parts[0]), Method: parts[1], Channel: notify.Channel(parts[2]), Purpose: notify.Purpose(parts[3])}
	e.ID, e.Actor, e.OccurredAt, e.ReceivedAt = "suppression:"+s.reason, notify.ActorSubject, s.at, s.at
	return e, true
}

// remains sorts what is on record about a person's traits: when they were last erased, and the refusals that outlived it.
func remains(found []suppression) (erased time.Time, refusals []notify.ConsentEvent) {
	for _, s := range found {
		if s.reason == reasonErased && s.at.After(erased) {
			erased = s.at
		}
		if e, ok := s.refusal(); ok {
			refusals = append(refusals, e)
		}
	}
	return erased, refusals
}

// ErrErased says that a person or an address was erased on request and is not to be stored again, unless the person has
// become a customer anew.
var ErrErased = errors.New("this customer, or one of these addresses, was erased on request")

// unwelcome reports whether storing p would bring somebody erased back: their id, unless they came back before, or an
// address they do not have already.
func (t *tx) unwelcome(m notify.MerchantID, p notify.Person, known *notify.Person) (bool, error) {
	if some, err := t.ledger.erasedAny(t.ctx, t.sql, m); err != nil || !some {
		return false, err
	}
	fresh := traits(p)
	if known != nil {
		had := map[trait]bool{}
		for _, old := range traits(*known) {
			had[old] = true
		}
		fresh = without(fresh, had)
	}
	found, err := t.ledger.suppressed(t.ctx, t.sql, m, fresh)
	when, _ := remains(found)
	return !when.IsZero(), err
}

func without(ts []trait, had map[trait]bool) []trait {
	var out []trait
	for _, t := range ts {
		if !had[t] {
			out = append(out, t)
		}
	}
	return out
}

// gone reports since when a person id is that of somebody erased who has not come back; the zero time when it is not.
func (t *tx) gone(m notify.MerchantID, p notify.PersonID) (time.Time, error) {
	if some, err := t.ledger.erasedAny(t.ctx, t.sql, m); err != nil || !some {
		return time.Time{}, err
	}
	if known, err := person(t.ctx, t.sql, m, p); err != nil || known != nil {
		return time.Time{}, err
	}
	found, err := t.ledger.suppressed(t.ctx, t.sql, m, []trait{idTrait(p)})
	when, _ := remains(found)
	return when, err
}

// erasedAt is when the person behind a pseudonym was erased.
func erasedAt(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) (time.Time, error) {
	var last int64
	err := rows(ctx, q, func(r *sql.Rows) error { return r.Scan(&last) }, erasedAtQuery, m, p.Trace(), p.Trace()+"g", reasonErased)
	return at(last), err
}

// erasedAtQuery finds hashes by how they begin.
const erasedAtQuery = `select coalesce(max(at), 0) from suppressions where merchant = $1 and hash > $2 and hash < $3 and kind = 'person' and reason = $4`

// hushed keeps what somebody does at an address that is suppressed and nobody's: a refusal as one more reason, a yes by
// taking the refusals back that are older. It reports false when the address is nobody's secret.
func (t *tx) hushed(m notify.MerchantID, a notify.Address, e notify.ConsentEvent) (bool, error) {
	if some, err := t.ledger.erasedAny(t.ctx, t.sql, m); err != nil || !some {
		return false, err
	}
	owners, err := texts(t.ctx, t.sql, peopleWith, m, a.Channel, a.Value.Reveal())
	if err != nil || len(owners) > 0 {
		return false, err
	}
	found, err := t.ledger.suppressed(t.ctx, t.sql, m, []trait{traitOf(a)})
	if when, _ := remains(found); err != nil || when.IsZero() {
		return false, err
	}
	if e.Action.Refuses() {
		return true, t.suppress(m, traitOf(a), refusalReason(e), e.OccurredAt)
	}
	return true, t.lift(m, found, e)
}

// lift takes back the refusals that a yes is about and newer than.
func (t *tx) lift(m notify.MerchantID, found []suppression, yes notify.ConsentEvent) error {
	if !yes.Action.Allows() {
		return nil
	}
	for _, s := range found {
		no, refused := s.refusal()
		if !refused || no.Channel != yes.Channel || yes.Purpose != "" && no.Purpose != "" && no.Purpose != yes.Purpose || !yes.OccurredAt.After(s.at) {
			continue
		}
		for _, key := range t.ledger.keys(m) {
			if err := t.exec(`delete from suppressions where merchant = $1 and hash = $2 and reason = $3`, m, s.trait.hash(key), s.reason); err != nil {
				return err
			}
		}
	}
	return nil
}
