package understand

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day, wherever. In JSON it is YYYY-MM-DD; an instant is read as its day.
type Date struct{ time.Time }

// DateOf is the day of an instant in its own zone.
func DateOf(t time.Time) Date {
	return Date{time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// UnmarshalJSON reads a day or an instant.
func (d *Date) UnmarshalJSON(b []byte) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, strings.Trim(string(b), `"`)); err == nil {
			*d = DateOf(t)
			return nil
		}
	}
	return fmt.Errorf("%s is no date; write it as \"2006-01-02\"", b)
}

// MarshalJSON writes a day.
func (d Date) MarshalJSON() ([]byte, error) { return []byte(d.Format(`"2006-01-02"`)), nil }

func (d Date) plus(days int) Date { return Date{d.AddDate(0, 0, days)} }

func (d Date) month() Date { return Date{d.AddDate(0, 0, 1-d.Day())} }

// weekday counts from Monday, which is 0.
func (d Date) weekday() int { return (int(d.Weekday()) + 6) % 7 }

// Period is a range of days, both included.
type Period struct{ From, To Date }

// String writes both days.
func (p Period) String() string {
	return p.From.Format(time.DateOnly) + ".." + p.To.Format(time.DateOnly)
}

func days(from, to Date) Period { return Period{from, to} }

// around is a day with as many on either side.
func around(d Date, slack int) Period { return Period{d.plus(-slack), d.plus(slack)} }

// monthOf is the whole month of a day.
func monthOf(d Date) Period {
	first := d.month()
	return Period{first, Date{first.AddDate(0, 1, -1)}}
}

// yearOf is the whole year of a day.
func yearOf(d Date) Period {
	return Period{Date{time.Date(d.Year(), 1, 1, 0, 0, 0, 0, time.UTC)}, Date{time.Date(d.Year(), 12, 31, 0, 0, 0, 0, time.UTC)}}
}

// weekOf is the week of a day, from Monday.
func weekOf(d Date) Period {
	monday := d.plus(-d.weekday())
	return Period{monday, monday.plus(6)}
}

// until ends a period at a day: nothing was bought later.
func (p Period) until(d Date) Period {
	if p.To.After(d.Time) {
		p.To = d
	}
	return p
}

// part is the first, second or last third of a period.
func (p Period) part(n int) Period {
	third := int(p.To.Sub(p.From.Time).Hours()/24+1) / 3
	from := p.From.plus(n * third)
	if n == 2 {
		return Period{from, p.To}
	}
	return Period{from, from.plus(third - 1)}
}

// distance is how many days a day is outside of a period.
func (p Period) distance(d Date) int {
	switch {
	case d.Before(p.From.Time):
		return int(p.From.Sub(d.Time).Hours() / 24)
	case d.After(p.To.Time):
		return int(d.Sub(p.To.Time).Hours() / 24)
	}
	return 0
}
