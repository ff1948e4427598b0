package policy

import (
	"strings"
	"time"
	"unicode"

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

// fold lower-cases a reply and strips the punctuation people put around a word.
func fold(s string) string {
	return strings.TrimFunc(strings.ToLower(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
	})
}
