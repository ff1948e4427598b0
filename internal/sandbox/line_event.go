package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// botUserID is the account webhooks are destined to.
const botUserID = "Uffffffffffffffffffffffffffffffff"

// lineRetries is how often a webhook that could not connect is tried again. LINE redelivers only on request; the
// few tries here only bridge the moment in which a program under test starts.
const lineRetries = 3

// hook is the document LINE posts.
type hook struct {
	Destination string  `json:"destination"`
	Events      []event `json:"events"`
}

// event is one thing that happened on LINE.
type event struct {
	Type           string          `json:"type"`
	Mode           string          `json:"mode"`
	Timestamp      int64           `json:"timestamp"` // milliseconds since 1970
	Source         eventSource     `json:"source"`
	WebhookEventID string          `json:"webhookEventId"`
	Delivery       deliveryContext `json:"deliveryContext"`
	ReplyToken     string          `json:"replyToken,omitempty"`
	Follow         *eventFollow    `json:"follow,omitempty"`
	Message        *eventMessage   `json:"message,omitempty"`
	Done           *eventDelivery  `json:"delivery,omitempty"`
}

// eventDelivery names a notification message by the tag it was sent with.
type eventDelivery struct {
	Data string `json:"data"`
}

type eventSource struct {
	Type   string `json:"type"`
	UserID string `json:"userId"`
}

type deliveryContext struct {
	IsRedelivery bool `json:"isRedelivery"`
}

type eventFollow struct {
	IsUnblocked bool `json:"isUnblocked"`
}

type eventMessage struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	QuoteToken string `json:"quoteToken"`
	Text       string `json:"text"`
}

func (l *line) setWebhook(url string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.webhook = url
}

// Follow lets a LINE user add the business as a friend, or unblock it after Unfollow. The signed webhook is posted
// in the background; WaitCallbacks waits for it. It is an error when user is no LINE user id ("U" and 32 hex
// digits) or no InboundURL is set for LINE.
func (s *Sandbox) Follow(user string) error {
	return s.line.happen(user, func() event {
		again := s.line.unfollowed[user]
		delete(s.line.unfollowed, user)
		return event{Type: "follow", ReplyToken: s.line.hand(user), Follow: &eventFollow{IsUnblocked: again}}
	})
}

// Unfollow lets a LINE user block the business: later pushes are answered with 200 and never seen. Errors as of
// Follow.
func (s *Sandbox) Unfollow(user string) error {
	return s.line.happen(user, func() event {
		s.line.unfollowed[user] = true
		return event{Type: "unfollow"}
	})
}

// LineReply lets a LINE user write text. Errors as of Follow.
func (s *Sandbox) LineReply(user, text string) error {
	l := s.line
	return l.happen(user, func() event {
		l.book.add(fromPerson, Received{Channel: LINE, From: user, Text: text, At: l.now()})
		return event{Type: "message", ReplyToken: l.hand(user), Message: &eventMessage{
			ID: l.ids.number(), Type: "text", QuoteToken: l.ids.hex("q"), Text: text,
		}}
	})
}

// happen lets something happen to a user and reports it; change runs with mu held.
func (l *line) happen(user string, change func() event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !recipient.MatchString(user) || user[0] != 'U':
		return errors.New(`line event: a LINE user id is "U" followed by 32 lower-case hex digits`)
	case l.webhook == "":
		return errors.New("line event: set InboundURL for LINE first")
	case !loopback(l.webhook):
		l.book.problem("line: the webhook URL does not lead to a loopback address")
		return errors.New("line event: the InboundURL must lead to a loopback address")
	}
	return l.report(user, change())
}

// report posts an event; the caller holds mu.
func (l *line) report(user string, e event) error {
	e.Mode, e.Timestamp = "active", l.now().UnixMilli()
	e.Source = eventSource{Type: "user", UserID: user}
	e.WebhookEventID = "01" + strings.ToUpper(l.ids.hex("")[:24])
	body, err := json.Marshal(hook{Destination: botUserID, Events: []event{e}})
	if err != nil {
		return fmt.Errorf("write %s event: %w", e.Type, err)
	}
	l.courier.post(l.courier.reserve(letter{
		about: "line webhook " + e.Type, url: l.webhook, body: body, header: l.headers(body),
		retry: retrying{count: lineRetries, on: map[string]bool{"ct": true}},
	}))
	return nil
}

func (l *line) headers(body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(l.credentials.LineChannelSecret))
	_, _ = mac.Write(body) // a hash never fails to write
	return http.Header{
		"Content-Type":     {"application/json; charset=utf-8"},
		"User-Agent":       {"LineBotWebhook/2.0"},
		"X-Line-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}
}
