package rules

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"

	"go.yaml.in/yaml/v4"
)

type quietHours struct {
	From           clock   `yaml:"from" jsonschema:"required" jsonschema_description:"When quiet begins"`
	To             clock   `yaml:"to" jsonschema:"required" jsonschema_description:"When it ends, on the next day if earlier than from"`
	SaturdaysUntil clock   `yaml:"saturdays_until" jsonschema_description:"A later end on Saturdays"`
	SundaysUntil   clock   `yaml:"sundays_until" jsonschema_description:"A later end on Sundays"`
	HolidaysUntil  clock   `yaml:"holidays_until" jsonschema_description:"A later end on public holidays"`
	Also           stretch `yaml:"also" jsonschema_description:"A part of every week that is quiet as a whole"`
	node           *yaml.Node
}

func (q *quietHours) quiet() notify.Quiet {
	return notify.Quiet{From: q.From.value, To: q.To.value, SaturdaysUntil: q.SaturdaysUntil.value, SundaysUntil: q.SundaysUntil.value,
		HolidaysUntil: q.HolidaysUntil.value, Also: q.Also.stretch()}
}

func (q *quietHours) read(r *reader, n *yaml.Node) {
	q.node = n
	if r.mapping(n, "quiet hours", q) {
		q.check(r)
	}
}

// check notes quiet hours that are half given, that never end or that a day cannot move.
func (q *quietHours) check(r *reader) {
	r.needed(q.node, "from", q.From.node, "say when quiet hours begin")
	r.needed(q.node, "to", q.To.node, "say when quiet hours end")
	for _, c := range [...]clock{q.SaturdaysUntil, q.SundaysUntil, q.HolidaysUntil} {
		if c.ok && q.To.ok && c.value <= q.To.value {
			r.at(c.node, "this is not later than %s, when quiet hours end on other days; leave it out", q.To.value)
		}
	}
	switch {
	case !q.From.ok || !q.To.ok:
	case (q.To.value-q.From.value)%day == 0:
		r.at(q.To.node, "quiet hours begin and end at the same time; leave quiet_hours out to have none")
	case !loud(q.quiet()):
		r.at(q.node, "%s: these quiet hours leave no minute of the week; end them earlier", NoOpenWindow)
	}
}

// NoOpenWindow is the code in the sentence about hours at which nothing could ever be sent.
const NoOpenWindow = "NO_OPEN_WINDOW"

const day, week7 = notify.Clock(24 * 60), 7 * 24 * 60 // in minutes

// loud reports whether there is a minute of the week that q leaves open.
func loud(q notify.Quiet) bool {
	for minute := range week7 {
		weekday, at := time.Weekday(minute/int(day)), notify.Clock(minute)%day
		if !nightly(q, weekday, at) && !(q.Also != nil && within(*q.Also, minute)) {
			return true
		}
	}
	return false
}

// nightly reports whether a minute lies in the part of q that comes every day.
func nightly(q notify.Quiet, weekday time.Weekday, at notify.Clock) bool {
	to := q.To
	switch weekday {
	case time.Saturday:
		to = max(to, q.SaturdaysUntil)
	case time.Sunday:
		to = max(to, q.SundaysUntil)
	}
	if q.From < q.To {
		return q.From <= at && at < to
	}
	return at < to || q.From <= at
}

// stretch is a part of every week, such as {from: "Fri 15:00", to: "Sat 20:00"}.
type stretch struct {
	From weekClock `yaml:"from" jsonschema:"required" jsonschema_description:"When it begins"`
	To   weekClock `yaml:"to" jsonschema:"required" jsonschema_description:"When it ends"`
	ok   bool
	node *yaml.Node
}

func (s *stretch) read(r *reader, n *yaml.Node) {
	s.node = n
	if !r.mapping(n, "a part of the week", s) {
		return
	}
	r.needed(n, "from", s.From.node, `say when it begins, such as "Fri 15:00"`)
	r.needed(n, "to", s.To.node, `say when it ends, such as "Sat 20:00"`)
	s.ok = s.From.ok && s.To.ok
	if s.ok && s.From.minute() == s.To.minute() {
		r.at(s.To.node, "this part of the week begins and ends at the same time; leave also out to have none")
		s.ok = false
	}
}

func (s *stretch) stretch() *notify.Stretch {
	if !s.ok {
		return nil
	}
	return &notify.Stretch{FromDay: s.From.day, From: s.From.at, ToDay: s.To.day, To: s.To.at}
}

// within reports whether a minute of the week, from Sunday's midnight on, lies in s.
func within(s notify.Stretch, minute int) bool {
	from, to := int(s.FromDay)*int(day)+int(s.From), int(s.ToDay)*int(day)+int(s.To)
	if from < to {
		return from <= minute && minute < to
	}
	return from <= minute || minute < to
}

// weekClock is an hour of a weekday, such as "Fri 15:00".
type weekClock struct {
	day  time.Weekday
	at   notify.Clock
	ok   bool
	node *yaml.Node
}

const weekClockNoun = `a day and hour such as "Fri 15:00"`

func (c *weekClock) read(r *reader, n *yaml.Node) {
	c.node = n
	text, ok := r.text(n, weekClockNoun)
	if !ok {
		return
	}
	name, hour, _ := strings.Cut(text, " ")
	c.day = time.Weekday(slices.Index(dayNames[:], strings.ToLower(name)))
	if c.day < 0 || c.at.UnmarshalText([]byte(hour)) != nil {
		r.at(n, "this is not %s", weekClockNoun)
		return
	}
	c.ok = true
}

func (c *weekClock) minute() int { return int(c.day)*int(day) + int(c.at) }

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // as time.Weekday counts

// everyDay is the key that stands for all of dayNames.
const everyDay = "every_day"

var dayKey = regexp.MustCompile(`^(every_day|(sun|mon|tue|wed|thu|fri|sat)(-(sun|mon|tue|wed|thu|fri|sat))?)$`)

// days returns the weekdays that a key of hours names, such as "fri" or "mon-sat"; none when it names none.
func days(key string) []time.Weekday {
	if key == everyDay {
		key = "sun-sat"
	}
	if !dayKey.MatchString(key) {
		return nil
	}
	first, last, ranged := strings.Cut(key, "-")
	from, to := slices.Index(dayNames[:], first), slices.Index(dayNames[:], last)
	if !ranged {
		to = from
	}
	all := []time.Weekday{time.Weekday(from)}
	for d := from; d != to; {
		d = (d + 1) % len(dayNames)
		all = append(all, time.Weekday(d))
	}
	return all
}

// spans is one part of a day, or several in brackets.
type spans struct {
	values []notify.Span
	node   *yaml.Node
}

const spanOfDayNoun = `a part of a day such as "09:00-20:00"`

func (s *spans) read(r *reader, n *yaml.Node) {
	s.node = n
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	if len(nodes) == 0 {
		r.at(n, "this list is empty; name %s or leave the key out", spanOfDayNoun)
	}
	for _, item := range nodes {
		s.add(r, item)
	}
	slices.SortFunc(s.values, func(a, b notify.Span) int { return int(a.From - b.From) })
}

func (s *spans) add(r *reader, n *yaml.Node) {
	text, ok := r.text(n, spanOfDayNoun)
	if !ok {
		return
	}
	var v notify.Span
	if v.UnmarshalText([]byte(text)) != nil {
		r.at(n, "this is not %s", spanOfDayNoun)
		return
	}
	for _, other := range s.values {
		if v.From < other.To && other.From < v.To {
			r.at(n, "this overlaps %s; make one of them", other)
			return
		}
	}
	s.values = append(s.values, v)
}

// week is hours by weekday. A day that no key names is closed.
type week struct {
	days [7]spans
	node *yaml.Node
}

func (w *week) read(r *reader, n *yaml.Node) {
	w.node = n
	if n.Kind != yaml.MappingNode {
		r.at(n, `this is %s, not hours by weekday; write keys with values, such as mon-sat: "09:00-20:00"`, what(n))
		return
	}
	if len(n.Content) == 0 {
		r.at(n, "no day is named, so that none is open; name one, or leave the key out")
	}
	r.entries(n, func(key, value *yaml.Node) { w.entry(r, key, value) })
}

func (w *week) entry(r *reader, key, value *yaml.Node) {
	named := days(key.Value)
	if named == nil {
		r.at(key, "this is not a weekday such as mon, mon-fri or every_day%s", suggest(key.Value, append(dayNames[:], everyDay)))
		return
	}
	var s spans
	s.read(r, value)
	for _, d := range named {
		if before := w.days[d].node; before != nil {
			r.at(key, "%s has hours on line %d already; name each day once", d, before.Line)
			return
		}
		w.days[d] = s
	}
}

func (w *week) hours() notify.Hours {
	var h notify.Hours
	for d, s := range w.days {
		h.Days[d] = s.values
	}
	return h
}

// regions is hours by part of the country.
type regions struct {
	entries []regionHours
	node    *yaml.Node
}

type regionHours struct {
	region string
	hours  week
}

func (g *regions) read(r *reader, n *yaml.Node) {
	g.node = n
	if n.Kind != yaml.MappingNode {
		r.at(n, "this is %s, not hours by region; write keys with values", what(n))
		return
	}
	var known regionCode
	r.entries(n, func(key, value *yaml.Node) {
		if v := known.vocabulary(); !v.has(key.Value) {
			r.at(key, "%s", v.wrong(key.Value))
			return
		}
		e := regionHours{region: key.Value}
		e.hours.read(r, value)
		g.entries = append(g.entries, e)
	})
}
