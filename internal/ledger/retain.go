package ledger

import (
	"context"
	"fmt"
	"time"
)

// Class is one kind of data that is kept for a time and no longer.
type Class struct {
	Name string
	// Means says what it is, for people.
	Means string
	Keep  time.Duration // from when it came to rest

	rows string // changes or deletes at most $2 rows that came to rest before $1
}

const day = 24 * time.Hour

// classes is what runs out. What is not in it stays until the person is erased: see docs/adr/0013-retention.md.
var classes = [...]Class{
	{"words", "the words of messages, and what was filled into them, after the message came to its end", 30 * day,
		`update deliveries set words = '' where id in (select id from deliveries where words <> '' and updated_at < $1
			and state not in ('planned', 'held', 'queued', 'sending') order by updated_at limit $2)`},
	{"replies", "what people wrote back", 90 * day,
		`delete from replies where (merchant, id) in (select merchant, id from replies where at < $1 order by at limit $2)`},
	{"conversations", "what is remembered of conversations", 90 * day,
		`delete from conversations where (merchant, person, channel) in (select merchant, person, channel from conversations where updated_at < $1 order by updated_at limit $2)`},
	{"handoffs", "conversations a person saw to", 90 * day,
		`delete from handoffs where id in (select id from handoffs where closed_at > 0 and closed_at < $1 limit $2)`},
	{"inbox", "messages in people's in-app inboxes", 90 * day,
		`delete from inbox where id in (select id from inbox where created_at < $1 order by created_at limit $2)`},
	{"refusals", "counts of callbacks that were turned away", 7 * day,
		`delete from refusals where (merchant, source, reason, hour) in (
			select merchant, source, reason, hour from refusals where hour < $1 limit $2)`},
	{"decisions", "why each message was sent or not", 730 * day, // rows are in order of time, so the oldest tell whether there are any
		`delete from decisions where at < $1 and seq in (select seq from decisions order by seq limit $2)`},
}

// Classes lists what runs out and when; documentation is held against it.
func Classes() []Class { return append([]Class{}, classes[:]...) }

// A run deletes in small transactions, between which others have their turn, and leaves the rest to the next run.
const (
	retainBatch   = 500
	retainBatches = 200
)

// Retain removes what has been kept long enough, and returns how many rows of each class. Decisions stay when the words
// they are about go, and so do acts of consent: their chains still hold. It also empties the log that an erasure may have
// had to leave behind.
func (l *Ledger) Retain(ctx context.Context, now time.Time) (map[string]int, error) {
	out := map[string]int{}
	for _, c := range classes {
		n, err := l.retain(ctx, c, now.Add(-c.Keep))
		if out[c.Name] = n; err != nil {
			return out, fmt.Errorf("remove old %s: %w", c.Name, err)
		}
	}
	return out, l.db.wipe(ctx)
}

func (l *Ledger) retain(ctx context.Context, c Class, before time.Time) (int, error) {
	total := 0
	for range retainBatches {
		var n int64
		err := l.update(ctx, func(t *tx) (err error) {
			n, err = t.change(c.rows, ms(before), retainBatch)
			return err
		})
		if total += int(n); err != nil || n < retainBatch {
			return total, err
		}
	}
	return total, nil
}
