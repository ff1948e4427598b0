package policy

import (
	"slices"
	"time"

	"landfall/internal/notify"
)

// Windows is what decides about the hour: whose clock, and when it may go by it.
type Windows struct {
	Quiet    notify.Quiet  `json:"quiet"`                // the market's; zero for none
	OwnQuiet *notify.Quiet `json:"own_quiet,omitempty"`  // the person's own choice
	Open     *notify.Hours `json:"open_hours,omitempty"` // when advertising may go out; nil where it is always open
	// Holidays lists the public holidays around the time of the decision, as "2027-03-29", in order.
	Holidays []string `json:"holidays,omitempty"`
	// Fast lists the days of Ramadan around the time of the decision where the market moves its hours for them.
	Fast []string `json:"fast,omitempty"`
	// Zones are the person's possible time zones, the likeliest first. Courtesy keeps to the first; the law to all.
	Zones      []Zone        `json:"zones,omitempty"`
	ZoneSource notify.Reason `json:"zone_source,omitempty"` // one of notify's Zone reasons
}

// maxZones is from how many possible zones on nobody can say what time it is for a person.
const maxZones = 6

// horizon is how far ahead an open hour is looked for: longer than any run of holidays.
const horizon = 16 * 24 * time.Hour

// fasting is when phones are left alone in Ramadan, and fastBroken when no advertising disturbs the meal.
var (
	fasting    = notify.Quiet{From: 60, To: 10 * 60}
	fastBroken = notify.Quiet{From: 17*60 + 30, To: 20*60 + 30}
)

// hours holds what would come at an hour its reader does not accept or the law does not allow.
func hours(c Candidate, now time.Time) notify.Decision {
	legal := c.Open != nil && c.Class == notify.MarketingClass && c.Channel != notify.InApp
	switch {
	case c.Class == notify.ChatReply:
		return allow()
	case legal && (len(c.Zones) == 0 || len(c.Zones) > maxZones):
		return drop(notify.ZoneUnresolved, "")
	case !legal && !c.Channel.Interrupts():
		return allow()
	}
	w := c.wait(now, legal)
	if w.at.Equal(now) {
		return allow()
	}
	return c.held(w, now)
}

// held is the answer of a message that has to wait, unless it is urgent.
func (c Candidate) held(w wait, now time.Time) notify.Decision {
	urgent := c.Urgent != "" && c.Class == notify.Transactional
	switch {
	case urgent && c.eligible(now):
		return notify.Decision{Verdict: notify.Allow, Reason: notify.UrgentException.With(string(c.Urgent)),
			Also: append([]notify.Reason{basis(c)}, w.reasons...), Detail: c.zoneDetail()}
	case w.at.IsZero():
		return drop(notify.NoOpenWindow, c.zoneDetail())
	case c.Attempts > 0:
		w.reasons = append(w.reasons, notify.RetryHitQuiet)
	}
	if urgent {
		w.reasons = slices.Insert(w.reasons, 0, notify.UrgentNotEligible)
	}
	last := len(w.reasons) - 1
	return notify.Decision{Verdict: notify.Hold, Reason: w.reasons[last], Also: append(w.reasons[:last:last], c.ZoneSource),
		Until: w.at, Detail: c.zoneDetail()}
}

// urgentWindow is how soon a promised delivery must begin to be worth a disturbance.
const urgentWindow = 2 * time.Hour

// eligible reports whether what a rule calls urgent is so now: once a night, and a delivery window only when it is near.
func (c Candidate) eligible(now time.Time) bool {
	if c.Urgent == notify.WindowStarts && (c.ArrivesFrom.IsZero() || c.ArrivesFrom.Sub(now) > urgentWindow) {
		return false
	}
	return !c.UrgentSpent
}

// wait is when a message may go, and why not before: the last reason names it.
type wait struct {
	at      time.Time // zero when no hour is in sight
	reasons []notify.Reason
}

func (w *wait) add(rs ...notify.Reason) {
	for _, r := range rs {
		w.reasons = append(slices.DeleteFunc(w.reasons, func(o notify.Reason) bool { return o == r }), r)
	}
}

// wait walks from one closed window to the next until none stands in the way.
func (c Candidate) wait(now time.Time, legal bool) wait {
	w := wait{at: now}
	for zones := c.clocks(legal); w.at.Sub(now) < horizon; {
		closed, found := c.closed(zones, w.at, legal)
		if !found {
			return w
		}
		w.at = closed.until
		w.add(closed.reasons...)
	}
	w.at = time.Time{}
	return w
}

// clocks are the zones that count: every possible one for the law, the likeliest one for courtesy.
func (c Candidate) clocks(legal bool) []Zone {
	switch {
	case len(c.Zones) == 0:
		return []Zone{{time.UTC}}
	case legal:
		return c.Zones
	}
	return c.Zones[:1]
}

// window is a closed stretch of time around an instant.
type window struct {
	until   time.Time
	reasons []notify.Reason
}

// closed returns the first closed window around an instant, and whether there is one.
func (c Candidate) closed(zones []Zone, at time.Time, legal bool) (window, bool) {
	for _, z := range zones {
		if w, found := c.shut(z.Location, at, legal); found {
			return w, true
		}
	}
	return window{}, false
}

// shut asks the law, the market's courtesy and the person, in this order.
func (c Candidate) shut(loc *time.Location, at time.Time, legal bool) (window, bool) {
	if legal {
		if w, found := c.beforeOpening(loc, at); found {
			return w, true
		}
	}
	if !c.Channel.Interrupts() {
		return window{}, false
	}
	if w, found := c.quiet(loc, at, legal); found {
		return w, true
	}
	if c.OwnQuiet == nil {
		return window{}, false
	}
	w, found := c.inside(*c.OwnQuiet, loc, at, nil)
	w.reasons = []notify.Reason{notify.QuietConsumer}
	return w, found
}

// beforeOpening returns the stretch until advertising may go out again, and whether at lies in one.
func (c Candidate) beforeOpening(loc *time.Location, at time.Time) (window, bool) {
	var w window
	day := dayOf(at.In(loc))
	for range int(horizon/(24*time.Hour)) + 1 {
		spans, reason := c.openOn(day)
		for _, s := range spans {
			from, to := wall(loc, day, s.From, true), wall(loc, day, s.To, false)
			switch {
			case at.Before(from):
				w.until = from
				w.reasons = append(w.reasons, notify.QuietLegal)
				return named(w), true
			case at.Before(to):
				return window{}, false
			}
		}
		w.reasons = append(w.reasons, reason)
		day = day.add(1)
	}
	w.until = at.Add(horizon)
	return named(w), true
}

// named drops repeats from a window's reasons and puts those that say most, a Sunday or a holiday, last.
func named(w window) window {
	weight := func(r notify.Reason) int {
		return slices.Index([]notify.Reason{notify.QuietLegal, notify.Sunday, notify.Holiday}, r)
	}
	slices.SortStableFunc(w.reasons, func(a, b notify.Reason) int { return weight(a) - weight(b) })
	w.reasons = slices.Compact(w.reasons)
	return w
}

// openOn returns the spans of a day in which advertising may go, and the reason why not outside of them.
func (c Candidate) openOn(d day) ([]notify.Span, notify.Reason) {
	spans := c.Open.Days[d.weekday()]
	switch {
	case c.Open.HolidaysClosed && c.holiday(d):
		return nil, notify.Holiday
	case len(spans) == 0 && d.weekday() == time.Sunday:
		return nil, notify.Sunday
	case c.Open.Eves != nil && c.holiday(d.add(1)):
		return c.Open.Eves, notify.QuietLegal
	}
	return spans, notify.QuietLegal
}

func (c Candidate) holiday(d day) bool {
	return len(c.Holidays) > 0 && slices.Contains(c.Holidays, d.String())
}

func (c Candidate) fasts(d day) bool { return len(c.Fast) > 0 && slices.Contains(c.Fast, d.String()) }

// quiet returns the market's quiet hours around an instant. In Ramadan phones are left alone at other hours, and no
// advertising disturbs the meal that ends the day's fast.
func (c Candidate) quiet(loc *time.Location, at time.Time, legal bool) (window, bool) {
	w, found := c.inside(c.Quiet, loc, at, c.fasts)
	if found || len(c.Fast) == 0 {
		return w, found
	}
	today := dayOf(at.In(loc))
	for _, q := range [...]notify.Quiet{fasting, fastBroken} {
		b := c.bounds(q, loc, today)
		if c.fasts(today) && (q == fasting || legal) && b.has(at) {
			return window{until: b.end, reasons: []notify.Reason{notify.RamadanOverlay}}, true
		}
	}
	return window{}, false
}

// inside returns the window of quiet hours around an instant, and whether there is one. It is half open, may cross midnight,
// and is compared as instants: its start is the earliest, its end the latest instant that shows the wanted wall clock. The
// windows of days that off names do not begin.
func (c Candidate) inside(q notify.Quiet, loc *time.Location, at time.Time, off func(day) bool) (window, bool) {
	today := dayOf(at.In(loc))
	for _, d := range [...]day{today.add(-1), today} {
		if q.From == q.To || off != nil && off(d) {
			continue
		}
		if b := c.bounds(q, loc, d); b.has(at) {
			return window{until: b.end, reasons: b.reasons(at)}, true
		}
	}
	return stretch(q.Also, loc, at)
}

// night is one window of quiet hours.
type night struct {
	start, usual, end time.Time     // usual is the end on other days
	longer            notify.Reason // why it lasts longer than usual; "" when it does not
}

func (n night) has(at time.Time) bool { return !at.Before(n.start) && at.Before(n.end) }

// reasons say why an instant is quiet; the last is the main one: a longer morning names its cause once the usual end is past.
func (n night) reasons(at time.Time) []notify.Reason {
	switch {
	case n.longer == "":
		return []notify.Reason{notify.QuietCourtesy}
	case at.Before(n.usual):
		return []notify.Reason{n.longer, notify.QuietCourtesy}
	}
	return []notify.Reason{n.longer}
}

// bounds returns the window of quiet hours that begins on a day.
func (c Candidate) bounds(q notify.Quiet, loc *time.Location, d day) night {
	n := night{start: wall(loc, d, q.From, false)}
	if q.To <= q.From {
		d = d.add(1)
	}
	until, longer := c.morning(q, d)
	n.usual, n.longer = wall(loc, d, q.To, true), longer
	n.end = n.usual
	if longer != "" {
		n.end = wall(loc, d, until, true)
	}
	return n
}

// morning is when quiet hours that end on a day end on it, and why later than usual; "" when they do not.
func (c Candidate) morning(q notify.Quiet, d day) (notify.Clock, notify.Reason) {
	until, why := q.To, notify.Reason("")
	later := func(end notify.Clock, applies bool, r notify.Reason) {
		if applies && end > until {
			until, why = end, r
		}
	}
	later(q.SundaysUntil, d.weekday() == time.Sunday, notify.Sunday)
	later(q.SaturdaysUntil, d.weekday() == time.Saturday, notify.QuietCourtesy)
	later(q.HolidaysUntil, q.HolidaysUntil > 0 && c.holiday(d), notify.Holiday)
	return until, why
}

// stretch returns the quiet part of a week around an instant, and whether there is one.
func stretch(s *notify.Stretch, loc *time.Location, at time.Time) (window, bool) {
	if s == nil {
		return window{}, false
	}
	first := dayOf(at.In(loc))
	for first.weekday() != s.FromDay {
		first = first.add(-1)
	}
	last := first.add((int(s.ToDay-s.FromDay) + 7) % 7)
	if at.Before(wall(loc, first, s.From, false)) { // of the week before
		first, last = first.add(-7), last.add(-7)
	}
	end := wall(loc, last, s.To, true)
	return window{until: end, reasons: []notify.Reason{notify.QuietCourtesy}}, at.Before(end)
}
