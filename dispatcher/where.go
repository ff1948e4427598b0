package dispatcher

import (
	"hash/fnv"
	"slices"
	"time"

	"landfall/internal/calendar"
	"landfall/internal/notify"
	"landfall/internal/optout"
	"landfall/internal/phone"
	"landfall/internal/policy"
	"landfall/rules"
)

// World is what all merchants share: clocks, calendars, and an ear for what people write back. Its fields do not change once it
// is in use.
type World struct {
	Atlas   *policy.Atlas
	Days    *calendar.Calendar
	Replies *optout.Reader
	// Edition names what the time zones say: see policy.Atlas.Edition.
	Edition string
	// Spread is over how long messages are spread that were held until the same instant; 0 releases them together.
	Spread time.Duration
}

// NewWorld reads the table of holidays, and takes the time zones of markets as they are.
func NewWorld(markets map[string]*rules.Market, now time.Time) (*World, error) {
	days, err := calendar.New()
	if err != nil {
		return nil, err
	}
	w := &World{Atlas: &policy.Atlas{}, Days: days, Replies: optout.New()}
	var zones []string
	for _, m := range markets {
		zones = append(zones, m.Zones...)
	}
	slices.Sort(zones)
	w.Edition = w.Atlas.Edition(slices.Compact(zones), now)
	return w, nil
}

// whereabouts is whose clock and calendar hold for a person.
type whereabouts struct {
	zones   []policy.Zone
	source  notify.Reason
	country string // of the calendar
	region  string // of it; "" when nothing tells
}

// where finds a person's time zone: the one they chose, else the address's, else the phone number's, else the market's.
// Only advertising asks for all zones that are possible; what is sent about an order goes by the likeliest.
func (m *Merchant) where(p notify.Person, market *rules.Market) whereabouts {
	w := whereabouts{country: market.Code}
	home := market
	if own := m.Markets[p.Postal.Country]; own != nil {
		home, w.country = own, own.Code
		w.region = own.Region(p.Postal)
	}
	if z, ok := m.World.Atlas.Zone(p.TimeZone); ok {
		w.zones, w.source = []policy.Zone{z}, notify.ZoneExplicit
		return w
	}
	if p.Postal.Country == home.Code {
		if w.zones = m.World.Atlas.Zones(home.ZonesAt(p.Postal)); len(w.zones) > 0 {
			w.source = notify.ZoneAddress
			return w
		}
	}
	m.whereByPhone(&w, p, home)
	return w
}

// whereByPhone takes the zone of a number that lies in one; else the country's main one, with every other zone that it or the
// number may lie in after it.
func (m *Merchant) whereByPhone(w *whereabouts, p notify.Person, home *rules.Market) {
	names := home.Zones
	if home.MainZone {
		names = names[:min(1, len(names))]
	}
	if number, ok := phone.HomeOf(string(p.Phone)); ok {
		possible := m.zonesOf(number)
		if zones := m.World.Atlas.Zones(possible); len(possible) == 1 && len(zones) == 1 {
			w.zones, w.source = zones, notify.ZonePhone
			return
		}
		names = slices.Concat(home.Zones[:min(1, len(home.Zones))], possible)
	}
	w.zones, w.source = m.World.Atlas.Zones(distinct(names)), notify.ZoneMarket
}

// zonesOf lists the zones a number may lie in. One that is tied to no place says no more than its country, whatever single zone
// the numbering plan puts it down for, unless the country's other zones have calling codes of their own.
func (m *Merchant) zonesOf(number phone.Home) []string {
	country := m.Markets[number.Country]
	switch {
	case country == nil || number.Local || len(country.Zones) == 0:
		return number.Zones
	case country.MainZone:
		return country.Zones[:1]
	case len(country.Zones) > 1 && number.OneZone:
		return number.Zones
	case len(number.Zones) == 1:
		return country.Zones
	}
	return distinct(slices.Concat(number.Zones, country.Zones))
}

// distinct returns names without repeats, the first in its place and the others in order.
func distinct(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	rest := slices.DeleteFunc(slices.Sorted(slices.Values(names)), func(name string) bool { return name == names[0] })
	return append(names[:1:1], slices.Compact(rest)...)
}

// daysBefore and daysAfter are how many days before and after a decision its facts name holidays for: as far as policy looks ahead.
const (
	daysBefore = 2
	daysAfter  = 18
)

// holidays lists the days around an instant that are holidays for a person. Where their region is not known, advertising
// rests on the holidays of every region.
func (w *World) holidays(at whereabouts, now time.Time, careful bool) []string {
	now = now.UTC() // facts do not depend on whose clock now is read from
	from, to := calendar.DayOf(now.AddDate(0, 0, -daysBefore)), calendar.DayOf(now.AddDate(0, 0, daysAfter))
	found := w.Days.Between(at.country, at.region, from, to)
	if careful && (at.region == "" || !w.Days.Knows(at.country, at.region)) {
		found = w.Days.Anywhere(at.country, from, to)
	}
	var days []string
	for _, h := range found {
		days = append(days, string(h.Day))
	}
	return slices.Compact(days)
}

// fast lists the days of Ramadan around an instant.
func (w *World) fast(now time.Time) []string {
	var days []string
	for i := -daysBefore; i <= daysAfter; i++ {
		if d := calendar.DayOf(now.UTC().AddDate(0, 0, i)); w.Days.Ramadan(d) {
			days = append(days, string(d))
		}
	}
	return days
}

// release spreads what was held until the same instant a little, so that providers are not hit by all of it at once. The
// same delivery always goes at the same instant.
func (w *World) release(id notify.DeliveryID, at time.Time) time.Time {
	if w.Spread <= 0 {
		return at
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // never fails
	return at.Add(time.Duration(h.Sum64() % uint64(w.Spread)).Truncate(time.Millisecond))
}

// Clock returns the zone in which a person is told the time: that of the door a parcel comes to, where the address tells it,
// since that is where somebody has to be at home. Hours of rest go by the person's own clock even then.
func (m *Merchant) Clock(p notify.Person, market *rules.Market) *time.Location {
	door := p
	door.TimeZone = ""
	if w := m.where(door, market); w.source == notify.ZoneAddress && len(w.zones) == 1 {
		return w.zones[0].Location
	}
	if zones := m.where(p, market).zones; len(zones) > 0 {
		return zones[0].Location
	}
	return time.UTC
}
