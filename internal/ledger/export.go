package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/subject"
)

// Dossier reads everything about a person at one instant; nil when the merchant has no such person.
func (l *Ledger) Dossier(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*subject.Dossier, error) {
	if p == notify.MerchantContact || p.Erased() {
		return nil, nil
	}
	view, err := l.db.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	d, err := dossier(ctx, view, m, p)
	return d, errors.Join(err, view.Rollback())
}

func dossier(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) (*subject.Dossier, error) {
	found, err := texts(ctx, q, known, m, p)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	d := &subject.Dossier{Person: notify.Person{ID: p}}
	who, err := person(ctx, q, m, p)
	if who != nil {
		d.Person = *who
	}
	for _, read := range []func() error{
		func() (err error) { d.Chosen, err = preferences(ctx, q, m, p); return err },
		func() (err error) { d.Consents, err = consents(ctx, q, m, p); return err },
		func() (err error) { d.Chains, err = chains(ctx, q, m, d.Person); return err },
		func() (err error) { d.Told, err = told(ctx, q, m, Filter{Person: p}); return err },
		func() (err error) { d.Replies, err = replies(ctx, q, m, p); return err },
		func() (err error) { d.Cards, err = everyCard(ctx, q, m, p); return err },
		func() (err error) { d.Browsers, err = browsersOf(ctx, q, m, p); return err },
		func() (err error) { d.Orders, err = ordersOf(ctx, q, m, p); return err },
		func() (err error) { d.Handoffs, err = handoffsOf(ctx, q, m, p); return err },
	} {
		if err == nil {
			err = read()
		}
	}
	return d, err
}

// chains lists a person's own acts as they were chained, then those of each address they have now. The first is there even
// when it is empty.
func chains(ctx context.Context, q querier, m notify.MerchantID, p notify.Person) ([][]notify.ConsentEvent, error) {
	own, err := documents[notify.ConsentEvent](ctx, q, ownChain, m, p.ID)
	out := [][]notify.ConsentEvent{own}
	for _, c := range notify.Channels() {
		a, ok := p.Address(c)
		if !ok || err != nil {
			continue
		}
		var chain []notify.ConsentEvent
		if chain, err = documents[notify.ConsentEvent](ctx, q, addressChain, m, c, a.Value.Reveal()); len(chain) > 0 {
			out = append(out, chain)
		}
	}
	return out, err
}

// The chains: a person's own, an address's.
const (
	ownChain     = `select data from consents where merchant = $1 and person = $2 and seq > 0 order by seq`
	addressChain = `select data from address_consents where merchant = $1 and channel = $2 and address = $3 and seq > 0 order by seq`
)

// Chain returns the whole chain that holds an act of a person's: their own, or that of an address, which need not be
// theirs any more. It is nil when the act is not on record.
func (l *Ledger) Chain(ctx context.Context, m notify.MerchantID, p notify.PersonID, event, hash string) ([]notify.ConsentEvent, error) {
	own, err := documents[notify.ConsentEvent](ctx, l.read, ownChain, m, p)
	if err != nil || holds(own, event) {
		return own, err
	}
	var channel, address string
	err = rows(ctx, l.read, func(r *sql.Rows) error { return r.Scan(&channel, &address) }, `select channel, address from address_consents where merchant = $1 and id = $2 and data like '%' || $3 || '%' limit 1`, m, event, hash)
	if err != nil || channel == "" {
		return nil, err
	}
	return documents[notify.ConsentEvent](ctx, l.read, addressChain, m, channel, address)
}

func holds(chain []notify.ConsentEvent, event string) bool {
	for _, e := range chain {
		if e.ID == event {
			return true
		}
	}
	return false
}

func everyCard(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) ([]subject.Card, error) {
	var out []subject.Card
	err := rows(ctx, q, func(r *sql.Rows) error {
		var c subject.Card
		var created, seen, read, archived int64
		err := r.Scan(&c.ID, &c.Title, &c.Text, &c.Link, &created, &seen, &read, &archived)
		c.CreatedAt, c.SeenAt, c.ReadAt, c.ArchivedAt = at(created), at(seen), at(read), at(archived)
		out = append(out, c)
		return err
	}, `select id, title, body, link, created_at, seen_at, read_at, archived_at from inbox where merchant = $1 and person = $2 order by seq`, m, p)
	return out, err
}

func browsersOf(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) ([]subject.Browser, error) {
	var out []subject.Browser
	err := rows(ctx, q, func(r *sql.Rows) error {
		var b subject.Browser
		var created int64
		err := r.Scan(&b.Endpoint, &b.Key, &b.Auth, &created)
		b.CreatedAt = at(created)
		out = append(out, b)
		return err
	}, `select endpoint, key, auth, created_at from browsers where merchant = $1 and person = $2 order by created_at, id`, m, p)
	return out, err
}

func handoffsOf(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) ([]subject.Handoff, error) {
	var out []subject.Handoff
	err := rows(ctx, q, func(r *sql.Rows) error {
		var h subject.Handoff
		var created, closed, given int64
		err := r.Scan(&h.ID, &h.Channel, &h.Reason, &h.Order, &created, &closed, &h.Desk, &given)
		h.CreatedAt, h.ClosedAt, h.GivenAt = at(created), at(closed), at(given)
		out = append(out, h)
		return err
	}, `select id, channel, reason, order_id, created_at, closed_at, desk_state, desk_at from handoffs where merchant = $1 and person = $2 order by created_at, id`, m, p)
	return out, err
}

func ordersOf(ctx context.Context, q querier, m notify.MerchantID, p notify.PersonID) ([]subject.Order, error) {
	bought, err := documents[parcel.Order](ctx, q, `select data from orders where merchant = $1 and person = $2 order by id`, m, p)
	out := make([]subject.Order, len(bought))
	for i, o := range bought {
		out[i].Order = o
		if err == nil {
			out[i].Shipments, err = shipments(ctx, q, m, o.ID)
		}
	}
	return out, err
}

func shipments(ctx context.Context, q querier, m notify.MerchantID, o parcel.OrderID) ([]subject.Shipment, error) {
	ps, err := parcels(ctx, q, `merchant = $1 and order_id = $2 order by first_seen, id`, m, o)
	out := make([]subject.Shipment, len(ps))
	for i, p := range ps {
		out[i] = subject.Shipment{Carrier: p.Carrier, Number: p.Number, State: p.State}
		if err == nil {
			out[i].Scans, err = eventsOf(ctx, q, m, p.ID)
		}
	}
	return out, err
}
