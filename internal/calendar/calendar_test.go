package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// markets are those that Landfall ships rules for.
var markets = [...]string{
	"AE", "AR", "AT", "AU", "BE", "BR", "CA", "CH", "CL", "CO", "CZ", "DE", "DK", "EG", "ES", "FI", "FR", "GB", "GR", "HK", "ID", "IE", "IL", "IN",
	"IT", "JP", "KR", "LU", "MA", "MX", "MY", "NL", "NO", "NZ", "PH", "PL", "PT", "RO", "RS", "SA", "SE", "SG", "TH", "TR", "TW", "US", "VN", "ZA",
}

const firstYear, lastYear = 2026, 2036

func calendar(t testing.TB) *Calendar {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDay_OfAnInstantIsItsLocationsDay(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, time.March, 28, 23, 30, 0, 0, time.UTC)
	if got := DayOf(at); got != "2027-03-28" {
		t.Errorf("DayOf in UTC = %s, want 2027-03-28", got)
	}
	if got := DayOf(at.In(time.FixedZone("UTC+2", 2*60*60))); got != "2027-03-29" {
		t.Errorf("DayOf two hours east = %s, want 2027-03-29", got)
	}
	if got := Date(2027, time.April, 31); got != "2027-05-01" {
		t.Errorf("Date(31 April) = %s, want 2027-05-01", got)
	}
}

func TestBetween_WellKnownDays(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, day := range []struct {
		country, region string
		day             Day
		name            string // "": no holiday
	}{
		{"DE", "", "2027-03-29", "Easter Monday"},
		{"DE", "BY", "2027-03-29", "Easter Monday"},
		{"DE", "BY", "2027-05-27", "Corpus Christi"},
		{"DE", "BE", "2027-05-27", ""},
		{"DE", "", "2027-05-27", ""},
		{"DE", "BE", "2027-03-08", "International Women's Day"},
		{"DE", "", "2027-12-24", ""},
		{"FR", "", "2027-03-29", "Easter Monday"},
		{"FR", "57", "2027-03-26", "Good Friday"},
		{"FR", "", "2027-03-26", ""},
		{"FR", "974", "2027-12-20", "Abolition of Slavery"},
		{"AT", "9", "2027-10-26", "National Holiday"},
		{"CH", "", "2027-08-01", "Bundesfeiertag"},
		{"CH", "TI", "2027-03-26", ""},
		{"CH", "ZH", "2027-03-26", "Good Friday"},
		{"ZA", "", "2027-04-27", "Freedom Day"},
		{"ES", "", "2027-12-06", "Día de la Constitución Española"},
		{"ES", "", "2027-12-08", "Immaculate Conception"},
		{"ES", "CT", "2027-09-11", "Dia de Cataluña"},
		{"ES", "MD", "2027-09-11", ""},
		{"GB", "SCT", "2027-01-02", "January 2nd"},
		{"GB", "SCT", "2027-01-04", "January 2nd (substitute day)"},
		{"GB", "ENG", "2027-01-04", ""},
		{"GB", "NIR", "2027-03-17", "St Patrick’s Day"},
		{"US", "", "2027-11-25", "Thanksgiving Day"},
		{"US", "MA", "2027-04-19", "Patriots' Day"},
		{"CA", "ON", "2027-10-11", "Thanksgiving"},
		{"BR", "SP", "2027-11-20", "Black Awareness Day"},
		{"AU", "SA", "2027-12-25", "Christmas Day"},
		{"AU", "VIC", "2027-11-02", "Melbourne Cup"},
		{"NZ", "", "2027-06-25", "Matariki"},
		{"JP", "", "2027-05-03", "Constitution Day"},
		{"KR", "", "2027-02-06", "Korean New Year"},
		{"KR", "", "2027-02-08", "Korean New Year"},
		{"KR", "", "2027-02-09", "Korean New Year (substitute day)"},
		{"KR", "", "2027-02-10", ""},
		{"TW", "", "2027-02-06", "Chinese New Year"},
		{"VN", "", "2027-02-09", "Vietnamese New Year Holidays"},
		{"SG", "", "2027-02-06", "Chinese New Year"},
		{"SA", "", "2027-03-09", "End of Ramadan (Eid al-Fitr)"},
		{"SA", "", "2027-05-16", "Feast of the Sacrifice (Eid al-Adha)"},
		{"TR", "", "2027-03-11", "End of Ramadan (Eid al-Fitr)"},
		{"TR", "", "2027-03-12", ""},
		{"IT", "", "2027-12-26", "Boxing Day"},
		{"IN", "OD", "2027-04-01", "Odisha Day"},
		{"MY", "10", "2027-12-11", "Sultan of Selangor's Birthday"},
		{"IL", "", "2027-10-11", "Day of Atonement (Yom Kippur)"},
	} {
		name := ""
		if found := c.Between(day.country, day.region, day.day, day.day); len(found) > 0 {
			name = found[0].Name
		}
		if name != day.name {
			t.Errorf("%s %q on %s: %q, want %q", day.country, day.region, day.day, name, day.name)
		}
	}
}

func TestNew_EveryMarketHasHolidaysInEveryYear(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	if diff := cmp.Diff(markets[:], slices.Sorted(maps.Keys(c.holidays))); diff != "" {
		t.Errorf("countries (-want +got):\n%s", diff)
	}
	for _, country := range markets {
		for year := firstYear; year <= lastYear; year++ {
			from, to := Date(year, time.January, 1), Date(year, time.December, 31)
			if n := len(c.Anywhere(country, from, to)); n < 5 {
				t.Errorf("%s has %d holidays in %d; every country has five and more", country, n, year)
			}
		}
	}
}

func TestNew_RowsAreInOrderAndDaysExist(t *testing.T) {
	t.Parallel()
	for country, all := range calendar(t).holidays {
		for i, h := range all {
			at, err := time.Parse(time.DateOnly, string(h.Day))
			if err != nil || at.Year() < firstYear || at.Year() > lastYear {
				t.Errorf("%s: %q is no day of %d to %d", country, h.Day, firstYear, lastYear)
			}
			if i > 0 && (all[i-1].Day > h.Day || all[i-1].Day == h.Day && all[i-1].Name >= h.Name) {
				t.Errorf("%s: %s %q comes after %s %q", country, h.Day, h.Name, all[i-1].Day, all[i-1].Name)
			}
		}
	}
}

func TestNew_RegionsAreThoseTheDataSetKnows(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for country, all := range c.holidays {
		for _, h := range all {
			for _, region := range h.Regions {
				if !c.Knows(country, region) {
					t.Errorf("%s %s: region %q is not among those of the country", country, h.Day, region)
				}
			}
			if len(h.Regions) > 0 && len(h.Regions) == len(c.regions[country]) {
				t.Errorf("%s %s: all regions share %q; it is nationwide", country, h.Day, h.Name)
			}
		}
	}
}

// TestNew_WhatTheDataSetLacks fails when a new version closes a gap; then the head of the table and the decision in docs/adr say less.
func TestNew_WhatTheDataSetLacks(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, gap := range []struct {
		country, name string
		from          int
	}{
		{"TH", "Makha Bucha", 2027}, {"TH", "Vesak Day", 2027}, {"MY", "Vesak Day", 2027}, {"SG", "Vesak Day", 2027}, {"MY", "Thaipusam", 2027},
		{"ID", "Nyepi", 2028}, {"ID", "Vesak Day", 2028}, {"MY", "Deepavali", 2031}, {"SG", "Deepavali", 2031}, {"IN", "Diwali", 2026},
	} {
		var years []int
		for year := firstYear; year <= lastYear; year++ {
			if slices.ContainsFunc(c.Anywhere(gap.country, Date(year, 1, 1), Date(year, 12, 31)), func(h Holiday) bool { return h.Name == gap.name }) {
				years = append(years, year)
			}
		}
		if len(years) != gap.from-firstYear || len(years) > 0 && years[len(years)-1] != gap.from-1 {
			t.Errorf("%s has %s in %v; said to be lacking from %d", gap.country, gap.name, years, gap.from)
		}
	}
}

func TestNew_SpoiltTable(t *testing.T) {
	t.Parallel()
	for _, broken := range []struct{ table, says string }{
		{"", "no line names the version"},
		{"version\tx\ta\tb\nDE\t2027-01-02\t\tb\nDE\t2027-01-01\t\ta\n", "line 3"},
		{"version\tx\ta\tb\nDE\t2027-01-02\n", "line 2"},
		{"version\tx\ta\tb\n<<<<<<< ours\n", "line 2"},
	} {
		if _, err := parse(broken.table); err == nil || !strings.Contains(err.Error(), broken.says) {
			t.Errorf("parse(%q) = %v, want an error with %q", broken.table, err, broken.says)
		}
	}
}

func TestBetween_IncludesBothEnds(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	var days []Day
	for _, h := range c.Between("GB", "SCT", "2027-12-25", "2027-12-28") {
		days = append(days, h.Day)
	}
	if diff := cmp.Diff([]Day{"2027-12-25", "2027-12-26", "2027-12-27", "2027-12-28"}, days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	for _, none := range [][2]Day{{"2027-12-28", "2027-12-25"}, {"2027-06-01", "2027-07-30"}, {"2025-12-25", "2025-12-31"}, {"2037-01-01", "2037-12-31"}} {
		if found := c.Between("GB", "SCT", none[0], none[1]); found != nil {
			t.Errorf("from %s to %s: %v, want none", none[0], none[1], found)
		}
	}
}

func TestBetween_SpellingOfRegions(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, spelling := range [][2]string{{"DE", "BY"}, {"DE", "DE-BY"}, {"de", "by"}, {"De", "de-By"}} {
		if found := c.Between(spelling[0], spelling[1], "2027-05-27", "2027-05-27"); len(found) != 1 {
			t.Errorf("%q: Corpus Christi not found", spelling)
		}
		if !c.Knows(spelling[0], spelling[1]) {
			t.Errorf("%q is not known", spelling)
		}
	}
	for _, unknown := range [][2]string{{"DE", ""}, {"DE", "Bavaria"}, {"DE", "AT-BY"}, {"DE", "DE"}, {"DE", "DE-"}, {"SE", "AB"}, {"XX", "BY"}} {
		if found := c.Between(unknown[0], unknown[1], "2027-05-27", "2027-05-27"); found != nil {
			t.Errorf("%q: %v, want none", unknown, found)
		}
		if c.Knows(unknown[0], unknown[1]) {
			t.Errorf("%q is known", unknown)
		}
	}
}

func TestAnywhere_KeepsEveryRegionsDays(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	found := c.Anywhere("GB", "2027-08-01", "2027-08-31")
	want := []Holiday{
		{"2027-08-02", "Summer bank holiday", []string{"SCT"}},
		{"2027-08-30", "Summer bank holiday", []string{"ENG", "NIR", "WLS"}},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("holidays (-want +got):\n%s", diff)
	}
	found[0].Name = "changed"
	if again := c.Anywhere("GB", "2027-08-01", "2027-08-31"); again[0].Name == "changed" {
		t.Error("what one caller does to its list changes the calendar")
	}
}

func TestBetween_IsWhatAnywhereHasForTheRegion(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom(markets[:]).Draw(t, "country")
		region := rapid.SampledFrom(append([]string{""}, c.regions[country]...)).Draw(t, "region")
		from := Date(firstYear, time.January, rapid.IntRange(-400, 4400).Draw(t, "from"))
		to := Date(firstYear, time.January, rapid.IntRange(-400, 4400).Draw(t, "to"))

		var want []Holiday
		for _, h := range c.holidays[country] {
			if from <= h.Day && h.Day <= to && (h.Regions == nil || slices.Contains(h.Regions, region)) {
				want = append(want, h)
			}
		}
		got := c.Between(country, region, from, to)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("Between (-want +got):\n%s", diff)
		}
		everywhere := c.Anywhere(country, from, to)
		for i, h := range got {
			if !slices.ContainsFunc(everywhere, func(other Holiday) bool { return cmp.Equal(h, other) }) {
				t.Fatalf("Anywhere lacks %v", h)
			}
			if i > 0 && got[i-1].Day == h.Day {
				t.Fatalf("%s comes twice in one region", h.Day)
			}
		}
	})
}

func TestRamadan_ByUmmAlQura(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for day, want := range map[Day]bool{
		"2026-02-17": false, "2026-02-18": true, "2026-03-19": true, "2026-03-20": false,
		"2027-02-07": false, "2027-02-08": true, "2027-03-08": true, "2027-03-09": false,
		"2030-01-05": true, "2030-12-26": true, "2033-01-02": true, "2036-11-18": true, "2036-11-19": false,
		"": false, "2037-11-01": false,
	} {
		if got := c.Ramadan(day); got != want {
			t.Errorf("Ramadan(%q) = %v, want %v", day, got, want)
		}
	}
}

// The two come from different sources, which differ by a day in a few years: the data set's table of the Islamic calendar, and
// Umm al-Qura's.
func TestRamadan_EndsWithEid(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	for _, r := range c.ramadans {
		last, err := time.Parse(time.DateOnly, string(r.last))
		if err != nil {
			t.Fatal(err)
		}
		from, to := DayOf(last), DayOf(last.AddDate(0, 0, 2))
		for _, country := range []string{"AE", "EG", "ID", "MA", "MY", "SA", "TR"} {
			if !slices.ContainsFunc(c.Between(country, "", from, to), func(h Holiday) bool { return strings.HasPrefix(h.Name, "End of Ramadan") }) {
				t.Errorf("%s: no feast from %s to %s, when Ramadan ends", country, from, to)
			}
		}
	}
}

func TestRamadan_EachYearHasDaysOfIt(t *testing.T) {
	t.Parallel()
	c := calendar(t)
	days := map[int]int{}
	for d := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() <= lastYear; d = d.AddDate(0, 0, 1) {
		if c.Ramadan(DayOf(d)) {
			days[d.Year()]++
		}
	}
	for year := firstYear; year <= lastYear; year++ {
		if n := days[year]; n < 28 || n > 45 {
			t.Errorf("%d has %d days of Ramadan", year, n)
		}
	}
}

func TestVersion_NamesDataSetAndRange(t *testing.T) {
	t.Parallel()
	if got, want := calendar(t).Version(), "date-holidays 3.37.0, 2026-01-01 to 2036-12-31"; got != want {
		t.Errorf("Version() = %q, want %q", got, want)
	}
}

func TestTable_KeepsItsAttribution(t *testing.T) {
	t.Parallel()
	for _, owed := range []string{"https://github.com/commenthol/date-holidays", "CC BY-SA 3.0", "https://de.wikipedia.org/wiki/Feiertage_in_Deutschland"} {
		if !strings.Contains(table, owed) {
			t.Errorf("the head of holidays.tsv lacks %q", owed)
		}
	}
}

func TestBetween_AllocatesNothingWhenThereIsNothing(t *testing.T) {
	c := calendar(t)
	if n := testing.AllocsPerRun(100, func() { c.Between("DE", "DE-BE", "2027-05-20", "2027-06-10") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		calendar(b)
	}
}

func BenchmarkBetween(b *testing.B) {
	c := calendar(b)
	for _, days := range [][2]Day{{"2027-06-08", "2027-06-09"}, {"2027-05-27", "2027-05-28"}, {"2027-01-01", "2027-12-31"}} {
		b.Run(fmt.Sprintf("%s to %s", days[0], days[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Between("DE", "DE-BY", days[0], days[1])
			}
		})
	}
}
