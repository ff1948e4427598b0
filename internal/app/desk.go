package app

import (
	"context"
	"math/rand/v2"

	"landfall/internal/desk"
	"landfall/internal/notify"
)

// desks is what hands conversations to the merchants' desks.
func (a *App) desks() *desk.Outbox {
	client := desk.NewClient(a.Settings.DeskPrivate)
	return desk.NewOutbox(desk.OutboxConfig{
		Ledger: a.timed(), Now: a.Now, Jitter: rand.Float64, Log: a.Log,
		Desk: func(m notify.MerchantID) desk.Desk {
			t, ok := a.directory.tenant(m)
			if !ok || t.Desk == nil {
				return nil
			}
			return desk.New(*t.Desk, client, a.Now)
		},
		Late: func(ctx context.Context, m notify.MerchantID, handoff string) error {
			who, ok := a.directory.merchant(m)
			if !ok {
				return nil
			}
			return a.Dispatcher.SayLate(ctx, who, handoff)
		},
	})
}
