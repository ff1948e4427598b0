package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// apart is how far the clocks of two machines may be apart before one follows the other.
	apart = 100 * time.Millisecond
	// comparing is how often they are compared.
	comparing = 10 * time.Second
)

// clock is the time of day that all processes on one PostgreSQL agree on: this machine's while it is the database's too, and the database's
// else, carried on by the clock that nobody sets. So a machine whose clock is wrong, or is set while a process runs, takes no worker for
// dead that is not, and gives no turn away that lies in a future of its own.
type clock struct {
	ask  func(context.Context) (time.Time, error)
	log  *slog.Logger
	last atomic.Pointer[reading]
}

// reading is what the time of day was when the clock that nobody sets stood at an instant.
type reading struct{ was, when time.Time }

func newClock(ask func(context.Context) (time.Time, error), log *slog.Logger) *clock {
	c, now := &clock{ask: ask, log: log}, time.Now()
	c.last.Store(&reading{now.Round(0), now})
	return c
}

// agree sets what time it is, unless that is given.
func (a *App) agree(ctx context.Context) error {
	switch {
	case a.Now != nil:
		return nil
	case !a.Ledger.Shared():
		a.Now = time.Now
		return nil
	}
	a.clock = newClock(a.Ledger.Clock, a.Log)
	a.Now = a.clock.now
	return a.clock.compare(ctx)
}

func (c *clock) now() time.Time {
	r := c.last.Load()
	return r.was.Add(time.Since(r.when))
}

// compare follows the database's clock where ours is not near it.
func (c *clock) compare(ctx context.Context) error {
	asked := time.Now()
	theirs, err := c.ask(ctx)
	if err != nil {
		return err
	}
	took := time.Since(asked)
	theirs = theirs.Add(took / 2).Local()
	ahead := c.now().Sub(theirs)
	if ahead.Abs() <= apart+took {
		return nil
	}
	c.last.Store(&reading{theirs, asked.Add(took)})
	c.log.Warn("this machine's clock was not the database's, which is followed; set both by NTP", "ahead", ahead.Round(time.Millisecond))
	return nil
}

// run compares until ctx ends. A database that does not answer now is asked again.
func (c *clock) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(comparing):
		}
		if err := c.compare(ctx); err != nil {
			c.log.Debug("ask the database for its time", "error", err)
		}
	}
}
