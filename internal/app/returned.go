package app

import (
	"context"

	"landfall/channels/email"
	"landfall/internal/mailbox"
	"landfall/internal/notify"
	"landfall/internal/token"
)

// returned is what becomes of mails that come back.
func (a *App) returned() mailbox.Config {
	signals := a.inbound()
	return mailbox.Config{
		Delivery: func(local string) (notify.DeliveryID, bool) {
			id, err := a.tokens.Unstamp(token.Bounce, local)
			return notify.DeliveryID(id), err == nil
		},
		Take: func(ctx context.Context, id notify.DeliveryID, raw []byte) error {
			told, err := email.Receive(id, raw, a.Now())
			if err != nil {
				a.Log.Warn("a returned mail was not understood", "delivery", id, "error", err)
				return nil
			}
			m, err := a.Ledger.MerchantOf(ctx, id)
			if err != nil || m == "" {
				return err
			}
			return signals.Apply(ctx, m, told)
		},
		Count: func(result string) { a.metrics.intake("SMTP", result) },
		Log:   a.Log,
	}
}

// MailboxAddr is where returned mails are taken; "" for nowhere.
func (a *App) MailboxAddr() string {
	if a.mailbox == nil {
		return ""
	}
	return a.mailbox.Addr().String()
}

// returns names a delivery where mails come back to.
func (a *App) returns(id notify.DeliveryID) string { return a.tokens.Stamp(token.Bounce, string(id)) }
