// Package httpapi is Landfall over HTTP: routes, keys, JSON, errors as RFC 9457 problem details, and the OpenAPI document
// made from the same code. It reads requests and hands them on; what they mean is decided elsewhere.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/desk"
	"landfall/internal/inbox"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/report"
	"landfall/internal/subject"
	"landfall/internal/token"
	"landfall/internal/tracking"
)

// maxBody is the largest request body taken: a tracking webhook with a long history stays well below it.
const maxBody = 512 << 10

// Ledger is what the API reads and writes besides the dispatcher.
type Ledger interface {
	Consents(ctx context.Context, m notify.MerchantID, p notify.PersonID) ([]notify.ConsentEvent, error)
	AddConsents(ctx context.Context, m notify.MerchantID, p notify.PersonID, events []notify.ConsentEvent) error
	Dossier(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*subject.Dossier, error)
	Chain(ctx context.Context, m notify.MerchantID, p notify.PersonID, event, hash string) ([]notify.ConsentEvent, error)
	Erase(ctx context.Context, m notify.MerchantID, p notify.PersonID, now time.Time) (notify.Erasure, error)
	Notifications(ctx context.Context, m notify.MerchantID, f ledger.Filter) ([]report.Told, error)
	Dead(ctx context.Context, m notify.MerchantID, f ledger.DeadFilter, now time.Time) (ledger.DeadPage, error)
	Parked(ctx context.Context, m notify.MerchantID) (map[notify.Account]notify.Parking, error)
	desk.Records
	Handoff(ctx context.Context, m notify.MerchantID, id string) (*notify.DeskHandoff, error)
	HandoffAt(ctx context.Context, m notify.MerchantID, ref string) (*notify.DeskHandoff, error)
	Handoffs(ctx context.Context, m notify.MerchantID, limit int) ([]notify.DeskHandoff, error)
	CloseHandoff(ctx context.Context, m notify.MerchantID, id string, now time.Time) (bool, error)
	Heard(ctx context.Context, m notify.MerchantID, from, to, now time.Time) (notify.HeardReport, error)
	Refuse(ctx context.Context, m notify.MerchantID, source, reason string, bytes int, at time.Time) error
}

// Tenant is one merchant as the API sees it.
type Tenant struct {
	*dispatcher.Merchant
	// Key looks for an API key among the merchant's, as of an instant, and says which parts of the API it opens; ok is false for one that is
	// none of them, or not any more.
	Key        func(key string, now time.Time) (opens func(scope string) bool, ok bool)
	Feeds      map[string]Feed
	Signers    []Signer
	Name       string              // who answers for people's data
	Recipients []subject.Recipient // to whom their addresses and words are handed
	Inbox      InboxAccess
	Desk       *desk.Config // nil for none
}

// Signer is an account whose provider signs what it tells us.
type Signer struct {
	notify.Account
	Secrets []notify.Secret // any of them may have signed
	At      string          // the number, or the pool of numbers, that people write to
}

// secrets are those of the accounts on some channels.
func (t *Tenant) secrets(on ...notify.Channel) (out []notify.Secret) {
	for _, s := range t.Signers {
		if slices.Contains(on, s.Channel) {
			out = append(out, s.Secrets...)
		}
	}
	return out
}

// own reports whether an address is one that the merchant itself writes from: two machines would talk to each other.
func (t *Tenant) own(a notify.Address) bool {
	return slices.ContainsFunc(t.Signers, func(s Signer) bool { return s.At != "" && s.At == a.Value.Reveal() })
}

// writtenTo names the account on a channel by what its provider calls it; "" for none that is known.
func (t *Tenant) writtenTo(c notify.Channel, to []string) string {
	for _, s := range t.Signers {
		if s.Channel == c && slices.Contains(to, s.At) {
			return s.Sender
		}
	}
	return ""
}

// InboxAccess is who else may open the inboxes of a merchant's customers.
type InboxAccess struct {
	Secret    notify.Secret // signs tokens that the merchant's own server makes; empty for none
	SecretOld notify.Secret // the one before, until its last tokens have expired
	Origins   []string      // sites whose pages may use the inbox
}

// About is what an export of one of the merchant's customers says of itself.
func (t *Tenant) About(now time.Time) subject.About {
	return subject.About{GeneratedAt: now, Merchant: t.ID, Name: t.Name, Recipients: t.Recipients}
}

// Feed is a tracking webhook.
type Feed struct {
	Kind   tracking.Feed
	Secret notify.Secret
}

// Config is what the API is made of. All fields but Follow, Limits and Proxies are required.
type Config struct {
	Dispatcher *dispatcher.Dispatcher
	Ledger     Ledger
	Inbox      *inbox.Inbox
	Apply      func(context.Context, notify.MerchantID, []channels.Signal) error // what providers told us
	Tenant     func(notify.MerchantID) (*Tenant, bool)
	KeyTenant  func(key string) (*Tenant, bool) // the merchant whose API key this is
	AnyOrigin  func(origin string) bool         // whether some merchant's inbox may be used from a site
	Tokens     token.Signer
	PublicURL  string
	Version    string
	Now        func() time.Time
	Log        *slog.Logger
	Ready      func(context.Context) error // nil when requests can be served
	Metrics    http.Handler
	Pages      http.Handler    // the customer's pages, below /t/, /p/ and /u/
	Widget     http.Handler    // the inbox's scripts, below /inbox/
	Closing    context.Context // ends when streams should
	Count      func(route, result string)
	// Follow lets next serve a request to a route within a trace, which joins its caller's where that is a merchant; nil when nobody
	// follows.
	Follow  func(next http.Handler, w http.ResponseWriter, r *http.Request, route string, joins bool)
	Limits  Limits
	Proxies []netip.Prefix // whose word is taken for where a request comes from
}

type api struct {
	Config
	huma    huma.API
	mux     *routes
	streams *turnstile[inbox.Owner]
}

// routes is a mux that has a guard before each of its handlers. It remembers what was mounted, so that tests can hold the OpenAPI document against it, and ask each.
type routes struct {
	*http.ServeMux
	guard    func(pattern string, next http.HandlerFunc) http.HandlerFunc
	patterns []string
}

// HandleFunc mounts a handler.
func (r *routes) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	r.patterns = append(r.patterns, pattern)
	r.ServeMux.HandleFunc(pattern, r.guard(pattern, h))
}

// New returns the handler of all routes.
func New(c Config) http.Handler {
	a := build(c)
	return headed(a.shared(a.followed(a.mux)))
}

// Probes returns the handler of a process that takes no requests: whether it lives, whether it is ready, and its figures.
func Probes(c Config) http.Handler {
	a := empty(c)
	a.mux.HandleFunc("GET /healthz", a.healthz)
	a.mux.HandleFunc("GET /readyz", a.readyz)
	a.mux.HandleFunc("GET /metrics", a.Metrics.ServeHTTP)
	a.mux.ServeMux.HandleFunc("/", a.guard("/", a.elsewhere))
	return headed(a.shared(a.mux))
}

// empty is an API without routes.
func empty(c Config) *api {
	a := &api{Config: c, streams: newTurnstile[inbox.Owner](streamsAtOnce)}
	a.mux = &routes{ServeMux: http.NewServeMux(), guard: a.guard}
	return a
}

func build(c Config) *api {
	a := empty(c)
	a.huma = humago.New(a.mux, a.document())
	a.events()
	a.orders()
	a.people()
	a.rights()
	a.notifications()
	a.dead()
	a.handoffs()
	a.senders()
	a.explain()
	a.inbox()
	a.hooks()
	a.probes()
	a.mux.ServeMux.HandleFunc("/", a.guard("/", a.elsewhere))
	return a
}

// elsewhere answers what no route takes: an unknown address, or a known one with another method.
func (a *api) elsewhere(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if _, pattern := a.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		a.problem(w, http.StatusNotFound, "there is nothing at this address; /openapi.json lists what there is")
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	a.problem(w, http.StatusMethodNotAllowed, "this address does not take "+verb(r.Method)+"; use "+strings.Join(allowed, " or "))
}

// verb names a request's method, unless it is made up.
func verb(method string) string {
	if slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}, method) {
		return method
	}
	return "this method"
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
		"inbox": {Type: "http", Scheme: "bearer", Description: "A token for one person's inbox: from POST /v1/people/{id}/inbox-token, or a JWT that the merchant's server signed with its inbox secret (HS256; sub: the person, merchant, exp: at most 24 hours ahead)."},
	}
	c.Transformers = append(c.Transformers, plain)
	return c
}

// Key is the header every merchant's request carries.
type Key struct {
	Authorization string `header:"Authorization" hidden:"true"` // described as a security scheme
}

func (k Key) bearer() string { return strings.TrimPrefix(k.Authorization, "Bearer ") }

// tenant finds the merchant a request is from.
func (a *api) tenant(k Key) (*Tenant, error) {
	if strings.HasPrefix(k.Authorization, "Bearer ") {
		if t, ok := a.KeyTenant(k.bearer()); ok {
			return t, nil
		}
	}
	return nil, huma.Error401Unauthorized("send a merchant's API key as: Authorization: Bearer KEY")
}

// keyed turns away requests without a merchant's key before anything else of them is looked at.
func (a *api) keyed(ctx huma.Context, next func(huma.Context)) {
	if _, err := a.tenant(Key{Authorization: ctx.Header("Authorization")}); err != nil {
		a.unauthorized(ctx, err)
		return
	}
	next(ctx)
}

func (a *api) unauthorized(ctx huma.Context, err error) {
	if err := huma.WriteErr(a.huma, ctx, http.StatusUnauthorized, err.Error()); err != nil {
		a.Log.Debug("answer problem", "error", err)
	}
}

// route describes an operation that asks for a merchant's key.
func (a *api) route(id, method, path, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody,
		Security: []map[string][]string{{"key": {}}}, Middlewares: huma.Middlewares{a.keyed, a.asked}, Errors: failures(method, path),
	}
}

// failures lists the statuses with which an operation may refuse.
func failures(method, path string) []int {
	out := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	if method != http.MethodGet {
		out = append(out, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if strings.Contains(path, "{id}") {
		out = append(out, http.StatusNotFound)
	}
	return out
}

// refusal describes an answer that is a problem, for operations described by hand.
func (a *api) refusal(description string) *huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[huma.ErrorModel](), true, "ErrorModel")
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}
