package notify

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Quiet is a window of local wall clock, half open: a message at From waits, a message at To goes. From later
// than To crosses midnight.
type Quiet struct {
	From Clock `json:"from" yaml:"from"`
	To   Clock `json:"to" yaml:"to"`
	// SaturdaysUntil, SundaysUntil and HolidaysUntil move the end on those days, when they are set and later than To.
	SaturdaysUntil Clock `json:"saturdays_until,omitzero" yaml:"saturdays_until"`
	SundaysUntil   Clock `json:"sundays_until,omitzero" yaml:"sundays_until"`
	HolidaysUntil  Clock `json:"holidays_until,omitzero" yaml:"holidays_until"`
	// Also is a stretch of every week that is quiet as a whole, such as the Sabbath; nil for none.
	Also *Stretch `json:"also,omitempty" yaml:"also"`
}

// Stretch is a part of every week that may last for days: from a weekday's hour to another's.
type Stretch struct {
	FromDay time.Weekday `json:"from_day"`
	From    Clock        `json:"from"`
	ToDay   time.Weekday `json:"to_day"`
	To      Clock        `json:"to"`
}

// Span is a part of a day, half open. It does not cross midnight.
type Span struct {
	From Clock
	To   Clock
}

var (
	_ encoding.TextMarshaler   = Span{}
	_ encoding.TextUnmarshaler = (*Span)(nil)
)

// String returns the form "09:00-20:00".
func (s Span) String() string { return s.From.String() + "-" + s.To.String() }

// MarshalText returns the form "09:00-20:00".
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "09:00-20:00".
func (s *Span) UnmarshalText(b []byte) error {
	from, to, ok := strings.Cut(string(b), "-")
	if !ok || s.From.UnmarshalText([]byte(strings.TrimSpace(from))) != nil || s.To.UnmarshalText([]byte(strings.TrimSpace(to))) != nil || s.From >= s.To {
		return fmt.Errorf("%q is no part of a day; write it as \"09:00-20:00\"", b)
	}
	return nil
}

// within reports whether s lies inside one of the spans.
func (s Span) within(spans []Span) bool {
	return slices.ContainsFunc(spans, func(o Span) bool { return o.From <= s.From && s.To <= o.To })
}

// Hours is when advertising may go out, in local time: the spans of each weekday, none on a day that is closed.
type Hours struct {
	Days [7][]Span `json:"days"` // from Sunday on, as time.Weekday counts
	// HolidaysClosed shuts public holidays as a whole.
	HolidaysClosed bool `json:"holidays_closed,omitempty"`
	// Eves narrows the spans of a day before a public holiday, none shuts it; nil leaves it as it is.
	Eves []Span `json:"eves,omitzero"`
}

// Open reports whether there is any span at all.
func (h Hours) Open() bool {
	return slices.ContainsFunc(h.Days[:], func(d []Span) bool { return len(d) > 0 })
}

// Wider returns the first weekday on which h allows what law does not, and whether there is one.
func (h Hours) Wider(law Hours) (time.Weekday, bool) {
	for day, spans := range h.Days {
		if slices.ContainsFunc(spans, func(s Span) bool { return !s.within(law.Days[day]) }) {
			return time.Weekday(day), true
		}
	}
	return 0, false
}

// And returns the hours that both allow.
func (h Hours) And(o Hours) Hours {
	out := Hours{HolidaysClosed: h.HolidaysClosed || o.HolidaysClosed, Eves: h.Eves}
	for day := range h.Days {
		out.Days[day] = overlap(h.Days[day], o.Days[day])
	}
	switch {
	case h.Eves == nil:
		out.Eves = o.Eves
	case o.Eves != nil:
		out.Eves = append([]Span{}, overlap(h.Eves, o.Eves)...) // nothing in common is no hour, not every hour
	}
	return out
}

// overlap returns the spans that lie in both lists.
func overlap(a, b []Span) []Span {
	var out []Span
	for _, x := range a {
		for _, y := range b {
			if s := (Span{From: max(x.From, y.From), To: min(x.To, y.To)}); s.From < s.To {
				out = append(out, s)
			}
		}
	}
	return out
}

// Clock is a time of day in minutes after midnight. Its text form is "22:00".
type Clock int

var (
	_ encoding.TextMarshaler   = Clock(0)
	_ encoding.TextUnmarshaler = (*Clock)(nil)
)

// MarshalText returns the form "22:00".
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// String returns the form "22:00".
func (c Clock) String() string {
	h, m := byte(c/60), byte(c%60)
	return string([]byte{'0' + h/10, '0' + h%10, ':', '0' + m/10, '0' + m%10})
}

// UnmarshalText reads "22:00", and "24:00" for the end of a day.
func (c *Clock) UnmarshalText(b []byte) error {
	s := string(b)
	if s == "24:00" {
		*c = 24 * 60
		return nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return fmt.Errorf("%q is no time of day; write it as \"22:00\"", s)
	}
	*c = Clock(t.Hour()*60 + t.Minute())
	return nil
}
