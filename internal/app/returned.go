package app

import (
	"context"
	"crypto/tls"
	"net"

	"landfall/channels/email"
	"landfall/internal/config"
	"landfall/internal/mailbox"
	"landfall/internal/notify"
	"landfall/internal/token"
)

// openMailboxes opens what takes mails that come back, and fetches them.
func (a *App) openMailboxes() (err error) {
	if a.Settings.BounceOn != "" && a.Role.serves() {
		if a.mailbox, err = mailbox.Listen(a.Settings.BounceOn, a.returned("SMTP")); err != nil {
			return err
		}
	}
	box, err := a.Settings.Mailbox()
	if err == nil && box != nil && a.Role.works() {
		a.returnedMail = mailbox.NewReader(account(*box), a.returned("IMAP"))
	}
	return err
}

func account(b config.Mailbox) mailbox.Account {
	out := mailbox.Account{Address: net.JoinHostPort(b.Host, b.Port), User: b.User, Password: b.Password, Folder: b.Folder}
	if b.TLS {
		out.TLS = &tls.Config{ServerName: b.Host, RootCAs: b.Trust, MinVersion: tls.VersionTLS12}
	}
	return out
}

// returned is what becomes of mails that come back, by SMTP or IMAP. A mail that comes by both, or to several processes, is applied
// once: what it says has an id of its own.
func (a *App) returned(route string) mailbox.Config {
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
			of, err := a.Ledger.Origin(ctx, id)
			if err != nil || of.Merchant == "" {
				return err
			}
			return signals.Apply(ctx, of.Merchant, told)
		},
		Count: func(result string) { a.metrics.intake(route, result) },
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
