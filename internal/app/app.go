// Package app builds the whole of Landfall from settings, starts it and stops it, in its own process or inside a test. It
// is where the real clock and randomness come in, and where every part meets the others.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	_ "time/tzdata" // zones are the same on a machine without zone files

	"github.com/redis/go-redis/v9"

	"landfall/channels/inapp"
	"landfall/channels/inapp/webpush"
	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/internal/desk"
	"landfall/internal/httpapi"
	"landfall/internal/inbound"
	"landfall/internal/inbox"
	"landfall/internal/ledger"
	"landfall/internal/mailbox"
	"landfall/internal/notify"
	"landfall/internal/pages"
	"landfall/internal/queue"
	"landfall/internal/throttle"
	"landfall/internal/token"
	"landfall/internal/trace"
)

// Role is what a process does.
type Role string

// The roles. A process of either one alone shares PostgreSQL and Redis with those of the other.
const (
	Everything Role = "all"
	API        Role = "api"    // takes requests, callbacks and mails that come back, and shows pages
	Worker     Role = "worker" // sends, sweeps, removes what is old; over HTTP it answers probes alone
)

func (r Role) serves() bool { return r != Worker }
func (r Role) works() bool  { return r != API }

// Options are what a process is made of besides its settings.
type Options struct {
	Settings config.Settings
	Getenv   func(string) string
	Now      func() time.Time // default: time.Now, or the time of day that all on one PostgreSQL agree on
	Log      *slog.Logger
	Version  string
	Role     Role // default: Everything
	// SampleKey allows the sample merchant's API key, which everybody knows: on a stage that nobody else can reach.
	SampleKey bool
	// Tracer makes the spans; nil for one as the environment's OTEL_ variables say, or none.
	Tracer *trace.Tracer
	// BeforeEnqueue, when set, runs between commit and hand-over. Tests let it fail as a crash would.
	BeforeEnqueue func() error
}

// RouteLog makes the Redis client and OpenTelemetry log where everything else does. It holds for the whole process: call it once,
// before New.
func RouteLog(log *slog.Logger) {
	queue.RouteLog(log)
	trace.RouteLog(log)
}

// App is a running Landfall.
type App struct {
	Options
	Ledger     *ledger.Ledger
	Dispatcher *dispatcher.Dispatcher
	Redis      redis.UniversalClient

	queue        *queue.Queue
	stopRedis    func() error
	directory    *directory
	metrics      *metrics
	inbox        *inbox.Inbox
	pusher       *webpush.Pusher // nil when browsers are told of nothing
	tokens       token.Signer
	server       *http.Server
	listener     net.Listener
	mailbox      *mailbox.Mailbox // nil when mails come back to somebody else
	returnedMail *mailbox.Reader  // nil when no mailbox is to be read
	desk         *desk.Outbox
	writers      *throttle.Throttle
	clock        *clock // nil when the time is given, or nobody else's matters
	running      sync.WaitGroup
	stop         context.CancelFunc
	stopping     context.Context
}

// New opens and checks everything and starts nothing. On an error everything opened is closed again.
func New(ctx context.Context, o Options) (*App, error) {
	if err := errors.Join(o.Settings.Check(), o.shares()); err != nil {
		return nil, err
	}
	a := &App{Options: o, metrics: newMetrics(o.Version), tokens: token.NewSigner(o.Settings.SecretKey.Reveal())}
	a.writers = a.messages()
	a.stopping, a.stop = context.WithCancel(context.Background())
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.closeParts())
	}
	return a, nil
}

// shares insists that a process of one role has what the others have too.
func (o Options) shares() error {
	if o.Role == "" || o.Role == Everything {
		return nil
	}
	var errs []error
	if strings.HasPrefix(o.Settings.Database, "sqlite:") {
		errs = append(errs, fmt.Errorf("--role=%s shares the ledger with other processes; set LANDFALL_DATABASE to a PostgreSQL, postgres://USER:PASSWORD@HOST/NAME", o.Role))
	}
	if o.Settings.Redis == queue.Embedded {
		errs = append(errs, fmt.Errorf("--role=%s shares the queue with other processes; set LANDFALL_REDIS to a Redis, redis://HOST:6379/0", o.Role))
	}
	return errors.Join(errs...)
}

func (a *App) open(ctx context.Context) (err error) {
	if a.Tracer == nil {
		if a.Tracer, err = trace.FromEnv(ctx, a.Getenv, a.Version); err != nil {
			return err
		}
	}
	if a.Ledger, err = openLedger(ctx, a.Settings); err != nil {
		return err
	}
	if err := a.agree(ctx); err != nil {
		return err
	}
	if v := a.Ledger.Ahead(); v > 0 {
		a.Log.Warn("the ledger was migrated by a newer release; upgrade this process soon", "migration", v)
	}
	if a.Redis, a.stopRedis, err = queue.Dial(a.Settings.Redis); err != nil {
		return err
	}
	if err := a.openInbox(); err != nil {
		return err
	}
	if a.directory, err = newDirectory(a.Options, inapp.New(a.inbox)); err != nil {
		return err
	}
	a.queue = queue.New(queue.Config{Redis: a.Redis, Deliver: a.deliver, Carry: a.Tracer.Carry, Resume: a.Tracer.Resume, Log: a.Log, Alone: a.Settings.Redis == queue.Embedded, Grace: a.drain()})
	a.Dispatcher = dispatcher.New(dispatcher.Config{
		Ledger: a.timed(), Queue: a, Pace: a.pace(), Merchant: a.directory.merchant, Now: a.Now, Jitter: rand.Float64,
		Callback: a.callback, Return: a.returns, Link: a.link, Preferences: a.preferences, Leave: a.leave, Log: a.Log, Observe: a.observe, Call: a.call, Died: a.metrics.died, Unlisted: a.metrics.unknown, Heard: a.metrics.answered,
		Advise: a.advise(),
	})
	a.directory.published = a.reconsider
	a.desk = a.desks()
	a.metrics.watch(a)
	if a.listener, err = net.Listen("tcp", a.Settings.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w; set LANDFALL_LISTEN to a free address", a.Settings.Listen, errors.Unwrap(err))
	}
	if err := a.openMailboxes(); err != nil {
		return err
	}
	a.server = &http.Server{Handler: a.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug)}
	return nil
}

// pace keeps the senders to their rates: through Redis where other processes may send too.
func (a *App) pace() dispatcher.Pace {
	if a.Ledger.Shared() {
		return queue.NewPace(a.Redis, a.Log)
	}
	return dispatcher.NewPace()
}

// openInbox makes the inbox, and what tells browsers of it where that is set up.
func (a *App) openInbox() error {
	c := inbox.Config{Store: a.Ledger, Now: a.Now, Bus: queue.NewBell(a.Redis), Key: []byte(a.Settings.SecretKey.Reveal()), Browsers: a.Ledger, Pushed: a.metrics.push}
	p, err := a.Settings.Push()
	if err != nil {
		return err
	}
	if p != nil {
		a.pusher = webpush.New(webpush.Config{PublicKey: p.PublicKey, PrivateKey: p.PrivateKey, Subject: p.Subject, Loopback: p.Loopback})
		c.Pusher = a.pusher
	}
	a.inbox = inbox.New(c)
	return nil
}

// openLedger opens the ledger with the keys that hash what erased people leave behind.
func openLedger(ctx context.Context, s config.Settings) (*ledger.Ledger, error) {
	book, err := ledger.Open(ctx, s.Database, ledger.WithKeys(ledger.SecretKeys(s.SecretKey, s.SecretOld)))
	if err != nil {
		return nil, openable(s.Database, err)
	}
	return book, nil
}

// openable says what to do about a file that cannot be opened; about a setting of another kind the ledger has said it.
func openable(setting string, err error) error {
	if file, ok := strings.CutPrefix(setting, "sqlite:"); !ok || file == "" {
		return err
	}
	return fmt.Errorf("%w; set LANDFALL_DATABASE to a file in a folder that exists and may be written", err)
}

// timed is the ledger with an eye on it.
func (a *App) timed() timed { return timed{a.Ledger, a.metrics, a.Now} }

// Enqueue hands deliveries to the queue.
func (a *App) Enqueue(ctx context.Context, hs ...notify.Handoff) error {
	if a.BeforeEnqueue != nil {
		if err := a.BeforeEnqueue(); err != nil {
			return err
		}
	}
	return a.queue.Enqueue(ctx, hs...)
}

// inbound applies what providers tell us.
func (a *App) inbound() inbound.Inbound {
	return inbound.Inbound{Ledger: a.Ledger, Act: a.act, Receipt: a.Dispatcher.Receipt, Converse: a.converse, Now: a.Now, Reader: a.directory.world.Replies, Room: a.room}
}

func (a *App) handler() http.Handler {
	signals := a.inbound()
	proxies, _ := a.Settings.ProxyNetworks() // which New has checked
	page := pages.New(pages.Config{Ledger: a.Ledger, Tokens: a.tokens, Merchant: a.directory.merchant, Preferences: a.preferences, Now: a.Now, Log: a.Log})
	c := httpapi.Config{
		Dispatcher: a.Dispatcher, Ledger: a.Ledger, Inbox: a.inbox, Apply: signals.Apply,
		Tenant: a.directory.tenant, KeyTenant: a.directory.byKey, AnyOrigin: a.directory.origin, Tokens: a.tokens, PublicURL: a.publicURL(), Version: a.Version,
		Now: a.Now, Log: a.Log, Ready: a.ready, Metrics: a.metrics.handler(), Pages: page, Widget: inbox.WidgetHandler(), Closing: a.stopping, Count: a.metrics.intake,
		Limits: a.limits(), Proxies: proxies,
		Follow: a.follow(),
	}
	if !a.Role.serves() {
		return httpapi.Probes(c)
	}
	return httpapi.New(c)
}

// reconsider has held messages judged anew where a merchant's rules, the time zones or the holidays have changed. What it
// cannot do now is done when the merchant changes next; until then they keep their time and are judged at it.
func (a *App) reconsider(m *dispatcher.Merchant) {
	if err := a.Dispatcher.Reconsider(a.stopping, m); err != nil && !errors.Is(err, context.Canceled) {
		a.Log.Error("judge held messages anew", "merchant", m.ID, "error", err)
	}
}

// act records what somebody did on a channel. Of a merchant whose folder is not there nothing can be said to them.
func (a *App) act(ctx context.Context, id notify.MerchantID, from notify.Address, e notify.ConsentEvent, answered bool) error {
	m, ok := a.directory.merchant(id)
	if !ok {
		_, err := a.Ledger.AddAddressConsent(ctx, id, from, e, a.Now(), nil)
		return err
	}
	return a.Dispatcher.Act(ctx, m, from, e, answered)
}

// converse keeps what somebody wrote. Where the merchant has an assistant it answers.
func (a *App) converse(ctx context.Context, id notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message) error {
	if m, ok := a.directory.merchant(id); ok && m.Assistant != nil {
		answers, err := a.Dispatcher.Converse(ctx, m, p, c, msg)
		if msg.Token != "" {
			a.atOnce(ctx, answers)
		}
		if m.Desk {
			a.desk.Wake()
		}
		return err
	}
	_, err := a.Ledger.AddReply(ctx, id, p, c, msg)
	return err
}

// atOnce delivers what the queue has too, without waiting for its turn there: LINE's reply tokens last a minute. Whoever comes second finds it done.
func (a *App) atOnce(of context.Context, hs []notify.Handoff) {
	ctx := a.Tracer.Along(a.stopping, of)
	for _, h := range hs {
		a.running.Go(func() {
			if err := a.deliver(ctx, h.Delivery); err != nil {
				a.Log.Debug("deliver an answer at once; the queue brings it", "delivery", h.Delivery, "error", err)
			}
		})
	}
}

// warm reads the assistant's words before the first customer needs them, where any merchant has it.
func (a *App) warm() {
	for _, t := range *a.directory.now.Load() {
		if t.Assistant == nil {
			continue
		}
		if _, err := t.Assistant(); err != nil {
			a.Log.Error("read the assistant's words", "merchant", t.ID, "error", err)
		}
	}
}

// ready says what is missing before requests can be served.
func (a *App) ready(ctx context.Context) error {
	if a.stopping.Err() != nil {
		return errors.New("this process is stopping; send requests to another")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := a.Ledger.Ping(ctx); err != nil {
		return errors.New("the ledger does not answer; check LANDFALL_DATABASE")
	}
	switch err := a.queue.Ready(ctx); {
	case errors.Is(err, queue.ErrTakesNothing):
		return errors.New("redis takes no writes; make room or name the master, landfall doctor says which (what is accepted meanwhile is kept and sent later)")
	case err != nil:
		return errors.New("redis does not answer; check LANDFALL_REDIS (what is accepted meanwhile is kept and sent later)")
	}
	return nil
}

// Start begins what the process's role is.
func (a *App) Start() error {
	a.directory.announce()
	if a.Role.works() {
		if err := a.work(); err != nil {
			return err
		}
	}
	a.running.Go(func() { a.directory.watch(a.stopping) })
	a.running.Go(func() { a.inbox.Run(a.stopping) })
	a.running.Go(a.warm)
	if a.clock != nil {
		a.running.Go(func() { a.clock.run(a.stopping) })
	}
	if a.mailbox != nil {
		a.running.Go(func() {
			if err := a.mailbox.Serve(); err != nil {
				a.Log.Error("returned mail", "error", err)
			}
		})
	}
	a.running.Go(func() {
		if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
			a.Log.Error("serve", "error", err)
		}
	})
	return nil
}

// work begins to deliver, to sweep, and to do what comes round.
func (a *App) work() error {
	if err := a.queue.Start(); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	for _, round := range []func(context.Context){a.Dispatcher.Run, a.retention, a.quotas, a.desk.Run} {
		a.running.Go(func() { round(a.stopping) })
	}
	if a.returnedMail != nil {
		a.running.Go(func() { a.returnedMail.Run(a.stopping) })
	}
	return nil
}

// URL is where this process is reached from its own machine.
func (a *App) URL() string {
	_, port, _ := net.SplitHostPort(a.listener.Addr().String())
	return "http://127.0.0.1:" + port
}

// Inbox is the in-app inbox, for those who read it in-process.
func (a *App) Inbox() *inbox.Inbox { return a.inbox }

// drain is how long deliveries under way may take to finish.
func (a *App) drain() time.Duration { return cmp.Or(a.Settings.Drain, 35*time.Second) }

// Close finishes the requests and deliveries under way, for as long as Settings.Drain at most, and closes everything, the ledger last.
func (a *App) Close() error {
	a.stop()
	ctx, cancel := context.WithTimeout(context.Background(), min(a.drain(), 10*time.Second))
	defer cancel()
	err := a.server.Shutdown(ctx)
	if err != nil { // somebody's request does not end: cut it off, it must not find the ledger closed
		err = errors.Join(err, a.server.Close())
	}
	if a.mailbox != nil {
		err = errors.Join(err, a.mailbox.Close())
	}
	a.running.Wait()
	if a.Role.works() {
		a.queue.Close()
	}
	return errors.Join(err, a.closeParts())
}

func (a *App) closeParts() error {
	a.stop()
	var errs []error
	if a.listener != nil {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.mailbox != nil {
		errs = append(errs, a.mailbox.Close())
	}
	if a.pusher != nil {
		a.pusher.Close()
	}
	if a.stopRedis != nil {
		errs = append(errs, a.stopRedis())
	}
	a.closeTracer()
	if a.Ledger != nil {
		errs = append(errs, a.Ledger.Close())
	}
	return errors.Join(errs...)
}

// publicURL is the base of links and callbacks. A port of 0 in it stands for the one that was really taken.
func (a *App) publicURL() string {
	base := strings.TrimSuffix(a.Settings.PublicURL, "/")
	if a.listener == nil {
		return base
	}
	if u, err := url.Parse(base); err == nil && u.Port() == "0" {
		_, port, _ := net.SplitHostPort(a.listener.Addr().String())
		u.Host = net.JoinHostPort(u.Hostname(), port)
		return u.String()
	}
	return base
}

// callback is where a provider reports a delivery's fate.
func (a *App) callback(m notify.MerchantID, c notify.Channel) string {
	if c != notify.WhatsApp && c != notify.SMS {
		return ""
	}
	return a.publicURL() + "/v1/hooks/twilio/" + string(m) + "/status"
}
