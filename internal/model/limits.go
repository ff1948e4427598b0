package model

import (
	"sync"
	"time"
)

// taken says whether a question may be asked.
type taken int

const (
	free taken = iota
	capped
	resting
)

const (
	// strikes is how many failures in a row let the model rest, and rest for how long.
	strikes = 3
	rest    = time.Minute
)

// limits count questions, and let a model rest that fails.
type limits struct {
	now func() time.Time

	mu        sync.Mutex
	failures  int
	until     time.Time
	hour, day time.Time
	people    map[string]int // in the hour
	merchants map[string]int // in the day
}

// take counts a question, unless there have been too many or the model rests. Of a model that has rested one question shows whether it works.
func (l *limits) take(merchant, person string, perDay int) taken {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if hour := now.Truncate(time.Hour); !hour.Equal(l.hour) {
		l.hour, l.people = hour, map[string]int{}
	}
	if day := now.Truncate(24 * time.Hour); !day.Equal(l.day) {
		l.day, l.merchants = day, map[string]int{}
	}
	switch {
	case now.Before(l.until):
		return resting
	case l.people[person] >= hourly || l.merchants[merchant] >= perDay:
		return capped
	}
	l.people[person]++
	l.merchants[merchant]++
	if l.failures >= strikes {
		l.until = now.Add(rest) // for everybody but this one
	}
	return free
}

// done counts what came of a question.
func (l *limits) done(failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !failed {
		l.failures, l.until = 0, time.Time{}
		return
	}
	if l.failures++; l.failures >= strikes {
		l.until = l.now().Add(rest)
	}
}
