// Package play runs the whole of Landfall in one process with stand-in providers and a clock of its own: news comes in
// as signed webhooks over HTTP, messages go out through the real SDKs, and time passes when told to. `landfall try` and
// the scenario tests are both plays on this stage. It knows no business rule.
package play

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/report"
	"landfall/internal/sandbox"
	"landfall/internal/trace"
	"landfall/locales"
	"landfall/templates"
)

// Merchant is the sample merchant.
const Merchant notify.MerchantID = "acme"

// The sample merchant's credentials. They are known to everybody and open nothing but a stage.
const (
	APIKey          = "acme-try-key"
	aftershipSecret = "acme-aftership-secret"
	seventeenKey    = "acme-17track-key"
	easypostSecret  = "acme-easypost-secret"
	inboxSecret     = "acme-inbox-secret-known-to-everybody"
	inboxOrigin     = "http://127.0.0.1:8080"
	smsNumber       = "+12025550123"
)

//go:embed acme
var acme embed.FS

// Options set a stage.
type Options struct {
	Dir   string    // an empty folder for the merchants and the ledger; a second world on it goes on where the first stopped
	Start time.Time // what the clock shows at first
	Redis string    // default: embedded
	// Database is the ledger's; default: a SQLite file in Dir.
	Database string
	Listen   string           // default: a free port of 127.0.0.1
	Log      *slog.Logger     // default: nowhere
	Sandbox  *sandbox.Sandbox // default: one of the world's own
	Clock    *Clock           // default: one that starts at Start
	Version  string
	Role     app.Role // default: everything
	Origin   string   // the site whose pages show the sample merchant's inbox; default: where the phones are by default
	// Tracer is app.Options.Tracer.
	Tracer *trace.Tracer
	// BeforeEnqueue is app.Options.BeforeEnqueue.
	BeforeEnqueue func() error
	// Operator, when set, changes the settings that Landfall starts with.
	Operator func(*config.Settings)
}

// World is a stage with everything running on it.
type World struct {
	App     *app.App
	Sandbox *sandbox.Sandbox
	Clock   *Clock

	own    bool // whether the sandbox is this world's to close
	client *http.Client
}

// New sets the stage and starts everything. Close it.
func New(ctx context.Context, o Options) (*World, error) {
	o = o.withDefaults()
	w := &World{Clock: o.Clock, Sandbox: o.Sandbox, client: &http.Client{Timeout: 30 * time.Second}}
	if w.Sandbox == nil {
		var err error
		if w.Sandbox, err = sandbox.Start(context.WithoutCancel(ctx), sandbox.Options{Now: w.Clock.Now}); err != nil {
			return nil, err
		}
		w.own = true
	}
	if err := w.start(ctx, o); err != nil {
		w.Sandbox.Close()
		return nil, err
	}
	return w, nil
}

func (o Options) withDefaults() Options {
	if o.Redis == "" {
		o.Redis = "embedded"
	}
	if o.Database == "" {
		o.Database = "sqlite:" + filepath.Join(o.Dir, "landfall.db")
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Origin == "" {
		o.Origin = inboxOrigin
	}
	if o.Log == nil {
		o.Log = Silence()
	}
	if o.Clock == nil {
		o.Clock = NewClock(o.Start)
	}
	return o
}

func (w *World) start(ctx context.Context, o Options) error {
	merchants := filepath.Join(o.Dir, "merchants")
	if err := settle(merchants); err != nil {
		return err
	}
	if err := w.approve(); err != nil {
		return err
	}
	a, err := app.New(ctx, app.Options{
		Settings: w.settings(o, merchants), Getenv: o.getenv, Now: w.Clock.Now, Log: o.Log, Version: o.Version,
		SampleKey: true, BeforeEnqueue: o.BeforeEnqueue, Role: o.Role, Tracer: o.Tracer,
	})
	if err != nil {
		return err
	}
	w.App = a
	w.Sandbox.BounceTo(a.MailboxAddr())
	w.Sandbox.InboundURL(sandbox.WhatsApp, a.URL()+"/v1/hooks/twilio/acme/inbound")
	w.Sandbox.InboundURL(sandbox.SMS, a.URL()+"/v1/hooks/twilio/acme/inbound")
	w.Sandbox.InboundURL(sandbox.LINE, a.URL()+"/v1/hooks/line/acme")
	return a.Start()
}

func (w *World) settings(o Options, merchants string) config.Settings {
	c := w.Sandbox.Credentials()
	out := config.Settings{
		Listen: o.Listen, Database: o.Database, Redis: o.Redis, Merchants: merchants,
		PublicURL: "http://127.0.0.1:0", SecretKey: "a stage's key, good for nothing else", BounceOn: "127.0.0.1:0",
		Providers: config.Providers{
			TwilioBaseURL: w.Sandbox.TwilioURL(), TwilioAccountSID: c.TwilioAccountSID, TwilioAuthToken: notify.Secret(c.TwilioAuthToken),
			LineBaseURL: w.Sandbox.LineURL(), LineChannelToken: notify.Secret(c.LineChannelToken), LineChannelSecret: notify.Secret(c.LineChannelSecret),
			SMTPHost: w.Sandbox.SMTPHost(), SMTPPort: w.Sandbox.SMTPPort(), SMTPTLS: "none", SMTPEnvelopeFrom: "bounce+{id}@acme.example",
		},
	}
	if o.Operator != nil {
		o.Operator(&out)
	}
	return out
}

// Settings are the ones in force, for another process on the same ground.
func (w *World) Settings() config.Settings { return w.App.Options.Settings }

// Silence is a logger that says nothing.
func Silence() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Getenv knows the variables the sample merchant names.
func Getenv(name string) string {
	return map[string]string{
		"ACME_AFTERSHIP_SECRET": aftershipSecret, "ACME_17TRACK_KEY": seventeenKey, "ACME_EASYPOST_SECRET": easypostSecret,
		"ACME_INBOX_SECRET": inboxSecret, "ACME_INBOX_ORIGIN": inboxOrigin,
	}[name]
}

func (o Options) getenv(name string) string {
	if name == "ACME_INBOX_ORIGIN" {
		return o.Origin
	}
	return Getenv(name)
}

// settle writes the sample merchant's folder, unless a world was here before.
func settle(merchants string) error {
	if _, err := os.Stat(merchants); err == nil {
		return nil
	}
	if err := os.CopyFS(filepath.Join(merchants, string(Merchant)), sub()); err != nil {
		return fmt.Errorf("write the sample merchant: %w", err)
	}
	return nil
}

func sub() fs.FS {
	dir, err := fs.Sub(acme, "acme")
	if err != nil {
		panic(err) // the embedded folder is there
	}
	return dir
}

// approve does what a merchant does in Twilio's console: it registers every text with the provider. The ContentSids it gets
// for them stand in the sample merchant's whatsapp.yaml.
func (w *World) approve() error {
	return eachText(func(key notify.TemplateKey, locale, body string) error {
		return w.Sandbox.RegisterContent(contentSID(key, locale), locale, body)
	})
}

// content is a text that WhatsApp has to approve.
type content struct {
	key          notify.TemplateKey
	locale, body string
}

// contents are all of them, in every language; worlds that come after one another share them.
var contents = sync.OnceValues(func() (all []content, err error) {
	catalog, err := locales.New()
	if err != nil {
		return nil, err
	}
	set, err := templates.New(catalog)
	if err != nil {
		return nil, err
	}
	for _, key := range set.ContentKeys() {
		for _, locale := range catalog.Locales() {
			body, err := set.ContentBody(key, locale)
			if err != nil {
				return nil, err
			}
			all = append(all, content{key, locale, body})
		}
	}
	return all, nil
})

// eachText calls fn with every text WhatsApp has to approve, in every language.
func eachText(fn func(key notify.TemplateKey, locale, body string) error) error {
	all, err := contents()
	for _, c := range all {
		if err == nil {
			err = fn(c.key, c.locale, c.body)
		}
	}
	return err
}

// Close stops everything the world started.
func (w *World) Close() error {
	err := w.App.Close()
	if w.own {
		w.Sandbox.Close()
	}
	w.client.CloseIdleConnections()
	return err
}

// Leave stops Landfall and leaves the sandbox running, for another world to go on.
func (w *World) Leave() error { return w.App.Close() }

// Put stores a person or an order, as a shop would: path is "people/mei", body any JSON value.
func (w *World) Put(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return w.call(ctx, http.MethodPut, "/v1/"+path, b, keyed(), nil)
}

// Post sends a body to a route of the merchant's, as a shop would.
func (w *World) Post(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return w.call(ctx, http.MethodPost, "/v1/"+path, b, keyed(), nil)
}

// Get reads a route of the merchant's.
func (w *World) Get(ctx context.Context, path string, into any) error {
	return w.call(ctx, http.MethodGet, "/v1/"+path, nil, keyed(), into)
}

func keyed() http.Header {
	return http.Header{"Authorization": {"Bearer " + APIKey}, "Content-Type": {"application/json"}}
}

// Webhook delivers a tracking payload as the feed would, with its signature.
func (w *World) Webhook(ctx context.Context, feed string, payload []byte) error {
	return w.call(ctx, http.MethodPost, "/v1/hooks/tracking/acme/"+feed, payload, signed(feed, payload), nil)
}

func (w *World) call(ctx context.Context, method, path string, body []byte, header http.Header, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, w.App.URL()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = header
	res, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, bytes.TrimSpace(answer))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// errBusy is returned when deliveries are still under way after a while.
var errBusy = errors.New("deliveries are still under way")

const (
	patience = 4 * time.Second // longer than the first retries of the queue
	look     = 3 * time.Millisecond
)

// Settle waits until everything that is due has been done and every receipt has come in.
func (w *World) Settle(ctx context.Context) error {
	for deadline := time.After(patience); ; {
		n, err := w.App.Ledger.Busy(ctx, w.Clock.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return w.answered(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return errBusy
		case <-time.After(look):
		}
	}
}

// answered waits for what providers have to say, and for what that leads to, such as the confirmation of a STOP.
func (w *World) answered(ctx context.Context) error {
	if err := w.Sandbox.WaitCallbacks(ctx); err != nil {
		return err
	}
	n, err := w.App.Ledger.Busy(ctx, w.Clock.Now())
	if err != nil || n == 0 {
		return err
	}
	return w.Settle(ctx)
}

// Until lets time pass: everything that becomes due on the way is done at its own time.
func (w *World) Until(ctx context.Context, t time.Time) error {
	for {
		next, err := w.App.Ledger.NextDue(ctx, w.Clock.Now())
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(t) {
			w.Clock.Set(t)
			return w.Work(ctx)
		}
		w.Clock.Set(next)
		if err := w.Work(ctx); err != nil {
			return err
		}
	}
}

// Work does everything that is due now. What the queue keeps back for longer than patience, such as a retry minutes away,
// is brought by the sweep once its time has passed.
func (w *World) Work(ctx context.Context) error {
	for range 20 {
		if _, err := w.App.Dispatcher.Sweep(ctx); err != nil {
			return err
		}
		err := w.Settle(ctx)
		if !errors.Is(err, errBusy) {
			return err
		}
		w.Clock.Set(w.Clock.Now().Add(31 * time.Second))
	}
	return errBusy
}

// Rows reports the newest 200 of what was told so far, newest first.
func (w *World) Rows(ctx context.Context) ([]report.Row, error) {
	var page struct{ Notifications []report.Row }
	if err := w.Get(ctx, "notifications?limit=200", &page); err != nil {
		return nil, err
	}
	return page.Notifications, nil
}
