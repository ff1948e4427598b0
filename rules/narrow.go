package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"

	"go.yaml.in/yaml/v4"
)

// position is where a node is written.
func (r *reader) position(n *yaml.Node) Position {
	return Position{File: r.file, Line: n.Line, Column: n.Column}
}

// where returns file and line of a setting, given by its keys with dots between; of what it would be part of when it is not
// written.
func (m *Market) where(path string) string {
	for {
		if at, ok := m.written[path]; ok {
			return fmt.Sprintf("%s:%d", at.File, at.Line)
		}
		if path == "" {
			return m.label()
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
}

// whereDay is where the hours of a weekday are written, below a path.
func (m *Market) whereDay(path string, d time.Weekday) string {
	for _, key := range slices.Sorted(maps.Keys(m.written)) {
		if name, below := strings.CutPrefix(key, path+"."); below && slices.Contains(days(name), d) {
			return m.where(key)
		}
	}
	return m.where(path)
}

// narrows notes where a file asks for less than law does, which is the pack's market for the same country.
func (s *source) narrows(m, law *Market) {
	d := &s.doc.Marketing
	s.weaker(&s.doc.Consent, law.Consent, law, "consent")
	s.weaker(&d.Consent.consents, law.Marketing.Consent, law, "marketing.consent")
	s.looser(&d.Daily, law.Marketing.Daily, law, "marketing.daily_limit")
	s.looser(&d.ValidMonths, law.Marketing.ValidMonths, law, "marketing.valid_months")
	s.looser(&s.doc.Daily, law.Daily, law, "daily_limit")
	if n := s.doc.MainZone.node; m.MainZone && !law.MainZone && n != nil {
		s.at(n, "people of %s live in all of its time zones, see %s; leave this out", law.Code, law.where("time_zones"))
	}
	if n := s.doc.Identify.node; n != nil && law.Identify && !m.Identify {
		s.at(n, "%s asks that every message names its sender; leave this out", law.where("identify"))
	}
	if d.Holidays.value == open && law.Marketing.Hours.HolidaysClosed {
		s.at(d.Holidays.node, "%s closes public holidays to advertising; leave this out", law.where("marketing.holidays"))
	}
	if d.Hours.node != nil {
		s.inside(&d.Hours, law.Marketing.Hours, law, "marketing.hours")
	}
	for i := range d.Regions.entries {
		e, path := &d.Regions.entries[i], "marketing.hours"
		if _, differs := law.Marketing.Regions[e.region]; differs {
			path = "marketing.regions." + e.region
		}
		s.inside(&e.hours, law.Marketing.HoursIn(e.region), law, path)
	}
	if lawful := law.Marketing.Hours.Eves; d.Eves.node != nil && lawful != nil && !covered(d.Eves.values, lawful) {
		s.at(d.Eves.node, "%s allows %s on the eves of holidays; a market may narrow the hours, never widen them",
			law.where("marketing.eves"), allowance(lawful))
	}
}

// weaker notes needs that are less than those of law.
func (s *source) weaker(c *consents, needs map[notify.Channel]Need, law *Market, path string) {
	for _, e := range c.entries {
		switch need := needs[e.channel]; {
		case !Need(e.need.value).Weaker(need):
		case need == NeedForbidden:
			s.at(e.need.node, "%s forbids advertising on %s here; leave this out", law.where(path+"."+string(e.channel)), e.channel)
		default:
			s.at(e.need.node, "%s asks for %s on %s here; a market may ask for more, never for less",
				law.where(path+"."+string(e.channel)), need, e.channel)
		}
	}
}

// looser notes a limit above that of law; 0 is none.
func (s *source) looser(c *count, limit int, law *Market, path string) {
	if limit > 0 && c.value > limit {
		s.at(c.node, "%s allows no more than %d; a market may lower it, never raise it", law.where(path), limit)
	}
}

// inside notes hours that go beyond lawful, or that have nothing in common with them.
func (s *source) inside(w *week, lawful notify.Hours, law *Market, path string) {
	written := w.hours()
	if written.Open() && !written.And(lawful).Open() {
		s.at(w.node, "%s: these hours have none in common with those of %s; write some inside of them", NoOpenWindow, law.where(path))
		return
	}
	d, wider := written.Wider(lawful)
	if !wider {
		return
	}
	s.at(w.days[d].node, "%s allows %s on %ss; a market may narrow the hours, never widen them",
		law.whereDay(path, d), allowance(lawful.Days[d]), d)
}

// covered reports whether each of spans lies inside one of lawful.
func covered(spans, lawful []notify.Span) bool {
	h, l := notify.Hours{}, notify.Hours{}
	h.Days[0], l.Days[0] = spans, lawful
	_, wider := h.Wider(l)
	return !wider
}

// allowance is the hours of one day in a sentence.
func allowance(spans []notify.Span) string {
	if len(spans) == 0 {
		return "no advertising"
	}
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = s.String()
	}
	return "advertising only " + strings.Join(words, " and ")
}

// shutsNowhere notes hours that leave a part of the country none at all, and channels that must not carry advertising.
func (s *source) shutsNowhere(m *Market) {
	d, a := &s.doc.Marketing, m.Marketing
	for _, c := range d.Channels.words {
		if a.Consent[notify.Channel(c.value)] == NeedForbidden {
			s.at(c.node, "%s forbids advertising here; leave it out", m.where("marketing.consent."+c.value))
		}
	}
	if !a.Hours.Open() || len(s.problems) > 0 || d.Hours.node == nil && d.Regions.node == nil {
		return
	}
	for _, region := range slices.Sorted(maps.Keys(a.Regions)) {
		if !a.HoursIn(region).Open() {
			s.at(cmp.Or(d.Hours.node, d.Regions.node), "%s: these hours have none in common with those of %s; write some inside of them",
				NoOpenWindow, m.where("marketing.regions."+region))
			return
		}
	}
}
