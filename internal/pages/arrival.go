package pages

import (
	"time"

	"landfall/internal/parcel"
)

// arrival is when the goods are to come, as honestly as it is known.
type arrival struct {
	Label   string
	Words   string
	Machine string // set when the words name one instant
	Overdue bool
}

// arrival says when the parcel should come or when it came; nil when nobody waits for it at the door any more.
func (r *reader) arrival(st parcel.State) *arrival {
	if st.Stage == parcel.StageDelivered {
		m := r.moment(st.Since)
		return &arrival{Label: r.text("fact.delivered", nil), Words: m.Words, Machine: m.Machine}
	}
	if st.Ended || !comes(st.Stage) {
		return nil
	}
	a := &arrival{Label: r.text("fact.eta", nil)}
	switch {
	case st.ETA != nil && *st.ETA != (parcel.Window{}):
		a.Words, a.Overdue = r.estimate(spanOf(*st.ETA, r.zone))
	case st.Kind == parcel.OutForDeliv && sameDay(st.Since.In(r.zone), r.now):
		a.Words = r.text("eta.same_day", nil)
	default:
		a.Words = r.text("eta.unknown", nil)
	}
	return a
}

// comes reports whether a parcel in this stage is still to be brought.
func comes(s parcel.Stage) bool {
	return s != parcel.StagePickup && s != parcel.StageReturning && s != parcel.StageReturned
}

// estimate writes a span; one that has passed is said to have passed.
func (r *reader) estimate(s span) (words string, overdue bool) {
	words = r.span(s)
	if s.over(r.now) {
		return r.text("eta.overdue", map[string]any{"When": words}), true
	}
	return words, false
}

func (r *reader) span(s span) string {
	switch {
	case !sameDay(s.from, s.to):
		return r.format.DateRange(s.from, s.to)
	case s.days:
		return r.format.RelativeDay(r.now, s.from)
	case s.from.Equal(s.to):
		return r.format.At(r.format.RelativeDay(r.now, s.from), r.format.Time(s.from))
	default:
		return r.format.On(r.format.RelativeDay(r.now, s.from), r.format.TimeRange(s.from, s.to))
	}
}

// span is an estimate in the reader's zone, either between two instants or whole days.
type span struct {
	from, to time.Time
	days     bool
}

// spanOf reads an estimate. Feeds write a whole day as midnight, or as midnight until a minute before the next:
// such a day keeps its date in whatever zone it is read, where an instant moves with the zone.
func spanOf(w parcel.Window, zone *time.Location) span {
	from, to := w.From, w.To
	if from.IsZero() {
		from = to
	}
	if to.IsZero() {
		to = from
	}
	for _, wrote := range []*time.Location{from.Location(), zone, time.UTC} {
		if from, to := from.In(wrote), to.In(wrote); begins(from) && (begins(to) || finishes(to)) {
			return span{noon(from, zone), noon(to, zone), true}
		}
	}
	return span{from.In(zone), to.In(zone), false}
}

func begins(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 }

func finishes(t time.Time) bool { return t.Hour() == 23 && t.Minute() == 59 }

// noon stands for t's date, since no change of clocks moves noon to another day.
func noon(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, zone)
}

// over reports whether the span has passed; a day has once the next one has begun.
func (s span) over(now time.Time) bool {
	if s.days {
		return s.to.Before(now) && !sameDay(s.to, now)
	}
	return s.to.Before(now)
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }
