package line

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"landfall/channels"
	"landfall/channels/internal/outbound"
)

// A delivery tag's length, in bytes. Source: LINE's reference for partners, "Send LINE notification message".
const (
	shortestTag = 16
	longestTag  = 100
)

// numbered reports whether an address is a phone number in E.164 and no user id.
func numbered(to string) bool { return strings.HasPrefix(to, "+") }

// notify sends a LINE notification message to whoever has a phone number, friend or not. LINE knows no key for it, so what may
// have been taken is Ambiguous. The delivery's id goes along as the tag under which LINE's webhook says that it arrived.
func (s *Sender) notify(ctx context.Context, m channels.Message, message messaging_api.MessageInterface) (channels.Accepted, error) {
	tag := string(m.Delivery)
	if len(tag) < shortestTag || len(tag) > longestTag {
		return channels.Accepted{}, &channels.Error{Kind: channels.Rejected, Detail: "the delivery's id is no tag that LINE takes; it has to have 16 to 100 characters"}
	}
	ctx, connected := watched(ctx)
	one := *s.api // see push
	res, _, err := one.WithContext(ctx).PushMessagesByPhoneWithHttpInfo(&messaging_api.PnpMessagesRequest{
		To: hashed(m.To.Value.Reveal()), Messages: []messaging_api.MessageInterface{message},
	}, tag)
	switch {
	case res == nil && outbound.Inside(err):
		return channels.Accepted{}, &channels.Error{Kind: channels.Misconfigured, Detail: outbound.InsideAdvice}
	case res == nil && (!connected.Load() || undialed(err)):
		return channels.Accepted{}, &channels.Error{Kind: channels.Temporary, Down: true, Detail: "LINE could not be reached"}
	case res == nil:
		return channels.Accepted{}, doubtful.Error()
	case err == nil && res.StatusCode < 300 && res.Header.Get(headerRequest) != "":
		return accepted(res.Header.Get(headerRequest)), nil
	}
	return channels.Accepted{}, byNumber(res)
}

// hashed is the form in which LINE takes a phone number.
func hashed(number string) string {
	sum := sha256.Sum256([]byte(number))
	return hex.EncodeToString(sum[:])
}

// watched tells whether a call under the context it returns got a connection.
func watched(ctx context.Context) (context.Context, *atomic.Bool) {
	var connected atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}), &connected
}

// undialed reports whether a call broke before there was a connection for it.
func undialed(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial"
}

// byNumber is refusal for a call that LINE knows no key of.
func byNumber(res *http.Response) *channels.Error {
	e := refusal(res)
	switch {
	case res.StatusCode == http.StatusUnprocessableEntity:
		e = notOnLINE.Error()
	case e.Kind == channels.Temporary && res.StatusCode == http.StatusConflict:
		e = refused.Error()
	case e.Kind == channels.Temporary:
		e = doubtful.Error()
	case e.Kind == channels.Unreachable: // our hash, not the person's address
		e = wrong.Error()
	}
	e.Code = strconv.Itoa(res.StatusCode)
	return e
}
