// Package webpush tells browsers of new cards in the inbox: Web Push (RFC 8030), encrypted for the browser alone (RFC 8291) and
// signed with Landfall's own key (VAPID, RFC 8292). It makes one call and says what came of it, as a channel does; which browsers
// a person has, and when they are told, is internal/inbox's.
package webpush

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/SherClockHolmes/webpush-go"

	"landfall/channels"
	"landfall/channels/inapp"
	"landfall/channels/internal/outbound"
	"landfall/internal/internet"
	"landfall/internal/notify"
)

const (
	// callTimeout is how long a push service may take. The slowest decides how many others wait.
	callTimeout = 5 * time.Second
	// maxPayload is the longest payload that is sent: a push service takes 4096 bytes, of which the encryption needs some.
	maxPayload = 3900
	// longestTTL is how long push services keep what a browser has not fetched, at most.
	longestTTL = 28 * 24 * time.Hour
	// longestEndpoint is more than any push service's addresses have.
	longestEndpoint = 1000
)

// Config is what a pusher is made of.
type Config struct {
	PublicKey  string // in base64url, uncompressed: what browsers call applicationServerKey
	PrivateKey notify.Secret
	Subject    string // a bare mail address or an https URL at which push services reach the operator
	// Loopback lets browsers' endpoints be on this machine, in the clear too: for stages that only this machine reaches.
	Loopback bool
}

// Pusher pushes to browsers. Push may be called from many goroutines.
type Pusher struct {
	Config
	transport *http.Transport
	client    *http.Client
}

// New returns a pusher. It goes to push services directly: behind a proxy nobody could tell which machine a name leads to.
func New(c Config) *Pusher {
	p := &Pusher{Config: c, transport: outbound.NewTransport()}
	p.transport.Proxy = nil
	p.transport.DialContext = internet.Dialer(callTimeout, p.also)
	p.client = outbound.NewClient(p.transport)
	return p
}

// Close closes the connections that are kept.
func (p *Pusher) Close() { p.transport.CloseIdleConnections() }

// Key is the public key with which a browser subscribes.
func (p *Pusher) Key() string { return p.PublicKey }

// Check says in a sentence what is wrong with a browser's subscription.
func (p *Pusher) Check(b inapp.Browser) error {
	if err := p.checkEndpoint(b.Endpoint.Reveal()); err != nil {
		return err
	}
	if key, err := decode(b.Key); err != nil || !onCurve(key) {
		return errors.New("keys.p256dh is no public key of a browser; send what PushSubscription.toJSON() gives")
	}
	if auth, err := decode(b.Auth); err != nil || len(auth) != 16 {
		return errors.New("keys.auth is no secret of a browser; send what PushSubscription.toJSON() gives")
	}
	return nil
}

func (p *Pusher) checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || len(endpoint) > longestEndpoint:
		return errors.New("endpoint is no address of a push service; send what PushSubscription.toJSON() gives")
	case p.Loopback && u.Scheme == "http" && outbound.Loopback(u.Hostname()):
		return nil
	case u.Scheme != "https":
		return errors.New("endpoint is not encrypted; a push service's address begins with https")
	case !p.allowedHost(u.Hostname()):
		return errors.New("endpoint leads to no public address; send what PushSubscription.toJSON() gives")
	}
	return nil
}

func onCurve(key []byte) bool {
	_, err := ecdh.P256().NewPublicKey(key)
	return err == nil
}

func decode(s notify.Secret) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s.Reveal(), "="))
}

// Push makes one call. The error is a *channels.Error: Unreachable when there is no such browser any more, Throttled and
// Temporary when it may be tried again. It names no endpoint.
func (p *Pusher) Push(ctx context.Context, b inapp.Browser, m inapp.Push) error {
	if err := p.Check(b); err != nil { // it was taken under other settings
		return &channels.Error{Kind: channels.Rejected, Code: "subscription", Detail: "the browser's subscription cannot be used"}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	res, err := webpush.SendNotificationWithContext(ctx, payload(m),
		&webpush.Subscription{Endpoint: b.Endpoint.Reveal(), Keys: webpush.Keys{P256dh: b.Key.Reveal(), Auth: b.Auth.Reveal()}},
		&webpush.Options{HTTPClient: p.client, Subscriber: p.Subject, VAPIDPublicKey: p.PublicKey, VAPIDPrivateKey: p.PrivateKey.Reveal(),
			TTL: int(min(max(m.TTL, 0), longestTTL) / time.Second), Urgency: webpush.Urgency(m.Urgency), Topic: topic(m.Collapse)})
	switch {
	case errors.Is(err, internet.ErrInside):
		return &channels.Error{Kind: channels.Rejected, Code: "address", Detail: "the endpoint leads to no public address"}
	case err != nil:
		return &channels.Error{Kind: channels.Temporary, Code: "connection", Detail: "the push service could not be reached"}
	}
	return verdict(res)
}

// verdict reads a push service's answer.
func verdict(res *http.Response) error {
	e := &channels.Error{Code: strconv.Itoa(res.StatusCode), RetryAfter: outbound.RetryAfter(res.Header)}
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusNotFound, code == http.StatusGone:
		e.Kind, e.Detail = channels.Unreachable, "there is no such subscription any more"
	case code == http.StatusTooManyRequests:
		e.Kind, e.Detail = channels.Throttled, "the push service asks to wait"
	case code >= 500, code == http.StatusRequestTimeout:
		e.Kind, e.Detail = channels.Temporary, "the push service could not take it now"
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		e.Kind, e.Detail = channels.Misconfigured, "the push service refuses the VAPID key, or the browser subscribed under another"
	default:
		e.Kind, e.Detail = channels.Rejected, "the push service refused it"
	}
	return e
}

// topic names what a push service keeps one of: at most 32 characters of base64url, which tell nobody what it is about.
func topic(collapse string) string {
	if collapse == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(collapse))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// note is what the service worker is given.
type note struct {
	Landfall int    `json:"landfall"` // tells a worker that serves others too that this is for the inbox
	Title    string `json:"title"`
	Body     string `json:"body,omitempty"`
	Link     string `json:"link,omitempty"`
	Tag      string `json:"tag"` // a notification takes the place of an older one with the same
}

// payload is a push as the service worker reads it, cut to what fits: the whole text is in the inbox.
func payload(m inapp.Push) []byte {
	n := note{Landfall: 1, Title: m.Title, Body: m.Text, Link: m.Link, Tag: topic(m.Collapse)}
	if n.Tag == "" {
		n.Tag = string(m.Card)
	}
	if n.Title == "" {
		n.Title, n.Body = n.Body, ""
	}
	out := n.encode()
	for _, part := range [...]*string{&n.Body, &n.Link, &n.Title} {
		for len(out) > maxPayload && *part != "" {
			*part = shorter(*part, len(out)-maxPayload, part == &n.Link)
			out = n.encode()
		}
	}
	return out
}

// shorter takes at least so many bytes from the end of a text, and marks where it was cut. Of a link there is all or nothing.
func shorter(text string, by int, whole bool) string {
	const mark = "…"
	text = strings.TrimSuffix(text, mark)
	keep := len(text) - by - len(mark)
	if whole || keep <= 0 {
		return ""
	}
	return strings.ToValidUTF8(text[:keep], "") + mark
}

func (n note) encode() []byte {
	out, err := json.Marshal(n)
	if err != nil {
		panic(err) // texts always encode
	}
	return out
}
