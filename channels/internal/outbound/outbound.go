// Package outbound is how the channels that speak HTTP leave this machine: which addresses may be called, connections
// that are kept between calls, answers that are read whole, and how long a provider asks us to wait. It knows no
// provider and decides nothing about an answer; internal/twilio and line do.
package outbound

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"landfall/internal/internet"
)

const (
	// maxAnswer is more than any provider answers to one message; what is longer is not from a provider.
	maxAnswer = 1 << 20
	// keptConns is how many idle connections stay open to a provider, above the number of workers of one process.
	keptConns = 64
)

// ParseBase reads a provider's base URL: https to anywhere, plain http only to this machine. The error is a sentence
// without a subject, to be put behind a setting's name.
func ParseBase(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("is no base URL; write it as https://host")
	case u.Scheme == "https", u.Scheme == "http" && Loopback(u.Hostname()):
		return u, nil
	default:
		return nil, fmt.Errorf("is not encrypted; use https, or http to an address of this machine only")
	}
}

// Loopback reports whether host is this machine and nothing else.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewTransport returns a transport that keeps enough connections open for all workers of a process.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        keptConns,
		MaxIdleConnsPerHost: keptConns,
		IdleConnTimeout:     90 * time.Second,
	}
}

// NewGuardedTransport is NewTransport for an address that a merchant gave: it leads to the internet, or nowhere. That is looked at when the name has been resolved, right before the connection, and so
// no proxy stands between.
func NewGuardedTransport() *http.Transport {
	t := NewTransport()
	t.Proxy, t.DialContext = nil, internet.Dialer(10*time.Second, nil)
	return t
}

// TransportFor is the one of both that a sender's base URL asks for.
func TransportFor(guarded bool) *http.Transport {
	if guarded {
		return NewGuardedTransport()
	}
	return NewTransport()
}

// Inside reports whether a call was not made because its address is none of the internet's.
func Inside(err error) bool { return errors.Is(err, internet.ErrInside) }

// InsideAdvice is what to do about it.
const InsideAdvice = "base_url leads into a private network and is not called; the operator sets LANDFALL_SENDERS_PRIVATE where that is meant"

// NewClient returns a client over next that reads every answer whole and follows no redirect: a provider's
// address that redirects is a wrong address, and a followed one would carry credentials elsewhere.
func NewClient(next http.RoundTripper) *http.Client {
	return &http.Client{Transport: whole{next}, CheckRedirect: stay}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// whole reads answers before it hands them on, so that an SDK that forgets to close a body costs no connection.
type whole struct{ next http.RoundTripper }

// RoundTrip sends req and returns its answer with a body held in memory.
func (w whole) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	_ = res.Body.Close() // a body read to its end has nothing more to say
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// RetryAfter returns how long the provider asks us to wait, or 0 when it does not say. A date is measured against
// the answer's own Date, so that no clock is needed and a skewed one does no harm.
func RetryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(s, 0), maxWait)) * time.Second
	}
	until, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), maxWait*time.Second)
}

// maxWait, in seconds, bounds what a provider may ask for: a broken header must not put a message off for years.
const maxWait = 24 * 60 * 60
