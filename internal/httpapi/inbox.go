package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/inbox"
	"landfall/internal/notify"
	"landfall/internal/token"
)

func (a *api) inbox() {
	personal := func(op huma.Operation) huma.Operation {
		op.Security, op.Middlewares = []map[string][]string{{"inbox": {}}}, huma.Middlewares{a.owned, a.asked}
		return op
	}
	huma.Register(a.huma, personal(a.route("list-inbox", http.MethodGet, "/v1/inbox", "A customer's messages, newest first")), a.listInbox)
	huma.Register(a.huma, personal(a.route("read-message", http.MethodPost, "/v1/inbox/{id}/read", "Mark a message read")), a.readMessage)
	op := personal(a.route("inbox-stream", http.MethodGet, "/v1/inbox/stream", "New messages as server-sent events"))
	op.Description = "Takes the token as a query parameter too, since browsers' EventSource sends no headers. Last-Event-ID resumes."
	op.Parameters = []*huma.Param{{Name: "token", In: "query", Schema: &huma.Schema{Type: huma.TypeString}}}
	op.Responses = map[string]*huma.Response{"200": {Description: "A stream of messages", Content: map[string]*huma.MediaType{"text/event-stream": {}}},
		"401": a.refusal("No token, or one that has expired")}
	a.huma.OpenAPI().AddOperation(&op)
	a.mux.HandleFunc("GET /v1/inbox/stream", a.stream)
}

// owned turns away requests without a good inbox token before anything else of them is looked at.
func (a *api) owned(ctx huma.Context, next func(huma.Context)) {
	if _, err := a.owner(Key{Authorization: ctx.Header("Authorization")}.bearer()); err != nil {
		a.unauthorized(ctx, err)
		return
	}
	next(ctx)
}

// owner opens an inbox token.
func (a *api) owner(bearer string) (inbox.Owner, error) {
	text, err := a.Tokens.Open(token.Inbox, bearer, a.Now())
	if err != nil {
		return inbox.Owner{}, huma.Error401Unauthorized("fetch a new inbox token with POST /v1/people/{id}/inbox-token and send it as: Authorization: Bearer TOKEN")
	}
	merchant, person, _ := strings.Cut(text, "/")
	return inbox.Owner{Merchant: notify.MerchantID(merchant), Person: notify.PersonID(person)}, nil
}

type listInbox struct {
	Key
	Before int64 `query:"before" minimum:"0" doc:"A message's seq; lists older ones."`
	Limit  int   `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// InboxPage is a page of a customer's messages.
type InboxPage struct {
	Body struct {
		Messages []inbox.Message `json:"messages"`
	}
}

func (a *api) listInbox(ctx context.Context, in *listInbox) (*InboxPage, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	var out InboxPage
	if out.Body.Messages, err = a.Inbox.List(ctx, owner, in.Before, in.Limit); err != nil {
		return nil, a.fault("read inbox", err)
	}
	out.Body.Messages = append([]inbox.Message{}, out.Body.Messages...) // an empty list is a list
	return &out, nil
}

func (a *api) readMessage(ctx context.Context, in *byID) (*struct{}, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	found, err := a.Inbox.Read(ctx, owner, notify.DeliveryID(in.ID))
	if err != nil {
		return nil, a.fault("mark read", err)
	}
	if !found {
		return nil, huma.Error404NotFound("there is no such message in this inbox; GET /v1/inbox lists them")
	}
	return nil, nil
}

func (a *api) stream(w http.ResponseWriter, r *http.Request) {
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if bearer == "" {
		bearer = r.URL.Query().Get("token")
	}
	owner, err := a.owner(bearer)
	if err != nil {
		a.problem(w, http.StatusUnauthorized, err.Error())
		return
	}
	if err := a.Inbox.Stream(a.Closing, w, r, owner); err != nil {
		a.Log.Debug("inbox stream ended", "error", err)
	}
}
