package policy

import (
	"cmp"
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

// maxZones is the most possible zones with which anybody can still say what time it is for a person.
const maxZones = 6

// horizon is how far ahead an open hour is looked for: longer than any run of holidays.
const horizon = 16 * 24 * time.Hour

// hours holds what would come at an hour its reader does not accept or the law does not allow.
func hours(c Candidate, now time.Time) notify.Decision {
	legal := c.Open != nil && c.Class == notify.MarketingClass && c.Channel != notify.InApp
	switch {
	case c.Class == notify.ChatReply:
		return allow()
	case legal && (len(c.Zones) == 0 || len(c.Zones) > maxZones):
		return drop(notify.ZoneUnresolved, "")
	}
	w := c.wait(now, legal)
	if w.at.Equal(now) {
		return allow()
	}
	return c.held(w, now)
}

// Rings is when a phone may light up for a message that waits silently where it is: now, when quiet hours end, or, zero, at no
// hour in sight.
func Rings(c Candidate, now time.Time) time.Time {
	c.Channel = notify.SMS // as on every channel that interrupts
	switch d := hours(c, now); d.Verdict {
	case notify.Allow:
		return now
	case notify.Hold:
		return d.Until
	}
	return time.Time{}
}

// held is the answer of a message that has to wait, unless it is urgent.
func (c Candidate) held(w wait, now time.Time) notify.Decision {
	urgent := c.Urgent != "" && c.Class == notify.Transactional
	switch {
	case urgent && c.eligible(now):
		return notify.Decision{Verdict: notify.Allow, Reason: notify.UrgentException.With(string(c.Urgent)),
			Also: slices.Concat([]notify.Reason{c.basis(now)}, w.reasons(), c.zoneReasons()), Detail: c.zoneDetail()}
	case w.at.IsZero(): // whoever wants no message on the phone at any hour may still like to find a mail
		return notify.Decision{Verdict: notify.Skip, Reason: notify.NoOpenWindow, Detail: c.zoneDetail()}
	}
	why := w.reasons()
	if urgent {
		why = slices.Insert(why, 0, notify.UrgentNotEligible)
	}
	if c.Attempts > 0 {
		why = append(why, notify.RetryHitQuiet)
	}
	last := len(why) - 1
	return notify.Decision{Verdict: notify.Hold, Reason: why[last], Also: append(why[:last:last], c.zoneReasons()...),
		Until: w.at, Detail: c.zoneDetail()}
}

// urgentWindow is how soon a promised delivery must begin to be worth a disturbance.
const urgentWindow = 2 * time.Hour

// eligible reports whether what a rule calls urgent is so now: once a night, and a delivery window only when it is about to
// begin.
func (c Candidate) eligible(now time.Time) bool {
	if c.Urgent == notify.WindowStarts && (c.ArrivesFrom.Before(now) || c.ArrivesFrom.Sub(now) > urgentWindow) {
		return false
	}
	return !c.UrgentSpent
}

// cause is a reason to wait, and for how long it is one.
type cause struct {
	reason notify.Reason
	lasts  time.Duration
}

// wait is when a message may go, and why not before.
type wait struct {
	at     time.Time // zero when no hour is in sight
	causes []cause
}

func (w *wait) add(causes ...cause) {
	for _, c := range causes {
		switch i := slices.IndexFunc(w.causes, func(o cause) bool { return o.reason == c.reason }); {
		case i >= 0:
			w.causes[i].lasts += c.lasts
		case c.lasts > 0:
			w.causes = append(w.causes, c)
		}
	}
}

// reasons lists the causes. The last one names the wait: it is what most of it is owed to.
func (w *wait) reasons() []notify.Reason {
	slices.SortStableFunc(w.causes, func(a, b cause) int { return cmp.Compare(a.lasts, b.lasts) })
	rs := make([]notify.Reason, 0, len(w.causes)+3) // what urgency, a retry and the zone add
	for _, c := range w.causes {
		rs = append(rs, c.reason)
	}
	return rs
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
		w.add(closed.causes...)
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
	until  time.Time
	causes []cause
}

// until is a window that is closed for one reason.
func until(end, at time.Time, r notify.Reason) window {
	return window{end, []cause{{r, end.Sub(at)}}}
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
	if w, found := c.quiet(loc, at); found || c.OwnQuiet == nil {
		return w, found
	}
	w, found := c.inside(*c.OwnQuiet, loc, at, nil)
	return until(w.until, at, notify.QuietConsumer), found
}

// beforeOpening returns the stretch until advertising may go out again, and whether at lies in one.
func (c Candidate) beforeOpening(loc *time.Location, at time.Time) (window, bool) {
	var w wait
	since, today := at, dayOf(at.In(loc))
	for range int(horizon / (24 * time.Hour)) {
		spans, reason := c.openOn(today)
		for _, s := range spans {
			from, to := wall(loc, today, s.From, true), wall(loc, today, s.To, false)
			switch {
			case at.Before(from):
				w.add(cause{notify.QuietLegal, from.Sub(since)})
				return window{from, w.causes}, true
			case at.Before(to):
				return window{}, false
			}
		}
		today++
		midnight := wall(loc, today, 0, false)
		w.add(cause{reason, midnight.Sub(since)})
		since = midnight
	}
	return window{since, w.causes}, true
}

// openOn returns the spans of a day in which advertising may go, and the reason why not outside of them.
func (c Candidate) openOn(d day) ([]notify.Span, notify.Reason) {
	spans := c.Open.Days[d.weekday()]
	switch {
	case c.Open.HolidaysClosed && d.in(c.Holidays):
		return nil, notify.Holiday
	case len(spans) == 0 && d.weekday() == time.Sunday:
		return nil, notify.Sunday
	case c.Open.Eves != nil && (d + 1).in(c.Holidays):
		return narrowed(spans, c.Open.Eves), notify.QuietLegal
	}
	return spans, notify.QuietLegal
}

// narrowed returns what is open on a day that is the eve of a holiday as well: a day that is closed, or opens later, stays so.
func narrowed(usual, eve []notify.Span) []notify.Span {
	var h, o notify.Hours
	h.Days[0], o.Days[0] = usual, eve
	return h.And(o).Days[0]
}

// When phones are left alone in Ramadan, and when no advertising disturbs the meal that ends a day's fast.
const (
	asleep = iota
	meal
)

var ramadan = [...]notify.Quiet{asleep: {From: 60, To: 10 * 60}, meal: {From: 17*60 + 30, To: 20*60 + 30}}

// quiet returns the market's quiet hours around an instant. The nights between two days of Ramadan have other hours.
func (c Candidate) quiet(loc *time.Location, at time.Time) (window, bool) {
	w, found := c.inside(c.Quiet, loc, at, func(d day) bool { return d.in(c.Fast) && (d + 1).in(c.Fast) })
	today := dayOf(at.In(loc))
	if found || !today.in(c.Fast) {
		return w, found
	}
	for i, q := range ramadan {
		if i == meal && c.Class != notify.MarketingClass {
			continue
		}
		if n := c.bounds(q, loc, today); n.has(at) {
			return until(n.end, at, notify.RamadanOverlay), true
		}
	}
	return window{}, false
}

// inside returns the window of quiet hours around an instant, and whether there is one. It is half open, may cross midnight,
// and is compared as instants: its start is the earliest, its end the latest instant that shows the wanted wall clock. The
// windows of days that off names do not begin.
func (c Candidate) inside(q notify.Quiet, loc *time.Location, at time.Time, off func(day) bool) (window, bool) {
	today := dayOf(at.In(loc))
	for _, d := range [...]day{today - 1, today} {
		if q.From == q.To || off != nil && off(d) {
			continue
		}
		if n := c.bounds(q, loc, d); n.has(at) {
			return window{n.end, n.causes(at)}, true
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

// causes say why the rest of a window is quiet: until the usual end as ever, and from then on for what makes it longer.
func (n night) causes(at time.Time) []cause {
	switch {
	case n.longer == "":
		return []cause{{notify.QuietCourtesy, n.end.Sub(at)}}
	case at.Before(n.usual):
		return []cause{{notify.QuietCourtesy, n.usual.Sub(at)}, {n.longer, n.end.Sub(n.usual)}}
	}
	return []cause{{n.longer, n.end.Sub(at)}}
}

// bounds returns the window of quiet hours that begins on a day.
func (c Candidate) bounds(q notify.Quiet, loc *time.Location, d day) night {
	n := night{start: wall(loc, d, q.From, false)}
	if q.To < q.From {
		d++
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
	later(q.HolidaysUntil, q.HolidaysUntil > 0 && d.in(c.Holidays), notify.Holiday)
	return until, why
}

// stretch returns the quiet part of a week around an instant, and whether there is one.
func stretch(s *notify.Stretch, loc *time.Location, at time.Time) (window, bool) {
	if s == nil {
		return window{}, false
	}
	first := dayOf(at.In(loc))
	for first.weekday() != s.FromDay {
		first--
	}
	days := day(s.ToDay-s.FromDay+7) % 7
	if days == 0 && s.To <= s.From {
		days = 7
	}
	if at.Before(wall(loc, first, s.From, false)) { // of the week before
		first -= 7
	}
	end := wall(loc, first+days, s.To, true)
	return until(end, at, notify.QuietCourtesy), at.Before(end)
}
