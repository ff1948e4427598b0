package templates

import (
	"slices"
	"strings"
	"time"

	"landfall/internal/parcel"
)

// row is one fact with its label: "Expected delivery", "tomorrow, Tue 24 Nov, 14:00–18:00".
type row struct{ Label, Value string }

// rows are the facts a long message lists. A fact nobody knows is left out.
func (d *draft) rows() []row {
	rows := d.news()
	rows = append(rows, row{d.plain("label.shipment"), d.data["Shipment"].(string)})
	if d.data["Ref"] != d.data["Shipment"] {
		rows = append(rows, row{d.plain("label.order"), d.order()})
	}
	return rows
}

// news are the facts that change on the way: where the parcel is and when it comes.
func (d *draft) news() []row {
	var rows []row
	if place := d.place(); place != "" {
		rows = append(rows, row{d.plain("label.where"), place})
	}
	if eta := d.eta(); eta != "" {
		rows = append(rows, row{d.plain("label.eta"), eta})
	} else if d.awaited() {
		rows = append(rows, row{d.plain("label.eta"), d.plain("phrase.eta_open")})
	}
	return rows
}

// awaited reports whether the reader waits for a day. A parcel that is with the driver comes today.
func (d *draft) awaited() bool { return d.arriving() && d.in.Event.Kind != parcel.OutForDeliv }

// lines writes rows as "label: value".
func (d *draft) lines(rows []row) []string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = d.text("phrase.row", map[string]any{"Label": r.Label, "Value": r.Value})
	}
	return lines
}

// order is the order's number alone, for a row whose label says that it is one.
func (d *draft) order() string {
	id := first(d.in.Parcel.Order, d.in.Event.Order)
	if d.in.Order != nil {
		id = first(d.in.Order.ID, id)
	}
	return d.own(cut(clean(string(id)), itemLimit))
}

func (d *draft) place() string {
	p := d.in.Event.Place
	if p == (parcel.Place{}) {
		p = d.in.Parcel.State.Place
	}
	city, country := d.own(cut(clean(p.City), nameLimit)), d.format.Country(clean(p.Country))
	if city == "" || country == "" {
		return city + country
	}
	return d.text("phrase.place", map[string]any{"City": city, "Country": country})
}

// eta says when the parcel is expected, in the reader's zone and as seen from now: "tomorrow, Tue 24 Nov, 14:00–18:00".
// It is "" when nobody knows, when that time has passed, or when there is nothing more to wait for.
func (d *draft) eta() string {
	from, to, wholeDays, known := d.expected()
	switch {
	case !known:
		return ""
	case !sameDay(from, to):
		return d.format.DateRange(from, to)
	case wholeDays:
		return d.format.RelativeDay(d.in.Now, from)
	case from.Equal(to):
		return d.format.At(d.format.RelativeDay(d.in.Now, from), d.format.Time(from))
	default:
		return d.format.On(d.format.RelativeDay(d.in.Now, from), d.format.TimeRange(from, to))
	}
}

// etaDay is eta where there is no room for more than the days.
func (d *draft) etaDay() string {
	from, to, _, known := d.expected()
	if !known {
		return ""
	}
	return d.format.DateRange(from, to)
}

// expected is the window eta writes of. known is false where it says nothing.
func (d *draft) expected() (from, to time.Time, wholeDays, known bool) {
	w := d.in.Event.ETA
	if w == nil {
		w = d.in.Parcel.State.ETA
	}
	if w == nil || !d.arriving() {
		return from, to, false, false
	}
	from, to, wholeDays = window(*w, d.zone())
	return from, to, wholeDays, !from.IsZero() && !over(to, wholeDays, d.in.Now)
}

func (d *draft) zone() *time.Location {
	if d.in.Zone == nil {
		return time.UTC
	}
	return d.in.Zone
}

// stopped are kinds after which a parcel does not come to the door unless somebody sees to it.
var stopped = []parcel.Kind{parcel.Refused, parcel.CarrierSayNo}

// arriving reports whether the parcel may still come to the door.
func (d *draft) arriving() bool {
	pickup, _ := parcel.FactOf(parcel.Pickup)
	if slices.Contains(stopped, d.in.Event.Kind) {
		return false
	}
	for _, k := range []parcel.Kind{d.in.Event.Kind, d.in.Parcel.State.Kind} {
		if f, ok := parcel.FactOf(k); ok && (f.Ends || f.Rank >= pickup.Rank) {
			return false
		}
	}
	return true
}

// window returns both ends of an estimate in the reader's zone. Feeds write a whole day as midnight: such a day is
// the day it was written as, not the evening before somewhere else.
func window(w parcel.Window, zone *time.Location) (from, to time.Time, wholeDays bool) {
	from, to = w.From, w.To
	if from.IsZero() {
		from = to
	}
	if to.IsZero() {
		to = from
	}
	for _, z := range []*time.Location{zone, from.Location(), time.UTC} {
		if from, to := from.In(z), to.In(z); startsDay(from) && (startsDay(to) || endsDay(to)) {
			return day(from, zone), day(to, zone), true
		}
	}
	return from.In(zone), to.In(zone), false
}

func startsDay(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 }

func endsDay(t time.Time) bool { return t.Hour() == 23 && t.Minute() == 59 }

// day is noon of t's date, wherever that is, so that no change of clocks moves it.
func day(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, zone)
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

func over(to time.Time, wholeDay bool, now time.Time) bool {
	if wholeDay {
		return to.Format(time.DateOnly) < now.In(to.Location()).Format(time.DateOnly)
	}
	return to.Before(now)
}

// paragraphs joins what is not empty, with an empty line between.
func paragraphs(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}
