package app

import (
	"context"
	"errors"
	"math/rand/v2"

	"landfall/dispatcher"
	"landfall/internal/ledger"
	"landfall/internal/notify"
)

// DeadLetters lists what a merchant could not deliver, from the ledger of a Landfall that may be running or not.
func DeadLetters(ctx context.Context, o Options, m notify.MerchantID, f ledger.DeadFilter) (page ledger.DeadPage, err error) {
	if err := folderOf(o.Settings.Merchants, m); err != nil {
		return page, err
	}
	err = withLedger(ctx, o.Settings, func(book *ledger.Ledger) error {
		page, err = book.Dead(ctx, m, f, o.Now())
		return err
	})
	return page, err
}

// RetryDead sends dead letters again through every gate, and tells each of what became of it. It needs a merchant whose folder is in
// order, and no credentials: a running Landfall, or the next that runs, makes the calls.
func RetryDead(ctx context.Context, o Options, m notify.MerchantID, ids []notify.NotificationID, doubtful bool, each func(dispatcher.Retried) error) error {
	merchant, err := planning(o, m)
	if err != nil {
		return err
	}
	return withLedger(ctx, o.Settings, func(book *ledger.Ledger) error {
		d := dispatcher.New(dispatcher.Config{
			Ledger: book, Queue: nobody{}, Now: o.Now, Jitter: rand.Float64, Log: o.Log,
			Merchant: func(id notify.MerchantID) (*dispatcher.Merchant, bool) { return merchant, id == m },
		})
		var errs []error
		for _, id := range ids {
			out, err := d.Retry(ctx, merchant, id, doubtful, "at the command line")
			if err == nil {
				err = each(out)
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// planning builds a merchant as far as deciding takes.
func planning(o Options, id notify.MerchantID) (*dispatcher.Merchant, error) {
	m, err := read(o, id)
	if err != nil {
		return nil, err
	}
	world, err := dispatcher.NewWorld(m.Markets, o.Now())
	if err != nil {
		return nil, err
	}
	out, err := decider(m, world)
	if err != nil {
		return nil, err
	}
	out.Senders[notify.InApp] = []dispatcher.Sender{{}}
	return out, nil
}

// nobody is the queue of a process without workers: the sweep of one that has some brings what is due.
type nobody struct{}

// Enqueue leaves deliveries to the sweep.
func (nobody) Enqueue(context.Context, ...notify.Handoff) error { return errors.New("no workers here") }
