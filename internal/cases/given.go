package cases

import (
	"fmt"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/simulate"
	"landfall/internal/tracking"
)

// Given is who and what there is before anything happens, as people write it.
type Given struct {
	People []Person `yaml:"people"`
	Orders []Order  `yaml:"orders"`
}

// Person is a customer with what they agreed to.
type Person struct {
	notify.Person `yaml:",inline"`
	Consents      []Consent `yaml:"consents"`
}

// Order is what a person bought.
type Order struct {
	ID        parcel.OrderID `yaml:"id"`
	Person    string         `yaml:"person"` // default: the first of the people
	Value     parcel.Money   `yaml:"value"`
	Items     []parcel.Item  `yaml:"items"`
	Tags      []string       `yaml:"tags"`
	OrderedAt time.Time      `yaml:"ordered_at"`
	URL       string         `yaml:"url"`
	Parcels   []parcel.Label `yaml:"parcels"`
}

// Consent is one act of consent or refusal. Person is named in an item of a case, At in a world.
type Consent struct {
	ID         string          `yaml:"id"`
	Person     notify.PersonID `yaml:"person"`
	Channel    notify.Channel  `yaml:"channel"`
	Purpose    notify.Purpose  `yaml:"purpose"`
	Action     notify.Action   `yaml:"action"`
	Basis      notify.Basis    `yaml:"legal_basis"`
	At         time.Time       `yaml:"at"`
	OccurredAt time.Time       `yaml:"occurred_at"` // the same as At
	Actor      string          `yaml:"actor"`
	Method     string          `yaml:"method"`
	Source     string          `yaml:"source"`
	Text       string          `yaml:"text"`
	ValidUntil time.Time       `yaml:"valid_until"`
}

// event is the act as the ledger keeps it, done at an instant unless it says otherwise.
func (c Consent) event(id string, at time.Time) notify.ConsentEvent {
	e := notify.ConsentEvent{ID: c.ID, Channel: channel(c.Channel), Purpose: c.Purpose, Action: c.Action, Basis: c.Basis, OccurredAt: c.OccurredAt,
		Actor: c.Actor, Method: c.Method, Source: c.Source, Text: c.Text, TextHash: notify.Fingerprint(c.Text), ValidUntil: c.ValidUntil}
	if e.ID == "" {
		e.ID = id
	}
	if e.Actor == "" {
		e.Actor = "merchant"
	}
	for _, t := range []time.Time{c.At, at} {
		if e.OccurredAt.IsZero() {
			e.OccurredAt = t
		}
	}
	e.ReceivedAt = e.OccurredAt
	return e
}

// channel takes in_app, as people are written, for inapp.
func channel(c notify.Channel) notify.Channel {
	if c == "in_app" {
		return notify.InApp
	}
	return c
}

// acts lists what a person agreed to; an act that names no time happened at an instant.
func (p Person) acts(at time.Time) []notify.ConsentEvent {
	var out []notify.ConsentEvent
	for i, c := range p.Consents {
		out = append(out, c.event(fmt.Sprintf("given-%d", i+1), at))
	}
	return out
}

// World is the world as a simulation takes it. What has no time happened at the instant given.
func (g Given) World(at time.Time) simulate.Given {
	out := simulate.Given{Consents: map[notify.PersonID][]notify.ConsentEvent{}}
	for _, p := range g.People {
		if p.ID == "" {
			p.ID = "person"
		}
		out.People = append(out.People, p.Person)
		out.Consents[p.ID] = p.acts(at)
	}
	for _, o := range g.Orders {
		if o.Person == "" && len(out.People) > 0 {
			o.Person = string(out.People[0].ID)
		}
		out.Orders = append(out.Orders, o.order())
	}
	return out
}

func (o Order) order() parcel.Order {
	out := parcel.Order{ID: o.ID, Person: o.Person, Value: o.Value, Items: o.Items, Tags: o.Tags, OrderedAt: o.OrderedAt, URL: o.URL}
	for _, l := range o.Parcels {
		out.Parcels = append(out.Parcels, parcel.Label{Carrier: tracking.Carrier(string(l.Carrier)), Number: tracking.Number(string(l.Number))})
	}
	return out
}
