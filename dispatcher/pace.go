package dispatcher

import (
	"context"
	"sync"
	"time"

	"landfall/internal/notify"
)

// A part of a rate is not used: calls take not equally long to their provider, who counts what comes in. Turns come a little faster than
// the door lets calls through, so that there is always somebody at the door while a crowd waits, and no time is lost.
const (
	spareAtDoor = 1.03
	spare       = 1.02
)

// Gap is the time between two places in a lane.
func Gap(perSecond float64) time.Duration {
	return time.Duration(spare * float64(time.Second) / perSecond)
}

// NewPace returns a Pace of this process alone.
func NewPace() Pace { return &pace{next: map[string]time.Time{}} }

type pace struct {
	mu   sync.Mutex
	next map[string]time.Time // the first free place in each lane
}

// Reserve takes the next place in a lane.
func (p *pace) Reserve(_ context.Context, place notify.Place, now time.Time, within time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := now
	if next := p.next[place.Lane]; next.After(now) {
		slot = next
	}
	if within > 0 && slot.Sub(now) > within {
		return slot
	}
	p.next[place.Lane] = slot.Add(Gap(place.Rate))
	return slot
}

// atDoor is how long a call may wait at the door with a worker's hands on it; else it comes again.
const atDoor = time.Second

// door names the lane in which calls line up that have waited for their place: they are picked up a little late, and not all
// equally, and must not come in a bunch for that.
func door(p notify.Place) notify.Place {
	return notify.Place{Lane: p.Lane + "/door", Rate: p.Rate * spare / spareAtDoor}
}

// step waits at the door of an account's lane. Otherwise it says when to come again.
func (d *Dispatcher) step(ctx context.Context, p notify.Place) (again time.Time, ok bool) {
	if p.Rate <= 0 {
		return time.Time{}, true
	}
	now := d.Now()
	within := max(atDoor, 2*Gap(p.Rate))
	at := d.Pace.Reserve(ctx, door(p), now, within)
	wait := at.Sub(now)
	return at, wait <= 0 || wait <= within && d.Wait(ctx, wait)
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
