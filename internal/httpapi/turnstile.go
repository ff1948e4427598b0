package httpapi

import "sync"

// turnstile lets each of many have a few things under way at a time.
type turnstile[K comparable] struct {
	most int

	mu   sync.Mutex
	busy map[K]int
}

func newTurnstile[K comparable](most int) *turnstile[K] {
	return &turnstile[K]{most: most, busy: map[K]int{}}
}

func (d *turnstile[K]) take(who K) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[who] >= d.most {
		return false
	}
	d.busy[who]++
	return true
}

// leave gives a place back. Who has nothing under way is forgotten.
func (d *turnstile[K]) leave(who K) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[who]--; d.busy[who] <= 0 {
		delete(d.busy, who)
	}
}
