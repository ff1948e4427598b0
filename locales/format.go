package locales

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Format writes dates, times, money and lists the way one locale does. It keeps the region that was asked for:
// en-US and en-GB share their words and differ here. Times are written in the zone they carry.
type Format struct {
	style style
	tag   language.Tag
}

// Format returns how a locale writes things. Where its chain has words but no style of ours, dates are written in
// figures, so that no other language's words appear among them.
func (c *Catalog) Format(locale string) Format {
	f := Format{style: plain, tag: language.Make(canonical(locale))}
	for _, l := range c.Chain(locale) {
		s, styled := styles[l]
		if styled {
			f.style = s
		}
		if styled && Foreign(locale, l) {
			f.tag = language.Make(l)
		}
		if styled || c.locales[l] != nil {
			break
		}
	}
	return f
}

// Date returns weekday, day and month: "Tue 24 Nov".
func (f Format) Date(t time.Time) string { return f.expand(f.style.date, t, t) }

// DatedDay returns Date with the year: "Tue 24 Nov 2026". In Thai it is the year of the Buddhist era.
func (f Format) DatedDay(t time.Time) string { return f.expand(f.style.dated, t, t) }

// LongDate returns the date in full: "Tuesday 24 November 2026".
func (f Format) LongDate(t time.Time) string { return f.expand(f.style.long, t, t) }

// Day returns Date, with the year when t is more than half a year from now.
func (f Format) Day(now, t time.Time) string {
	if t.After(now.AddDate(0, 6, 0)) || t.Before(now.AddDate(0, -6, 0)) {
		return f.DatedDay(t)
	}
	return f.Date(t)
}

// RelativeDay returns "today", "tomorrow" or "yesterday" together with the date, and the date alone for any other
// day. Now is compared in the zone of t.
func (f Format) RelativeDay(now, t time.Time) string {
	day, word := f.Day(now, t), ""
	switch daysBetween(now.In(t.Location()), t) {
	case -1:
		word = f.style.yesterday
	case 0:
		word = f.style.today
	case 1:
		word = f.style.tomorrow
	}
	if word == "" {
		return day
	}
	return strings.NewReplacer("{word}", word, "{day}", day).Replace(f.style.relative)
}

// daysBetween counts calendar days, which are not always 24 hours long.
func daysBetween(from, to time.Time) int {
	return int(civil(to).Sub(civil(from)) / (24 * time.Hour))
}

func civil(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Time returns the time of day: "14:00", "2:00 PM", "14.00".
func (f Format) Time(t time.Time) string { return t.Format(f.style.clock) + f.style.clockUnit }

// DateTime returns Date and Time.
func (f Format) DateTime(t time.Time) string { return f.At(f.Date(t), f.Time(t)) }

// At joins a written day and a written time of day, or range of them.
func (f Format) At(day, clock string) string {
	return strings.NewReplacer("{day}", day, "{time}", clock).Replace(f.style.and)
}

// On joins a written day and a written range of times: "tomorrow, Tue 24 Nov, 14:00–18:00".
func (f Format) On(day, times string) string {
	return strings.NewReplacer("{day}", day, "{time}", times).Replace(f.style.within)
}

// DateRange returns two days: "24–26 Nov", "30 Nov – 2 Dec"; one day only when both are the same.
func (f Format) DateRange(from, to time.Time) string {
	switch {
	case civil(from).Equal(civil(to)):
		return f.Date(from)
	case from.Year() == to.Year() && from.Month() == to.Month():
		return f.expand(f.style.span, from, to)
	default:
		return f.expand(f.style.short, from, from) + f.style.between + f.expand(f.style.short, to, to)
	}
}

// TimeRange returns two times of one day: "14:00–18:00 Uhr", "2:00 – 6:00 PM".
func (f Format) TimeRange(from, to time.Time) string {
	if f.style.rangeClock != "" {
		return f.rangeTime(from) + f.style.until + f.rangeTime(to)
	}
	start, end := from.Format(f.style.clock), to.Format(f.style.clock)
	if half := start[max(0, len(start)-3):]; strings.HasSuffix(end, half) && strings.HasSuffix(half, "M") {
		start = strings.TrimSuffix(start, half)
	}
	return start + f.style.until + end + f.style.clockUnit
}

func (f Format) rangeTime(t time.Time) string {
	return strings.TrimSuffix(t.Format(f.style.rangeClock), f.style.onTheHr)
}

// expand fills a pattern; see style for its words.
func (f Format) expand(pattern string, t, end time.Time) string {
	s := f.style
	return strings.NewReplacer(
		"{weekday}", at(s.longDays, int(t.Weekday())), "{wd}", at(s.weekdays, int(t.Weekday())),
		"{month}", at(s.longMonths, int(t.Month())-1), "{mon}", at(s.months, int(t.Month())-1),
		"{m}", strconv.Itoa(int(t.Month())), "{mm}", t.Format("01"),
		"{d}", s.dayOfMonth(t), "{dd}", t.Format("02"),
		"{e}", s.dayOfMonth(end), "{ee}", end.Format("02"),
		"{y}", strconv.Itoa(t.Year()+s.yearOffset),
	).Replace(pattern)
}

func at(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return ""
}

func (s style) dayOfMonth(t time.Time) string {
	if t.Day() == 1 && s.first != "" {
		return s.first
	}
	return strconv.Itoa(t.Day())
}

// decimals of the currencies that do not have two, as amounts are written to customers. ISO 4217 gives the
// rupiah two, but no shop in Indonesia writes them.
var decimals = map[string]int{
	"BIF": 0, "CLP": 0, "IDR": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// noBreak keeps an amount and its symbol on one line.
const noBreak = "\u00a0"

// Money returns an amount of a currency, an ISO 4217 code, in its major unit: "$1,234.50", "1.234,50 €".
func (f Format) Money(amount float64, currency string) string {
	symbol, known := f.style.symbols[currency]
	if !known {
		symbol = currency
	}
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	space := ""
	if f.style.symbolSpace || !known {
		space = noBreak
	}
	if f.style.symbolAfter {
		return sign + f.number(amount, currency) + space + symbol
	}
	return sign + symbol + space + f.number(amount, currency)
}

func (f Format) number(amount float64, currency string) string {
	places, ok := decimals[currency]
	if !ok {
		places = 2
	}
	return message.NewPrinter(f.tag).Sprint(number.Decimal(amount, number.Scale(places)))
}

// List joins names the way the language does: "a, b, and c", "a、b".
func (f Format) List(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	case 2:
		return names[0] + f.style.pair + names[1]
	default:
		return strings.Join(names[:n-1], f.style.comma) + f.style.last + names[n-1]
	}
}

// Country returns the name of a country, ISO 3166-1 alpha-2, or its code when it is unknown.
func (f Format) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(f.tag).Name(region); name != "" {
		return name
	}
	return code
}
