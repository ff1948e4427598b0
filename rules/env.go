package rules

import (
	"cmp"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Env is what a condition sees, under the names in its expr tags. Its texts are plain strings: the expression
// language compares a string type of our own with a literal as two different things. Neither Env nor its parts have
// methods, since those could be called from a condition.
type Env struct {
	Order  OrderFacts  `expr:"order"`
	Parcel ParcelFacts `expr:"parcel"`
	Event  EventFacts  `expr:"event"`
	Person PersonFacts `expr:"person"`
	// Dwell is how long ago the parcel reached the milestone it is in.
	Dwell time.Duration `expr:"dwell"`
	Now   time.Time     `expr:"now"` // in UTC
}

// OrderFacts is the order a parcel belongs to; all zero when it is not known yet.
type OrderFacts struct {
	ID    string      `expr:"id"`
	Value MoneyFacts  `expr:"value"`
	Items []ItemFacts `expr:"items"`
	Tags  []string    `expr:"tags"`
}

// MoneyFacts is an amount in a currency's major unit.
type MoneyFacts struct {
	Amount   float64 `expr:"amount"`
	Currency string  `expr:"currency"` // ISO 4217
}

// ItemFacts is one line of an order.
type ItemFacts struct {
	Title    string `expr:"title"`
	Quantity int    `expr:"quantity"`
}

// ParcelFacts is the parcel as it stands after all events known.
type ParcelFacts struct {
	Carrier  string `expr:"carrier"` // canonical, such as "dhl"
	Number   string `expr:"number"`
	Stage    string `expr:"stage"`    // one of parcel.Stages
	Kind     string `expr:"kind"`     // the furthest milestone, one of parcel.Kinds
	Attempts int    `expr:"attempts"` // failed deliveries so far
}

// EventFacts is the event that is being judged.
type EventFacts struct {
	Kind   string     `expr:"kind"`   // one of parcel.Kinds
	Detail string     `expr:"detail"` // why, or to whom
	Code   string     `expr:"code"`   // the feed's own
	Feed   string     `expr:"feed"`
	First  bool       `expr:"first"` // the parcel was never in this milestone before
	Place  PlaceFacts `expr:"place"`
}

// PlaceFacts is where a scan was made; empty where the feed does not tell.
type PlaceFacts struct {
	City    string `expr:"city"`
	Country string `expr:"country"` // ISO 3166-1 alpha-2
}

// PersonFacts is the part of the customer that rules may look at; all empty when the customer is not known.
type PersonFacts struct {
	Market string `expr:"market"` // ISO 3166-1 alpha-2
	Locale string `expr:"locale"` // BCP 47
}

// maxList is how many items and tags of an order a condition sees. Conditions have no step limit, so their loops are
// kept short instead.
const maxList = 200

// NewEnv puts together what conditions see of one event: what it meant, the parcel after it, and the order and
// person when they are known. now is the instant at which the event is judged.
func NewEnv(mark parcel.Mark, p parcel.Parcel, order *parcel.Order, person *notify.Person, now time.Time) Env {
	return Env{
		Order:  orderFacts(order),
		Parcel: parcelFacts(p),
		Event:  eventFacts(mark),
		Person: personFacts(person),
		Dwell:  dwell(p.State, now),
		Now:    now.UTC(),
	}
}

func orderFacts(o *parcel.Order) OrderFacts {
	if o == nil {
		return OrderFacts{}
	}
	facts := OrderFacts{ID: string(o.ID), Value: MoneyFacts{o.Value.Amount, o.Value.Currency}}
	for _, item := range o.Items[:min(len(o.Items), maxList)] {
		facts.Items = append(facts.Items, ItemFacts{item.Title, cmp.Or(item.Quantity, 1)})
	}
	facts.Tags = o.Tags[:min(len(o.Tags), maxList)]
	return facts
}

func parcelFacts(p parcel.Parcel) ParcelFacts {
	return ParcelFacts{
		Carrier:  string(p.Carrier),
		Number:   string(p.Number),
		Stage:    string(p.State.Stage),
		Kind:     string(p.State.Kind),
		Attempts: p.State.Attempts,
	}
}

func eventFacts(m parcel.Mark) EventFacts {
	e := m.Event
	return EventFacts{
		Kind:   string(e.Kind),
		Detail: e.Detail,
		Code:   e.Code,
		Feed:   e.Feed,
		First:  m.First(),
		Place:  PlaceFacts{e.Place.City, e.Place.Country},
	}
}

func personFacts(p *notify.Person) PersonFacts {
	if p == nil {
		return PersonFacts{}
	}
	return PersonFacts{Market: p.MarketCode(), Locale: p.Locale}
}

func dwell(s parcel.State, now time.Time) time.Duration {
	if s.Since.IsZero() {
		return 0
	}
	return max(0, now.Sub(s.Since))
}
