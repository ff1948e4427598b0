// Package httpapi is Landfall over HTTP: routes, keys, JSON, errors as RFC 9457 problem details, and the OpenAPI document
// made from the same code. It reads requests and hands them on; what they mean is decided elsewhere.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/inbox"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
	"landfall/internal/token"
	"landfall/internal/tracking"
)

// maxBody is the largest request body taken: a tracking webhook with a long history stays well below it.
const maxBody = 512 << 10

// Ledger is what the API reads and writes besides the dispatcher.
type Ledger interface {
	Person(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*notify.Person, error)
	Consents(ctx context.Context, m notify.MerchantID, p notify.PersonID) ([]notify.ConsentEvent, error)
	AddConsents(ctx context.Context, m notify.MerchantID, p notify.PersonID, events []notify.ConsentEvent) error
	History(ctx context.Context, m notify.MerchantID, id parcel.OrderID) (*report.History, error)
	Notifications(ctx context.Context, m notify.MerchantID, f ledger.Filter) ([]report.Told, error)
	Refuse(ctx context.Context, m notify.MerchantID, source, reason string, bytes int, at time.Time) error
}

// Tenant is one merchant as the API sees it.
type Tenant struct {
	*dispatcher.Merchant
	Key          func(key string) bool // reports whether an API key is the merchant's
	Feeds        map[string]Feed
	TwilioTokens []notify.Secret // any of them may have signed a callback
	LineSecret   notify.Secret
}

// Feed is a tracking webhook.
type Feed struct {
	Kind   tracking.Feed
	Secret notify.Secret
}

// Config is what the API is made of. All fields are required.
type Config struct {
	Dispatcher *dispatcher.Dispatcher
	Ledger     Ledger
	Inbox      *inbox.Inbox
	Apply      func(context.Context, notify.MerchantID, []channels.Signal) error // what providers told us
	Tenant     func(notify.MerchantID) (*Tenant, bool)
	KeyTenant  func(key string) (*Tenant, bool) // the merchant whose API key this is
	Tokens     token.Signer
	PublicURL  string
	Version    string
	Now        func() time.Time
	Log        *slog.Logger
	Ready      func(context.Context) error // nil when requests can be served
	Metrics    http.Handler
	Pages      http.Handler    // the customer's pages, below /t/
	Closing    context.Context // ends when streams should
	Count      func(route, result string)
}

type api struct {
	Config
	huma huma.API
	mux  *http.ServeMux
}

// New returns the handler of all routes.
func New(c Config) http.Handler {
	a := &api{Config: c, mux: http.NewServeMux()}
	a.huma = humago.New(a.mux, a.document())
	a.events()
	a.orders()
	a.people()
	a.notifications()
	a.inbox()
	a.hooks()
	a.probes()
	a.mux.Handle("GET /t/{token}", c.Pages)
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.problem(w, http.StatusNotFound, "there is nothing at this address; /openapi.json lists what there is")
	})
	return a.mux
}

// document sets up the OpenAPI description. Bodies carry no schema links, which would be built from the Host header.
func (a *api) document() huma.Config {
	c := huma.DefaultConfig("Landfall", a.Version)
	c.Info.Description = "Word of every parcel that crosses the sea."
	c.DocsPath, c.SchemasPath = "", ""
	c.CreateHooks = nil
	c.Servers = []*huma.Server{{URL: a.PublicURL}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":   {Type: "http", Scheme: "bearer", Description: "A merchant's API key."},
		"inbox": {Type: "http", Scheme: "bearer", Description: "A token for one person's inbox, from POST /v1/people/{id}/inbox-token."},
	}
	c.Transformers = append(c.Transformers, plain)
	return c
}

// Key is the header every merchant's request carries.
type Key struct {
	Authorization string `header:"Authorization" doc:"Bearer and the merchant's API key"`
}

func (k Key) bearer() string { return strings.TrimPrefix(k.Authorization, "Bearer ") }

// tenant finds the merchant a request is from.
func (a *api) tenant(k Key) (*Tenant, error) {
	if t, ok := a.KeyTenant(k.bearer()); ok && k.Authorization != k.bearer() {
		return t, nil
	}
	return nil, huma.Error401Unauthorized("send a merchant's API key as: Authorization: Bearer KEY")
}

// route describes an operation that asks for a merchant's key.
func route(id, method, path, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody,
		Security: []map[string][]string{{"key": {}}}, Errors: []int{http.StatusUnauthorized, http.StatusUnprocessableEntity},
	}
}
