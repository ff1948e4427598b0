package dispatcher

import (
	"context"
	"errors"
	"time"

	"landfall/internal/notify"
)

const (
	sweepPage = 500
	// grace is how long the queue may take before a delivery it was given counts as lost.
	grace = 30 * time.Second
	// lease is how long a worker may be at one delivery before it counts as dead: far longer than a call may take.
	lease = 2 * time.Minute
	// keyLife is how long a provider knows the key of a call: LINE forgets its retry keys after 24 hours.
	keyLife = 23 * time.Hour
	// tick is the longest pause between two sweeps, beat the shortest.
	tick = time.Second
	beat = 5 * time.Millisecond
)

// Sweep hands over what is due: held deliveries whose hour has come, and what a crash or a flushed Redis left behind. It
// returns how many it handed over.
func (d *Dispatcher) Sweep(ctx context.Context) (int, error) {
	return d.sweep(ctx, d.Now().Add(-grace))
}

// Recover is the first sweep of a process: whatever was handed over before it started is handed over again. A queue
// that still holds them refuses the second copy.
func (d *Dispatcher) Recover(ctx context.Context) (int, error) {
	return d.sweep(ctx, d.Now().Add(time.Millisecond))
}

func (d *Dispatcher) sweep(ctx context.Context, lost time.Time) (int, error) {
	if err := d.settleOrphans(ctx); err != nil {
		return 0, err
	}
	for total := 0; ; {
		hs, err := d.Ledger.Due(ctx, d.Now(), lost, sweepPage)
		if err != nil || len(hs) == 0 {
			return total, err
		}
		if err := d.enqueue(ctx, hs); err != nil {
			return total, err
		}
		total += len(hs)
		if len(hs) < sweepPage {
			return total, nil
		}
	}
}

// settleOrphans decides about deliveries whose worker died in the call. Where sending again cannot reach the person
// twice they are sent again; elsewhere the provider is asked, and where it does not say the next receipt settles it.
func (d *Dispatcher) settleOrphans(ctx context.Context) error {
	now := d.Now()
	orphans, err := d.Ledger.Orphans(ctx, now.Add(-lease), sweepPage)
	if err != nil {
		return err
	}
	for _, o := range orphans {
		out := notify.Outcome{Delivery: o.ID, StartedAt: o.UpdatedAt, EndedAt: o.UpdatedAt, State: notify.UnknownSt, Reason: notify.UnknownOutcome, Due: now, Lost: true}
		if repeatable(o) && now.Sub(o.UpdatedAt) < keyLife {
			again(&out, notify.RetryScheduled, now.Add(-grace-time.Millisecond))
		}
		out.Decisions = []notify.Decision{{At: now, Phase: notify.AfterSend, Notification: o.Notification, Delivery: o.ID, Channel: o.Channel,
			Verdict: notify.Note, Reason: out.Reason, Detail: "the worker stopped during the call"}}
		if err := d.Ledger.Record(ctx, out); err != nil {
			return err
		}
		d.observe(ctx, notify.Job{Delivery: o}, out)
	}
	return nil
}

// Run sweeps until ctx ends: at once, whenever something becomes due, and at least every second.
func (d *Dispatcher) Run(ctx context.Context) {
	sweep := d.Recover
	for {
		began := d.Now()
		if _, err := sweep(ctx); err != nil && !errors.Is(err, context.Canceled) {
			d.Log.Error("sweep", "error", err)
		} else if err == nil {
			sweep = d.Sweep
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(d.untilNext(ctx, began.Add(-overlap))):
		}
	}
}

// overlap is how far a look at what has become due reaches back before the sweep: a time may be written when it is just going by.
const overlap = 50 * time.Millisecond

// untilNext is how long to wait for what becomes due after an instant, which may have been a moment ago.
func (d *Dispatcher) untilNext(ctx context.Context, after time.Time) time.Duration {
	next, err := d.Ledger.NextDue(ctx, after)
	if err != nil || next.IsZero() {
		return tick
	}
	return max(min(next.Sub(d.Now()), tick), beat)
}
