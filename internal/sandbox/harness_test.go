package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"
	"github.com/twilio/twilio-go/client"
	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"landfall/internal/sandbox"
)

const (
	person    = "+4915112345678"
	shop      = "+4930123456"
	lineUser  = "U0123456789abcdef0123456789abcdef"
	contentID = "HX0123456789abcdef0123456789abcdef"
	retryKey  = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
)

// clock is a time that moves only when a test says so.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a sandbox, its clock, and the program that it calls back.
type world struct {
	*sandbox.Sandbox
	clock *clock
	app   *app
}

func start(t *testing.T) *world {
	t.Helper()
	c := &clock{at: time.Date(2026, 12, 1, 21, 15, 0, 0, time.UTC)}
	s, err := sandbox.Start(t.Context(), sandbox.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &world{Sandbox: s, clock: c, app: newApp(t, s.Credentials())}
	w.InboundURL(sandbox.WhatsApp, w.app.url+"/inbound")
	w.InboundURL(sandbox.SMS, w.app.url+"/inbound")
	w.InboundURL(sandbox.LINE, w.app.url+"/line")
	return w
}

// settle waits for all callbacks.
func (w *world) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := w.WaitCallbacks(ctx); err != nil {
		t.Fatal(err)
	}
}

// wantProblems fails unless there is exactly one problem for each part, holding it; none when no part is given.
func (w *world) wantProblems(t *testing.T, parts ...string) {
	t.Helper()
	got := w.Problems()
	if len(got) != len(parts) {
		t.Fatalf("problems = %q, want one for each of %q", got, parts)
	}
	for i, part := range parts {
		if !strings.Contains(got[i], part) {
			t.Errorf("problem %d = %q, want it to hold %q", i, got[i], part)
		}
	}
}

// app is a program that providers call back; it checks every signature with the providers' own SDKs.
type app struct {
	url string

	mu     sync.Mutex
	forms  []url.Values
	tokens []string
	hooks  []webhook.CallbackRequest
	answer func(http.ResponseWriter, *http.Request) // in place of the usual 204
}

func newApp(t *testing.T, c sandbox.Credentials) *app {
	t.Helper()
	a := &app{}
	mux := http.NewServeMux()
	twilioCall := func(w http.ResponseWriter, r *http.Request) { a.takeForm(t, c, w, r) }
	mux.HandleFunc("/status", twilioCall)
	mux.HandleFunc("/inbound", twilioCall)
	mux.HandleFunc("/line", func(w http.ResponseWriter, r *http.Request) { a.takeHook(t, c, w, r) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

func (a *app) takeForm(t *testing.T, c sandbox.Credentials, w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	validator := client.NewRequestValidator(c.TwilioAuthToken)
	if !validator.ValidateBody(a.url+r.RequestURI, body, r.Header.Get("X-Twilio-Signature")) {
		t.Errorf("the signature of %s is wrong", r.RequestURI)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Errorf("read form: %v", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forms = append(a.forms, form)
	a.tokens = append(a.tokens, r.Header.Get("I-Twilio-Idempotency-Token"))
	a.respond(w, r)
}

func (a *app) takeHook(t *testing.T, c sandbox.Credentials, w http.ResponseWriter, r *http.Request) {
	hook, err := webhook.ParseRequest(c.LineChannelSecret, r)
	if err != nil {
		t.Errorf("read LINE's webhook: %v", err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hooks = append(a.hooks, *hook)
	a.respond(w, r)
}

func (a *app) respond(w http.ResponseWriter, r *http.Request) {
	if a.answer != nil {
		a.answer(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// field lists one field of all forms heard so far.
func (a *app) field(name string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var values []string
	for _, f := range a.forms {
		values = append(values, f.Get(name))
	}
	return values
}

// last is the form heard last.
func (a *app) last(t *testing.T) url.Values {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.forms) == 0 {
		t.Fatal("the program was not called")
	}
	return a.forms[len(a.forms)-1]
}

func (a *app) lineEvents() []webhook.EventInterface {
	a.mu.Lock()
	defer a.mu.Unlock()
	var events []webhook.EventInterface
	for _, h := range a.hooks {
		events = append(events, h.Events...)
	}
	return events
}

// reroute sends what is meant for Twilio to the sandbox and remembers the answer's status and headers.
type reroute struct {
	base   string
	status int
	header http.Header
}

func (r *reroute) RoundTrip(req *http.Request) (*http.Response, error) {
	base, err := url.Parse(r.base)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = base.Scheme, base.Host
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		r.status, r.header = res.StatusCode, res.Header
	}
	return res, err
}

// twilioAPI is the real SDK, pointed at the sandbox.
func (w *world) twilioAPI(user, password string) (*v2010.ApiService, *reroute) {
	rt := &reroute{base: w.TwilioURL()}
	c := &client.Client{Credentials: client.NewCredentials(user, password), HTTPClient: &http.Client{Transport: rt}}
	c.SetAccountSid(w.Credentials().TwilioAccountSID)
	return v2010.NewApiService(client.NewRequestHandler(c)), rt
}

func (w *world) twilio() *v2010.ApiService {
	api, _ := w.twilioAPI(w.Credentials().TwilioAccountSID, w.Credentials().TwilioAuthToken)
	return api
}

// sms is a sound text message; change may spoil it.
func (w *world) sms(change ...func(*v2010.CreateMessageParams)) *v2010.CreateMessageParams {
	p := &v2010.CreateMessageParams{}
	p.SetTo(person).SetFrom(shop).SetBody("Your parcel is on its way").SetStatusCallback(w.app.url + "/status?d=1#rc=5&rp=all")
	for _, c := range change {
		c(p)
	}
	return p
}

// whatsapp is a sound template message of contentID, which the test must register.
func (w *world) whatsapp(change ...func(*v2010.CreateMessageParams)) *v2010.CreateMessageParams {
	p := &v2010.CreateMessageParams{}
	p.SetTo("whatsapp:" + person).SetFrom("whatsapp:" + shop).SetStatusCallback(w.app.url + "/status?d=1")
	p.SetContentSid(contentID).SetContentVariables(`{"1":"Wool coat","2":"Monday"}`)
	for _, c := range change {
		c(p)
	}
	return p
}

func (w *world) registerContent(t *testing.T) {
	t.Helper()
	if err := w.RegisterContent(contentID, "de", "{{1}} kommt am {{2}}. {{1}}!"); err != nil {
		t.Fatal(err)
	}
}

// create sends p and returns the message's sid.
func (w *world) create(t *testing.T, p *v2010.CreateMessageParams) string {
	t.Helper()
	m, err := w.twilio().CreateMessage(p)
	if err != nil {
		t.Fatal(err)
	}
	return *m.Sid
}

// twilioCode is the provider's code of an error; 0 when it is none of the provider's.
func twilioCode(err error) int {
	if e, ok := errors.AsType[*client.TwilioRestError](err); ok {
		return e.Code
	}
	return 0
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}
