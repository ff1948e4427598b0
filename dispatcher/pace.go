package dispatcher

import (
	"context"
	"sync"
	"time"

	"landfall/internal/notify"
)

// Gap is the time between two places in a lane. It is a fiftieth longer than the rate asks for, since a call takes not always as
// long to its provider, who counts what comes in.
func Gap(perSecond float64) time.Duration {
	return time.Duration(1.02 * float64(time.Second) / perSecond)
}

// NewPace returns a Pace of this process alone.
func NewPace() Pace { return &pace{next: map[string]time.Time{}} }

type pace struct {
	mu   sync.Mutex
	next map[string]time.Time // the first free place in each lane
}

// Reserve takes the next place in a lane.
func (p *pace) Reserve(_ context.Context, place notify.Place, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := now
	if next := p.next[place.Lane]; next.After(now) {
		slot = next
	}
	p.next[place.Lane] = slot.Add(Gap(place.Rate))
	return slot
}

// door names the lane in which calls line up that have waited for their place: they are picked up a little late, and not all
// equally, and must not come in a bunch for that.
func door(p notify.Place) notify.Place { return notify.Place{Lane: p.Lane + "/door", Rate: p.Rate} }

// step waits at the door of an account's lane. It reports false when ctx ends first.
func (d *Dispatcher) step(ctx context.Context, p notify.Place) bool {
	if p.Rate <= 0 {
		return true
	}
	now := d.Now()
	wait := d.Pace.Reserve(ctx, door(p), now).Sub(now)
	return wait <= 0 || d.Wait(ctx, wait)
}

// pass waits for time to pass. It reports false when ctx ends first.
func pass(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
