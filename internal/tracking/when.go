package tracking

import (
	"strconv"
	"strings"
	"time"

	"landfall/internal/parcel"
)

// zoned are the ways feeds write an instant, wall the ways they write what a clock on a wall showed.
var (
	zoned = [...]string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z0700",
		"2006-01-02 15:04:05 MST", "2006-01-02T15:04Z07:00",
	}
	wall = [...]string{
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
	}
)

// readTime reads a stamp. exact is false when it had no zone and the wall clock was read in zone. Seconds since
// 1970 are understood too. ok is false for a stamp that is no time of this century.
func readTime(stamp string, zone *time.Location) (t time.Time, exact, ok bool) {
	if seconds, err := strconv.ParseInt(stamp, 10, 64); err == nil {
		t = time.Unix(seconds, 0).UTC()
		return t, true, plausible(t)
	}
	for _, layout := range zoned {
		if t, err := time.Parse(layout, stamp); err == nil && !foreignZone(layout, stamp) {
			return t, true, plausible(t)
		}
	}
	for _, layout := range wall {
		if t, err := time.ParseInLocation(layout, stamp, zone); err == nil {
			return t, false, plausible(t)
		}
	}
	return time.Time{}, false, false
}

// foreignZone tells a zone's abbreviation that time.Parse takes but cannot place: it would read CST as UTC.
func foreignZone(layout, stamp string) bool {
	return strings.HasSuffix(layout, "MST") && !strings.HasSuffix(stamp, "UTC") && !strings.HasSuffix(stamp, "GMT")
}

// earlier keeps what happened from lying after the moment it was heard of: clocks of carriers and shops run ahead.
func earlier(t, heard time.Time) time.Time {
	if t.After(heard) {
		return heard
	}
	return t
}

// plausible keeps out zero times, and years that cannot be written as JSON.
func plausible(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2200 }

// window reads an estimate: from and to as they came, either may be empty. place is the destination's country.
func window(from, to, place string) *parcel.Window {
	w := parcel.Window{}
	if from == "" {
		from = to
	}
	if to == "" {
		to = from
	}
	w.From, _ = expected(from, place)
	_, w.To = expected(to, place)
	if w.From.IsZero() && w.To.IsZero() || !w.To.IsZero() && w.To.Before(w.From) {
		return nil
	}
	return &w
}

// expected reads an estimate's stamp: an instant, or a day. A day lasts from midnight to midnight where the parcel
// goes. When that country has several zones a day is its noon in UTC, which is the same date nearly everywhere.
func expected(stamp, place string) (from, to time.Time) {
	// Feeds that keep dates in a field of times write them as midnight UTC.
	day := strings.TrimSuffix(strings.TrimSuffix(stamp, "T00:00:00Z"), "T00:00:00")
	t, err := time.ParseInLocation(time.DateOnly, day, zoneOf(place))
	switch {
	case err != nil:
		t, _, ok := readTime(stamp, zoneOf(place))
		if !ok {
			return time.Time{}, time.Time{}
		}
		return t.UTC(), t.UTC()
	case !plausible(t):
		return time.Time{}, time.Time{}
	case t.Location() == time.UTC:
		noon := t.Add(12 * time.Hour)
		return noon, noon
	default:
		return t.UTC(), t.AddDate(0, 0, 1).Add(-time.Second).UTC()
	}
}

// zoneOf returns the one zone of a country (ISO 3166-1 alpha-2), or UTC when it has several or is not known.
func zoneOf(country string) *time.Location {
	name, ok := zones[country]
	if !ok {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// zones are the trading countries whose clocks all show the same: IANA zone by ISO 3166-1 alpha-2. Countries with
// several times, such as US, CA, BR, MX, AU, ID, RU, ES and PT with their islands, are left out on purpose.
var zones = map[string]string{
	"AE": "Asia/Dubai", "AT": "Europe/Vienna", "BD": "Asia/Dhaka", "BE": "Europe/Brussels", "BG": "Europe/Sofia",
	"BH": "Asia/Bahrain", "BN": "Asia/Brunei", "CH": "Europe/Zurich", "CN": "Asia/Shanghai", "CO": "America/Bogota",
	"CR": "America/Costa_Rica", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen",
	"DO": "America/Santo_Domingo", "DZ": "Africa/Algiers", "EE": "Europe/Tallinn", "EG": "Africa/Cairo", "FI": "Europe/Helsinki",
	"FR": "Europe/Paris", "GB": "Europe/London", "GH": "Africa/Accra", "GR": "Europe/Athens", "HK": "Asia/Hong_Kong",
	"HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata",
	"IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "JO": "Asia/Amman", "JP": "Asia/Tokyo", "KE": "Africa/Nairobi",
	"KH": "Asia/Phnom_Penh", "KR": "Asia/Seoul", "KW": "Asia/Kuwait", "LA": "Asia/Vientiane", "LB": "Asia/Beirut",
	"LK": "Asia/Colombo", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MA": "Africa/Casablanca",
	"MM": "Asia/Yangon", "MO": "Asia/Macau", "MT": "Europe/Malta", "MY": "Asia/Kuala_Lumpur", "NG": "Africa/Lagos",
	"NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "NP": "Asia/Kathmandu", "OM": "Asia/Muscat", "PE": "America/Lima",
	"PH": "Asia/Manila", "PK": "Asia/Karachi", "PL": "Europe/Warsaw", "QA": "Asia/Qatar", "RO": "Europe/Bucharest",
	"RS": "Europe/Belgrade", "SA": "Asia/Riyadh", "SE": "Europe/Stockholm", "SG": "Asia/Singapore", "SI": "Europe/Ljubljana",
	"SK": "Europe/Bratislava", "TH": "Asia/Bangkok", "TN": "Africa/Tunis", "TR": "Europe/Istanbul", "TW": "Asia/Taipei",
	"UA": "Europe/Kyiv", "UY": "America/Montevideo", "VN": "Asia/Ho_Chi_Minh", "ZA": "Africa/Johannesburg",
}
