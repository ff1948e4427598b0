package understand

import "time"

// A festival is when people of a market buy, and what they name instead of a date. Those that keep the sun's calendar follow a rule; those
// of the moon are looked up by year, up to the last year of the table.

// feast is a festival's first day and how many days before and after it people mean.
type feast struct{ before, after int }

var feasts = map[string]feast{
	"black_friday": {4, 3}, "cyber_monday": {0, 1}, "singles_day": {3, 1}, "christmas": {7, 2}, "lunar_new_year": {7, 7}, "tet": {7, 7}, "seollal": {5, 3}, "ramadan": {0, 29},
	"golden_week_jp": {0, 7}, "golden_week_cn": {0, 7}, "prime_day": {1, 2}, "midyear_618": {5, 2}, "double_12": {1, 1}, "new_year": {2, 3}, "obon": {2, 4}, "summer_sale": {0, 61},
	"winter_sale": {0, 45}, "songkran": {1, 3}, "carnival": {4, 1}, "back_to_school": {0, 30}, "hot_sale": {1, 8}, "el_buen_fin": {1, 3}, "white_friday": {4, 3},
}

// fixed are festivals of one date.
var fixed = map[string][2]int{
	"new_year": {1, 1}, "epiphany": {1, 6}, "valentines": {2, 14}, "womens_day": {3, 8}, "songkran": {4, 13}, "golden_week_jp": {4, 29}, "childrens_day": {6, 1}, "midyear_618": {6, 18},
	"prime_day": {7, 10}, "summer_sale": {7, 1}, "obon": {8, 13}, "back_to_school": {8, 15}, "golden_week_cn": {10, 1}, "national_day": {10, 1}, "republic_day": {10, 29}, "halloween": {10, 31},
	"singles_day": {11, 11}, "double_12": {12, 12}, "christmas": {12, 25}, "boxing_day": {12, 26}, "winter_sale": {1, 2},
}

// moon are the first days of festivals of the moon, from 2024, as month and day. Those of Islam follow the calendar of Saudi Arabia.
var moon = map[string][][2]int{
	"lunar_new_year": {{2, 10}, {1, 29}, {2, 17}, {2, 6}, {1, 26}},
	"mid_autumn":     {{9, 17}, {10, 6}, {9, 25}, {9, 15}, {10, 3}},
	"ramadan":        {{3, 11}, {3, 1}, {2, 18}, {2, 8}, {1, 28}},
	"eid_al_fitr":    {{4, 10}, {3, 30}, {3, 20}, {3, 9}, {2, 26}},
	"eid_al_adha":    {{6, 16}, {6, 6}, {5, 27}, {5, 16}, {5, 5}},
	"diwali":         {{10, 31}, {10, 20}, {11, 8}, {10, 29}, {10, 17}},
}

// kin are festivals of the same moon.
var kin = map[string]string{"tet": "lunar_new_year", "seollal": "lunar_new_year", "chuseok": "mid_autumn"}

const moonFrom = 2024

// festival is the last time a festival was before a day, or is on it.
func festival(name string, now Date) (Period, bool) {
	for _, year := range []int{now.Year(), now.Year() - 1} {
		first, ok := festivalIn(name, year)
		if !ok {
			continue
		}
		f := feasts[name]
		if f == (feast{}) {
			f = feast{2, 2}
		}
		p := days(first.plus(-f.before), first.plus(f.after))
		if !p.From.After(now.Time) {
			return p.until(now), true
		}
	}
	return Period{}, false
}

func festivalIn(name string, year int) (Date, bool) {
	if md, ok := fixed[name]; ok {
		return dateOf(year, md[0], md[1]), true
	}
	if other, ok := kin[name]; ok {
		name = other
	}
	if table, ok := moon[name]; ok {
		if year < moonFrom || year-moonFrom >= len(table) {
			return Date{}, false
		}
		md := table[year-moonFrom]
		return dateOf(year, md[0], md[1]), true
	}
	switch name {
	case "thanksgiving":
		return nth(year, 11, 3, 4), true
	case "black_friday", "white_friday":
		return nth(year, 11, 3, 4).plus(1), true
	case "cyber_monday":
		return nth(year, 11, 3, 4).plus(4), true
	case "el_buen_fin":
		return nth(year, 11, 0, 3).plus(-3), true
	case "hot_sale":
		return nth(year, 5, 0, 4), true
	case "mothers_day":
		return nth(year, 5, 6, 2), true
	case "fathers_day":
		return nth(year, 6, 6, 3), true
	case "easter":
		return easter(year), true
	case "carnival":
		return easter(year).plus(-47), true
	}
	return Date{}, false
}

func dateOf(year, month, day int) Date {
	return Date{time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)}
}

// nth is the nth of a weekday in a month; Monday is 0.
func nth(year, month, weekday, n int) Date {
	first := dateOf(year, month, 1)
	return first.plus((weekday-first.weekday()+7)%7 + 7*(n-1))
}

// easter is the Gregorian Easter Sunday, by the algorithm of Meeus, Jones and Butcher.
func easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return dateOf(year, n/31, n%31+1)
}
