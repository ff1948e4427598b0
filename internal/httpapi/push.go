package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"landfall/channels/inapp"
	"landfall/internal/notify"
)

// push mounts what a page needs to have a browser told of new messages.
func (a *api) push(personal func(id, method, path, summary string) huma.Operation) {
	key := personal("push-key", http.MethodGet, "/v1/inbox/push", "The key with which a browser subscribes, and which of the customer's browsers are told of new messages")
	key.Errors = append(key.Errors, http.StatusNotFound)
	huma.Register(a.huma, key, a.pushKey)
	put := personal("put-browser", http.MethodPost, "/v1/inbox/push", "Have a browser told of new messages")
	put.Errors = append(put.Errors, http.StatusNotFound)
	put.DefaultStatus = http.StatusCreated
	huma.Register(a.huma, put, a.putBrowser)
	huma.Register(a.huma, personal("drop-browser", http.MethodDelete, "/v1/inbox/push/{id}", "Have a browser told of nothing any more"), a.dropBrowser)
}

const pushOff = "Landfall tells browsers of nothing here; whoever runs it sets the LANDFALL_VAPID settings"

// PushKey is what a page needs to subscribe its browser.
type PushKey struct {
	Cache string `header:"Cache-Control"`
	Body  struct {
		PublicKey string   `json:"public_key" doc:"The applicationServerKey of PushManager.subscribe()."`
		Browsers  []string `json:"browsers" doc:"The ids of the customer's browsers that are told of new messages: each the SHA-256 of its endpoint, in hex."`
	}
}

func (a *api) pushKey(ctx context.Context, in *struct{ Key }) (*PushKey, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	if a.Inbox.Pusher == nil {
		return nil, huma.Error404NotFound(pushOff)
	}
	ids, err := a.Inbox.Browsers.BrowserIDs(ctx, owner.Owner)
	if err != nil {
		return nil, a.fault("read browsers", err)
	}
	out := PushKey{Cache: "no-store"}
	out.Body.PublicKey, out.Body.Browsers = a.Inbox.Pusher.Key(), append([]string{}, ids...)
	return &out, nil
}

// Subscription is a browser's PushSubscription as its toJSON() gives it.
type Subscription struct {
	_              struct{} `additionalProperties:"true"`
	Endpoint       string   `json:"endpoint" maxLength:"1000"`
	ExpirationTime *float64 `json:"expirationTime,omitempty" nullable:"true" doc:"Not looked at: a subscription that has ended is found out."`
	Keys           struct {
		_      struct{} `additionalProperties:"true"`
		P256dh string   `json:"p256dh" maxLength:"100" doc:"The browser's public key, in base64url."`
		Auth   string   `json:"auth" maxLength:"50" doc:"The secret it shares with whoever pushes, in base64url."`
	} `json:"keys"`
}

type putBrowser struct {
	Key
	Body Subscription
}

// Browser is one that is told of new messages.
type Browser struct {
	Body struct {
		ID string `json:"id" doc:"The SHA-256 of its endpoint, in hex."`
	}
}

func (a *api) putBrowser(ctx context.Context, in *putBrowser) (*Browser, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	if a.Inbox.Pusher == nil {
		return nil, huma.Error404NotFound(pushOff)
	}
	b := inapp.Browser{Endpoint: notify.Secret(in.Body.Endpoint), Key: notify.Secret(in.Body.Keys.P256dh), Auth: notify.Secret(in.Body.Keys.Auth)}
	if err := a.Inbox.Pusher.Check(b); err != nil {
		return nil, huma.Error422UnprocessableEntity("body." + err.Error())
	}
	id, known, err := a.Inbox.Subscribe(ctx, owner.Owner, b)
	if err != nil {
		return nil, a.fault("store a browser", err)
	}
	if !known {
		return nil, huma.Error404NotFound(unknownPerson)
	}
	var out Browser
	out.Body.ID = id
	return &out, nil
}

func (a *api) dropBrowser(ctx context.Context, in *byID) (*struct{}, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	found, err := a.Inbox.Browsers.DropBrowser(ctx, owner.Owner, in.ID)
	if err != nil {
		return nil, a.fault("drop a browser", err)
	}
	if !found {
		return nil, huma.Error404NotFound("this customer has no such browser; GET /v1/inbox/push lists them")
	}
	return nil, nil
}
