package app

import (
	"context"
	"time"
)

// retentionPause is how often what has been kept long enough is removed.
const retentionPause = time.Hour

// retention removes old data at the start and every hour.
func (a *App) retention(ctx context.Context) {
	next := time.NewTicker(retentionPause)
	defer next.Stop()
	for {
		a.retain(ctx)
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

func (a *App) retain(ctx context.Context) {
	removed, err := a.Ledger.Retain(ctx, a.Now())
	for class, n := range removed {
		if n > 0 {
			a.Log.Info("removed what was kept long enough", "class", class, "rows", n)
		}
	}
	if err != nil && ctx.Err() == nil {
		a.Log.Warn("retention did not finish; it goes on in an hour", "error", err)
	}
}
