package rules

import (
	"slices"
	"strings"

	"landfall/internal/notify"

	"go.yaml.in/yaml/v4"
)

// needed notes that a key is missing from the mapping at n, unless it is there, right or wrong.
func (r *reader) needed(n *yaml.Node, key string, value *yaml.Node, because string) {
	if value == nil {
		r.at(n, "the key %s is missing; %s", key, because)
	}
}

// check notes quiet hours that are half given, that never end or that a Sunday cannot move.
func (q *quietHours) check(r *reader) {
	r.needed(q.node, "from", q.From.node, "say when quiet hours begin")
	r.needed(q.node, "to", q.To.node, "say when quiet hours end")
	if q.From.ok && q.To.ok && (q.To.value-q.From.value)%(24*60) == 0 {
		r.at(q.To.node, "quiet hours begin and end at the same time; leave quiet_hours out to have none")
	}
	if q.SundaysUntil.ok && q.To.ok && q.SundaysUntil.value <= q.To.value {
		r.at(q.SundaysUntil.node, "this is not later than %s, when quiet hours end on other days; leave it out", q.To.value)
	}
}

func (e *escalation) check(r *reader) {
	r.needed(e.node, "after", e.After.node, "say how long to wait, such as 4h")
	r.needed(e.node, "channels", e.Channels.node, "say which channels to try")
}

// check reports whether the channel takes the need, and notes when it does not.
func (e *consentEntry) check(r *reader) bool {
	if e.need.value == "" {
		return false
	}
	allowed := needs(e.channel)
	if contains(allowed, e.need.value) {
		return true
	}
	r.at(e.need.node, "%s does not go by this; write %s", e.channel, strings.Join(names(allowed), " or "))
	return false
}

func (d *ruleDoc) check(r *reader) {
	r.needed(d.node, "name", d.Name.node, "give the rule a name of its own")
	if d.switches() {
		return
	}
	r.needed(d.node, "on", d.On.node, "say which events the rule speaks about")
	r.needed(d.node, "say", d.Say.node, "name the template of the notice")
}

// check notes rules that bear the name of an earlier one.
func (l ruleList) check(r *reader) {
	seen := map[string]int{}
	for _, d := range l {
		name := d.Name.value
		if name == "" {
			continue
		}
		if line, twice := seen[name]; twice {
			r.at(d.Name.node, "a rule of this name is on line %d already; give each its own", line)
			continue
		}
		seen[name] = d.Name.node.Line
	}
}

// check notes what a finished market still lacks. Keys that are there but wrong have been noted before.
func (d *document) check(r *reader, m *Market) {
	for _, k := range [...]struct {
		key    string
		value  *yaml.Node
		absent bool
	}{
		{"locale", d.Locale.node, m.Locale == ""},
		{"time_zones", d.TimeZones.node, len(m.Zones) == 0},
		{"channels", d.Channels.node, len(m.Channels) == 0},
	} {
		if k.absent {
			r.needed(d.node, k.key, k.value, "write it here or extend a market of the pack")
		}
	}
}

// narrows notes where a file asks for less than m did before.
func (c *consents) narrows(r *reader, m *Market) {
	for _, e := range c.entries {
		if had := m.Consent[e.channel]; had.Recorded() && !Need(e.need.value).Recorded() {
			r.at(e.need.node, "the pack asks for %s on %s here; a market may ask for more, never for less", had, e.channel)
		}
	}
}

// label is how extends refers to m.
func (m *Market) label() string { return "pack/" + m.name }

// ruleNames lists the names of m's rules.
func (m *Market) ruleNames() []string {
	var all []string
	for _, r := range m.Rules {
		all = append(all, r.Name)
	}
	return all
}

// complete fills in what follows from the rest: the default zone, a need for every channel, the index.
func (m *Market) complete() {
	if len(m.Zones) > 0 {
		m.Zone = m.Zones[0]
	}
	for _, c := range notify.Channels() {
		if m.Consent[c] == "" {
			m.Consent[c] = needs(c)[0]
		}
	}
	m.Rules = slices.Clip(m.Rules)
	m.index = indexed(m.Rules)
}
