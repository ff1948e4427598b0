package ledger

import (
	"context"
	"database/sql"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/notify"
)

// PutCard stores a card; added is false when the delivery is in the inbox already, and when its person was erased a moment ago.
func (l *Ledger) PutCard(ctx context.Context, m notify.MerchantID, c inapp.Card, now time.Time) (added bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		whose, err := texts(t.ctx, t.sql, `select n.person from deliveries d join notifications n on n.id = d.notification where d.id = $1`, c.Delivery)
		if err != nil || len(whose) > 0 && notify.PersonID(whose[0]).Erased() {
			return err
		}
		n, err := t.change(`insert into inbox (id, seq, merchant, person, title, body, link, created_at, read_at)
			select $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, 0 from inbox where true on conflict (id) do nothing`,
			c.Delivery, m, c.Person, c.Title, c.Text, c.Link, ms(now))
		added = n > 0
		return err
	})
	return added, err
}

// Cards lists an inbox newest first, below a sequence (0: from the newest).
func (l *Ledger) Cards(ctx context.Context, o inbox.Owner, before int64, limit int) ([]inbox.Message, error) {
	return l.cards(ctx, `and ($3 = 0 or seq < $3) order by seq desc limit $4`, o, before, limit)
}

// CardsAfter lists an inbox oldest first, above a sequence.
func (l *Ledger) CardsAfter(ctx context.Context, o inbox.Owner, after int64, limit int) ([]inbox.Message, error) {
	return l.cards(ctx, `and seq > $3 order by seq limit $4`, o, after, limit)
}

func (l *Ledger) cards(ctx context.Context, tail string, o inbox.Owner, seq int64, limit int) ([]inbox.Message, error) {
	out := []inbox.Message{}
	err := rows(ctx, l.read, func(r *sql.Rows) error {
		var m inbox.Message
		var created, read int64
		err := r.Scan(&m.ID, &m.Seq, &m.Title, &m.Text, &m.Link, &created, &read)
		m.CreatedAt, m.ReadAt = at(created), at(read)
		out = append(out, m)
		return err
	}, `select id, seq, title, body, link, created_at, read_at from inbox where merchant = $1 and person = $2 `+tail, o.Merchant, o.Person, seq, limit)
	return out, err
}

// ReadCard marks a message and its delivery read; false when it is not the owner's.
func (l *Ledger) ReadCard(ctx context.Context, o inbox.Owner, id notify.DeliveryID, now time.Time) (found bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		n, err := t.change(`update inbox set read_at = case when read_at = 0 then $1 else read_at end where id = $2 and merchant = $3 and person = $4`,
			ms(now), id, o.Merchant, o.Person)
		if found = n > 0; err != nil || !found {
			return err
		}
		return t.exec(`update deliveries set state = $1, reason = $2, updated_at = $3 where id = $4 and state in ('sent', 'delivered')`,
			notify.Read, notify.SaidRead, ms(now), id)
	})
	return found, err
}
