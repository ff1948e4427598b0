package dispatcher

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"landfall/internal/notify"
)

const (
	// spare is the part of a rate that is not used: calls take not equally long to their provider, who counts what comes in. Turns
	// come at the full rate, so that there is always somebody at the door while a crowd waits, and no time is lost.
	spare = 1.015
	// hurry is how much closer than evenly calls may follow on each other, to make up for places that nobody took.
	hurry = 0.75
)

// Gap is the time between two turns in a lane.
func Gap(perSecond float64) time.Duration {
	return time.Duration(float64(time.Second) / perSecond)
}

// Door is how a lane's door counts: of so many places the last is at least a window after the first, and no two are closer than Apart.
type Door struct {
	Places        int
	Window, Apart time.Duration
}

// DoorOf is the door of a lane of so many calls a second.
func DoorOf(perSecond float64) Door {
	gap := float64(time.Second) / perSecond * spare
	places := max(math.Floor(perSecond), 1)
	apart := gap
	if places > 1 {
		apart = gap * hurry
	}
	return Door{Places: int(places), Window: time.Duration(places * gap), Apart: time.Duration(apart)}
}

// NewPace returns a Pace of this process alone.
func NewPace() Pace { return &pace{next: map[string]time.Time{}, doors: map[string][]time.Time{}} }

type pace struct {
	mu    sync.Mutex
	next  map[string]time.Time   // the first free turn in each lane
	doors map[string][]time.Time // the last places at each door
}

// Reserve takes the next turn in a lane.
func (p *pace) Reserve(_ context.Context, place notify.Place, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := later(now, p.next[place.Lane])
	p.next[place.Lane] = slot.Add(Gap(place.Rate))
	return slot
}

// Enter takes the next place at a lane's door.
func (p *pace) Enter(_ context.Context, place notify.Place, now time.Time, within time.Duration, missed time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	door, taken := DoorOf(place.Rate), p.doors[place.Lane]
	if i := slices.IndexFunc(taken, missed.Equal); i >= 0 {
		taken = slices.Delete(taken, i, i+1)
	}
	slot := now
	if n := len(taken); n > 0 {
		slot = later(slot, taken[n-1].Add(door.Apart))
	}
	if n := len(taken); n >= door.Places {
		slot = later(slot, taken[n-door.Places].Add(door.Window))
	}
	if slot.Sub(now) <= within {
		taken = append(taken, slot)
	}
	if drop := len(taken) - 2*door.Places; drop > 0 { // places given back must leave enough to count by
		taken = slices.Delete(taken, 0, drop)
	}
	p.doors[place.Lane] = taken
	return slot
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

const (
	// atDoor is how long a call may wait at the door with a worker's hands on it; else it comes again.
	atDoor = time.Second
	// crowd is how many wait at a door at most, so that they do not keep all workers of a channel from what is urgent.
	crowd = 16
	// punctual is how late one may go at one's place. Who is later, on a machine that has much to do, takes another one, a few times: else
	// many would go in a bunch.
	punctual = 10 * time.Millisecond
	// near is how far off a turn in the lane may be for a delivery to go to the door at once: to bring it again costs more.
	near    = 20 * time.Millisecond
	patient = 5
)

// turn waits for a call's place at the door of its account's lane, and looks once more whether it still stands. Otherwise it says why
// not, and when to come again.
func (d *Dispatcher) turn(ctx context.Context, j notify.Job, rate float64) (why notify.Reason, again time.Time) {
	p := notify.Place{Lane: lane(j.Story.Merchant, j.Delivery.Channel, j.Delivery.Sender), Rate: rate}
	var at time.Time
	for range patient {
		ok := true
		if at, ok = d.enter(ctx, p, j.Delivery.Urgent, at); !ok {
			return notify.SenderRate, at
		}
		if !d.stands(ctx, j) {
			return notify.JudgedAnew, time.Time{}
		}
		if p.Rate <= 0 || d.Now().Sub(at) <= punctual {
			break
		}
	}
	return notify.OK, time.Time{}
}

// express is the part of a sender's rate that only what is urgent may use, in whole messages a second, so that it need not wait behind a
// crowd at the door. A sender with fewer than ten a second has none to spare.
func express(rate float64) float64 { return math.Floor(rate / 10) }

// enter waits for a place at the door. What is urgent has one of its own, beside the one for all.
func (d *Dispatcher) enter(ctx context.Context, p notify.Place, urgent bool, missed time.Time) (at time.Time, ok bool) {
	if p.Rate <= 0 {
		return time.Time{}, true
	}
	now := d.Now()
	own := express(p.Rate)
	if urgent && own > 0 {
		at = d.Pace.Enter(ctx, notify.Place{Lane: p.Lane + "/express", Rate: own}, now, near, missed)
		if wait := at.Sub(now); wait <= near {
			return at, wait <= 0 || d.Wait(ctx, wait)
		}
	}
	p.Rate -= own
	within := max(min(atDoor, crowd*Gap(p.Rate)), 2*Gap(p.Rate))
	at = d.Pace.Enter(ctx, p, now, within, missed)
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
