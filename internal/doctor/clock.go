package doctor

import (
	"fmt"
	"time"
)

// reading is what somebody else's clock showed, between two moments of ours: at the earliest and at the latest, since some tell
// whole seconds only.
type reading struct {
	whose            string
	asked, answered  time.Time
	earliest, latest time.Time
}

// ahead is by how much at least our clock is ahead of the other; negative when it is behind.
func (r reading) ahead() time.Duration {
	switch {
	case r.asked.After(r.latest):
		return r.asked.Sub(r.latest)
	case r.answered.Before(r.earliest):
		return r.answered.Sub(r.earliest)
	}
	return 0
}

// tolerated is how far clocks may be apart.
const tolerated = 2 * time.Second

// clock compares ours with those that were read on the way.
func (e *examination) clock() {
	if len(e.readings) == 0 {
		e.ok("clock", "there was no other to compare it with")
		return
	}
	worst := e.readings[0]
	for _, r := range e.readings[1:] {
		if r.ahead().Abs() > worst.ahead().Abs() {
			worst = r
		}
	}
	ahead := worst.ahead()
	if ahead.Abs() <= tolerated {
		e.ok("clock", fmt.Sprintf("within %v of %s", tolerated, worst.whose))
		return
	}
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	e.warn("clock", fmt.Sprintf("%v %s %s", ahead.Abs().Round(100*time.Millisecond), way, worst.whose), "Have both machines set their clocks by NTP.")
}
