package tracking

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"landfall/internal/parcel"
)

// own is the name of our own feed, in Event.Feed and before the colon of Event.ID.
const own = "api"

// longestName is how many characters an id or a word of an OwnEvent may have.
const longestName = 200

// slack is how far a shop's clock may run ahead of ours.
const slack = 24 * time.Hour

// OwnEvent is the JSON a shop sends to POST /v1/events: one thing that happened to one of its parcels.
type OwnEvent struct {
	// ID is the shop's own id of this event, unique for ever, at most 200 characters. An event sent again under
	// its id changes nothing, so a shop that did not hear our answer simply sends it once more.
	ID string `json:"id" maxLength:"200" example:"evt-1"`
	// Parcel is the tracking number as printed on the label; spaces do not matter.
	Parcel string `json:"parcel" maxLength:"200" example:"0034"`
	// Carrier is who carries it, by any usual name; it may be left out while the number is known from an order.
	Carrier string `json:"carrier,omitempty" maxLength:"200" example:"dhl"`
	// Order is the shop's order number, for a parcel no order has named yet.
	Order string `json:"order,omitempty" maxLength:"200" example:"A1"`
	// Kind is what happened, one of parcel.Kinds.
	Kind parcel.Kind `json:"kind" example:"out_for_delivery"`
	// Detail says why or to whom, where the kind leaves that open: customs, weather, neighbour, nobody_home.
	Detail string `json:"detail,omitempty" maxLength:"200" example:"neighbour"`
	// Code is the carrier's own code, kept for the timeline.
	Code string `json:"code,omitempty" maxLength:"200"`
	// Note is the carrier's own words, kept for the timeline; more than 500 characters are cut.
	Note string `json:"note,omitempty"`
	// HappenedAt is when it happened: RFC 3339 with a zone. A clock up to a day ahead is forgiven, and the event
	// then happened when it was heard.
	HappenedAt time.Time `json:"happened_at" example:"2026-12-02T02:55:00Z"`
	// Place is where it happened.
	Place *parcel.Place `json:"place,omitempty"`
	// ETA is when the parcel is expected, if the carrier says so anew; one of its ends may be left out.
	ETA *parcel.Window `json:"eta,omitempty"`
}

// DecodeOwn reads the body of POST /v1/events: one event or an array of at most MostEvents of them. It is strict:
// an unknown field, a wrong type, a missing field or an unknown word is an error, of one sentence, that names the
// event, counted from one, the field and what to do, and then no event of the body is taken. heard is when the body was received.
// Whether an id was heard before is not for this function to know.
func DecodeOwn(body []byte, heard time.Time) ([]parcel.Event, error) {
	heard = heard.UTC()
	items, err := ownItems(body)
	if err != nil {
		return nil, err
	}
	events := make([]parcel.Event, 0, len(items))
	for i, raw := range items {
		e, err := ownEvent(raw, heard)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i+1, err)
		}
		events = append(events, e)
	}
	return events, nil
}

// ownItems splits a body into its events.
func ownItems(body []byte) ([]json.RawMessage, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, fmt.Errorf("the body is not JSON%s; send one event or an array of events", at(err))
	}
	if whole[0] != '[' {
		return []json.RawMessage{whole}, nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(whole, &items); err != nil {
		return nil, fmt.Errorf("read array: %w", err)
	}
	switch {
	case len(items) == 0:
		return nil, errors.New("the array is empty; send at least one event")
	case len(items) > MostEvents:
		return nil, fmt.Errorf("%d events are too many for one request; send at most %d at a time", len(items), MostEvents)
	}
	return items, nil
}

// at says where JSON broke, when encoding/json knows.
func at(err error) string {
	if broken, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(" (it breaks at byte %d)", broken.Offset)
	}
	return ""
}

func ownEvent(raw json.RawMessage, heard time.Time) (parcel.Event, error) {
	var o OwnEvent
	if err := checkFields("", raw, eventFields); err != nil {
		return parcel.Event{}, err
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		return parcel.Event{}, wrongType(err)
	}
	if err := o.check(heard); err != nil {
		return parcel.Event{}, err
	}
	return o.event(heard), nil
}

// event turns a checked OwnEvent into a parcel event.
func (o OwnEvent) event(heard time.Time) parcel.Event {
	return parcel.Event{
		ID:      parcel.EventID(own + ":" + o.ID),
		Feed:    own,
		Carrier: Carrier(o.Carrier),
		Number:  Number(o.Parcel),
		Order:   parcel.OrderID(o.Order),

		Kind:   o.Kind,
		Detail: o.Detail,
		Code:   o.Code,
		Note:   tidy(o.Note),

		HappenedAt: earlier(o.HappenedAt, heard).UTC(),
		HeardAt:    heard,
		Place:      o.place(),
		ETA:        o.eta(),
	}
}

func (o OwnEvent) place() parcel.Place {
	if o.Place == nil {
		return parcel.Place{}
	}
	return parcel.Place{City: tidy(o.Place.City), Country: country(o.Place.Country)}
}

func (o OwnEvent) eta() *parcel.Window {
	if o.ETA == nil {
		return nil
	}
	return &parcel.Window{From: o.ETA.From.UTC(), To: o.ETA.To.UTC()}
}
