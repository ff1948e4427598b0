package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"landfall/internal/internet"
)

const (
	// timeout bounds one call to a desk.
	timeout = 10 * time.Second
	// longestAnswer is how much of a desk's answer is read, in bytes.
	longestAnswer = 1 << 20
)

// NewClient returns a client that follows no redirects. Merchants name the addresses it calls: unless private is set, none of the operator's own network is, and in no case where hosts tell their own machines.
func NewClient(private bool) *http.Client {
	dial := internet.Dialer(timeout, func(at netip.Addr) bool { return private && internet.Private(at) })
	return &http.Client{Timeout: timeout, Transport: &http.Transport{DialContext: dial, TLSHandshakeTimeout: timeout, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// errInside is the answer to an address that a merchant names and that leads into the operator's own network.
var errInside = errors.New("the desk's address leads into a private network; set LANDFALL_DESK_PRIVATE where that is meant")

// caller makes calls to a desk.
type caller struct {
	client *http.Client
	now    func() time.Time
}

// send calls a desk with a JSON body, and reads its answer into out unless that is nil. Its errors name no secret and hold nothing of the answer.
func (c caller) send(ctx context.Context, method, url string, header http.Header, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return ErrRefused
	}
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(r)
	switch {
	case errors.Is(err, internet.ErrInside):
		return errInside
	case err != nil:
		return errors.New("the desk does not answer")
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
	switch {
	case err != nil:
		return errors.New("the desk's answer broke off")
	case res.StatusCode >= 300:
		return &answer{res.StatusCode, asked(res, c.now())}
	case out != nil && json.Unmarshal(got, out) != nil:
		return errors.New("the desk's answer is not in its form")
	}
	return nil
}

// answer is a desk's answer other than yes.
type answer struct {
	status int
	wait   time.Duration // how long the desk asks to be left alone; 0 when it does not
}

// Error names the status, and what to do where something can be done.
func (a *answer) Error() string {
	if no := a.Unwrap(); no != nil {
		return fmt.Sprintf("%s (it answered %d)", no, a.status)
	}
	return fmt.Sprintf("the desk answered %d", a.status)
}

// Unwrap is which no the answer is; nil for one that passes by itself.
func (a *answer) Unwrap() error {
	switch a.status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return nil
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusGone, http.StatusMisdirectedRequest:
		return ErrRefused // who we are, or where we call
	}
	switch {
	case a.status < 400:
		return ErrRefused
	case a.status < 500:
		return ErrUnwanted
	}
	return nil
}

// longestWait is how long a desk is left alone at its own wish: it may not hold messages back for ever.
const longestWait = time.Hour

// asked is for how long a desk that is busy asks to be left alone, in seconds or until a date.
func asked(res *http.Response, now time.Time) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	given := res.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(given); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestWait/time.Second))) * time.Second
	}
	if until, err := http.ParseTime(given); err == nil {
		return min(max(until.Sub(now), 0), longestWait)
	}
	return 0
}
