package locales

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"
)

// Format writes dates, times, money, lists and the names of countries the way one locale does, by CLDR. It keeps the region
// that was asked for: readers in New York and London share their words and differ here. Times are written in the zone they
// carry.
type Format struct {
	style     style
	choice    choice
	plural    func() counter
	money     currency.Locale
	countries func() map[string]string
}

// Format returns how a locale writes things. Where its chain has words but CLDR's part of ours has no formats, dates are written
// in figures, so that no other language's words appear among them. Extensions of BCP 47 choose a calendar (-u-ca-gregory,
// -u-ca-buddhist), digits (-u-nu-latn, -u-nu-arab) or a clock (-u-hc-h12, -u-hc-h23) other than the region's.
func (c *Catalog) Format(locale string) Format {
	f := Format{style: figures, money: currency.NewLocale("en"), countries: func() map[string]string { return nil }}
	links := c.Chain(locale)
	for _, l := range links {
		if s, styled := cldr[l]; styled {
			f.style, f.money = s, currency.NewLocale(l)
			f.plural = c.counterOf(l)
			break
		}
		if c.locales[l] != nil {
			return f
		}
	}
	for _, l := range links {
		if own, ok := choices[l]; ok {
			f.choice = own
			break
		}
	}
	for _, l := range links {
		if names, ok := countries[l]; ok {
			f.countries = names
			break
		}
	}
	f.extend(locale)
	return f
}

// counterOf is the plural rules of a locale.
func (c *Catalog) counterOf(locale string) func() counter {
	if w := c.locales[locale]; w != nil {
		return w.plural
	}
	return func() counter { return newCounter(locale) }
}

// extend applies what a locale asks for behind "-u-".
func (f *Format) extend(locale string) {
	_, asked, found := strings.Cut(strings.ToLower(locale), "-u-")
	if !found {
		return
	}
	keys := strings.Split(asked, "-")
	for i := 0; i+1 < len(keys); i++ {
		switch keys[i] + "-" + keys[i+1] {
		case "ca-gregory":
			f.choice.yearOffset = 0
		case "ca-buddhist":
			f.choice.yearOffset = 543
		case "nu-latn":
			if f.style.digits == "arab" {
				f.style.digits, f.money = "", currency.NewLocale("ar")
			}
		case "nu-arab":
			if f.style.digits == "" && strings.HasPrefix(locale, "ar") {
				f.style.digits, f.money = "arab", currency.NewLocale("ar-EG")
			}
		case "hc-h12":
			f.style.twelve = true
		case "hc-h23":
			f.style.twelve = false
		}
	}
}

// Name is what the language calls itself: "Deutsch", "繁體中文"; "" for one that CLDR's part of ours does not have.
func (f Format) Name() string { return f.style.name }

// Date returns weekday, day and month: "Tue 24 Nov".
func (f Format) Date(t time.Time) string { return f.expand(f.style.date, t, t) }

// DatedDay returns Date with the year: "Tue 24 Nov 2026". In Thai it is the year of the Buddhist era.
func (f Format) DatedDay(t time.Time) string { return f.expand(f.style.dated, t, t) }

// LongDate returns the date in full: "Tuesday, 24 November 2026".
func (f Format) LongDate(t time.Time) string { return f.expand(f.style.long, t, t) }

// Day returns Date, with the year when t is more than half a year from now.
func (f Format) Day(now, t time.Time) string {
	if t.After(now.AddDate(0, 6, 0)) || t.Before(now.AddDate(0, -6, 0)) {
		return f.DatedDay(t)
	}
	return f.Date(t)
}

// RelativeDay returns "today", "tomorrow" or "yesterday" together with the date, and the date alone for any other
// day. The date is always there: Hindi has one word for yesterday and tomorrow, and a message may be read a day later. Now is
// compared in the zone of t.
func (f Format) RelativeDay(now, t time.Time) string {
	day, word := f.Day(now, t), ""
	switch daysBetween(now.In(t.Location()), t) {
	case -1:
		word = f.style.yesterday
	case 0:
		word = cmp.Or(f.choice.today, f.style.today)
	case 1:
		word = f.style.tomorrow
	}
	if word == "" {
		return day
	}
	return join(cmp.Or(f.choice.relative, "{0}, {1}"), word, day)
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
func (f Format) Time(t time.Time) string {
	if f.style.twelve {
		return f.expand(f.style.clock12, t, t)
	}
	return f.expand(cmp.Or(f.choice.clock24, f.style.clock24), t, t)
}

// DateTime returns Date and Time.
func (f Format) DateTime(t time.Time) string { return f.At(f.Date(t), f.Time(t)) }

// At joins a written day and a written time of day: "tomorrow, Tue 24 Nov at 14:00".
func (f Format) At(day, clock string) string { return join(f.style.at, clock, day) }

// On joins a written day and a written range of times: "tomorrow, Tue 24 Nov, 14:00–18:00".
func (f Format) On(day, times string) string { return join(f.style.within, times, day) }

// DateRange returns two days: "24–26 Nov", "30 Nov – 2 Dec"; one day only when both are the same.
func (f Format) DateRange(from, to time.Time) string {
	switch {
	case civil(from).Equal(civil(to)):
		return f.Date(from)
	case from.Year() != to.Year():
		return f.expand(f.style.yearSpan, from, to)
	case from.Month() != to.Month():
		return f.expand(f.style.monthSpan, from, to)
	default:
		return f.expand(f.style.daySpan, from, to)
	}
}

// TimeRange returns two times of one day: "14:00–18:00 Uhr", "2:00 – 6:00 PM".
func (f Format) TimeRange(from, to time.Time) string {
	switch {
	case !f.style.twelve:
		span := f.expand(f.style.span24, from, to)
		if f.choice.fullHour != "" {
			span = strings.ReplaceAll(span, f.choice.fullHour, "")
		}
		return span
	case from.Hour() < 12 != (to.Hour() < 12):
		return f.expand(f.style.noonSpan12, from, to)
	default:
		return f.expand(f.style.span12, from, to)
	}
}

// Ago says how long ago something was, in whole hours within a day and in whole days from there on: "3 hours ago". Less than
// an hour is said as one.
func (f Format) Ago(d time.Duration) string {
	n, words := int(d.Hours()), f.style.hoursAgo
	if d >= 24*time.Hour {
		n, words = int(d.Hours()/24), f.style.daysAgo
	}
	n = max(n, 1)
	figure := f.digits(strconv.Itoa(n))
	if words == nil {
		return figure + " h"
	}
	pattern, ok := words[f.plural().category(n)]
	if !ok {
		pattern = words["other"]
	}
	return join(pattern, figure, "")
}

// List joins names the way the language does: "a, b, and c", "a、b".
func (f Format) List(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	case 2:
		return join(f.style.listTwo, names[0], names[1])
	default:
		list := join(f.style.listStart, names[0], names[1])
		for _, name := range names[2 : n-1] {
			list = join(f.style.listMiddle, list, name)
		}
		return join(f.style.listEnd, list, names[n-1])
	}
}

// Money returns an amount of a currency, an ISO 4217 code, in its major unit: "$1,234.50", "1.234,50 €".
func (f Format) Money(amount float64, code string) string {
	a, err := currency.NewAmount(strconv.FormatFloat(amount, 'f', -1, 64), code)
	if err != nil { // no currency of this world
		return strconv.FormatFloat(amount, 'f', 2, 64) + " " + code
	}
	formatter := currency.NewFormatter(f.money)
	formatter.MaxDigits = currency.DefaultDigits
	if code == "IDR" { // ISO gives it two digits, but no shop in Indonesia writes them
		formatter.MinDigits, formatter.MaxDigits = 0, 0
	}
	return formatter.Format(a)
}

// Country returns the name of a country, ISO 3166-1 alpha-2, or its code when it is unknown.
func (f Format) Country(code string) string {
	return cmp.Or(f.countries()[strings.ToUpper(code)], code)
}
