package understand

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"landfall/internal/phrase"
)

// when is an expression of time in a message.
type when struct {
	phrase.Span
	is Period
}

// bought says when somebody says they bought what they write about. An expression of time counts when it belongs to the buying or to
// the goods, and not to anything else: not in "I moved last week", nor "before Friday", nor in what is marked as delivered yesterday.
func (h *heard) bought(m Message) (Period, bool) {
	now := DateOf(m.Now)
	if m.Now.IsZero() || h.any("claimed") && !h.any("buy") {
		return Period{}, false
	}
	for _, in := range append([]*heard{h}, h.others...) {
		all := in.expressions(now, m.Text)
		best, found := when{}, false
		for _, w := range all {
			if in.ofPurchase(w.Span) && (!found || in.far(w.Span, "buy") < in.far(best.Span, "buy") || w.Len() > best.Len() && overlap(w.Span, best.Span)) {
				best, found = w, true
			}
		}
		if found && !best.is.From.After(now.Time) {
			return best.is.until(now), true
		}
	}
	return Period{}, false
}

// anyTime is the first expression of time, whatever it belongs to; nil when there is none.
func (h *heard) anyTime(m Message) *Period {
	if m.Now.IsZero() {
		return nil
	}
	for _, in := range append([]*heard{h}, h.others...) {
		if all := in.expressions(DateOf(m.Now), m.Text); len(all) > 0 {
			return &all[0].is
		}
	}
	return nil
}

func overlap(a, b phrase.Span) bool { return a.From < b.To && b.From < a.To }

// nowhere is the distance of what is not said.
const nowhere = 1000

// far is how far the nearest expression of a key is from a place in its sentence.
func (h *heard) far(s phrase.Span, keys ...string) int {
	best := nowhere
	for _, key := range keys {
		for _, o := range h.at(key) {
			if h.text.Sentence[o.From] != h.text.Sentence[s.From] || overlap(o, s) && o.Len() <= s.Len() {
				continue
			}
			d := max(o.From-s.To, s.From-o.To, 0)
			if h.text.Clause[o.From] != h.text.Clause[s.From] {
				d += nearby
			}
			best = min(best, d)
		}
	}
	return best
}

// ofPurchase reports whether an expression of time tells when something was bought.
func (h *heard) ofPurchase(s phrase.Span) bool {
	near := h.measure(s.From, nearby, characterNearby)
	if h.far(s, "due", "promised", "since") <= h.measure(s.From, 1, 2) {
		return false
	}
	buy := h.far(s, "buy")
	if h.far(s, "moved") < buy {
		return false
	}
	if buy < nowhere {
		return true
	}
	goods := h.far(s, append([]string{"goods"}, h.items...)...)
	return goods <= near && goods <= h.far(s, "arrive", "claimed", "promised", "due", "since", "late", "stuck", "customs")
}

// expressions lists every expression of time, the longest of those that overlap first.
func (h *heard) expressions(now Date, raw string) []when {
	var all []when
	add := func(s phrase.Span, p Period, ok bool) {
		if ok {
			all = append(all, when{s, p})
		}
	}
	for _, key := range h.phrases {
		for _, s := range h.at(key) {
			p, ok := wellKnown(strings.TrimPrefix(key, "phrase:"), now)
			add(s, p, ok)
		}
	}
	for _, key := range h.festivals {
		for _, s := range h.at(key) {
			p, ok := festival(strings.TrimPrefix(key, "festival:"), now)
			add(s, p, ok)
		}
	}
	for _, key := range []string{"today", "yesterday", "before_yesterday", "recent", "long_ago"} {
		for _, s := range h.at("time:" + key) {
			p, ok := wellKnown(key, now)
			add(s, p, ok)
		}
	}
	all = append(all, h.counted(now)...)
	all = append(all, h.units(now)...)
	all = append(all, h.weekdays(now)...)
	all = append(all, h.monthsNamed(now)...)
	all = append(all, h.written(now, raw)...)
	slices.SortStableFunc(all, func(a, b when) int { return b.Len() - a.Len() })
	return all
}

// wellKnown are expressions with a name of their own.
func wellKnown(name string, now Date) (Period, bool) {
	switch name {
	case "today":
		return days(now, now), true
	case "yesterday", "last_night":
		return days(now.plus(-1), now.plus(-1)), true
	case "before_yesterday", "two_days_ago":
		return days(now.plus(-2), now.plus(-2)), true
	case "recent":
		return days(now.plus(-21), now), true
	case "long_ago":
		return days(now.plus(-730), now.plus(-60)), true
	case "last_week":
		return weekOf(now.plus(-7)), true
	case "this_week":
		return weekOf(now).until(now), true
	case "two_weeks_ago":
		return around(now.plus(-14), 5), true
	case "last_weekend":
		saturday := now.plus(-now.weekday() - 2)
		return days(saturday, saturday.plus(1)), true
	case "last_month":
		return monthOf(now.month().plus(-1)), true
	case "this_month":
		return monthOf(now).until(now), true
	case "month_before_last":
		return monthOf(now.month().plus(-1).month().plus(-1)), true
	case "two_months_ago":
		return ago(2, "month", now), true
	case "last_year":
		return yearOf(dateOf(now.Year()-1, 1, 1)), true
	case "this_year":
		return yearOf(now).until(now), true
	case "two_years_ago":
		return ago(2, "year", now), true
	}
	return Period{}, false
}

// unitNames are the units things are counted in.
var unitNames = []string{"day", "week", "month", "year"}

// ago is so many units back, with the slack such figures have.
func ago(n int, unit string, now Date) Period {
	switch unit {
	case "day":
		return around(now.plus(-n), min(n/3, 3))
	case "week":
		return around(now.plus(-7*n), 3+min(n, 4))
	case "month":
		return around(Date{now.AddDate(0, -n, 0)}, 13+2*min(n, 6))
	}
	return around(Date{now.AddDate(-n, 0, 0)}, 75)
}

// counted finds "three weeks ago" in the order of any language: a number, a unit and a word for ago close to each other.
func (h *heard) counted(now Date) []when {
	var out []when
	for _, unit := range unitNames {
		for _, u := range h.at("time:" + unit) {
			a, ok := h.beside(u, "time:ago", h.measure(u.From, 2, 2))
			if !ok {
				continue
			}
			s, p := join(u, a), ago(1, unit, now)
			if n, at, ok := h.number(u); ok {
				s, p = join(s, at), n.ago(unit, now)
			}
			out = append(out, when{s, p})
		}
	}
	return out
}

// amount is a number of units, or a few of them.
type amount struct{ from, to int }

func (a amount) ago(unit string, now Date) Period {
	if a.from == a.to {
		return ago(a.from, unit, now)
	}
	return Period{ago(a.to, unit, now).From, ago(a.from, unit, now).To}
}

// number is how many of a unit: in words, in digits, or a few. It stands right before the unit, or right after it.
func (h *heard) number(unit phrase.Span) (amount, phrase.Span, bool) {
	for i, token := range h.text.Tokens {
		s := phrase.Span{From: i, To: i + 1}
		if n, err := strconv.Atoi(token); err == nil && n > 0 && n < 100 && adjacent(s, unit, 1) {
			return amount{n, n}, s, true
		}
	}
	if s, ok := h.beside(unit, "few", 1); ok {
		return amount{2, 5}, s, true
	}
	for n := 12; n >= 1; n-- {
		if s, ok := h.beside(unit, "number:"+strconv.Itoa(n), 1); ok {
			return amount{n, n}, s, true
		}
	}
	return amount{}, phrase.Span{}, false
}

// adjacent reports whether two places have at most so many words between them.
func adjacent(a, b phrase.Span, gap int) bool {
	return a.To <= b.From && b.From-a.To <= gap || b.To <= a.From && a.From-b.To <= gap
}

// beside is the nearest expression of a key next to a place, in its clause.
func (h *heard) beside(s phrase.Span, key string, gap int) (phrase.Span, bool) {
	best, found := phrase.Span{}, false
	for _, o := range h.at(key) {
		if adjacent(o, s, gap) && h.text.Clause[o.From] == h.text.Clause[s.From] && (!found || distance(o, s) < distance(best, s)) {
			best, found = o, true
		}
	}
	return best, found
}

func distance(a, b phrase.Span) int { return max(a.From-b.To, b.From-a.To, 0) }

func join(a, b phrase.Span) phrase.Span {
	return phrase.Span{From: min(a.From, b.From), To: max(a.To, b.To)}
}

// units finds "last month", "this week", "the year before last", "last weekend", "last summer".
func (h *heard) units(now Date) []when {
	var out []when
	for _, unit := range []string{"week", "month", "year", "weekend", "spring", "summer", "autumn", "winter"} {
		for _, u := range h.at("time:" + unit) {
			if w, ok := h.related(u, unit, now); ok {
				out = append(out, h.third(w))
			}
		}
	}
	return out
}

// related is a unit with the word beside it that says which one is meant.
func (h *heard) related(u phrase.Span, unit string, now Date) (when, bool) {
	for _, rel := range []string{"before_last", "last", "this"} {
		if s, ok := h.beside(u, "time:"+rel, 1); ok {
			return when{join(s, u), relative(rel, unit, now)}, true
		}
	}
	return when{}, false
}

// relative is the last, this or the last but one of a unit.
func relative(rel, unit string, now Date) Period {
	back := map[string]int{"this": 0, "last": 1, "before_last": 2}[rel]
	switch unit {
	case "week":
		return weekOf(now.plus(-7 * back)).until(now)
	case "weekend":
		saturday := now.plus(-now.weekday() + 5 - 7*max(back, 1))
		return days(saturday, saturday.plus(1))
	case "month":
		return monthOf(Date{now.month().AddDate(0, -back, 0)}).until(now)
	case "year":
		return yearOf(dateOf(now.Year()-back, 1, 1)).until(now)
	}
	return season(unit, back, now)
}

// season is a season of the northern half of the earth, the last one that has begun; one more back when another of the kind is meant.
func season(name string, back int, now Date) Period {
	first := map[string]time.Month{"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[name]
	from := dateOf(now.Year(), int(first), 1)
	for from.After(now.Time) || back > 1 {
		if !from.After(now.Time) {
			back--
		}
		from = Date{from.AddDate(-1, 0, 0)}
	}
	return days(from, Date{from.AddDate(0, 3, -1)}).until(now)
}

// third narrows a period to its beginning, middle or end where the message says so.
func (h *heard) third(w when) when {
	for n, key := range []string{"time:early", "time:mid", "time:late"} {
		if s, ok := h.beside(w.Span, key, 1); ok {
			return when{join(w.Span, s), w.is.part(n)}
		}
	}
	return w
}

// weekdays finds "on Monday": the last one there was, today not counted.
func (h *heard) weekdays(now Date) []when {
	var out []when
	for i := range 7 {
		for _, s := range h.at("weekday:" + strconv.Itoa(i+1)) {
			back := (now.weekday() - i + 7) % 7
			if back == 0 {
				back = 7
			}
			out = append(out, when{s, days(now.plus(-back), now.plus(-back))})
		}
	}
	return out
}

// plain is how long a month's name must be to need no word beside it: "may" and "mar" mean other things.
const plain = 5

// monthsNamed finds months, with a day or a year where one stands beside them.
func (h *heard) monthsNamed(now Date) []when {
	var out []when
	for i := range 12 {
		for _, s := range h.at("month:" + strconv.Itoa(i+1)) {
			w, sure := h.month(s, i+1, now)
			if sure || h.plainMonth(s) {
				out = append(out, w)
			}
		}
	}
	return out
}

func (h *heard) plainMonth(s phrase.Span) bool {
	if _, ok := h.beside(s, "in_month", 1); ok {
		return true
	}
	return s.Len() > 1 || len(h.text.Tokens[s.From]) >= plain
}

// month is a month of this year, or of the last when this year's is still to come.
func (h *heard) month(s phrase.Span, month int, now Date) (w when, sure bool) {
	year := now.Year()
	if month > int(now.Month()) {
		year--
	}
	if y, at, ok := h.figure(s, 2000, now.Year(), 2); ok {
		year, s, sure = y, join(s, at), true
	}
	if day, at, ok := h.figure(s, 1, 31, 2); ok {
		d := dateOf(year, month, day)
		if d.After(now.Time) {
			d = dateOf(year-1, month, day)
		}
		return when{join(s, at), days(d, d)}, true
	}
	w = h.third(when{s, monthOf(dateOf(year, month, 1))})
	return w, sure || w.Span != s
}

// figure is a number in digits beside a place.
func (h *heard) figure(s phrase.Span, least, most, gap int) (int, phrase.Span, bool) {
	for _, at := range []int{s.From - 1, s.To, s.From - 2, s.To + 1} {
		if at < 0 || at >= len(h.text.Tokens) || h.text.Sentence[at] != h.text.Sentence[s.From] || distance(phrase.Span{From: at, To: at + 1}, s) >= gap {
			continue
		}
		token := strings.TrimRight(h.text.Tokens[at], "abcdefghijklmnopqrstuvwxyz")
		if n, err := strconv.Atoi(token); err == nil && n >= least && n <= most {
			return n, phrase.Span{From: at, To: at + 1}, true
		}
	}
	return 0, phrase.Span{}, false
}
