package ledger

import (
	"context"
	"fmt"
	"time"

	"landfall/internal/notify"
)

// Reconsider makes a merchant's held deliveries due, so that they are judged anew, when they were held under another edition
// of its rules, the time zones and the holidays. It returns how many; under the same edition it does nothing. A merchant
// seen for the first time holds nothing yet.
func (l *Ledger) Reconsider(ctx context.Context, m notify.MerchantID, edition string, now time.Time) (int, error) {
	var n int64
	err := l.update(ctx, func(t *tx) error {
		if err := t.lock("edition", m, ""); err != nil {
			return err
		}
		known, err := texts(t.ctx, t.sql, `select edition from editions where merchant = $1`, m)
		if err != nil || len(known) > 0 && known[0] == edition {
			return err
		}
		if err := t.exec(`insert into editions (merchant, edition) values ($1, $2)
			on conflict (merchant) do update set edition = excluded.edition`, m, edition); err != nil || len(known) == 0 {
			return err
		}
		n, err = t.change(`update deliveries set due = $1, handed_at = 0 where state = 'held' and due > $1 and merchant = $2`, ms(now), m)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reconsider what %s holds: %w", m, err)
	}
	return int(n), nil
}
