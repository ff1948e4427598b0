package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Accept stores events, folds each into its parcel and writes what plan makes of it, all in one transaction. When it
// returns without an error everything is durable; with an error nothing is. Events are taken in the order they happened,
// since a body may hold the whole history of a number and with it more than one parcel.
func (l *Ledger) Accept(ctx context.Context, m notify.MerchantID, events []parcel.Event, now time.Time, plan notify.Planner) (notify.Intake, error) {
	var in notify.Intake
	err := l.update(ctx, func(t *tx) error {
		a := acceptance{tx: t, merchant: m, now: now, fresh: map[parcel.ID]map[parcel.EventID]bool{}, last: map[parcel.ID]time.Time{}}
		if err := t.lockNumbers(m, numbersOf(events)); err != nil {
			return err
		}
		for _, e := range byTime(events) {
			if err := a.event(e); err != nil {
				return fmt.Errorf("accept event %s: %w", e.ID, err)
			}
		}
		for _, id := range a.order {
			if err := a.plan(id, a.fresh[id], plan); err != nil {
				return err
			}
		}
		in = a.intake
		return nil
	})
	return in, err
}

func numbersOf(events []parcel.Event) []parcel.Number {
	out := make([]parcel.Number, len(events))
	for i, e := range events {
		out[i] = e.Number
	}
	return out
}

func byTime(events []parcel.Event) []parcel.Event {
	return slices.SortedStableFunc(slices.Values(events), func(a, b parcel.Event) int { return a.HappenedAt.Compare(b.HappenedAt) })
}

// acceptance is one Accept under way.
type acceptance struct {
	*tx
	merchant notify.MerchantID
	now      time.Time
	order    []parcel.ID // parcels touched, in the order they were
	fresh    map[parcel.ID]map[parcel.EventID]bool
	last     map[parcel.ID]time.Time // latest scan of each parcel touched; its state is folded at the end
	intake   notify.Intake
}

func (a *acceptance) event(e parcel.Event) error {
	h, err := a.hear(e)
	if err != nil {
		return err
	}
	if h.repeats {
		return a.again(h.parcel, e)
	}
	p, err := a.parcel(e, h)
	if err != nil {
		return err
	}
	err = a.exec(`insert into events (merchant, id, parcel, happened_at, heard_at, data) values ($1, $2, $3, $4, $5, $6)`,
		a.merchant, e.ID, p, ms(e.HappenedAt), ms(e.HeardAt), encode(e))
	a.note(p, e)
	return err
}

// hearing is what the ledger knows when it hears of an event.
type hearing struct {
	repeats bool            // the event was heard before,
	parcel  parcel.ID       // of this parcel
	known   []parcel.Parcel // those of its number, the newest first
	claims  []claim
}

// heardOf reads it by one statement: each row names the part of the answer that it belongs to.
const heardOf = `select 0, parcel, '', 0, '', '' from events where merchant = $1 and id = $2
	union all select 1, id, carrier, first_seen, order_id, state from parcels where merchant = $1 and number = $3
	union all select 2, '', carrier, updated_at, order_id, '' from labels where merchant = $1 and number = $3`

func (a *acceptance) hear(e parcel.Event) (h hearing, err error) {
	err = rows(a.ctx, a.sql, func(r *sql.Rows) error {
		var part int
		var when int64
		var state string
		p := parcel.Parcel{Number: e.Number}
		if err := r.Scan(&part, &p.ID, &p.Carrier, &when, &p.Order, &state); err != nil {
			return err
		}
		switch part {
		case 0:
			h.repeats, h.parcel = true, p.ID
		case 1:
			p.FirstSeen = at(when)
			h.known = append(h.known, p)
			return json.Unmarshal([]byte(state), &h.known[len(h.known)-1].State)
		case 2:
			h.claims = append(h.claims, claim{order: p.Order, carrier: p.Carrier, since: at(when)})
		}
		return nil
	}, heardOf, a.merchant, e.ID, e.Number)
	slices.SortFunc(h.known, func(a, b parcel.Parcel) int { return cmp.Or(b.FirstSeen.Compare(a.FirstSeen), cmp.Compare(a.ID, b.ID)) })
	sortClaims(h.claims, e.Carrier)
	a.withScans(h.known)
	return h, err
}

// again notes a repeated event. All that is taken from it is the order it names, which a feed may have learned meanwhile.
func (a *acceptance) again(id parcel.ID, e parcel.Event) error {
	a.intake.Repeated = append(a.intake.Repeated, e.ID)
	if e.Order == "" {
		return nil
	}
	p, err := parcelByID(a.ctx, a.sql, a.merchant, id)
	if err != nil || p == nil {
		return err
	}
	return a.link(*p, e)
}

// note remembers that an event is new to its parcel.
func (a *acceptance) note(p parcel.ID, e parcel.Event) {
	if a.fresh[p] == nil {
		a.fresh[p] = map[parcel.EventID]bool{}
		a.order = append(a.order, p)
	}
	a.fresh[p][e.ID] = true
	if e.Kind != parcel.Unknown && e.HappenedAt.After(a.last[p]) {
		a.last[p] = e.HappenedAt
	}
}

// parcel finds the parcel an event is about, or opens a new one.
func (a *acceptance) parcel(e parcel.Event, h hearing) (parcel.ID, error) {
	near, err := a.near(h.known, e)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(near, func(p parcel.Parcel) bool { return p.Carrier == e.Carrier }); i >= 0 {
		return near[i].ID, a.link(near[i], e)
	}
	valid, err := a.valid(h.known, e, h.claims)
	if err != nil {
		return "", err
	}
	if i := otherName(near, e, valid); i >= 0 {
		return near[i].ID, a.link(near[i], e)
	}
	return a.open(e, owner(e, h.claims, valid))
}

// known lists the parcels of a number, the newest first, with the scans heard so far.
func (a *acceptance) known(n parcel.Number) ([]parcel.Parcel, error) {
	known, err := parcels(a.ctx, a.sql, `merchant = $1 and number = $2 order by first_seen desc, id`, a.merchant, n)
	a.withScans(known)
	return known, err
}

// withScans gives parcels the scans heard so far.
func (a *acceptance) withScans(known []parcel.Parcel) {
	for i := range known {
		if last := a.last[known[i].ID]; last.After(known[i].State.LastScan) {
			known[i].State.LastScan = last
		}
	}
}

// near are those of a number's parcels that were under way when an event happened.
func (a *acceptance) near(known []parcel.Parcel, e parcel.Event) ([]parcel.Parcel, error) {
	var near []parcel.Parcel
	for _, p := range known {
		before, err := a.before(p, e)
		if err != nil {
			return nil, err
		}
		if !before && !p.Recycled(e.HappenedAt) {
			near = append(near, p)
		}
	}
	return near, nil
}

// before reports whether an event is older than all of a parcel by so much that the number was another parcel's then.
func (a *acceptance) before(p parcel.Parcel, e parcel.Event) (bool, error) {
	if e.HappenedAt.IsZero() || p.State.LastScan.Sub(e.HappenedAt) <= parcel.RecycleAfter {
		return false, nil
	}
	first, err := number(a.ctx, a.sql, `select coalesce(min(happened_at), 0) from events where parcel = $1`, p.ID)
	if err != nil {
		return false, err
	}
	return at(first).Sub(e.HappenedAt) > parcel.RecycleAfter, nil
}

// link gives a parcel that belongs to no order yet to the one its event points to.
func (a *acceptance) link(p parcel.Parcel, e parcel.Event) error {
	if p.Order != "" {
		return nil
	}
	cs, err := a.claims(e.Number, e.Carrier)
	if err != nil {
		return err
	}
	o, err := a.announced(e, cs)
	if err != nil || o == "" {
		return err
	}
	return a.assign(p.ID, o)
}

func (a *acceptance) assign(p parcel.ID, o parcel.OrderID) error {
	return a.exec(`update parcels set order_id = $1 where id = $2`, o, p)
}

// otherName finds the parcel that an event under another carrier's name is about all the same; -1 when there is none. An
// order the shop announced under exactly this carrier has a parcel of its own.
func otherName(near []parcel.Parcel, e parcel.Event, valid []claim) int {
	own := slices.DeleteFunc(slices.Clone(valid), func(c claim) bool { return e.Carrier == "" || c.carrier != e.Carrier })
	return slices.IndexFunc(near, func(p parcel.Parcel) bool { return sameBox(p, e) && !elsewhere(p, own) })
}

// elsewhere reports whether labels name orders, and none of them is a parcel's own.
func elsewhere(p parcel.Parcel, cs []claim) bool {
	return p.Order != "" && len(cs) > 0 && !slices.ContainsFunc(cs, func(c claim) bool { return c.order == p.Order })
}

// postal is the form of a number from the Universal Postal Union (S10), which keeps its meaning when one country's post
// hands the parcel to another's.
var postal = regexp.MustCompile(`^[A-Z]{2}[0-9]{9}[A-Z]{2}$`)

// sameBox reports whether an event under another carrier's name is about p all the same: one side does not name a
// carrier, the shop announced the number, or the number belongs to the whole postal union.
func sameBox(p parcel.Parcel, e parcel.Event) bool {
	return p.Carrier == "" || e.Carrier == "" || p.Order != "" || postal.MatchString(string(e.Number))
}

func (a *acceptance) open(e parcel.Event, order parcel.OrderID) (parcel.ID, error) {
	seen := e.HeardAt
	// One body may open two parcels of a number: the time of its first scan tells them apart.
	id := parcel.ID("p_" + digest(string(a.merchant), string(e.Carrier), string(e.Number), fmt.Sprint(ms(seen)), fmt.Sprint(ms(e.HappenedAt))))
	return id, a.exec(`insert into parcels (id, merchant, carrier, number, first_seen, order_id, state) values ($1, $2, $3, $4, $5, $6, $7)`,
		id, a.merchant, e.Carrier, e.Number, ms(seen), order, encode(parcel.State{Kind: parcel.Unknown, Stage: parcel.StageAnnounced}))
}

// digest is a short name made of parts: the same parts always give the same name. It stands in links that go out by text
// message, so every character counts; 80 bits are enough for all parcels there are.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:16]
}
