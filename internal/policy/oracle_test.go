package policy

import (
	"slices"
	"time"

	"landfall/internal/notify"
)

// The oracle answers when a message may go in the slowest way there is: it reads a zone's clock at every quarter of an hour of
// some weeks, which is as fine as clocks are changed, writes down what it shows at every minute, colours the minutes that are closed, and looks for the first that is not. It shares no code with the gates.

const (
	minutesADay = 24 * 60
	lookBack    = 9 * minutesADay // a quiet part of the week may have begun so long ago
)

// walk is what the clock on a wall showed at every minute of a time.
type walk struct {
	start       time.Time
	minutes     int
	base        int   // the earliest reading, in minutes since 1970 as if the clock were UTC
	first, last []int // the minutes of the walk that show a reading first and last, by reading from base on; -1 for none
}

func walkAround(loc *time.Location, at time.Time, days int) *walk {
	w := &walk{start: at.Truncate(15 * time.Minute).Add(-lookBack * time.Minute), minutes: lookBack + days*minutesADay}
	w.base = int(w.start.Unix()/60) - minutesADay
	w.first, w.last = make([]int, w.minutes+2*minutesADay), make([]int, w.minutes+2*minutesADay)
	for i := range w.first {
		w.first[i], w.last[i] = -1, -1
	}
	local, offset := w.start.In(loc), 0
	for m := range w.minutes {
		if m%15 == 0 {
			_, offset = local.Add(time.Duration(m) * time.Minute).Zone()
		}
		shown := int(w.start.Unix()/60) + m + offset/60 - w.base
		if w.first[shown] < 0 {
			w.first[shown] = m
		}
		w.last[shown] = m
	}
	return w
}

// begins is the first minute that shows a reading, or where the clock jumps over it; ends the last one.
func (w *walk) begins(reading int) int { return w.find(w.first, reading) }
func (w *walk) ends(reading int) int   { return w.find(w.last, reading) }

func (w *walk) find(shown []int, reading int) int {
	i := reading - w.base
	switch {
	case i < 0:
		return 0
	case i < len(shown) && shown[i] >= 0:
		return shown[i]
	}
	for ; i < len(w.first); i++ {
		if w.first[i] >= 0 {
			return w.first[i]
		}
	}
	return w.minutes
}

// days lists the calendar days of the walk, as midnights since 1970.
func (w *walk) days() []int {
	var all []int
	for d := w.base/minutesADay - 1; d <= (w.base+len(w.first))/minutesADay; d++ {
		all = append(all, d)
	}
	return all
}

func civil(d int) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// minutes is a colouring of a walk: true where nothing may go.
type minutes []bool

func (m minutes) fill(from, to int, closed bool) {
	for i := max(from, 0); i < min(to, len(m)); i++ {
		m[i] = closed
	}
}

func named(days []string, d int) bool { return slices.Contains(days, civil(d).Format(time.DateOnly)) }

// quiet closes the hours of rest. In Ramadan the nights between two of its days have other hours.
func (m minutes) quiet(w *walk, q notify.Quiet, holidays, fast []string) {
	for _, d := range w.days() {
		if q.From == q.To || named(fast, d) && named(fast, d+1) {
			continue
		}
		morning := d
		if q.To <= q.From {
			morning++
		}
		end := q.To
		switch civil(morning).Weekday() {
		case time.Saturday:
			end = max(end, q.SaturdaysUntil)
		case time.Sunday:
			end = max(end, q.SundaysUntil)
		}
		if named(holidays, morning) {
			end = max(end, q.HolidaysUntil)
		}
		m.fill(w.begins(d*minutesADay+int(q.From)), w.ends(morning*minutesADay+int(end)), true)
	}
	for _, d := range w.days() {
		if q.Also == nil || civil(d).Weekday() != q.Also.FromDay {
			continue
		}
		last := d
		for last == d && q.Also.To <= q.Also.From || civil(last).Weekday() != q.Also.ToDay {
			last++
		}
		m.fill(w.begins(d*minutesADay+int(q.Also.From)), w.ends(last*minutesADay+int(q.Also.To)), true)
	}
}

func (m minutes) ramadan(w *walk, c Candidate) {
	for _, d := range w.days() {
		if !named(c.Fast, d) {
			continue
		}
		m.fill(w.begins(d*minutesADay+60), w.ends(d*minutesADay+600), true)
		if c.Class == notify.MarketingClass {
			m.fill(w.begins(d*minutesADay+1050), w.ends(d*minutesADay+1230), true)
		}
	}
}

// legal closes everything and opens the spans in which advertising may go.
func (m minutes) legal(w *walk, c Candidate) {
	m.fill(0, len(m), true)
	for _, d := range w.days() {
		if c.Open.HolidaysClosed && named(c.Holidays, d) {
			continue
		}
		for _, s := range c.Open.Days[civil(d).Weekday()] {
			eves := []notify.Span{{From: 0, To: minutesADay}}
			if c.Open.Eves != nil && named(c.Holidays, d+1) {
				eves = c.Open.Eves
			}
			for _, e := range eves {
				m.fill(w.ends(d*minutesADay+int(max(s.From, e.From))), w.begins(d*minutesADay+int(min(s.To, e.To))), false)
			}
		}
	}
}

// shut colours one zone's minutes for a candidate.
func shut(w *walk, c Candidate) minutes {
	m := make(minutes, w.minutes)
	if c.Class == notify.MarketingClass && c.Open != nil {
		m.legal(w, c)
	}
	if !c.Channel.Interrupts() {
		return m
	}
	m.quiet(w, c.Quiet, c.Holidays, c.Fast)
	m.ramadan(w, c)
	if c.OwnQuiet != nil {
		m.quiet(w, *c.OwnQuiet, c.Holidays, nil)
	}
	return m
}

// oracle is when a candidate may go, zero for not within the horizon. The walks are those of its zones.
func oracle(c Candidate, now time.Time, walks []*walk) time.Time {
	var all []minutes
	for _, w := range walks {
		all = append(all, shut(w, c))
	}
	since := now.Sub(walks[0].start)
	first := int(since / time.Minute)
	for m := first; m < walks[0].minutes && time.Duration(m)*time.Minute-since < horizon; m++ {
		switch {
		case slices.ContainsFunc(all, func(closed minutes) bool { return closed[m] }):
		case m == first:
			return now
		default:
			return walks[0].start.Add(time.Duration(m) * time.Minute)
		}
	}
	return time.Time{}
}
