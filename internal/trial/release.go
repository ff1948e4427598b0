package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	// exceptions is how many customers a second hear that a carrier could not reach them, while others' messages are released.
	exceptions = 10
	// watched is how long their messages are timed, before the release and during it.
	watched = 20 * time.Second
)

// release measures what a morning does to others: many messages are held until the same instant, and go then at their sender's rate,
// while news that cannot wait goes on arriving.
func (o *options) release(ctx context.Context) error {
	for _, database := range o.databases {
		if err := o.releaseOn(ctx, database); err != nil {
			return fmt.Errorf("release on %s: %w", database, err)
		}
	}
	return nil
}

func (o *options) releaseOn(ctx context.Context, database string) error {
	o.lineRate = o.rate
	setting, db, err := o.waiting(ctx, database, "release")
	if err != nil {
		return err
	}
	defer db.Close()
	provider := newProvider()
	defer provider.close()
	p, err := o.ofLandfall().start(ctx, setting, provider.url)
	if err != nil {
		return err
	}
	defer p.kill()
	n := exceptions * int(watched/time.Second)
	shop := newShopper(p.url, provider)
	shop.consents, shop.kind, shop.next = true, "attempt_failed", o.released+1
	if err := shop.each(ctx, shop.next, shop.next+2*n, func(i int) error { return shop.meet(ctx, i) }); err != nil {
		return err
	}
	at, before, during, err := shop.around(ctx, db)
	if err != nil {
		return err
	}
	if err := provider.await(o.released + 1 + 2*n); err != nil {
		return err
	}
	fmt.Printf("%s: %s\n", database, o.morning(provider, at))
	fmt.Printf("  exceptions, %d/s, before it: p50 %s, p99 %s; during it: p50 %s, p99 %s, %.2f times as much\n", exceptions, short(before.p50), short(before.p99), short(during.p50),
		short(during.p99), during.p99.Seconds()/before.p99.Seconds())
	return provider.check(o.released+1+2*n, user)
}

// waiting makes a database in which many messages are held until their owners wake up.
func (o *options) waiting(ctx context.Context, database, name string) (setting string, db *sql.DB, err error) {
	if setting, err = o.fresh(ctx, database, name); err != nil {
		return "", nil, err
	}
	if err := o.holdOne(ctx, setting); err != nil {
		return "", nil, err
	}
	if db, err = connect(setting); err != nil {
		return "", nil, err
	}
	return setting, db, copies(ctx, db, o.released)
}

// around times what happens to a shop's customers before, and from, the instant at which everything that is held becomes due.
func (s *shopper) around(ctx context.Context, db *sql.DB) (at time.Time, before, during spread, err error) {
	if _, before, err = s.steady(ctx, exceptions, watched); err != nil {
		return at, before, during, err
	}
	at = time.Now().Add(2 * time.Second).Truncate(time.Millisecond)
	if err = dueAt(ctx, db, at); err != nil {
		return at, before, during, err
	}
	pause(ctx, time.Until(at))
	_, during, err = s.steady(ctx, exceptions, watched)
	return at, before, during, err
}

// morning says when the messages went that were held until an instant.
func (o *options) morning(p *provider, at time.Time) string {
	var early int
	var after []time.Duration
	for i := range o.released + 1 {
		late := p.at(user(i)).Sub(at)
		if late < 0 {
			early++
		}
		after = append(after, late)
	}
	spreadOf(after) // which sorts them
	return fmt.Sprintf("%d held until one instant, sent at %d/s: %d early, the first %s after it, half after %s (%s at that rate), the last after %s (%s)", len(after), o.rate, early,
		short(after[0]), seconds(after[len(after)/2]), seconds(atRate(len(after)/2, o.rate)), seconds(after[len(after)-1]), seconds(atRate(len(after), o.rate)))
}

func atRate(n, perSecond int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(perSecond)
}

// crash measures how soon Landfall works again that was killed with many messages due and a queue that forgot them.
func (o *options) crash(ctx context.Context) error {
	for _, database := range o.databases {
		if err := o.crashOn(ctx, database); err != nil {
			return fmt.Errorf("crash on %s: %w", database, err)
		}
	}
	return nil
}

func (o *options) crashOn(ctx context.Context, database string) error {
	setting, db, err := o.waiting(ctx, database, "crash")
	if err != nil {
		return err
	}
	defer db.Close()
	if err := dueAt(ctx, db, time.Now()); err != nil {
		return err
	}
	provider := newProvider()
	defer provider.close()
	p, err := o.ofLandfall().start(ctx, setting, provider.url)
	if err != nil {
		return err
	}
	if err := provider.await(o.released / 100); err != nil { // it is in the middle of it
		p.kill()
		return err
	}
	p.kill()
	done := provider.count()
	began := time.Now()
	if p, err = o.ofLandfall().start(ctx, setting, provider.url); err != nil {
		return err
	}
	defer p.kill()
	if err := provider.await(done + 1); err != nil {
		return err
	}
	fmt.Printf("%s: killed with %d messages open: listening again after %s, the next message after %s\n", database, o.released+1-done, short(p.took), short(time.Since(began)))
	return nil
}
