// Package calendar knows on which days a country or one of its regions is shut by law, and when Ramadan is, from 2026 to 2036.
// It reads one generated table, holidays.tsv, and neither the clock nor a zone: a day is what the calendar on the wall there
// shows, and whoever asks knows where that is. Whether a holiday matters to a message is decided elsewhere.
//
// The table is made by generate/generate.mjs, which says what counts; the head of the table says whom its data is owed to and
// what it lacks.
package calendar

import (
	"slices"
	"strings"
	"time"
)

// Day is a day of the Gregorian calendar, such as "2027-03-28". Days are compared as strings.
type Day string

// Date makes a Day of its parts. Parts out of range are carried over as time.Date does: 31 April is 1 May.
func Date(year int, month time.Month, day int) Day {
	return DayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DayOf gives the day it is at t, in t's own location.
func DayOf(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

// Holiday is a day on which a country, or some of its regions, is shut by law.
type Holiday struct {
	Day     Day
	Name    string   // in English where the data set has it, else in a language of the country
	Regions []string // ISO 3166-2 without the country, such as "BY"; none: the whole country. Not to be changed.
}

// In reports whether the holiday holds in a region, written as in Regions. A nationwide one holds everywhere, also in "".
func (h Holiday) In(region string) bool {
	return len(h.Regions) == 0 || slices.Contains(h.Regions, region)
}

// Calendar holds the holidays of all markets. It does not change and may be used from many goroutines.
type Calendar struct {
	version  string
	holidays map[string][]Holiday // by country, in order of days
	regions  map[string][]string  // by country, those the data set knows
	ramadans []span               // in order
}

// span is from its first to its last day, both included.
type span struct{ first, last Day }

// Version names the data set, its version and the days it covers, for the record that is kept with a decision.
func (c *Calendar) Version() string { return c.version }

// Between lists the holidays from one day to another, both included, that hold in a region, in order. A region is "BY" or
// "DE-BY", in capitals or not; "" asks for nationwide ones only, and so does a region that Knows does not know. The
// country is its two letters of ISO 3166-1. A country or a day that the table does not cover has no holidays.
func (c *Calendar) Between(country, region string, from, to Day) []Holiday {
	country = strings.ToUpper(country)
	region = within(country, region)
	var found []Holiday
	for _, h := range between(c.holidays[country], from, to) {
		if h.In(region) {
			found = append(found, h)
		}
	}
	return found
}

// Anywhere lists the holidays from one day to another, both included, that hold in the country or in any region of it, in
// order; a day may come under several names. It is what to keep when the region is not known.
func (c *Calendar) Anywhere(country string, from, to Day) []Holiday {
	return slices.Clone(between(c.holidays[strings.ToUpper(country)], from, to))
}

// Knows reports whether the data set names a region of a country, in the spellings of Between. Of AT, AU, BE, BR, CA, CH, DE,
// ES, GB, MY, NZ and US it names all (territories far away apart), of CL, FR, IN, IT and NL only some, of other countries none. Ask
// Anywhere about a region it does not know.
func (c *Calendar) Knows(country, region string) bool {
	country = strings.ToUpper(country)
	return slices.Contains(c.regions[country], within(country, region))
}

// Ramadan reports whether d is in Ramadan by the Umm al-Qura calendar. The month begins with a sighting of the moon, which may
// differ from country to country, and from this, by a day.
func (c *Calendar) Ramadan(d Day) bool {
	return slices.ContainsFunc(c.ramadans, func(s span) bool { return s.first <= d && d <= s.last })
}

// between cuts the holidays of a country to the days asked for.
func between(all []Holiday, from, to Day) []Holiday {
	start, _ := slices.BinarySearchFunc(all, from, func(h Holiday, d Day) int { return strings.Compare(string(h.Day), string(d)) })
	rest := all[start:]
	end := slices.IndexFunc(rest, func(h Holiday) bool { return h.Day > to })
	if end < 0 {
		return rest
	}
	return rest[:end]
}

// within brings a region into the table's spelling: capitals, and without the country.
func within(country, region string) string {
	region = strings.ToUpper(region)
	if rest, ok := strings.CutPrefix(region, country); ok && strings.HasPrefix(rest, "-") {
		return rest[1:]
	}
	return region
}
