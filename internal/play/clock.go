package play

import (
	"sync"
	"time"
)

// Clock shows a time of the play's own. It runs as fast as a real one and can be set, but never backwards.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// NewClock returns a clock that shows start now.
func NewClock(start time.Time) *Clock { return &Clock{offset: time.Until(start)} }

// Now returns what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).UTC()
}

// Set moves the clock on to t; a t that has passed is ignored.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead := time.Until(t); ahead > c.offset {
		c.offset = ahead
	}
}
