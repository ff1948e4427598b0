// Package parcel is what happens to the goods: orders, parcels, the events carriers report, and the fold of
// those events into one state. It knows nothing of people, messages, storage or any carrier's format
// (internal/tracking translates those), and it reads no clock.
package parcel

import "time"

// Distinct names for the strings that name things, so that swapped arguments do not compile.
type (
	// ID names one parcel in the ledger.
	ID string
	// OrderID is the shop's own order number.
	OrderID string
	// EventID is unique within a merchant: the feed's name, a colon and the feed's own id.
	EventID string
	// Number is a tracking number as printed on the label, without spaces. Carriers recycle numbers.
	Number string
	// Carrier is a carrier's canonical short name, such as "dhl" or "thailand-post".
	Carrier string
)

// Money is an amount in a currency's major unit.
type Money struct {
	Amount   float64 `json:"amount" yaml:"amount"`
	Currency string  `json:"currency" yaml:"currency"` // ISO 4217
}

// Item is one line of an order.
type Item struct {
	Title    string `json:"title" yaml:"title"`
	Quantity int    `json:"quantity,omitempty" yaml:"quantity,omitempty"` // 0 means 1
}

// Label names a parcel as the shop knows it: who carries it under which number.
type Label struct {
	Carrier Carrier `json:"carrier,omitempty" yaml:"carrier,omitempty"`
	Number  Number  `json:"number" yaml:"number"`
}

// Order is what a person bought.
type Order struct {
	ID        OrderID   `json:"id"`
	Person    string    `json:"person"`
	Value     Money     `json:"value"`
	Items     []Item    `json:"items,omitempty"`
	Tags      []string  `json:"tags,omitempty"`
	OrderedAt time.Time `json:"ordered_at,omitzero"`
	Parcels   []Label   `json:"parcels,omitempty"`
	URL       string    `json:"url,omitempty"` // the shop's own page about this order
}

// Place is where a scan was made.
type Place struct {
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// Window is a range of time in which something is expected. From may equal To; either may be zero.
type Window struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Event is one thing that happened to a parcel, as one feed told it.
type Event struct {
	ID      EventID `json:"id"`
	Feed    string  `json:"feed"` // aftership, 17track, easypost, api, ...
	Carrier Carrier `json:"carrier,omitempty"`
	Number  Number  `json:"number"`
	Order   OrderID `json:"order,omitempty"` // a hint of the feed's, when it has one

	Kind   Kind   `json:"kind"`
	Detail string `json:"detail,omitempty"` // why (customs, weather, nobody home) or to whom (neighbour, signed)
	Code   string `json:"code,omitempty"`   // the feed's own code, as it came
	Note   string `json:"note,omitempty"`   // the carrier's own words

	HappenedAt time.Time `json:"happened_at"`
	// ZoneGuessed is set when the feed gave a wall clock without a zone and the place decided the rest.
	ZoneGuessed bool      `json:"zone_guessed,omitempty"`
	HeardAt     time.Time `json:"heard_at"`
	Place       Place     `json:"place,omitzero"`
	ETA         *Window   `json:"eta,omitempty"`
}

// Parcel is one box on its way. Its identity is merchant, carrier, number, the time it was first seen and the time of its
// first event, since one message may tell of two boxes that bore a number one after the other.
type Parcel struct {
	ID        ID        `json:"id"`
	Carrier   Carrier   `json:"carrier"`
	Number    Number    `json:"number"`
	FirstSeen time.Time `json:"first_seen"`
	Order     OrderID   `json:"order,omitempty"`
	State     State     `json:"state"`
}

// RecycleAfter is how long a finished parcel's number stays its own: a later event under the same number is
// a new parcel. EasyPost keeps a (code, carrier) pair for three months.
const RecycleAfter = 90 * 24 * time.Hour

// Recycled reports whether an event that happened at t belongs to a new parcel under p's old number.
func (p Parcel) Recycled(t time.Time) bool {
	last := p.State.LastScan
	if last.IsZero() {
		last = p.FirstSeen
	}
	return t.Sub(last) > RecycleAfter
}
