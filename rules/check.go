package rules

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"landfall/internal/notify"
	"landfall/internal/parcel"

	"go.yaml.in/yaml/v4"
)

// needed notes that a key is missing from the mapping at n, unless it is there, right or wrong.
func (r *reader) needed(n *yaml.Node, key string, value *yaml.Node, because string) {
	if value == nil {
		r.at(n, "the key %s is missing; %s", key, because)
	}
}

func (e *escalation) check(r *reader) {
	r.needed(e.node, "after", e.After.node, "say how long to wait, such as 4h")
	r.needed(e.node, "channels", e.Channels.node, "say which channels to try")
}

// check reports whether the channel takes the need, and notes when it does not.
func (e *consentEntry) check(r *reader, allowed []Need) bool {
	if e.need.value == "" {
		return false
	}
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
	d.classed(r)
	d.woken(r)
}

// classed notes a purpose that does not go with the class.
func (d *ruleDoc) classed(r *reader) {
	ad, order := d.Class.value == string(notify.MarketingClass), d.Purpose.value == string(notify.OrderStatus)
	switch {
	case d.Purpose.value == "":
	case ad && order:
		r.at(d.Purpose.node, "advertising is not part of an order; write review_request or marketing, or leave class out")
	case !ad && !order:
		r.at(d.Purpose.node, "this is advertising; write class: marketing beside it")
	}
}

// waking says about which kinds of event each kind of urgent news may speak.
var waking = [...]struct {
	urgent notify.Urgent
	kinds  []parcel.Kind
}{
	{notify.CourierAtDoor, []parcel.Kind{parcel.OutForDeliv, parcel.Attempted}},
	{notify.WindowStarts, []parcel.Kind{parcel.Scheduled, parcel.OutForDeliv}},
	{notify.PickupEnds, []parcel.Kind{parcel.Pickup, parcel.PickupAgain}},
	{notify.PerishableCOD, []parcel.Kind{parcel.CustomsPay, parcel.CustomsInfo, parcel.HeldPayment, parcel.HeldPapers, parcel.Attempted, parcel.BadAddress}},
	{notify.SafetyRecall, []parcel.Kind{parcel.Problem, parcel.Damaged, parcel.Destroyed}},
}

// KindsOf lists the kinds of event about which a rule may call itself urgent in the manner of u.
func KindsOf(u notify.Urgent) []parcel.Kind {
	for _, w := range waking {
		if w.urgent == u {
			return slices.Clone(w.kinds)
		}
	}
	return nil
}

// woken notes a rule that must not be urgent.
func (d *ruleDoc) woken(r *reader) {
	u := d.Urgent.value
	if u == "" {
		return
	}
	if d.Class.value == string(notify.MarketingClass) {
		r.at(d.Urgent.node, "%s: advertising wakes nobody; leave urgent out, which orders may have: %s", NotEligible, strings.Join(names(notify.Urgents()), ", "))
		return
	}
	for _, w := range d.On.words {
		if !contains(KindsOf(u), w.value) {
			r.at(w.node, "%s: %s does not go with %s; it may speak about %s", NotEligible, u, w.value, strings.Join(names(KindsOf(u)), ", "))
		}
	}
	d.atDoor(r)
}

// atDoor notes a rule that takes being on the road for standing at the door, or that calls it news for too long.
func (d *ruleDoc) atDoor(r *reader) {
	if d.Urgent.value != notify.CourierAtDoor {
		return
	}
	if contains(d.On.values(), string(parcel.OutForDeliv)) && d.When.node == nil {
		r.at(d.Urgent.node, "%s: out for delivery alone is not at the door; add a when that tells, such as event.code == \"AT_DOOR\", or use one of %s",
			NotEligible, strings.Join(names(notify.Urgents()), ", "))
	}
	if d.Expires.value > MaxAtDoor {
		r.at(d.Expires.node, "a courier at the door is no news after 30m; write no more than that")
	}
}

// check notes a section that says there is none and goes on.
func (a *advertising) check(r *reader) {
	if a.Off.value && len(a.node.Content) > 2 {
		r.at(a.Off.node, "advertising is off, and yet there are other keys; leave them out, or off")
	}
}

// check reports whether a place can be used, and notes when it says nothing or too much.
func (d *placeDoc) check(r *reader) bool {
	switch {
	case d.TimeZones.node == nil && d.Locale.node == nil:
		r.at(d.node, "nothing differs in this place; write time_zones or locale")
	case len(d.Region.words) > 1 && d.Codes.node != nil:
		r.at(d.Codes.node, "this does not tell which postal code lies in which region; write a place for each")
	default:
		return true
	}
	return false
}

// check notes a rest of the country that comes too early.
func (l *placeList) check(r *reader) {
	for i, d := range l.entries {
		if d.Region.node == nil && d.Codes.node == nil && i < len(l.entries)-1 {
			r.at(d.node, "a place without region and postal_codes is all the rest of the country; write it last")
		}
	}
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
	d.Places.inside(r, m)
	if a := d.Marketing; a.node != nil && a.node.Kind == yaml.MappingNode && !a.Off.value && len(m.Marketing.Channels) == 0 {
		r.needed(a.node, "channels", a.Channels.node, "say how advertising may go out, or write off: true")
	}
	if a := d.Marketing; len(m.Marketing.Channels) > 0 && !m.Marketing.Hours.Open() {
		r.needed(a.node, "hours", a.Hours.node, "say when advertising may go out")
	}
}

// inside notes places whose zone or language is not among the country's.
func (l *placeList) inside(r *reader, m *Market) {
	for _, d := range l.entries {
		for _, z := range d.TimeZones.words {
			if !slices.Contains(m.Zones, z.value) {
				r.at(z.node, "this is not among the country's time_zones; add it there")
			}
		}
		if tag := d.Locale; tag.value != "" && !slices.Contains(m.Locales, tag.value) {
			r.at(tag.node, "this is not among the country's languages; add it to locale")
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
	m.Marketing.Consent = maps.Clone(m.Marketing.Consent)
	if m.Marketing.Consent == nil {
		m.Marketing.Consent = map[notify.Channel]Need{}
	}
	for _, c := range notify.Channels() {
		m.Consent[c] = orElse(m.Consent[c], needs(c)[0])
		m.Marketing.Consent[c] = orElse(m.Marketing.Consent[c], adNeeds(c)[0])
	}
	m.Version = hex.EncodeToString(m.digest)[:12]
	m.Rules = slices.Clip(m.Rules)
	m.index = indexed(m.Rules)
}
