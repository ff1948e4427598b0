package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/notify"
)

// handoffs mounts the conversations that the merchant's own people have taken over from the assistant.
func (a *api) handoffs() {
	huma.Register(a.huma, a.route("list-handoffs", http.MethodGet, "/v1/handoffs", "Conversations a person is to see to, the oldest first"), a.listHandoffs)
	huma.Register(a.huma, a.route("read-handoff", http.MethodGet, "/v1/handoffs/{id}", "A conversation with all that whoever answers needs to know"), a.readHandoff)
	huma.Register(a.huma, a.route("say-in-handoff", http.MethodPost, "/v1/handoffs/{id}/messages", "Write to the customer on the channel they wrote on"), a.sayInHandoff)
	huma.Register(a.huma, a.route("report-assistant", http.MethodGet, "/v1/assistant/report", "What customers asked, how far the answers were enough, and what was not understood"), a.reportAssistant)
	huma.Register(a.huma, a.route("close-handoff", http.MethodPost, "/v1/handoffs/{id}/close", "Give the conversation back to the assistant"), a.closeHandoff)
}

type handoffSearch struct {
	Key
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// HandoffList is the conversations that wait for a person. What was said is in the orders' timelines and GET /v1/people/{id}/export.
type HandoffList struct {
	Body struct {
		Handoffs []notify.DeskHandoff `json:"handoffs"`
	}
}

func (a *api) listHandoffs(ctx context.Context, in *handoffSearch) (*HandoffList, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	open, err := a.Ledger.Handoffs(ctx, t.ID, in.Limit)
	if err != nil {
		return nil, a.fault("read handoffs", err)
	}
	var out HandoffList
	out.Body.Handoffs = append([]notify.DeskHandoff{}, open...)
	return &out, nil
}

type handoffMessage struct {
	Key
	ID   string `path:"id"`
	Body struct {
		ID   string `json:"id" minLength:"1" maxLength:"100" doc:"Names the message within the handoff: a repeated one is sent once."`
		Text string `json:"text" minLength:"1" maxLength:"1000"`
	}
}

func (a *api) sayInHandoff(ctx context.Context, in *handoffMessage) (*struct{}, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	ok, err := a.Dispatcher.SayAs(ctx, t.Merchant, in.ID, in.Body.ID, in.Body.Text)
	if err != nil {
		return nil, a.fault("write in a handoff", err)
	}
	if !ok {
		return nil, huma.Error404NotFound(noHandoff)
	}
	return nil, nil
}

const noHandoff = "there is no such open handoff; GET /v1/handoffs lists them"

type handoffInput struct {
	Key
	ID string `path:"id"`
}

func (a *api) closeHandoff(ctx context.Context, in *handoffInput) (*struct{}, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	ok, err := a.Ledger.CloseHandoff(ctx, t.ID, in.ID, a.Now())
	if err != nil {
		return nil, a.fault("close a handoff", err)
	}
	if !ok {
		return nil, huma.Error404NotFound(noHandoff)
	}
	return nil, nil
}
