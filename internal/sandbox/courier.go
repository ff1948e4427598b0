package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// The courier's bounds: a program that never answers must not make the sandbox grow without end.
const (
	couriers      = 8
	roundsAhead   = 10_000
	answerTimeout = 15 * time.Second // Twilio's own limit
	maxAnswer     = 64 << 10
	firstPause    = 50 * time.Millisecond
	longestPause  = time.Second
)

// letter is one signed request to the program under test.
type letter struct {
	about  string // names it in a problem
	url    string // where to, without fragment; "" posts nothing and only runs before
	header http.Header
	body   []byte
	retry  retrying
	before func()                                // runs when its turn comes
	judge  func(header http.Header, body []byte) // looks at a good answer; may be nil
}

// round is letters that are posted one after another, such as the statuses of one message.
type round struct {
	letters []letter
	done    chan struct{}
}

// courier posts rounds with a bounded number of workers and never to anything but loopback.
type courier struct {
	book    *book
	client  *http.Client
	queue   chan *round
	workers sync.WaitGroup
	cancel  context.CancelFunc
	stopped chan struct{}

	mu   sync.Mutex
	open map[*round]struct{}
}

func newCourier(b *book) *courier {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: onlyLoopback}
	return &courier{
		book:    b,
		queue:   make(chan *round, roundsAhead),
		stopped: make(chan struct{}),
		open:    map[*round]struct{}{},
		client: &http.Client{
			Timeout:       answerTimeout,
			Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: couriers}, // no proxy
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// onlyLoopback is the last guard, behind the check of URLs: it sees the address a name resolved to.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsLoopback() {
		return errors.New("the sandbox calls only loopback addresses")
	}
	return nil
}

// loopback reports whether a callback to raw stays on this machine.
func loopback(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

func (c *courier) start() {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	for range couriers {
		c.workers.Go(func() { c.work(ctx) })
	}
}

func (c *courier) stop() {
	close(c.stopped)
	c.cancel()
	c.workers.Wait()
	c.client.CloseIdleConnections()
}

// reserve makes WaitCallbacks wait for a round before it is posted, so that nobody who has the answer to a call
// can miss the callbacks that follow from it.
func (c *courier) reserve(letters ...letter) *round {
	r := &round{letters: letters, done: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[r] = struct{}{}
	return r
}

// post hands a reserved round to the workers.
func (c *courier) post(r *round) {
	select {
	case c.queue <- r:
	default:
		c.book.problem("callbacks dropped: %d are waiting to be answered", roundsAhead)
		c.finish(r)
	}
}

func (c *courier) finish(r *round) {
	c.mu.Lock()
	delete(c.open, r)
	c.mu.Unlock()
	close(r.done)
}

// wait returns when all rounds open now are finished.
func (c *courier) wait(ctx context.Context) error {
	for _, r := range c.waiting() {
		select {
		case <-r.done:
		case <-c.stopped:
			return errors.New("wait for callbacks: the sandbox was closed")
		case <-ctx.Done():
			return fmt.Errorf("wait for callbacks: %w", ctx.Err())
		}
	}
	return nil
}

func (c *courier) waiting() []*round {
	c.mu.Lock()
	defer c.mu.Unlock()
	open := make([]*round, 0, len(c.open))
	for r := range c.open {
		open = append(open, r)
	}
	return open
}

func (c *courier) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-c.queue:
			c.walk(ctx, r)
		}
	}
}

func (c *courier) walk(ctx context.Context, r *round) {
	defer c.finish(r)
	for _, l := range r.letters {
		if l.before != nil {
			l.before()
		}
		if l.url != "" {
			c.deliver(ctx, l)
		}
	}
}

// deliver tries until the letter is answered or its retries are used up.
func (c *courier) deliver(ctx context.Context, l letter) {
	pause := firstPause
	for try := 0; ; try++ {
		outcome := c.once(ctx, l)
		if outcome.good() || ctx.Err() != nil {
			return
		}
		if try >= l.retry.count || !l.retry.covers(outcome) {
			c.book.problem("%s: %s", l.about, outcome)
			return
		}
		rest(ctx, pause)
		pause = min(2*pause, longestPause)
	}
}

// rest waits for a while, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *courier) once(ctx context.Context, l letter) outcome {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(l.body))
	if err != nil {
		return outcome{err: err}
	}
	req.Header = l.header.Clone()
	res, err := c.client.Do(req)
	if err != nil {
		return outcome{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	o := outcome{status: res.StatusCode, err: err}
	if o.good() && l.judge != nil {
		l.judge(res.Header, body)
	}
	return o
}

// outcome is what came of one try.
type outcome struct {
	status int
	err    error
}

func (o outcome) good() bool { return o.err == nil && o.status/100 == 2 }

// unheard reports whether the program cannot have seen the letter.
func (o outcome) unheard() bool {
	op, ok := errors.AsType[*net.OpError](o.err)
	return ok && op.Op == "dial"
}

// String says what went wrong without the URL, which may name a delivery and its person.
func (o outcome) String() string {
	switch {
	case o.unheard():
		return "the callback could not connect"
	case o.err != nil:
		return "the callback was not answered"
	case o.status/100 == 3:
		return "the callback was redirected, which would turn it into a GET: " + strconv.Itoa(o.status)
	default:
		return "the callback was answered with " + strconv.Itoa(o.status)
	}
}

// retrying says how often a letter is tried again, and after what.
type retrying struct {
	count int
	on    map[string]bool // ct: no connection; rt: no answer; 4xx, 5xx; all
}

// retryOf reads Twilio's connection overrides from a URL's fragment. Without them a letter is tried once more,
// and only when no connection could be made.
func retryOf(fragment string) retrying {
	r := retrying{count: 1, on: map[string]bool{"ct": true}}
	given, err := url.ParseQuery(fragment)
	if err != nil {
		return r
	}
	if n, err := strconv.Atoi(given.Get("rc")); err == nil {
		r.count = min(max(n, 0), 5)
	}
	if rules := given.Get("rp"); rules != "" {
		r.on = map[string]bool{}
		for _, rule := range splitList(rules) {
			r.on[rule] = true
		}
	}
	return r
}

func (r retrying) covers(o outcome) bool {
	switch {
	case r.on["all"]:
		return true
	case o.unheard():
		return r.on["ct"]
	case o.err != nil:
		return r.on["rt"]
	default:
		return r.on[strconv.Itoa(o.status/100)+"xx"]
	}
}
