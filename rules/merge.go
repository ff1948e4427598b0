package rules

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"landfall/internal/notify"

	"go.yaml.in/yaml/v4"
)

// merge returns the market that a file makes of the one it extends, noting what does not fit. Single values and lists
// override, needs override by channel, rules replace the one of the same name where it stood, and others are added at
// the end. base is nil for a market of its own. law is the pack's market for the same country, whose needs hold even
// where it is not extended; nil for none.
func (s *source) merge(base, law *Market) *Market {
	m := s.start(base, law)
	s.settings(m)
	s.places(m)
	s.advertise(m)
	for i := range s.doc.Rules {
		s.place(m, &s.doc.Rules[i])
	}
	if law != nil {
		s.narrows(m, law)
	}
	s.shutsNowhere(m)
	return m
}

// start returns what a file builds on: all of base, but of what is said about a country only what is said about its own.
func (s *source) start(base, law *Market) *Market {
	m := &Market{}
	if base != nil {
		*m = *base
	}
	m.name, m.parent = s.name, base
	m.Consent, m.written = filled(m.Consent), filled(m.written)
	m.Rules, m.Files = slices.Clone(m.Rules), append(slices.Clone(m.Files), s.file)
	m.Code, m.Extends = s.doc.Market.value, s.doc.Extends.value
	if s.merchants {
		m.Places, m.Marketing = nil, Marketing{}
	}
	m.digest = digest(m.digest, s.data)
	if law != nil && law != base {
		m.digest = digest(m.digest, law.digest)
	}
	m.obey(law)
	s.remember(m, "", s.doc.node)
	return m
}

// filled returns a copy of a map that can be written to.
func filled[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// digest is the hash of what was hashed before and of data.
func digest(before, data []byte) []byte {
	sum := sha256.Sum256(append(slices.Clip(before), data...))
	return sum[:]
}

// obey takes over what law says about the country, and raises m's needs to those of law.
func (m *Market) obey(law *Market) {
	if law == nil {
		return
	}
	m.Places, m.Marketing = law.Places, law.Marketing
	m.Identify = m.Identify || law.Identify
	for c, need := range law.Consent {
		if m.Consent[c] == "" || m.Consent[c].Weaker(need) {
			m.Consent[c] = need
		}
	}
}

// remember keeps where a part of the file is written, so that whoever asks for less can be shown the line.
func (s *source) remember(m *Market, path string, n *yaml.Node) {
	m.written[path] = s.position(n)
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		s.remember(m, strings.TrimPrefix(path+"."+n.Content[i].Value, "."), n.Content[i+1])
	}
}

func (s *source) settings(m *Market) {
	if tags := s.doc.Locale.values(); tags != nil {
		m.Locale, m.Locales = tags[0], tags
	}
	if zones := s.doc.TimeZones.values(); zones != nil {
		m.Zones = zones
	}
	if channels := as[notify.Channel](s.doc.Channels.values()); channels != nil {
		m.Channels = channels
	}
	if s.doc.Quiet.node != nil {
		m.Quiet = s.doc.Quiet.quiet()
	}
	if s.doc.Ramadan.node != nil {
		m.Ramadan = s.doc.Ramadan.value
	}
	if s.doc.MainZone.node != nil {
		m.MainZone = s.doc.MainZone.value
	}
	if s.doc.Identify.node != nil {
		m.Identify = s.doc.Identify.value
	}
	m.Daily = orElse(s.doc.Daily.value, m.Daily)
	m.Patience = s.doc.Patience.over(m.Patience)
	for _, e := range s.doc.Consent.entries {
		m.Consent[e.channel] = Need(e.need.value)
	}
}

// places puts the file's places in, or keeps those of the pack, without the languages that the file's own do not have.
func (s *source) places(m *Market) {
	if s.doc.Places.node != nil {
		m.Places = s.doc.Places.places()
		return
	}
	if s.doc.Locale.node == nil {
		return
	}
	m.Places = slices.Clone(m.Places)
	for i, p := range m.Places {
		if !slices.Contains(m.Locales, p.Locale) {
			m.Places[i].Locale = ""
		}
	}
}

// places turns the entries into places, one for each region.
func (l *placeList) places() []Place {
	var all []Place
	for _, d := range l.entries {
		p := Place{Zones: d.TimeZones.values(), Locale: d.Locale.value}
		for _, r := range d.Codes.words {
			p.Codes = append(p.Codes, parseRange(r.value))
		}
		for _, region := range either(d.Region.values(), []string{""}) {
			p.Region = region
			all = append(all, p)
		}
	}
	return all
}

// advertise puts the section marketing into what the market has of it.
func (s *source) advertise(m *Market) {
	d := &s.doc.Marketing
	if d.node == nil {
		return
	}
	if d.Off.value {
		m.Marketing.Channels = nil
		return
	}
	a := m.Marketing
	a.Consent, a.Regions = filled(a.Consent), filled(a.Regions)
	for _, e := range d.Consent.entries {
		a.Consent[e.channel] = Need(e.need.value)
	}
	for _, e := range d.Regions.entries {
		a.Regions[e.region] = e.hours.hours()
	}
	d.windows(&a.Hours)
	a.Channels = d.order(a)
	a.ValidMonths = orElse(d.ValidMonths.value, a.ValidMonths)
	if limit := d.Daily.value; limit != 0 {
		a.DailyByLaw = !s.merchants || a.DailyByLaw && limit == a.Daily
		a.Daily = limit
	}
	m.Marketing = a
}

// order is the channels of advertising, those it may not use left out where the file does not name them.
func (d *advertising) order(a Marketing) []notify.Channel {
	if d.Channels.node != nil {
		return as[notify.Channel](d.Channels.values())
	}
	return slices.DeleteFunc(slices.Clone(a.Channels), func(c notify.Channel) bool { return a.Consent[c] == NeedForbidden })
}

// windows puts the written hours into h.
func (d *advertising) windows(h *notify.Hours) {
	if d.Hours.node != nil {
		h.Days = d.Hours.hours().Days
	}
	if d.Holidays.node != nil {
		h.HolidaysClosed = d.Holidays.value == closed
	}
	if d.Eves.node != nil {
		h.Eves = d.Eves.values
	}
}

// place puts one rule of the file where it belongs.
func (s *source) place(m *Market, d *ruleDoc) {
	rule := d.rule(s.file)
	old, i := m.rule(rule.Name)
	switch {
	case !d.switches() && old != nil:
		m.Rules[i] = rule
	case !d.switches():
		m.Rules = append(m.Rules, rule)
	case old != nil:
		off := *old
		off.Off, off.At = true, rule.At
		m.Rules[i] = &off
	case rule.Name != "":
		s.at(d.Name.node, "there is no rule of this name to switch off%s", suggest(rule.Name, m.ruleNames()))
	}
}
