package rules

import (
	"slices"

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
	Locale    word[localeTag]   `yaml:"locale" jsonschema_description:"The language of people who have not chosen one, BCP 47"`
	TimeZones list[zoneName]    `yaml:"time_zones" jsonschema_description:"The country's IANA time zones; the first is taken when a person's own is not known"`
	Channels  list[channelWord] `yaml:"channels" jsonschema_description:"Order of preference; in-app is always added"`
	Quiet     quietHours        `yaml:"quiet_hours" jsonschema_description:"Local hours at which nothing may light up a phone"`
	Consent   consents          `yaml:"consent" jsonschema_description:"What must be there before a transactional message may go on a channel"`
	Rules     ruleList          `yaml:"rules" jsonschema_description:"Which events are told; a rule with the name of one in the extended market replaces it"`
	node      *yaml.Node
}

type quietHours struct {
	From         clock `yaml:"from" jsonschema:"required" jsonschema_description:"When quiet begins"`
	To           clock `yaml:"to" jsonschema:"required" jsonschema_description:"When it ends, on the next day if earlier than from"`
	SundaysUntil clock `yaml:"sundays_until" jsonschema_description:"A later end on Sundays"`
	node         *yaml.Node
}

func (q *quietHours) quiet() notify.Quiet {
	return notify.Quiet{From: q.From.value, To: q.To.value, SundaysUntil: q.SundaysUntil.value}
}

type ruleDoc struct {
	Name     word[ruleName]      `yaml:"name" jsonschema:"required" jsonschema_description:"Unique in the market; shown wherever it is told why a message went"`
	On       list[kindWord]      `yaml:"on" jsonschema_description:"The kinds of event the rule speaks about"`
	When     expression          `yaml:"when" jsonschema_description:"A condition on order, parcel, event, person, dwell and now"`
	Say      word[templateKey]   `yaml:"say" jsonschema_description:"The template key of the notice"`
	To       list[audienceWord]  `yaml:"to" jsonschema_description:"Who is told; the customer when left out"`
	Urgency  word[urgencyWord]   `yaml:"urgency" jsonschema_description:"Orders deliveries that are due together; normal when left out"`
	Collapse word[collapseGroup] `yaml:"collapse" jsonschema_description:"A later notice of this group supersedes an earlier unsent one"`
	Expires  span                `yaml:"expires" jsonschema_description:"How long the notice is worth sending; 24h when left out"`
	Escalate escalation          `yaml:"escalate" jsonschema_description:"Other channels to try when the notice goes unnoticed"`
	Off      toggle              `yaml:"off" jsonschema_description:"Switches the rule off; of an extended rule, name and off are enough"`
	node     *yaml.Node
}

// switches reports whether d does no more than switch an extended rule off.
func (d *ruleDoc) switches() bool { return d.Off.value && d.On.node == nil && d.Say.node == nil }

func (d *ruleDoc) rule(file string) *Rule {
	return &Rule{
		Name:     d.Name.value,
		On:       as[parcel.Kind](d.On.values()),
		When:     d.When.condition,
		Say:      notify.TemplateKey(d.Say.value),
		To:       as[notify.Audience](either(d.To.values(), []string{string(notify.Customer)})),
		Urgency:  notify.Urgency(orElse(d.Urgency.value, string(DefaultUrgency))),
		Class:    notify.Transactional,
		Purpose:  notify.OrderStatus,
		Collapse: d.Collapse.value,
		Expires:  orElse(d.Expires.value, DefaultExpires),
		Escalate: d.Escalate.escalate(),
		Off:      d.Off.value,
		At:       Position{File: file, Line: d.node.Line, Column: d.node.Column},
	}
}

type escalation struct {
	After    span              `yaml:"after" jsonschema:"required" jsonschema_description:"How long after the notice was sent"`
	Unless   word[receiptWord] `yaml:"unless" jsonschema_description:"Not when the notice has come this far"`
	Channels list[channelWord] `yaml:"channels" jsonschema:"required" jsonschema_description:"Which channels to try, in order"`
	node     *yaml.Node
}

func (e *escalation) escalate() *Escalate {
	if e.node == nil {
		return nil
	}
	return &Escalate{
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
