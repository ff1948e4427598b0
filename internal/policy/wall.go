package policy

import (
	"fmt"
	"slices"
	"time"

	"landfall/internal/notify"
)

// day is a calendar day, whatever the zone: how many days after the first of 1970.
type day int

const secondsADay = 24 * 60 * 60

// dayOf returns the day a local time shows.
func dayOf(local time.Time) day {
	y, m, d := local.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

func (d day) midnight() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

func (d day) weekday() time.Weekday { return d.midnight().Weekday() }

// String returns the form "2027-03-29".
func (d day) String() string { return d.midnight().Format(time.DateOnly) }

// in reports whether the day is one of some, which are written as String does.
func (d day) in(days []string) bool {
	if len(days) == 0 {
		return false
	}
	var space [len(time.DateOnly)]byte // most messages ask a few times
	name := d.midnight().AppendFormat(space[:0], time.DateOnly)
	return slices.ContainsFunc(days, func(s string) bool { return s == string(name) })
}

// eastmost and westmost are further from Greenwich than any clock is set.
const (
	eastmost = 15 * time.Hour
	westmost = 13 * time.Hour
)

// wall returns the instant at which clocks in loc show c on a day: the first or the last one when they show it twice, the
// instant of the change when they skip it. time.Date alone goes backwards in some gaps.
func wall(loc *time.Location, d day, c notify.Clock, last bool) time.Time {
	greenwich := d.midnight().Add(time.Duration(c) * time.Minute).In(loc)
	early := greenwich.Add(-eastmost)
	before, after := offset(early), offset(greenwich.Add(westmost))
	if before == after {
		return greenwich.Add(-before)
	}
	_, change := early.ZoneBounds()
	first, second := greenwich.Add(-before), greenwich.Add(-after)
	switch {
	case !second.Before(change) && (last || !first.Before(change)):
		return second
	case first.Before(change):
		return first
	}
	return change
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
