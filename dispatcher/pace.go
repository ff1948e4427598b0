package dispatcher

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"landfall/internal/notify"
)

// paces keeps each sender to its rate, evenly, so that a morning's held messages do not hit a provider all at once. It may
// be used from many goroutines.
type paces struct {
	mu     sync.Mutex
	limits map[lane]*rate.Limiter
}

// lane is one sender.
type lane struct {
	merchant notify.MerchantID
	channel  notify.Channel
}

// reserve takes the next place in a sender's lane and returns when it is: now when the lane is free or has no limit.
func (p *paces) reserve(l lane, perSecond float64, now time.Time) time.Time {
	if perSecond <= 0 {
		return now
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limits == nil {
		p.limits = map[lane]*rate.Limiter{}
	}
	limit := p.limits[l]
	if limit == nil {
		limit = rate.NewLimiter(rate.Limit(perSecond), 1)
		p.limits[l] = limit
	}
	if limit.Limit() != rate.Limit(perSecond) { // the merchant changed it
		limit.SetLimitAt(now, rate.Limit(perSecond))
	}
	return now.Add(limit.ReserveN(now, 1).DelayFrom(now))
}
