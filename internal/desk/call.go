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
	answer, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
	switch {
	case err != nil:
		return errors.New("the desk's answer broke off")
	case res.StatusCode >= 300 && res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusRequestTimeout:
		return fmt.Errorf("%w (it answered %d)", ErrRefused, res.StatusCode)
	case res.StatusCode >= 300:
		return fmt.Errorf("the desk answered %d", res.StatusCode)
	case out != nil && json.Unmarshal(answer, out) != nil:
		return errors.New("the desk's answer is not in its form")
	}
	return nil
}
