package rules

import (
	"maps"
	"slices"

	"landfall/internal/notify"
)

// merge returns the market that a file makes of the one it extends, noting what does not fit. Single values and lists
// override, needs override by channel, rules replace the one of the same name where it stood, and others are added at
// the end. base is nil for a market of its own. law is the pack's market for the same country, whose needs hold even
// where it is not extended; nil for none.
func (s *source) merge(base, law *Market) *Market {
	m := &Market{name: s.name, Consent: map[notify.Channel]Need{}}
	if base != nil {
		*m = *base
		m.name, m.parent = s.name, base
		m.Consent, m.Rules, m.Files = maps.Clone(base.Consent), slices.Clone(base.Rules), slices.Clone(base.Files)
	}
	m.obey(law)
	s.doc.Consent.narrows(s.reader, m)
	m.Code, m.Extends = s.doc.Market.value, s.doc.Extends.value
	m.Files = append(m.Files, s.file)
	s.settings(m)
	for i := range s.doc.Rules {
		s.place(m, &s.doc.Rules[i])
	}
	return m
}

// obey raises m's needs to those of law.
func (m *Market) obey(law *Market) {
	if law == nil {
		return
	}
	for c, need := range law.Consent {
		if need.Recorded() && !m.Consent[c].Recorded() {
			m.Consent[c] = need
		}
	}
}

func (s *source) settings(m *Market) {
	m.Locale = orElse(s.doc.Locale.value, m.Locale)
	if zones := s.doc.TimeZones.values(); zones != nil {
		m.Zones = zones
	}
	if channels := as[notify.Channel](s.doc.Channels.values()); channels != nil {
		m.Channels = channels
	}
	if s.doc.Quiet.node != nil {
		m.Quiet = s.doc.Quiet.quiet()
	}
	for _, e := range s.doc.Consent.entries {
		m.Consent[e.channel] = Need(e.need.value)
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
