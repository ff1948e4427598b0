package httpapi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
	"landfall/internal/simulate"
	"landfall/internal/tracking"
)

// atOnce is how many explanations a merchant may have under way: each plays its own world, which takes a processor a while.
const atOnce = 4

// GivenPerson is a customer of the world that is asked about.
type GivenPerson struct {
	ID string `json:"id" minLength:"1" maxLength:"200"`
	PersonBody
	Consents []GivenConsent `json:"consents,omitempty" maxItems:"100"`
}

// GivenConsent is an act of consent in the words of rule tests, which call its time at.
type GivenConsent struct {
	ConsentBody
	At time.Time `json:"at,omitempty" doc:"The same as occurred_at."`
}

// GivenOrder is an order of the world that is asked about.
type GivenOrder struct {
	ID string `json:"id" minLength:"1" maxLength:"200"`
	OrderBody
}

// ExplainBody is what is asked: what would an event lead to, heard at an instant, in a world that has nothing of the real one
// but the merchant's rules and words?
type ExplainBody struct {
	Given struct {
		People []GivenPerson `json:"people,omitempty" maxItems:"20"`
		Orders []GivenOrder  `json:"orders,omitempty" maxItems:"20"`
	} `json:"given"`
	History []tracking.OwnEvent `json:"history,omitempty" maxItems:"100" doc:"What was heard before, each when it happened."`
	Event   tracking.OwnEvent   `json:"event"`
	At      time.Time           `json:"at,omitempty" doc:"When the event is heard; default: now."`
}

// Explanations is the answer: one row a delivery, or one a reason when nobody is told.
type Explanations struct {
	Body struct {
		Rows []report.Explanation `json:"rows"`
	}
}

func (a *api) explain() {
	op := a.route("explain", http.MethodPost, "/v1/explain", "Say what an event would lead to, and why; nothing is sent or stored")
	op.DefaultStatus = http.StatusOK
	gate := newTurnstile[notify.MerchantID](atOnce)
	huma.Register(a.huma, op, func(ctx context.Context, in *explainInput) (*Explanations, error) { return a.explained(ctx, gate, in) })
}

type explainInput struct {
	Key
	Body ExplainBody
}

func (a *api) explained(ctx context.Context, d *turnstile[notify.MerchantID], in *explainInput) (*Explanations, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	q, err := in.Body.question(t, a.Now())
	if err != nil {
		return nil, err
	}
	if !d.take(t.ID) {
		return nil, huma.ErrorWithHeaders(huma.Error429TooManyRequests(fmt.Sprintf("%d explanations are under way for this merchant; ask again when one of them is there", atOnce)),
			http.Header{"Retry-After": {"1"}})
	}
	defer d.leave(t.ID)
	rows, err := simulate.Ask(ctx, t.Merchant, q)
	if err != nil {
		return nil, a.fault("explain", err)
	}
	var out Explanations
	out.Body.Rows = report.Explain(rows)
	return &out, nil
}

// question checks what is asked as the routes do that store people, orders and events.
func (b ExplainBody) question(t *Tenant, now time.Time) (q simulate.Question, err error) {
	at := b.At
	if at.IsZero() {
		at = now
	}
	if q.Event, err = heard("body.event", b.Event, at); err != nil {
		return q, err
	}
	for i, o := range b.History {
		e, err := heard(fmt.Sprintf("body.history[%d]", i), o, at)
		if err != nil {
			return q, err
		}
		e.HeardAt = e.HappenedAt
		q.History = append(q.History, e)
	}
	slices.SortStableFunc(q.History, func(a, b parcel.Event) int { return a.HeardAt.Compare(b.HeardAt) })
	q.Given, err = b.world(t, simulate.First(append(q.History, q.Event)))
	return q, err
}

// heard reads an event as POST /v1/events does.
func heard(place string, o tracking.OwnEvent, at time.Time) (parcel.Event, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return parcel.Event{}, huma.Error422UnprocessableEntity(place + " holds a time that cannot be written down; check the year")
	}
	events, err := tracking.DecodeOwn(body, at)
	if err != nil {
		return parcel.Event{}, huma.Error422UnprocessableEntity(place + ": " + strings.TrimPrefix(err.Error(), "event 1: "))
	}
	return events[0], nil
}

// world is who and what there is. An act of consent that names no time was done when the world begins.
func (b ExplainBody) world(t *Tenant, begin time.Time) (simulate.Given, error) {
	g := simulate.Given{Consents: map[notify.PersonID][]notify.ConsentEvent{}}
	for i, p := range b.Given.People {
		person, err := p.person(p.ID)
		if err := cmp.Or(p.check(t.Markets[p.Market] != nil), err); err != nil {
			return g, at(fmt.Sprintf("body.given.people[%d]", i), err)
		}
		g.People = append(g.People, person)
		for j, c := range p.Consents {
			if c.OccurredAt.IsZero() {
				c.OccurredAt = c.At
			}
			e, err := c.event(begin)
			if err != nil {
				return g, huma.Error422UnprocessableEntity(fmt.Sprintf("body.given.people[%d].consents[%d].%v", i, j, err))
			}
			e.ID, e.ReceivedAt = fmt.Sprintf("given-%d", j+1), e.OccurredAt
			g.Consents[person.ID] = append(g.Consents[person.ID], e)
		}
	}
	for i, o := range b.Given.Orders {
		if err := o.check(); err != nil {
			return g, at(fmt.Sprintf("body.given.orders[%d]", i), err)
		}
		g.Orders = append(g.Orders, o.order(o.ID))
	}
	return g, nil
}

// at puts the place of a body within a body into what is wrong with it.
func at(place string, err error) error {
	said := err.Error()
	if inner, ok := strings.CutPrefix(said, "body"); ok {
		return huma.Error422UnprocessableEntity(place + inner)
	}
	return huma.Error422UnprocessableEntity(place + ": " + said)
}
