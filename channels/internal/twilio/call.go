package twilio

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	sdk "github.com/twilio/twilio-go/client"

	"landfall/channels"
	"landfall/channels/internal/outbound"
)

// call carries one request of the SDK and remembers what the SDK drops: the status and headers of a refusal, and
// whether the request can have reached Twilio. It holds its context because the SDK has no way to pass one.
type call struct {
	ctx  context.Context
	base *url.URL
	next http.RoundTripper

	connected atomic.Bool
	refused   bool // the last attempt did not even connect
	inside    bool // and was not to: the address is none of the internet's
	status    int
	header    http.Header
}

func newCall(ctx context.Context, base *url.URL, next http.RoundTripper) *call {
	c := &call{base: base, next: next}
	c.ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.connected.Store(true) },
	})
	return c
}

// RoundTrip sends the SDK's request to the configured base URL under the call's context.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(c.ctx)
	req.URL.Scheme, req.URL.Host, req.Host = c.base.Scheme, c.base.Host, c.base.Host
	req.URL.Path = strings.TrimSuffix(c.base.Path, "/") + req.URL.Path
	res, err := c.next.RoundTrip(req)
	if err != nil {
		dial, ok := errors.AsType[*net.OpError](err)
		c.refused, c.inside = ok && dial.Op == "dial", outbound.Inside(err)
		return nil, err
	}
	c.status, c.header = res.StatusCode, res.Header
	return res, nil
}

// failure says what came of a call that did not end well. Nothing of err is shown: the SDK's texts hold the
// account, and Twilio's may hold the number.
func (c *call) failure(err error) *channels.Error {
	rest, ok := errors.AsType[*sdk.TwilioRestError](err)
	switch {
	case ok:
		return refusal(c.status, rest.Code, c.header)
	case c.status != 0:
		return refusal(c.status, 0, c.header)
	case c.inside:
		return &channels.Error{Kind: channels.Misconfigured, Detail: outbound.InsideAdvice}
	case c.refused || !c.connected.Load():
		return &channels.Error{Kind: channels.Temporary, Down: true, Detail: "Twilio could not be reached"}
	default:
		return &channels.Error{Kind: channels.Ambiguous, Down: true, Detail: "the connection broke before Twilio's answer; it may have taken the message"}
	}
}
