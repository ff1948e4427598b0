package policy

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"landfall/internal/notify"
)

// ZoneSource says where a person's time zone comes from.
type ZoneSource string

// The sources, surest first.
const (
	ZoneExplicit ZoneSource = "TZ_EXPLICIT"
	ZoneAddress  ZoneSource = "TZ_ADDRESS"
	ZoneMarket   ZoneSource = "TZ_MARKET_DEFAULT"
)

// Zone finds the zone in which p keeps quiet hours: the one p set, else the delivery country's when it has only one,
// else the market's default. The zones of the market come default first, and an unknown name of the person's own is
// passed over, so that there always is a zone.
func Zone(p notify.Person, market string, zones []string) (*time.Location, ZoneSource) {
	if loc, err := time.LoadLocation(p.TimeZone); err == nil && p.TimeZone != "" {
		return loc, ZoneExplicit
	}
	source := ZoneMarket
	if len(zones) == 1 && p.Postal.Country == market {
		source = ZoneAddress
	}
	if len(zones) > 0 {
		if loc, err := time.LoadLocation(zones[0]); err == nil {
			return loc, source
		}
	}
	return time.UTC, source
}

// fold brings a reply into the one form words are compared in: compatibility forms such as full width letters become plain
// ones, case goes, and so does everything around the word that is no letter and no digit: punctuation, emoji with their
// selectors, invisible characters.
func fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.TrimRightFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.In(r, unicode.Thai)
	})
}
