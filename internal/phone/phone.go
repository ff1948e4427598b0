// Package phone reads what a phone number says by itself: its one spelling, and where in the world it may be at home. It is
// the only place that knows the numbering plans of github.com/nyaruka/phonenumbers, and asks nobody.
package phone

import (
	"fmt"
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// Home is where a number may be at home.
type Home struct {
	Country string // ISO 3166-1; empty when the number belongs to no country
	// Zones are the IANA time zones the number may lie in, the numbering plan's own idea first.
	Zones []string
	// Local is set when the number is tied to a place. A mobile number usually is not: all of Australia's are listed under
	// Sydney.
	Local bool
	// OneZone is set when all numbers of the calling code lie in one zone, as those of +33 in that of Paris: France overseas
	// has codes of its own.
	OneZone bool
}

// geoMobiles are countries whose mobile numbers bear an area code: Mexico, Argentina, Brazil.
var geoMobiles = [...]int32{52, 54, 55}

// HomeOf reads a number in E.164 form, and whether it is one that can exist.
func HomeOf(number string) (Home, bool) {
	n, err := phonenumbers.Parse(number, "")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return Home{}, false
	}
	zones, err := phonenumbers.GetTimezonesForNumber(n)
	if err != nil {
		return Home{}, false
	}
	return Home{Country: countryOf(n), Zones: zones, Local: local(n), OneZone: oneZone(n)}, true
}

func countryOf(n *phonenumbers.PhoneNumber) string {
	code := phonenumbers.GetRegionCodeForNumber(n)
	if code == "001" { // of the world's own codes, such as +800
		return ""
	}
	return code
}

func local(n *phonenumbers.PhoneNumber) bool {
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return true
	case phonenumbers.MOBILE:
		return slices.Contains(geoMobiles[:], n.GetCountryCode())
	}
	return false
}

// oneZone reports whether the whole numbering plan n belongs to lies in one time zone.
func oneZone(n *phonenumbers.PhoneNumber) bool {
	zones, err := phonenumbers.GetTimezonesForPrefix(fmt.Sprintf("+%d", n.GetCountryCode()))
	return err == nil && len(zones) == 1
}

// Normal returns a number in its one spelling, E.164; what is no number comes back as it is.
func Normal(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}
