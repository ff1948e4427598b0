package rules

import (
	"slices"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"

	"go.yaml.in/yaml/v4"
)

// The types of this file are a market file as it is written. The yaml tags name the keys, for the reader and for the
// JSON schema alike, and the descriptions are what an editor shows. Every part keeps the node it was read from, so
// that later checks can point at it; the node is nil when the key is missing.

type document struct {
	Market    word[marketCode]  `yaml:"market" jsonschema:"required" jsonschema_description:"The destination country, ISO 3166-1, and the file's name"`
	Extends   word[packName]    `yaml:"extends" jsonschema_description:"The shipped market this file builds on; what is written here wins"`
	Locale    list[localeTag]   `yaml:"locale" jsonschema_description:"The country's languages, BCP 47; the first is for people who have not chosen one"`
	TimeZones list[zoneName]    `yaml:"time_zones" jsonschema_description:"The country's IANA time zones; the first is taken when a person's own is not known"`
	Places    placeList         `yaml:"places" jsonschema_description:"Parts of the country, by region or postal code, and what differs there; the first that fits counts"`
	Channels  list[channelWord] `yaml:"channels" jsonschema_description:"Order of preference; in-app is always added"`
	Quiet     quietHours        `yaml:"quiet_hours" jsonschema_description:"Local hours at which nothing may light up a phone; they replace the extended market's as a whole"`
	Ramadan   toggle            `yaml:"ramadan" jsonschema_description:"While the fast lasts, quiet hours move to the morning and advertising keeps away from the evening meal; false when left out"`
	Consent   consents          `yaml:"consent" jsonschema_description:"What must be there before a transactional message may go on a channel"`
	MainZone  toggle            `yaml:"main_zone" jsonschema_description:"Nearly everybody lives in the first of the time zones: where nothing tells another, it is the only one that counts; false when left out"`
	Identify  toggle            `yaml:"identify" jsonschema_description:"Messages about an order, too, name their sender and a way to hear no more; false when left out"`
	Daily     count             `yaml:"daily_limit" jsonschema_description:"The most messages a person is sent in 24 hours on channels that light up a phone; no limit when left out"`
	Patience  patience          `yaml:"patience" jsonschema_description:"How long a channel has to confirm that a message arrived before the next one is tried"`
	Marketing advertising       `yaml:"marketing" jsonschema_description:"What holds for advertising; there is none when left out, but for a country of the pack its own holds"`
	Rules     ruleList          `yaml:"rules" jsonschema_description:"Which events are told; a rule with the name of one in the extended market replaces it"`
	node      *yaml.Node
}

type ruleDoc struct {
	Name     word[ruleName]      `yaml:"name" jsonschema:"required" jsonschema_description:"Unique in the market; shown wherever it is told why a message went"`
	On       list[kindWord]      `yaml:"on" jsonschema_description:"The kinds of event the rule speaks about"`
	When     expression          `yaml:"when" jsonschema_description:"A condition on order, parcel, event, person, dwell and now"`
	Say      word[templateKey]   `yaml:"say" jsonschema_description:"The template key of the notice"`
	To       list[audienceWord]  `yaml:"to" jsonschema_description:"Who is told; the customer when left out"`
	Urgency  word[urgencyWord]   `yaml:"urgency" jsonschema_description:"Orders deliveries that are due together; normal when left out"`
	Class    word[classWord]     `yaml:"class" jsonschema_description:"What the notice is to the law; transactional when left out"`
	Purpose  word[purposeWord]   `yaml:"purpose" jsonschema_description:"What must have been agreed to; order_status when left out, of advertising marketing"`
	Urgent   urgency             `yaml:"urgent" jsonschema_description:"The kind of news for which the notice may light up a phone at night"`
	Collapse word[collapseGroup] `yaml:"collapse" jsonschema_description:"A later notice of this group supersedes an earlier unsent one"`
	Expires  span                `yaml:"expires" jsonschema_description:"How long the notice is worth sending; 24h when left out"`
	Escalate escalation          `yaml:"escalate" jsonschema_description:"Other channels to try when the notice goes unnoticed"`
	Off      toggle              `yaml:"off" jsonschema_description:"Switches the rule off; of an extended rule, name and off are enough"`
	node     *yaml.Node
}

// switches reports whether d does no more than switch an extended rule off.
func (d *ruleDoc) switches() bool { return d.Off.value && d.On.node == nil && d.Say.node == nil }

func (d *ruleDoc) rule(file string) *Rule {
	class := notify.Class(orElse(d.Class.value, string(notify.Transactional)))
	return &Rule{
		Name:     d.Name.value,
		On:       as[parcel.Kind](d.On.values()),
		When:     d.When.condition,
		Say:      notify.TemplateKey(d.Say.value),
		To:       as[notify.Audience](either(d.To.values(), []string{string(notify.Customer)})),
		Urgency:  notify.Urgency(orElse(d.Urgency.value, string(DefaultUrgency))),
		Class:    class,
		Purpose:  notify.Purpose(orElse(d.Purpose.value, string(usual(class)))),
		Urgent:   d.Urgent.value,
		Collapse: d.Collapse.value,
		Expires:  orElse(d.Expires.value, lasting(class, d.Urgent.value)),
		Escalate: d.Escalate.escalate(),
		Off:      d.Off.value,
		At:       Position{File: file, Line: d.node.Line, Column: d.node.Column},
	}
}

// usual is the purpose of a class that names none.
func usual(c notify.Class) notify.Purpose {
	if c == notify.MarketingClass {
		return notify.Marketing
	}
	return notify.OrderStatus
}

// lasting is how long a notice is worth sending that does not say.
func lasting(c notify.Class, u notify.Urgent) time.Duration {
	switch {
	case u == notify.CourierAtDoor:
		return MaxAtDoor
	case c == notify.MarketingClass:
		return DefaultAdExpires
	}
	return DefaultExpires
}

// patience names the channels whose providers report what arrived.
type patience struct {
	WhatsApp span `yaml:"whatsapp" jsonschema_description:"4h when left out"`
	SMS      span `yaml:"sms" jsonschema_description:"As long as it takes when left out: many networks confirm nothing"`
	LINE     span `yaml:"line" jsonschema_description:"Of messages to phone numbers, which LINE reports; 24h when left out"`
	node     *yaml.Node
}

// over is the patience of an extended market with what is written here in its place.
func (p *patience) over(m map[notify.Channel]time.Duration) map[notify.Channel]time.Duration {
	m = filled(m)
	for c, s := range map[notify.Channel]span{notify.WhatsApp: p.WhatsApp, notify.SMS: p.SMS, notify.LINE: p.LINE} {
		if s.value != 0 {
			m[c] = s.value
		}
	}
	return m
}

type escalation struct {
	After    span              `yaml:"after" jsonschema:"required" jsonschema_description:"How long after the notice was sent"`
	Unless   word[receiptWord] `yaml:"unless" jsonschema_description:"Not when the notice has come this far"`
	Channels list[channelWord] `yaml:"channels" jsonschema:"required" jsonschema_description:"Which channels to try, in order"`
	node     *yaml.Node
}

func (e *escalation) escalate() *notify.Escalation {
	if e.node == nil {
		return nil
	}
	return &notify.Escalation{
		After:    e.After.value,
		Unless:   notify.State(e.Unless.value),
		Channels: as[notify.Channel](e.Channels.values()),
	}
}

// consents maps channels to needs, in the order they are written.
type consents struct {
	entries []consentEntry
	node    *yaml.Node
}

type consentEntry struct {
	channel notify.Channel
	need    word[needWord]
}

// adConsents are the needs of advertising, which knows more of them.
type adConsents struct{ consents }

// advertising is the section marketing.
type advertising struct {
	Off         toggle            `yaml:"off" jsonschema_description:"There is no advertising in this market"`
	Channels    list[channelWord] `yaml:"channels" jsonschema_description:"Order of preference"`
	Consent     adConsents        `yaml:"consent" jsonschema_description:"What must be there before advertising may go on a channel; opt_in when left out, friend on LINE"`
	Hours       week              `yaml:"hours" jsonschema_description:"When it may go out, in local time; a day that is not named is closed"`
	Holidays    word[holidayWord] `yaml:"holidays" jsonschema_description:"Whether it may go out on public holidays; open when left out"`
	Eves        spans             `yaml:"eves" jsonschema_description:"Narrower hours of days before a public holiday"`
	Regions     regions           `yaml:"regions" jsonschema_description:"Narrower hours of parts of the country, by ISO 3166-2 without the country"`
	ValidMonths count             `yaml:"valid_months" jsonschema_description:"How long a consent holds that names no end of its own; for ever when left out"`
	Daily       count             `yaml:"daily_limit" jsonschema_description:"The most a person may be sent in 24 hours; no limit when left out"`
	node        *yaml.Node
}

// placeDoc is a part of the country. One with neither region nor postal codes is all the rest, for addresses that have one
// of them.
type placeDoc struct {
	Region    list[regionCode] `yaml:"region" jsonschema_description:"ISO 3166-2 without the country, such as AZ"`
	Codes     list[codeRange]  `yaml:"postal_codes" jsonschema_description:"Beginnings of postal codes, or ranges of them"`
	TimeZones list[zoneName]   `yaml:"time_zones" jsonschema_description:"IANA; several when the place alone does not tell which"`
	Locale    word[localeTag]  `yaml:"locale" jsonschema_description:"The language spoken there"`
	node      *yaml.Node
}

type placeList struct {
	entries []placeDoc
	node    *yaml.Node
}

type ruleList []ruleDoc

// as turns words that have been checked into values of their own type.
func as[T ~string](words []string) []T {
	if words == nil {
		return nil
	}
	values := make([]T, len(words))
	for i, w := range words {
		values[i] = T(w)
	}
	return values
}

func either(words, otherwise []string) []string {
	if len(words) > 0 {
		return words
	}
	return slices.Clone(otherwise)
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
