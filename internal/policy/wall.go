package policy

import (
	"fmt"
	"time"

	"landfall/internal/notify"
)

// day is a calendar day, whatever the zone.
type day struct {
	year  int
	month time.Month
	day   int
}

// dayOf returns the day a local time shows.
func dayOf(local time.Time) day {
	y, m, d := local.Date()
	return day{y, m, d}
}

func (d day) noon() time.Time { return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC) }

// add returns the day n days later.
func (d day) add(n int) day { return dayOf(d.noon().AddDate(0, 0, n)) }

func (d day) weekday() time.Weekday { return d.noon().Weekday() }

// String returns the form "2027-03-29".
func (d day) String() string { return d.noon().Format(time.DateOnly) }

// wall returns the instant at which clocks in loc show c on a day: the first or the last one when they show it
// twice, the instant of the change when they skip it. time.Date alone goes backwards in some gaps.
func wall(loc *time.Location, d day, c notify.Clock, last bool) time.Time {
	t := time.Date(d.year, d.month, d.day, 0, int(c), 0, 0, loc)
	want := time.Date(d.year, d.month, d.day, 0, int(c), 0, 0, time.UTC)
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

// Zone is a time zone that travels by its IANA name.
type Zone struct{ *time.Location }

// MarshalText returns the name.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

// UnmarshalText loads the zone of a name.
func (z *Zone) UnmarshalText(name []byte) (err error) {
	if z.Location, err = time.LoadLocation(string(name)); err != nil {
		return fmt.Errorf("load time zone %q: %w", name, err)
	}
	return nil
}
