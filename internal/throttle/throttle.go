// Package throttle lets each of many callers through at a rate of their own. It remembers so many of them and no more: when there are too many, who has not come for longest is forgotten, and
// begins anew. Of a caller it keeps a hash, so that no key, token or address stays in memory. It reads no clock.
package throttle

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Throttle is a rate that holds for each caller by itself. A nil one lets everybody through.
type Throttle struct {
	limit       rate.Limit
	burst, most int

	mu     sync.Mutex
	known  map[name]*list.Element
	recent *list.List // of *caller, who came last in front
}

type name [sha256.Size]byte

type caller struct {
	name   name
	bucket *rate.Limiter
}

// New returns a throttle that lets a caller through count times in a span, and burst times at once; it remembers most callers. A count of 0 is no limit.
func New(count int, span time.Duration, burst, most int) *Throttle {
	if count <= 0 {
		return nil
	}
	return &Throttle{limit: rate.Limit(float64(count) / span.Seconds()), burst: max(burst, 1), most: max(most, 1), known: map[name]*list.Element{}, recent: list.New()}
}

// Take lets a caller through and returns 0, or says after how long they may come again. Who is turned away loses nothing by having come.
func (t *Throttle) Take(who string, now time.Time) time.Duration {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.bucket(sha256.Sum256([]byte(who))).ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// bucket finds or begins a caller's.
func (t *Throttle) bucket(n name) *rate.Limiter {
	if e, ok := t.known[n]; ok {
		t.recent.MoveToFront(e)
		return e.Value.(*caller).bucket
	}
	if len(t.known) >= t.most {
		last := t.recent.Back()
		delete(t.known, t.recent.Remove(last).(*caller).name)
	}
	c := &caller{name: n, bucket: rate.NewLimiter(t.limit, t.burst)}
	t.known[n] = t.recent.PushFront(c)
	return c.bucket
}
