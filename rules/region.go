package rules

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"landfall/internal/notify"
)

// Place is a part of a country, told by subdivision or postal code, and what differs there. Where a field is empty, nothing
// does. One that is told by neither is the rest of the country.
type Place struct {
	Region string      // ISO 3166-2 without the country, such as AZ; empty when only the postal code tells
	Codes  []CodeRange // of postal codes
	Zones  []string    // IANA; several when the place alone does not tell which
	Locale string      // BCP 47
}

// rest reports whether p is what the other places leave over.
func (p Place) rest() bool { return p.Region == "" && len(p.Codes) == 0 }

// CodeRange is a range of beginnings of postal codes, both ends included: "850" to "865" holds 85001.
type CodeRange struct{ From, To string }

// has reports whether a postal code, without spaces and in capital letters, begins inside r.
func (r CodeRange) has(code string) bool {
	if len(code) < len(r.From) {
		return false
	}
	head := code[:len(r.From)]
	return r.From <= head && head <= r.To
}

// holds reports whether the postal code of an address lies in p and its region, when it has one, does not speak against it.
func (p Place) holds(region, code string) bool {
	return (region == "" || p.Region == "" || p.Region == region) && slices.ContainsFunc(p.Codes, func(r CodeRange) bool { return r.has(code) })
}

// place finds the part of the country an address lies in: by its postal code, else by its region; else it is the rest. It is
// nil when the address has neither or the country has no parts. The first place that fits counts.
func (m *Market) place(a notify.Postal) *Place {
	region, code := subdivision(m.Code, a.Region), postalCode(a.PostalCode)
	if region == "" && code == "" {
		return nil
	}
	for _, fits := range [...]func(Place) bool{
		func(p Place) bool { return p.holds(region, code) },
		func(p Place) bool { return region != "" && p.Region == region },
		Place.rest,
	} {
		if i := slices.IndexFunc(m.Places, fits); i >= 0 {
			return &m.Places[i]
		}
	}
	return nil
}

var regionShape = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)

// subdivision brings a region into the form of Place.Region: "US-AZ" and "az" are AZ. A name such as Arizona is none: "".
func subdivision(country, region string) string {
	region = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(region)), country+"-")
	if !regionShape.MatchString(region) {
		return ""
	}
	return region
}

// postalCode brings a code into the form of CodeRange.
func postalCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// Region returns the subdivision an address lies in, "" when it does not tell. Where regions decide about advertising, one
// that nobody knows does not count.
func (m *Market) Region(a notify.Postal) string {
	if region := subdivision(m.Code, a.Region); region != "" && (len(m.Marketing.Regions) == 0 || m.knows(region)) {
		return region
	}
	if p := m.place(a); p != nil {
		return p.Region
	}
	return ""
}

func (m *Market) knows(region string) bool {
	_, narrowed := m.Marketing.Regions[region]
	return narrowed || slices.ContainsFunc(m.Places, func(p Place) bool { return p.Region == region })
}

// ZonesAt lists the time zones an address may lie in: one when the country has one or the address tells which; none when
// it does not.
func (m *Market) ZonesAt(a notify.Postal) []string {
	if p := m.place(a); p != nil && len(p.Zones) > 0 {
		return p.Zones
	}
	if len(m.Zones) == 1 {
		return m.Zones
	}
	return nil
}

// LocaleAt returns the language spoken at an address.
func (m *Market) LocaleAt(a notify.Postal) string {
	if p := m.place(a); p != nil && p.Locale != "" {
		return p.Locale
	}
	return m.Locale
}

// HoursIn returns the hours that hold in a region; where it is "", those that hold in all of them.
func (m Marketing) HoursIn(region string) notify.Hours {
	if region != "" {
		if h, differs := m.Regions[region]; differs {
			return m.Hours.And(h)
		}
		return m.Hours
	}
	h := m.Hours
	for _, name := range slices.Sorted(maps.Keys(m.Regions)) {
		h = h.And(m.Regions[name])
	}
	return h
}
