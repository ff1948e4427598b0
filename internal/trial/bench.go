package main

import (
	"context"
	"fmt"
	"time"
)

// bench measures Landfall beside the textbook program, in turn.
func (o *options) bench(ctx context.Context) error {
	for _, database := range o.databases {
		if err := o.compare(ctx, database); err != nil {
			return fmt.Errorf("on %s: %w", database, err)
		}
		if o.held > 0 {
			if err := o.waitingRoom(ctx, database); err != nil {
				return fmt.Errorf("held notifications on %s: %w", database, err)
			}
		}
	}
	return nil
}

// compare lets both programs do the same in turn.
func (o *options) compare(ctx context.Context, database string) error {
	fmt.Printf("%s: bursts of %d events, then %d/s for %d s; %d rounds of each program in turn\n", database, o.events, o.rate, o.seconds, o.rounds)
	var ours, theirs []figures
	for n := range o.rounds {
		for _, s := range []subject{o.ofLandfall(), o.ofTextbook()} {
			setting, err := o.fresh(ctx, database, fmt.Sprintf("%s%d", s.name, n))
			if err != nil {
				return err
			}
			f, err := o.measure(ctx, s, setting)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Printf("  %-8s  %s\n", s.name, f)
			if s.name == "landfall" {
				ours = append(ours, f)
			} else {
				theirs = append(theirs, f)
			}
		}
	}
	printRatios(median(ours), median(theirs))
	return nil
}

// measure starts a program, sets it up, and puts it under load.
func (o *options) measure(ctx context.Context, s subject, setting string) (f figures, err error) {
	provider := newProvider()
	defer provider.close()
	p, err := s.start(ctx, setting, provider.url)
	if err != nil {
		return f, err
	}
	defer p.kill()
	f.start = p.took
	shop := newShopper(p.url, provider)
	shop.consents = s.name == "landfall"
	total := o.events + o.rate*o.seconds
	if err := shop.setUp(ctx, total); err != nil {
		return f, err
	}
	before := p.cpu()
	burst, err := shop.burst(ctx, o.events)
	if err != nil {
		return f, err
	}
	f.throughput = float64(o.events) / burst.Seconds()
	f.cpu = (p.cpu() - before).Seconds() / float64(o.events) * 10000
	if f.accept, f.whole, err = shop.steady(ctx, o.rate, time.Duration(o.seconds)*time.Second); err != nil {
		return f, err
	}
	f.memory = p.memory()
	idle := p.cpu()
	pause(ctx, 5*time.Second)
	f.idle = (p.cpu() - idle).Seconds() / 5
	return f, provider.check(total, user)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
