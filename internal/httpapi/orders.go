package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/text/currency"

	"landfall/internal/ledger"
	"landfall/internal/parcel"
	"landfall/internal/report"
	"landfall/internal/tracking"
)

// OrderBody is an order as a shop tells it.
type OrderBody struct {
	Person    string        `json:"person" minLength:"1" maxLength:"200" doc:"The customer's id, as in PUT /v1/people/{id}."`
	Value     *parcel.Money `json:"value,omitempty" doc:"What the order is worth; rules may compare it."`
	Items     []ItemBody    `json:"items,omitempty" maxItems:"200"`
	Tags      []string      `json:"tags,omitempty" maxItems:"50"`
	OrderedAt time.Time     `json:"ordered_at,omitempty"`
	Parcels   []LabelBody   `json:"parcels,omitempty" maxItems:"50" doc:"Tracking numbers of this order."`
	URL       string        `json:"url,omitempty" format:"uri" doc:"The shop's own page about this order."`
}

// ItemBody is one line of an order.
type ItemBody struct {
	Title    string `json:"title" minLength:"1" maxLength:"300"`
	Quantity int    `json:"quantity,omitempty" minimum:"1"`
}

// LabelBody is a parcel's tracking number and carrier.
type LabelBody struct {
	Carrier string `json:"carrier,omitempty" maxLength:"100"`
	Number  string `json:"number" minLength:"1" maxLength:"100"`
}

// check reports a value that no order has.
func (o OrderBody) check() error {
	if o.Value == nil {
		return nil
	}
	if o.Value.Amount < 0 {
		return huma.Error422UnprocessableEntity("body.value.amount is negative; write what the order is worth, 0 or more")
	}
	if unit, err := currency.ParseISO(o.Value.Currency); err != nil || unit.String() != o.Value.Currency {
		return huma.Error422UnprocessableEntity("body.value.currency is no currency; write its ISO 4217 code, such as EUR")
	}
	return nil
}

func (o OrderBody) order(id string) parcel.Order {
	out := parcel.Order{ID: parcel.OrderID(id), Person: o.Person, Tags: o.Tags, OrderedAt: o.OrderedAt, URL: o.URL}
	if o.Value != nil {
		out.Value = *o.Value
	}
	for _, i := range o.Items {
		out.Items = append(out.Items, parcel.Item{Title: i.Title, Quantity: i.Quantity})
	}
	for _, l := range o.Parcels {
		out.Parcels = append(out.Parcels, parcel.Label{Carrier: tracking.Carrier(l.Carrier), Number: tracking.Number(l.Number)})
	}
	return out
}

// Stored is the answer to an upsert.
type Stored struct {
	Body struct {
		ID      string `json:"id"`
		Planned int    `json:"planned" doc:"Deliveries that had been waiting for this and are on their way now."`
	}
}

func stored(id string, planned int) *Stored {
	var s Stored
	s.Body.ID, s.Body.Planned = id, planned
	return &s
}

func (a *api) orders() {
	put := a.route("put-order", http.MethodPut, "/v1/orders/{id}", "Store an order")
	put.Errors = append(put.Errors, http.StatusConflict)
	huma.Register(a.huma, put, a.putOrder)
	huma.Register(a.huma, a.route("order-timeline", http.MethodGet, "/v1/orders/{id}/timeline", "Scans, decisions, sends, receipts and replies in one order of time"), a.timeline)
}

type putOrder struct {
	Key
	ID   string `path:"id" maxLength:"200"`
	Body OrderBody
}

func (a *api) putOrder(ctx context.Context, in *putOrder) (*Stored, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	done, err := a.Dispatcher.PutOrder(ctx, t.Merchant, in.Body.order(in.ID))
	switch {
	case errors.Is(err, ledger.ErrErased):
		return nil, huma.Error409Conflict(`the customer of this order was erased on request; store them with PUT /v1/people/{id} and "again": true first`)
	case err != nil:
		return nil, a.fault("store order", err)
	}
	return stored(in.ID, len(done.Ready)), nil
}

type byID struct {
	Key
	ID string `path:"id" maxLength:"200"`
}

// Timeline is everything about an order in one order of time.
type Timeline struct {
	Body struct {
		Order   parcel.OrderID  `json:"order"`
		Parcels []parcel.Parcel `json:"parcels"`
		Entries []report.Entry  `json:"entries"`
	}
}

func (a *api) timeline(ctx context.Context, in *byID) (*Timeline, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	h, err := a.Ledger.History(ctx, t.ID, parcel.OrderID(in.ID))
	if err != nil {
		return nil, a.fault("read timeline", err)
	}
	if h == nil {
		return nil, huma.Error404NotFound("no order has this id; store it with PUT /v1/orders/{id}")
	}
	var out Timeline
	out.Body.Order = h.Order.ID // empty lists are lists
	out.Body.Parcels = append([]parcel.Parcel{}, h.Parcels...)
	out.Body.Entries = append([]report.Entry{}, h.Timeline()...)
	return &out, nil
}
