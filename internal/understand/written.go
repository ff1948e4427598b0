package understand

import (
	"regexp"
	"strconv"

	"landfall/internal/phrase"
)

var (
	yearFirst = regexp.MustCompile(`\b(20\d\d)\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})`)
	twoOrMore = regexp.MustCompile(`\b(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](20\d\d|\d\d))?\b`)
	monthDay  = regexp.MustCompile(`(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日号號일])?`)
)

// written finds dates in figures. In which order they stand is the language's habit, unless only one can be.
func (h *heard) written(now Date, raw string) []when {
	var out []when
	raw = phrase.Figures(raw)
	add := func(at []int, year, month, day int) {
		if w, ok := h.dated(raw, at, year, month, day, now); ok {
			out = append(out, w)
		}
	}
	for _, at := range yearFirst.FindAllStringSubmatchIndex(raw, -1) {
		add(at, number(raw, at, 1), number(raw, at, 2), number(raw, at, 3))
	}
	for _, at := range monthDay.FindAllStringSubmatchIndex(raw, -1) {
		add(at, 0, number(raw, at, 1), number(raw, at, 2))
	}
	for _, at := range twoOrMore.FindAllStringSubmatchIndex(raw, -1) {
		month, day := number(raw, at, 1), number(raw, at, 2)
		if h.date == "dmy" && day <= 12 || month > 12 {
			month, day = day, month
		}
		add(at, number(raw, at, 3), month, day)
	}
	return out
}

// number is a group of figures in a match, 0 when it is not there.
func number(raw string, at []int, group int) int {
	if at[2*group] < 0 {
		return 0
	}
	n, _ := strconv.Atoi(raw[at[2*group]:at[2*group+1]]) // figures only
	return n
}

// dated is a date where it stands in the message; a month when there is no day, the last such date when there is no year.
func (h *heard) dated(raw string, at []int, year, month, day int, now Date) (when, bool) {
	if month < 1 || month > 12 || day > 31 {
		return when{}, false
	}
	from := len(phrase.Split(raw[:at[0]]).Tokens)
	s := phrase.Span{From: from, To: from + max(len(phrase.Split(raw[at[0]:at[1]]).Tokens), 1)}
	if s.To > len(h.text.Tokens) {
		return when{}, false
	}
	guessed := year == 0
	switch {
	case guessed:
		year = now.Year()
	case year < 100:
		year += 2000
	}
	d := dateOf(year, month, max(day, 1))
	if guessed && d.After(now.Time) {
		d = dateOf(year-1, month, max(day, 1))
	}
	if day == 0 {
		return when{s, monthOf(d)}, true
	}
	return when{s, days(d, d)}, true
}
