package dispatcher

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// paces keeps each sender to its rate, evenly, so that a morning's held messages do not hit a provider all at once. It may
// be used from many goroutines.
type paces struct {
	mu     sync.Mutex
	limits map[string]*rate.Limiter // by the name of the lane
}

// reserve takes the next place in a sender's lane and returns when it is: now when the lane is free or has no limit.
func (p *paces) reserve(lane string, perSecond float64, now time.Time) time.Time {
	if perSecond <= 0 {
		return now
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limits == nil {
		p.limits = map[string]*rate.Limiter{}
	}
	limit := p.limits[lane]
	if limit == nil {
		limit = rate.NewLimiter(rate.Limit(perSecond), 1)
		p.limits[lane] = limit
	}
	if limit.Limit() != rate.Limit(perSecond) { // the merchant changed it
		limit.SetLimitAt(now, rate.Limit(perSecond))
	}
	return now.Add(limit.ReserveN(now, 1).DelayFrom(now))
}
