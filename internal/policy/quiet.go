package policy

import (
	"time"

	"landfall/internal/notify"
)

// Inside reports whether t falls into quiet hours q in zone loc, and when those end. The window is half open, may
// cross midnight, and is compared as instants: its start is the earliest, its end the latest instant that shows the
// wanted wall clock, and a wall clock that the spring change skips is the instant of the change. sunday is set when
// only the longer Sunday morning keeps the window open.
func Inside(q notify.Quiet, loc *time.Location, t time.Time) (end time.Time, sunday, in bool) {
	if q.From == q.To {
		return time.Time{}, false, false
	}
	local := t.In(loc)
	for _, back := range [...]int{-1, 0} {
		start, usual, extended := bounds(q, loc, local.Year(), local.Month(), local.Day()+back)
		if !t.Before(start) && t.Before(extended) {
			return extended, !t.Before(usual), true
		}
	}
	return time.Time{}, false, false
}

// bounds returns the window that starts on the given day: its start, its usual end, and its end with the Sunday rule.
func bounds(q notify.Quiet, loc *time.Location, y int, m time.Month, d int) (start, usual, extended time.Time) {
	start = wall(loc, y, m, d, q.From, false)
	if q.To <= q.From {
		d++
	}
	usual = wall(loc, y, m, d, q.To, true)
	weekday := time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday()
	if weekday == time.Sunday && q.SundaysUntil > q.To {
		return start, usual, wall(loc, y, m, d, q.SundaysUntil, true)
	}
	return start, usual, usual
}

// wall returns the instant at which clocks in loc show c on a day: the first or the last one when they show it
// twice, the instant of the change when they skip it. time.Date alone goes backwards in some gaps.
func wall(loc *time.Location, y int, m time.Month, d int, c notify.Clock, last bool) time.Time {
	t := time.Date(y, m, d, 0, int(c), 0, 0, loc)
	want := time.Date(y, m, d, 0, int(c), 0, 0, time.UTC)
	start, end := t.ZoneBounds()
	switch shown := onClock(t); {
	case shown.After(want):
		return start
	case shown.Before(want):
		return end
	case last:
		return lastOf(t, end)
	default:
		return firstOf(t, start)
	}
}

// onClock returns what a wall clock shows at t, as if it were UTC, so that readings can be compared.
func onClock(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// lastOf returns the instant after the change at end that shows the same as t, or t when there is none.
func lastOf(t, end time.Time) time.Time {
	if end.IsZero() {
		return t
	}
	again := t.Add(offset(t) - offset(end))
	if !again.Before(end) && onClock(again).Equal(onClock(t)) {
		return again
	}
	return t
}

// firstOf returns the instant before the change at start that shows the same as t, or t when there is none.
func firstOf(t, start time.Time) time.Time {
	if start.IsZero() {
		return t
	}
	before := t.Add(offset(t) - offset(start.Add(-time.Nanosecond)))
	if before.Before(start) && onClock(before).Equal(onClock(t)) {
		return before
	}
	return t
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
