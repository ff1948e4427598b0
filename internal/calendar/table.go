package calendar

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
)

//go:embed holidays.tsv
var table string

// New reads the table that is built in. An error means that the table was spoilt: 'make holidays' writes it anew.
func New() (*Calendar, error) { return parse(table) }

func parse(text string) (*Calendar, error) {
	r := reader{
		calendar: &Calendar{holidays: map[string][]Holiday{}, regions: map[string][]string{}},
		lists:    map[string][]string{"": nil},
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if err := r.line(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("read line %d of the holidays: %w; write them anew with 'make holidays'", number, err)
		}
	}
	if r.calendar.version == "" {
		return nil, errors.New("read the holidays: no line names the version; write them anew with 'make holidays'")
	}
	return r.calendar, nil
}

// reader fills a calendar line by line. Texts stay parts of the table, and equal lists of regions are kept once.
type reader struct {
	calendar *Calendar
	lists    map[string][]string
}

func (r reader) line(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	word, rest, _ := strings.Cut(line, "\t")
	first, rest, _ := strings.Cut(rest, "\t")
	second, third, _ := strings.Cut(rest, "\t")
	switch word {
	case "version":
		r.calendar.version = first + ", " + strings.Replace(rest, "\t", " to ", 1)
	case "ramadan":
		r.calendar.ramadans = append(r.calendar.ramadans, span{Day(first), Day(second)})
	case "regions":
		r.calendar.regions[first] = r.list(second)
	default:
		return r.holiday(word, Holiday{Day: Day(first), Name: third, Regions: r.list(second)})
	}
	return nil
}

func (r reader) holiday(country string, h Holiday) error {
	earlier := r.calendar.holidays[country]
	switch {
	case len(country) != 2 || len(h.Day) != len("2006-01-02") || h.Name == "":
		return errors.New("a country, a day, regions and a name are expected")
	case len(earlier) > 0 && earlier[len(earlier)-1].Day > h.Day:
		return fmt.Errorf("%s comes after a later day of %s", h.Day, country)
	}
	r.calendar.holidays[country] = append(earlier, h)
	return nil
}

func (r reader) list(words string) []string {
	if known, ok := r.lists[words]; ok {
		return known
	}
	list := strings.Fields(words)
	r.lists[words] = list
	return list
}
