// Package channeltest is the kit every channel must pass: what its sender makes of each status, of broken connections, of
// answers that are nonsense and of contexts that end, and that no error tells a secret or an address. Run is for
// channels that speak HTTP, RunSMTP for email. What a channel sends on the good days is tested beside the channel.
package channeltest

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

const (
	// patience is a sender's timeout where it should not matter, short where it is what is tested.
	patience = 10 * time.Second
	short    = 60 * time.Millisecond
)

// Harness is what the kit needs to know of a channel that speaks HTTP.
type Harness struct {
	// New builds the sender under test against a base URL, with a timeout for one call.
	New func(base string, timeout time.Duration) (channels.Sender, error)
	// Message is a good message. Its address counts as a secret.
	Message channels.Message
	// Yes answers a call as the provider does when it takes the message.
	Yes http.HandlerFunc
	// Lost is what a lost answer means: Ambiguous, or Temporary on a channel that may be tried again safely.
	Lost channels.Kind
	// Statuses are the channel's deviations from the kit's verdict on a status without a body that can be read.
	Statuses map[int]channels.Kind
	// Secrets must not appear in any error.
	Secrets []string
}

// Run puts a channel that speaks HTTP through the kit.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Harness){
		"taken":                     testTaken,
		"statuses":                  testStatuses,
		"lost answers":              testLost,
		"refused connection":        testRefused,
		"cancelled before the call": testCancelledBefore,
		"cancelled during the call": testCancelledDuring,
		"contexts are not shared":   testContexts,
		"connections are kept":      testKept,
		"plain http leaves nobody":  testPlain,
		"redirects are not obeyed":  testRedirect,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func (h Harness) sender(t *testing.T, base string, timeout time.Duration) channels.Sender {
	t.Helper()
	s, err := h.New(base, timeout)
	if err != nil {
		t.Fatalf("build sender: %v", err)
	}
	checkPrinted(t, s, h.hidden())
	return s
}

// against builds a sender whose provider is handler.
func (h Harness) against(t *testing.T, handler http.HandlerFunc, timeout time.Duration) channels.Sender {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return h.sender(t, srv.URL, timeout)
}

func (h Harness) hidden() []string { return hidden(h.Secrets, h.Message) }

// refused sends the message, expecting a refusal of the given kind that tells nothing it should not.
func (h Harness) refused(ctx context.Context, t *testing.T, s channels.Sender, want channels.Kind) *channels.Error {
	t.Helper()
	return refused(ctx, t, s, h.Message, want, h.hidden())
}

func testTaken(t *testing.T, h Harness) {
	s := h.against(t, h.Yes, patience)
	got, err := s.Send(t.Context(), h.Message)
	if err != nil || got.ProviderID == "" || got.State != notify.Sent && got.State != notify.Arrived {
		t.Errorf("Send = %+v, %v; want a provider's id and sent or delivered", got, err)
	}
}

// bodies are what proxies, captive portals and broken providers answer with. The last tells everything it was told.
var bodies = map[string]func(*http.Request) string{
	"empty":        func(*http.Request) string { return "" },
	"html":         func(*http.Request) string { return "<html><body>502 Bad Gateway" + strings.Repeat("<br>", 20_000) },
	"empty object": func(*http.Request) string { return "{}" },
	"array":        func(*http.Request) string { return "[1,2]" },
	"cut json":     func(*http.Request) string { return `{"message": "tr` },
	"echo": func(r *http.Request) string {
		body, _ := io.ReadAll(r.Body)                                               // a request cut short is echoed as far as it came
		text, _ := json.Marshal(r.Header.Get("Authorization") + " " + string(body)) // a string always encodes
		return `{"message": ` + string(text) + `}`
	},
}

// statuses maps every status worth a verdict to the kit's; "" stands for the harness's Lost.
var statuses = map[int]channels.Kind{
	200: "", 201: "", 202: "", 204: "",
	300: channels.Misconfigured, 301: channels.Misconfigured, 302: channels.Misconfigured, 303: channels.Misconfigured,
	304: channels.Misconfigured, 307: channels.Misconfigured, 308: channels.Misconfigured,
	400: channels.Rejected, 401: channels.Misconfigured, 402: channels.Rejected, 403: channels.Misconfigured,
	404: channels.Rejected, 405: channels.Rejected, 406: channels.Rejected, 408: "", 409: channels.Rejected,
	410: channels.Rejected, 411: channels.Rejected, 412: channels.Rejected, 413: channels.Rejected, 414: channels.Rejected,
	415: channels.Rejected, 417: channels.Rejected, 418: channels.Rejected, 421: channels.Rejected, 422: channels.Rejected,
	423: channels.Rejected, 424: channels.Rejected, 426: channels.Rejected, 428: channels.Rejected,
	429: channels.Throttled, 431: channels.Rejected, 451: channels.Rejected,
	500: "", 501: "", 502: "", 503: "", 504: "", 505: "", 507: "", 508: "", 511: "", 520: "", 529: "", 599: "",
}

func (h Harness) verdict(status int) channels.Kind {
	if k, ok := h.Statuses[status]; ok {
		return k
	}
	if k := statuses[status]; k != "" {
		return k
	}
	return h.Lost
}

// stage is a provider that answers as it is told.
type stage struct {
	yes    http.HandlerFunc
	mu     sync.Mutex
	status int // 0: yes
	body   string
}

func (p *stage) play(status int, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.body = status, body
}

// ServeHTTP answers yes, or with the status and body that were set.
func (p *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.status == 0 {
		p.yes(w, r)
		return
	}
	body := bodies[p.body](r)
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(p.status)
	_, _ = io.WriteString(w, body) // some statuses allow no body, and some senders hang up first
}

func testStatuses(t *testing.T, h Harness) {
	p := &stage{yes: h.Yes}
	s := h.against(t, p.ServeHTTP, patience)
	for status := range statuses {
		for body := range bodies {
			p.play(status, body)
			e := h.refused(t.Context(), t, s, h.verdict(status))
			if t.Failed() {
				t.Fatalf("that was status %d with body %q", status, body)
			}
			if e.Kind == channels.Throttled && e.RetryAfter != 7*time.Second {
				t.Errorf("status %d: RetryAfter = %v, want the provider's 7s", status, e.RetryAfter)
			}
		}
	}
}

// testLost breaks the connection in every way after it was made.
func testLost(t *testing.T, h Harness) {
	gone := make(chan struct{})
	t.Cleanup(func() { close(gone) })
	for name, handler := range map[string]http.HandlerFunc{
		"no answer in time":      func(_ http.ResponseWriter, r *http.Request) { hang(r, gone) },
		"reset before an answer": func(w http.ResponseWriter, _ *http.Request) { breakOff(w, "") },
		"cut in the headers":     func(w http.ResponseWriter, _ *http.Request) { breakOff(w, "HTTP/1.1 201 Created\r\nContent-Le") },
		"cut in the body": func(w http.ResponseWriter, _ *http.Request) {
			breakOff(w, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"sid\":")
		},
		"not HTTP": func(w http.ResponseWriter, _ *http.Request) { breakOff(w, "220 mail.example ESMTP\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := patience
			if name == "no answer in time" {
				timeout = short
			}
			h.refused(t.Context(), t, h.against(t, handler, timeout), h.Lost)
		})
	}
}

func hang(r *http.Request, gone <-chan struct{}) {
	_, _ = io.Copy(io.Discard, r.Body) // read, so that the server notices the client leaving
	select {
	case <-r.Context().Done():
	case <-gone:
	}
}

// breakOff writes said, raw, and resets the connection, so that nothing more can be read or written.
func breakOff(w http.ResponseWriter, said string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err) // httptest's server can always be hijacked over HTTP/1.1
	}
	_, _ = io.WriteString(conn, said)
	if tcp, ok := conn.(*net.TCPConn); ok && said == "" {
		_ = tcp.SetLinger(0) // a reset rather than a polite end
	}
	_ = conn.Close()
}

func testRefused(t *testing.T, h Harness) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	h.refused(t.Context(), t, h.sender(t, srv.URL, patience), channels.Temporary)
}

func testCancelledBefore(t *testing.T, h Harness) {
	s := h.against(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }, patience)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.refused(ctx, t, s, channels.Temporary)
}

func testCancelledDuring(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	s := h.against(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		hang(r, nil)
	}, patience)
	h.refused(ctx, t, s, h.Lost)
}

// testContexts sends from many goroutines of which every second has given up: those must fail and no other.
func testContexts(t *testing.T, h Harness) {
	s := h.against(t, h.Yes, patience)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			ctx := t.Context()
			if i%2 == 1 {
				ctx = over
			}
			if _, err := s.Send(ctx, h.Message); (err != nil) != (ctx == over) {
				t.Errorf("send %d: %v, context over: %v", i, err, ctx == over)
			}
		})
	}
	all.Wait()
}

func testKept(t *testing.T, h Harness) {
	var conns atomic.Int32
	p := &stage{yes: h.Yes}
	srv := httptest.NewUnstartedServer(p)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	s := h.sender(t, srv.URL, patience)
	for range 5 {
		p.play(http.StatusBadGateway, "html")
		h.refused(t.Context(), t, s, h.Lost)
		p.play(0, "")
		if _, err := s.Send(t.Context(), h.Message); err != nil {
			t.Errorf("send: %v", err)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("10 calls in turn took %d connections, want 1", n)
	}
}

func testPlain(t *testing.T, h Harness) {
	for _, base := range []string{"http://192.0.2.1", "http://api.example.com", "http://127.0.0.1.example.com"} {
		_, err := h.New(base, patience)
		if err == nil {
			t.Errorf("a sender was built that calls %s in the clear", base)
			continue
		}
		checkText(t, err.Error(), h.hidden())
	}
}

func testRedirect(t *testing.T, h Harness) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the sender went where it was sent")
	}))
	t.Cleanup(elsewhere.Close)
	s := h.against(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}, patience)
	h.refused(t.Context(), t, s, channels.Misconfigured)
}
