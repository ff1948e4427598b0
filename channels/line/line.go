// Package line pushes messages to friends of a LINE Official Account and reads its webhooks: friends won and lost, and what
// people write. LINE confirms that it took a push and never that it arrived, so a delivery ends at sent here; of notification
// messages, which go to a phone number, it reports the arrival. What a flex message looks like is the templates'; whether a
// person is a friend is the policy's to know.
package line

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/google/uuid"
	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"

	"landfall/channels"
	"landfall/channels/internal/outbound"
	"landfall/internal/notify"
)

// The defaults of a Config.
const (
	DefaultBaseURL = "https://api.line.me"
	DefaultTimeout = 15 * time.Second
)

// Config is one merchant's LINE Official Account.
type Config struct {
	// ChannelToken is the long-lived channel access token that signs calls. Required.
	ChannelToken notify.Secret `yaml:"channel_token"`
	// ChannelSecret signs LINE's webhooks. Required.
	ChannelSecret notify.Secret `yaml:"channel_secret"`
	// ChannelSecretOld is accepted on webhooks too while the secret is being changed.
	ChannelSecretOld notify.Secret `yaml:"channel_secret_old"`
	// Phone says that LINE lets the account send notification messages: news of orders, to phone numbers. Default: no.
	Phone bool `yaml:"phone"`
	// BaseURL is where LINE is reached. Plain http is for this machine only. Default: https://api.line.me.
	BaseURL string `yaml:"base_url"`
	// Guarded lets BaseURL lead to the internet alone: a merchant gave it.
	Guarded bool `yaml:"-"`
	// Timeout bounds one call. Default: 15s.
	Timeout time.Duration `yaml:"timeout"`
	// Rate is how many messages a second may be sent; the dispatcher keeps to it. Default: no limit.
	Rate float64 `yaml:"rate"`
}

// Secrets are those a webhook may be signed with, for Verify.
func (c Config) Secrets() []notify.Secret {
	return []notify.Secret{c.ChannelSecret, c.ChannelSecretOld}
}

// WithDefaults returns c with every unset field that has a default filled in.
func (c Config) WithDefaults() Config {
	c.BaseURL = cmp.Or(c.BaseURL, DefaultBaseURL)
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	return c
}

// Validate reports the first mistake in c, as one sentence that says what to do. Call it after WithDefaults.
func (c Config) Validate() error {
	switch {
	case c.ChannelToken == "" || strings.ContainsAny(c.ChannelToken.Reveal(), " \t\r\n"):
		return errors.New("line: channel_token is missing or holds a space or line break; issue one in the LINE Developers console")
	case c.ChannelSecret == "":
		return errors.New("line: channel_secret is missing; copy it from the LINE Developers console, webhooks cannot be checked without it")
	case c.Rate < 0:
		return errors.New("line: rate is negative; write how many messages a second may be sent, such as 10")
	case c.Timeout < 0:
		return errors.New("line: timeout is negative; write it as 15s")
	}
	if _, err := outbound.ParseBase(c.BaseURL); err != nil {
		return fmt.Errorf("line: base_url %w", err)
	}
	return nil
}

// Sender pushes messages for one account.
type Sender struct {
	api     *messaging_api.MessagingApiAPI // never called itself: its context is shared, see push
	timeout time.Duration
}

var _ channels.Sender = (*Sender)(nil)

// New returns a sender for cfg, with defaults filled in. The error is the first mistake in cfg.
func New(cfg Config) (*Sender, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	api, err := messaging_api.NewMessagingApiAPI(cfg.ChannelToken.Reveal(),
		messaging_api.WithEndpoint(cfg.BaseURL),
		messaging_api.WithHTTPClient(outbound.NewClient(outbound.TransportFor(cfg.Guarded))))
	if err != nil {
		return nil, errors.New("line: base_url is no base URL; write it as https://host")
	}
	return &Sender{api: api, timeout: cfg.Timeout}, nil
}

// Send pushes m under its key, which LINE remembers for 24 hours: sending m again never shows it twice, so a lost answer
// is Temporary. Accepted.ProviderID is the request id of the push LINE took, the same when a later try is told so.
// A push to somebody who is no friend is accepted too. To a phone number m goes as a notification message, which has no key:
// there a lost answer is Ambiguous. An answer with a reply token goes by that, and as a push only when LINE does not take the token. Every error is a *channels.Error.
func (s *Sender) Send(ctx context.Context, m channels.Message) (channels.Accepted, error) {
	message, err := compose(m.Words)
	if err != nil {
		return channels.Accepted{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if numbered(m.To.Value.Reveal()) {
		return s.notify(ctx, m, message)
	}
	if m.ReplyToken != "" {
		if a, tried, err := s.reply(ctx, m, message); tried {
			return a, err
		}
	}
	return s.keyed(ctx, m, message)
}

// keyed pushes to a user id.
func (s *Sender) keyed(ctx context.Context, m channels.Message, message messaging_api.MessageInterface) (channels.Accepted, error) {
	if uuid.Validate(m.Key) != nil {
		return channels.Accepted{}, &channels.Error{Kind: channels.Rejected, Detail: "the delivery has no UUID as its key; LINE would take it twice"}
	}
	res, pushed, err := s.push(ctx, m, message)
	switch {
	case err == nil && res.StatusCode < 300 && acceptedID(res, pushed) != "":
		return accepted(acceptedID(res, pushed)), nil
	case res == nil && outbound.Inside(err):
		return channels.Accepted{}, &channels.Error{Kind: channels.Misconfigured, Detail: outbound.InsideAdvice}
	case res == nil:
		return channels.Accepted{}, &channels.Error{Kind: channels.Temporary, Down: true, Detail: "LINE did not answer; trying again under the same key is safe"}
	case res.StatusCode == http.StatusConflict && res.Header.Get(headerAccepted) != "":
		return accepted(res.Header.Get(headerAccepted)), nil
	default:
		return channels.Accepted{}, refusal(res)
	}
}

// push calls LINE through a copy of the client, since its context is a field: shared, one call's deadline would end
// another's.
func (s *Sender) push(ctx context.Context, m channels.Message, message messaging_api.MessageInterface) (*http.Response, *messaging_api.PushMessageResponse, error) {
	one := *s.api
	return one.WithContext(ctx).PushMessageWithHttpInfo(&messaging_api.PushMessageRequest{
		To:       m.To.Value.Reveal(),
		Messages: []messaging_api.MessageInterface{message},
	}, m.Key)
}

const (
	headerRequest  = "X-Line-Request-Id"
	headerAccepted = "X-Line-Accepted-Request-Id"
)

func accepted(id string) channels.Accepted {
	return channels.Accepted{ProviderID: id, State: notify.Sent}
}

// acceptedID prefers the request id, which a repeated push is answered with too; a message's id is told only once. It is
// empty when the answer is not LINE's.
func acceptedID(res *http.Response, pushed *messaging_api.PushMessageResponse) string {
	if id := res.Header.Get(headerRequest); id != "" || len(pushed.SentMessages) == 0 {
		return id
	}
	return pushed.SentMessages[0].Id
}

// maxAltText is what LINE shows in notifications and the chat list at most, in UTF-16 units. Source: LINE's Messaging
// API reference, "Flex message", altText.
const maxAltText = 400

// flexMessage sends a flex container as it was written: the SDK's own types would add fields that change its layout.
type flexMessage struct {
	Type     string          `json:"type"`
	AltText  string          `json:"altText"`
	Contents json.RawMessage `json:"contents"`
}

// GetType makes a flexMessage one of the SDK's messages.
func (f flexMessage) GetType() string { return f.Type }

func compose(w notify.Words) (messaging_api.MessageInterface, error) {
	if len(w.Flex) == 0 {
		return &messaging_api.TextMessage{Text: w.Text}, nil
	}
	if !json.Valid(w.Flex) {
		return nil, &channels.Error{Kind: channels.Rejected, Detail: "the flex message is no JSON; mend its template"}
	}
	return flexMessage{Type: "flex", AltText: cut(cmp.Or(w.Title, w.Text), maxAltText), Contents: w.Flex}, nil
}

// cut shortens s to at most n UTF-16 units, never through the middle of a character.
func cut(s string, n int) string {
	for i, r := range s {
		if n -= utf16.RuneLen(r); n < 0 {
			return s[:i]
		}
	}
	return s
}
