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
		added = false // it may be run again
		if err := t.lockDelivery(c.Delivery); err != nil {
			return err
		}
		whose, err := texts(t.ctx, t.sql, `select n.person from deliveries d join notifications n on n.id = d.notification where d.id = $1`, c.Delivery)
		if err != nil || len(whose) > 0 && notify.PersonID(whose[0]).Erased() {
			return err
		}
		if err := t.lock("inbox", "", ""); err != nil {
			return err
		}
		n, err := t.change(`insert into inbox (id, seq, merchant, person, title, body, link, created_at, seen_at, read_at, archived_at)
			select $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, 0, 0, 0 from inbox where true on conflict (id) do nothing`,
			c.Delivery, m, c.Person, c.Title, c.Text, c.Link, ms(now))
		added = n > 0
		if err == nil && added {
			err = t.knocks(m, c)
		}
		return err
	})
	return added, err
}

// Cards lists an inbox newest first: the part that q asks for.
func (l *Ledger) Cards(ctx context.Context, o inbox.Owner, q inbox.Query) ([]inbox.Message, error) {
	tail := ` and archived_at = 0`
	if q.Archived {
		tail = ` and archived_at <> 0`
	}
	if q.Unread {
		tail += ` and read_at = 0`
	}
	return l.cards(ctx, tail+` and (cast($3 as bigint) = 0 or seq < cast($3 as bigint)) order by seq desc limit $4`, o, q.Before, q.Limit)
}

// CardsAfter lists an inbox oldest first, above a sequence.
func (l *Ledger) CardsAfter(ctx context.Context, o inbox.Owner, after int64, limit int) ([]inbox.Message, error) {
	return l.cards(ctx, ` and seq > $3 order by seq limit $4`, o, after, limit)
}

const cardColumns = `id, seq, title, body, link, created_at, seen_at, read_at, archived_at`

func (l *Ledger) cards(ctx context.Context, tail string, o inbox.Owner, seq int64, limit int) ([]inbox.Message, error) {
	out := []inbox.Message{}
	err := rows(ctx, l.read, func(r *sql.Rows) error {
		var m inbox.Message
		var created, seen, read, archived int64
		err := r.Scan(&m.ID, &m.Seq, &m.Title, &m.Text, &m.Link, &created, &seen, &read, &archived)
		m.CreatedAt, m.SeenAt, m.ReadAt, m.ArchivedAt = at(created), at(seen), at(read), at(archived)
		out = append(out, m)
		return err
	}, `select `+cardColumns+` from inbox where merchant = $1 and person = $2`+tail, o.Merchant, o.Person, seq, limit)
	return out, err
}

// NewestCard is the sequence of the newest message, whatever became of it; 0 for an empty inbox.
func (l *Ledger) NewestCard(ctx context.Context, o inbox.Owner) (seq int64, err error) {
	err = rows(ctx, l.read, func(r *sql.Rows) error { return r.Scan(&seq) },
		`select seq from inbox where merchant = $1 and person = $2 order by seq desc limit 1`, o.Merchant, o.Person)
	return seq, err
}

// CountCards counts an inbox, without what is archived.
func (l *Ledger) CountCards(ctx context.Context, o inbox.Owner) (n inbox.Counts, err error) {
	err = rows(ctx, l.read, func(r *sql.Rows) error { return r.Scan(&n.Total, &n.Unread, &n.Unseen) },
		`select count(*), count(case when read_at = 0 then 1 end), count(case when seen_at = 0 then 1 end) from inbox
			where merchant = $1 and person = $2 and archived_at = 0`, o.Merchant, o.Person)
	return n, err
}

// SeeCards marks everything up to a message as shown; false when the message is not the owner's.
func (l *Ledger) SeeCards(ctx context.Context, o inbox.Owner, upTo notify.DeliveryID, now time.Time) (found bool, err error) {
	err = l.update(ctx, func(t *tx) (err error) {
		if err := t.lockPerson(o.Merchant, o.Person); err != nil {
			return err
		}
		found, err = t.cardsUpTo(o, upTo, now, `seen_at`, notify.Arrived)
		return err
	})
	return found, err
}

// ReadCards marks everything up to a message as read; false when the message is not the owner's.
func (l *Ledger) ReadCards(ctx context.Context, o inbox.Owner, upTo notify.DeliveryID, now time.Time) (found bool, err error) {
	err = l.update(ctx, func(t *tx) (err error) {
		if err := t.lockPerson(o.Merchant, o.Person); err != nil {
			return err
		}
		found, err = t.cardsUpTo(o, upTo, now, `read_at`, notify.Read)
		return err
	})
	return found, err
}

// cardsUpTo sets a mark on everything up to a message that does not bear it yet, and tells the deliveries.
func (t *tx) cardsUpTo(o inbox.Owner, upTo notify.DeliveryID, now time.Time, mark string, state notify.State) (bool, error) {
	last, err := texts(t.ctx, t.sql, `select seq from inbox where merchant = $1 and person = $2 and id = $3`, o.Merchant, o.Person, upTo)
	if err != nil || len(last) == 0 {
		return false, err
	}
	ids, err := texts(t.ctx, t.sql, `select id from inbox where merchant = $1 and person = $2 and seq <= cast($3 as bigint) and archived_at = 0 and `+
		mark+` = 0 order by seq`, o.Merchant, o.Person, last[0])
	for _, id := range ids {
		if err == nil {
			err = t.cardMarked(o, notify.DeliveryID(id), now, state)
		}
	}
	return true, err
}

// cardMarked writes that a message was shown or read, and folds that into its delivery by rank: what was read is not taken
// back to delivered by a list that shows it later.
func (t *tx) cardMarked(o inbox.Owner, id notify.DeliveryID, now time.Time, state notify.State) error {
	set, reason := `seen_at = case when seen_at = 0 then $1 else seen_at end`, notify.SaidDelivered
	if state == notify.Read {
		set, reason = set+`, read_at = case when read_at = 0 then $1 else read_at end`, notify.SaidRead
	}
	if err := t.exec(`update inbox set `+set+` where id = $2`, ms(now), id); err != nil {
		return err
	}
	_, err := t.told(o.Merchant, notify.Receipt{ID: "inbox:" + string(state) + ":" + string(id), Delivery: id, Channel: notify.InApp, State: state, At: now}, now,
		func(j notify.Job) notify.Outcome {
			return notify.Outcome{Delivery: id, EndedAt: now, State: state, Reason: reason, Decisions: []notify.Decision{{At: now, Phase: notify.AfterSend,
				Notification: j.Notification.ID, Delivery: id, Channel: notify.InApp, Verdict: notify.Note, Reason: reason}}}
		})
	return err
}

// MarkCard marks one message; false when it is not the owner's. Unread takes the mark from the message alone: that its
// delivery was read once stays true.
func (l *Ledger) MarkCard(ctx context.Context, o inbox.Owner, id notify.DeliveryID, mark inbox.Mark, now time.Time) (found bool, err error) {
	err = l.update(ctx, func(t *tx) error {
		if err := t.lockPerson(o.Merchant, o.Person); err != nil {
			return err
		}
		mine, err := texts(t.ctx, t.sql, `select id from inbox where merchant = $1 and person = $2 and id = $3`, o.Merchant, o.Person, id)
		if found = len(mine) > 0; err != nil || !found {
			return err
		}
		switch mark {
		case inbox.Read:
			return t.cardMarked(o, id, now, notify.Read)
		case inbox.Unread:
			return t.exec(`update inbox set read_at = 0 where id = $1`, id)
		case inbox.Archived:
			return t.exec(`update inbox set archived_at = case when archived_at = 0 then $1 else archived_at end where id = $2`, ms(now), id)
		default:
			return t.exec(`update inbox set archived_at = 0 where id = $1`, id)
		}
	})
	return found, err
}
