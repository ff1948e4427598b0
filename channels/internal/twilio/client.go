package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	sdk "github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"landfall/channels"
	"landfall/channels/internal/outbound"
	"landfall/internal/notify"
)

// Client sends messages for one account. It is safe for concurrent use; its connections are kept between calls.
type Client struct {
	cfg  Config
	base *url.URL
	next http.RoundTripper
}

// NewClient returns a client for cfg, which must have its defaults. The error is the first mistake in cfg.
func NewClient(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	base, err := outbound.ParseBase(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("base_url %w", err)
	}
	return &Client{cfg: cfg, base: base, next: outbound.TransportFor(cfg.Guarded)}, nil
}

// Text is one message as Twilio takes it.
type Text struct {
	To      string          // with its channel's prefix
	From    string          // likewise; unused when the account has a messaging service
	Body    string          // used when there is no Content
	Content *notify.Content // an approved template
	// Callback is the public URL for status reports; "" for none.
	Callback string
	Delivery notify.DeliveryID
}

// Send hands t to Twilio. An error is always a *channels.Error. Twilio knows no idempotency key: when the answer is
// lost the error is Ambiguous, and the status callback, which names the delivery, tells what became of it.
func (c *Client) Send(ctx context.Context, t Text) (channels.Accepted, error) {
	params, err := c.params(t)
	if err != nil {
		return channels.Accepted{}, &channels.Error{Kind: channels.Misconfigured, Detail: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	one := newCall(ctx, c.base, c.next)
	msg, err := c.api(one).CreateMessage(params)
	if err != nil || one.status >= 300 || msg.Sid == nil || *msg.Sid == "" {
		return channels.Accepted{}, one.failure(err)
	}
	return channels.Accepted{ProviderID: *msg.Sid, State: notify.Sent}, nil
}

// api returns the SDK over one call. The SDK knows no context, so each call has a client of its own; it is cheap,
// and the connections beneath are shared.
func (c *Client) api(one *call) *openapi.ApiService {
	user, password := c.cfg.login()
	client := &sdk.Client{Credentials: sdk.NewCredentials(user, password), HTTPClient: outbound.NewClient(one)}
	client.SetAccountSid(c.cfg.AccountSID)
	// Built by hand: the SDK's constructor would read the region from the environment.
	return openapi.NewApiService(&sdk.RequestHandler{Client: client})
}

func (c *Client) params(t Text) (*openapi.CreateMessageParams, error) {
	p := &openapi.CreateMessageParams{}
	p.SetTo(t.To)
	if c.cfg.MessagingServiceSID != "" {
		p.SetMessagingServiceSid(c.cfg.MessagingServiceSID)
	} else {
		p.SetFrom(t.From)
	}
	setWords(p, t)
	if t.Callback == "" {
		return p, nil
	}
	callback, err := callbackURL(t.Callback, t.Delivery)
	if err != nil {
		return nil, err
	}
	p.SetStatusCallback(callback)
	return p, nil
}

// setWords fills in either the template or the text. No variables at all are left out: Twilio refuses a null.
func setWords(p *openapi.CreateMessageParams, t Text) {
	if t.Content == nil {
		p.SetBody(t.Body)
		return
	}
	p.SetContentSid(t.Content.SID)
	if len(t.Content.Variables) > 0 {
		vars, _ := json.Marshal(t.Content.Variables) // a map of strings always encodes
		p.SetContentVariables(string(vars))
	}
}

const (
	deliveryParam = "delivery"
	// retryPolicy asks Twilio to repeat a callback up to five times, whatever went wrong; by itself it tries once
	// more and only when it could not connect. A fragment is never part of the signature.
	retryPolicy = "rc=5&rp=all"
)

// callbackURL makes the callback name its delivery, so that it can be understood when Twilio's answer to the call,
// and with it the message's SID, was lost. The same delivery always gets the same URL.
func callbackURL(base string, id notify.DeliveryID) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "", errors.New("the callback address is no URL; check the public URL")
	}
	if strings.Contains(u.Hostname(), "_") {
		return "", errors.New("the callback address has an underscore in its host, which Twilio does not take; change the public URL")
	}
	q := u.Query()
	q.Set(deliveryParam, string(id))
	u.RawQuery, u.Fragment = q.Encode(), retryPolicy
	return u.String(), nil
}
