package ledger

import (
	"context"
	"time"
)

// Clock is what PostgreSQL takes the time to be, to a millisecond; zero where no other machine keeps the ledger.
func (l *Ledger) Clock(ctx context.Context) (time.Time, error) {
	if !l.Shared() {
		return time.Time{}, nil
	}
	now, err := number(ctx, l.read, `select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`)
	return at(now), err
}
