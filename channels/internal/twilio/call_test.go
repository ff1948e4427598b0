package twilio

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"testing"

	"landfall/channels"
)

// broken fails as net/http does; connected says whether it had a connection before.
type broken struct {
	connected bool
	err       error
}

func (b broken) RoundTrip(req *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(req.Context()); b.connected {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return nil, b.err
}

// A kept connection that the other side has closed is dialed anew, and only while nothing was written: when dialing
// fails then, nothing has left.
func TestCall_WhetherItLeft(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	for name, c := range map[string]struct {
		next broken
		want channels.Kind
	}{
		"never connected":           {broken{false, dial}, channels.Temporary},
		"no name for the host":      {broken{false, &net.DNSError{Err: "no such host"}}, channels.Temporary},
		"kept, then not dialed":     {broken{true, dial}, channels.Temporary},
		"connected, then reset":     {broken{true, reset}, channels.Ambiguous},
		"connected, then timed out": {broken{true, context.DeadlineExceeded}, channels.Ambiguous},
	} {
		one := newCall(t.Context(), &url.URL{Scheme: "https", Host: "api.twilio.com"}, c.next)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.twilio.com/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = one.RoundTrip(req); one.failure(err).Kind != c.want {
			t.Errorf("%s: %v, want %s", name, one.failure(err), c.want)
		}
	}
}
