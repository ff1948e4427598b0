// Package sandbox is a world of stand-in providers on the loopback interface: a Twilio, a LINE and a mail server
// that check what they are sent as strictly as the real ones, remember it as the person would read it, and call
// back with real signatures. `landfall try` and the scenario tests run against it, and its page of simulated
// phones shows what arrived.
//
// It meets Landfall only on the wire: it imports no package of ours, so that a mistake made on both sides cannot
// cancel itself out. It does not forward anything, keeps nothing on disk, and calls nothing but loopback addresses.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Channel is a way to reach a person, as the sandbox tells them apart on the wire.
type Channel string

// The channels the sandbox stands in for.
const (
	WhatsApp Channel = "whatsapp"
	SMS      Channel = "sms"
	LINE     Channel = "line"
	Email    Channel = "email"
)

// Credentials are the accounts the stand-in providers know. The mail server asks for none.
type Credentials struct {
	TwilioAccountSID  string // "AC" and 32 hex digits
	TwilioAuthToken   string // letters and digits only, since twilio-go refuses others; signs all Twilio callbacks
	TwilioAPIKey      string // accepted beside the account's own token when set
	TwilioAPISecret   string
	LineChannelToken  string // the bearer token of pushes
	LineChannelSecret string // signs LINE's webhooks
}

// Options configure a Sandbox.
type Options struct {
	// Now tells the time of messages, callbacks and the 24 hour window. Required.
	Now func() time.Time
	// Log is told of each problem and each message in one line without personal data. It must not call the
	// Sandbox. Default: nobody.
	Log func(string)
	// Credentials: every empty field gets a made-up value, which Sandbox.Credentials tells.
	Credentials Credentials
}

// WithDefaults returns o with every optional field filled.
func (o Options) WithDefaults() Options {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	c := &o.Credentials
	for _, d := range []struct {
		field *string
		value string
	}{
		{&c.TwilioAccountSID, "AC0123456789abcdef0123456789abcdef"},
		{&c.TwilioAuthToken, "sandboxTwilioAuthToken0123456789"},
		{&c.LineChannelToken, "sandbox-line-channel-token"},
		{&c.LineChannelSecret, "sandbox-line-channel-secret"},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	return o
}

var (
	accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	authToken  = regexp.MustCompile(`^[a-zA-Z0-9]+$`)
)

func (o Options) validate() error {
	switch {
	case o.Now == nil:
		return errors.New("sandbox: set Options.Now to the clock that messages are dated by")
	case !accountSID.MatchString(o.Credentials.TwilioAccountSID):
		return errors.New(`sandbox: TwilioAccountSID must be "AC" followed by 32 lower-case hex digits`)
	case !authToken.MatchString(o.Credentials.TwilioAuthToken):
		return errors.New("sandbox: TwilioAuthToken may hold only letters and digits")
	}
	return nil
}

// Sandbox is a running set of stand-in providers. All methods may be called from many goroutines.
type Sandbox struct {
	options Options
	book    *book
	faults  *faults
	courier *courier
	twilio  *twilio
	line    *line
	mail    *mailbox

	http     *http.Server
	httpAddr string
	serving  sync.WaitGroup
	unhook   func() bool
	close    sync.Once
}

// Start opens the providers on free ports of 127.0.0.1. They run until ctx ends or Close is called.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	o = o.WithDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	web, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for provider calls: %w", err)
	}
	post, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for mail: %w", err), web.Close())
	}
	s := assemble(o)
	s.serve(web, post)
	s.unhook = context.AfterFunc(ctx, func() { s.close.Do(s.shut) })
	return s, nil
}

func assemble(o Options) *Sandbox {
	b, f, made := newBook(o), &faults{}, &ids{seed: o.Now().Format(time.RFC3339Nano)}
	c := newCourier(b)
	s := &Sandbox{options: o, book: b, faults: f, courier: c}
	s.twilio = newTwilio(o, b, f, c, made)
	s.line = newLine(o, b, f, c, made)
	s.mail = newMailbox(o, b, f)
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet()}
	return s
}

func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	s.twilio.register(mux)
	s.line.register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.book.problem("%s %s: no provider has such an endpoint", r.Method, r.URL.Path)
		http.NotFound(w, r)
	})
	return mux
}

func (s *Sandbox) serve(web, post net.Listener) {
	s.httpAddr = web.Addr().String()
	s.courier.start()
	s.mail.listen(post)
	s.serving.Go(func() { _ = s.http.Serve(web) }) // always an error: that it was closed
	s.serving.Go(s.mail.serve)
}

// closing is how long Close waits for requests that are being answered before it cuts them off.
const closing = 3 * time.Second

// Close stops the providers and waits for everything they started. Callbacks not yet sent are dropped;
// WaitCallbacks before Close waits for them. A second Close does nothing.
func (s *Sandbox) Close() {
	s.unhook()
	s.close.Do(s.shut)
}

func (s *Sandbox) shut() {
	s.courier.stop()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // whoever still waits for an answer has waited long enough
	}
	s.mail.stop(ctx)
	s.serving.Wait()
}

// Credentials returns the accounts the providers accept.
func (s *Sandbox) Credentials() Credentials { return s.options.Credentials }

// TwilioURL is the base URL that stands for https://api.twilio.com.
func (s *Sandbox) TwilioURL() string { return "http://" + s.httpAddr }

// LineURL is the base URL that stands for https://api.line.me.
func (s *Sandbox) LineURL() string { return "http://" + s.httpAddr }

// SMTPHost is the mail server's host.
func (s *Sandbox) SMTPHost() string { host, _, _ := net.SplitHostPort(s.mail.addr); return host }

// SMTPPort is the mail server's port. It speaks plain SMTP without a password.
func (s *Sandbox) SMTPPort() int {
	_, port, _ := net.SplitHostPort(s.mail.addr)
	n, _ := strconv.Atoi(port) // our own listener's port is a number
	return n
}

// Fail makes the next f.Times calls on ch go wrong. Faults of a channel are used up in the order they were given.
// On Email one message counts as one call, whether it is taken or not.
func (s *Sandbox) Fail(ch Channel, f Fault) { s.faults.add(ch, f) }

// Mend takes back every fault of ch that is still to come.
func (s *Sandbox) Mend(ch Channel) { s.faults.clear(ch) }

// InboundURL sets where the provider of ch posts what people write, as one configures it in the provider's
// console. WhatsApp and SMS are set apart; LINE's webhook also hears of followers.
func (s *Sandbox) InboundURL(ch Channel, url string) {
	if ch == LINE {
		s.line.setWebhook(url)
		return
	}
	s.twilio.setInbound(ch, url)
}

// Received lists what people got, in the order the providers took it.
func (s *Sandbox) Received() []Received { return s.book.received() }

// WaitReceived waits until people got at least n messages and returns all of them, or ctx's error with what came.
func (s *Sandbox) WaitReceived(ctx context.Context, n int) ([]Received, error) {
	for {
		got, changed := s.book.receivedAndChange()
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return got, fmt.Errorf("wait for %d messages, %d came: %w", n, len(got), ctx.Err())
		}
	}
}

// Problems lists everything a real provider would have refused, and what it would have let pass but looks wrong.
// What a test arranged itself (Fail, RefuseMail, the official test numbers) is no problem. The texts name
// messages, not people.
func (s *Sandbox) Problems() []string { return s.book.problems() }

// WaitCallbacks waits until every callback of the calls made so far was answered or given up.
func (s *Sandbox) WaitCallbacks(ctx context.Context) error { return s.courier.wait(ctx) }

// Name tells the page of phones that these addresses (phone numbers, LINE user ids, e-mail addresses) belong to
// one person. It changes nothing else.
func (s *Sandbox) Name(person string, addresses ...string) { s.book.name(person, addresses) }

// Zone tells the page of phones in which time zone the holder of an address lives: the times of a phone are then those
// its person would read, where they are otherwise the time zone's of whoever looks. It changes nothing else.
func (s *Sandbox) Zone(address string, zone *time.Location) { s.book.zone(address, zone) }
