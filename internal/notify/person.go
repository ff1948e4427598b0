package notify

import (
	"encoding"
	"fmt"
	"time"
)

// Person is a customer of one merchant.
type Person struct {
	ID       PersonID     `json:"id" yaml:"id"`
	Name     string       `json:"name,omitempty" yaml:"name"`
	Market   string       `json:"market,omitempty" yaml:"market"`       // ISO 3166-1; else the address's country
	Locale   string       `json:"locale,omitempty" yaml:"locale"`       // BCP 47; else the market's
	TimeZone string       `json:"time_zone,omitempty" yaml:"time_zone"` // IANA; else the market's
	Postal   Postal       `json:"address,omitzero" yaml:"address"`
	Phone    Phone        `json:"phone,omitempty" yaml:"phone"` // E.164
	Email    EmailAddress `json:"email,omitempty" yaml:"email"`
	Line     LineID       `json:"line,omitempty" yaml:"line"`
	InApp    bool         `json:"in_app,omitempty" yaml:"in_app"`
	Quiet    *Quiet       `json:"quiet_hours,omitempty" yaml:"quiet_hours"`
}

// Postal is the part of a delivery address that decides anything: rules, zone, language.
type Postal struct {
	Country    string `json:"country,omitempty" yaml:"country"` // ISO 3166-1 alpha-2
	Region     string `json:"region,omitempty" yaml:"region"`
	City       string `json:"city,omitempty" yaml:"city"`
	PostalCode string `json:"postal_code,omitempty" yaml:"postal_code"`
}

// MarketCode returns the market whose rules apply to p, or "" when nothing tells.
func (p Person) MarketCode() string {
	if p.Market != "" {
		return p.Market
	}
	return p.Postal.Country
}

// Quiet is a window of local wall clock, half open: a message at From waits, a message at To goes. From later
// than To crosses midnight.
type Quiet struct {
	From Clock `json:"from" yaml:"from"`
	To   Clock `json:"to" yaml:"to"`
	// SundaysUntil moves the end on Sundays, when it is set and later than To.
	SundaysUntil Clock `json:"sundays_until,omitzero" yaml:"sundays_until"`
}

// Clock is a time of day in minutes after midnight. Its text form is "22:00".
type Clock int

var (
	_ encoding.TextMarshaler   = Clock(0)
	_ encoding.TextUnmarshaler = (*Clock)(nil)
)

// MarshalText returns the form "22:00".
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// String returns the form "22:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// UnmarshalText reads "22:00", and "24:00" for the end of a day.
func (c *Clock) UnmarshalText(b []byte) error {
	s := string(b)
	if s == "24:00" {
		*c = 24 * 60
		return nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return fmt.Errorf("%q is no time of day; write it as \"22:00\"", s)
	}
	*c = Clock(t.Hour()*60 + t.Minute())
	return nil
}

// Purpose is what a person agreed to be written to about.
type Purpose string

// The purposes consent is kept for.
const (
	OrderStatus Purpose = "order_status"
	Marketing   Purpose = "marketing"
)

// Action is what a consent event did.
type Action string

// Granted and Withdrawn are a person's own acts; Blocked is what a provider reports: unfollowed, blocked.
const (
	Granted   Action = "granted"
	Withdrawn Action = "withdrawn"
	Blocked   Action = "blocked_by_user"
)

// ConsentEvent is one act of consent or refusal. Events are only ever added; the state is a fold over them.
type ConsentEvent struct {
	ID         string    `json:"id"`
	Channel    Channel   `json:"channel"`
	Purpose    Purpose   `json:"purpose,omitempty"` // empty: all purposes
	Action     Action    `json:"action"`
	OccurredAt time.Time `json:"occurred_at"`
	ReceivedAt time.Time `json:"received_at"`
	Actor      string    `json:"actor,omitempty"`  // subject, merchant, provider
	Method     string    `json:"method,omitempty"` // checkbox, stop_keyword, friend_add, block_event, api
	Source     string    `json:"source,omitempty"` // where: a form's URL, a message's id
	Text       string    `json:"text,omitempty"`   // under which words
}
