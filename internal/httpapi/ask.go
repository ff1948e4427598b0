package httpapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"landfall/channels"
	"landfall/internal/notify"
)

type askInbox struct {
	Key
	Body struct {
		ID   string `json:"id" minLength:"1" maxLength:"100" doc:"Names the message for this customer: a repeated one is answered once."`
		Text string `json:"text" minLength:"1" maxLength:"1000" doc:"What the customer wrote."`
	}
}

// askInbox takes what a customer wrote in the app. The answer comes as a message of the inbox.
func (a *api) askInbox(ctx context.Context, in *askInbox) (*struct{}, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	if t, ok := a.Tenant(owner.Merchant); !ok || t.Assistant == nil {
		return nil, huma.Error409Conflict("nobody answers here; set 'assistant: true' in merchant.yaml")
	}
	from := notify.Address{Channel: notify.InApp, Value: notify.Secret(owner.Person)}
	person, err := a.Ledger.Person(ctx, owner.Merchant, owner.Person)
	if err != nil {
		return nil, a.fault("look for the customer", err)
	}
	if person == nil || !person.InApp {
		return nil, huma.Error404NotFound("this customer has no inbox; store them with PUT /v1/people/{id} and in_app")
	}
	err = a.Apply(ctx, owner.Merchant, []channels.Signal{{From: from, Reply: &channels.Reply{ID: "inapp:" + in.Body.ID, Text: in.Body.Text, At: a.Now()}}})
	if err != nil {
		return nil, a.fault("take the message", err)
	}
	return nil, nil
}
