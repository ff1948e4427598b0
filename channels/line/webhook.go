package line

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"landfall/channels"
	"landfall/internal/notify"
)

// ErrSignature is the answer to a webhook that LINE did not sign with the channel secret.
var ErrSignature = errors.New("verify webhook: the signature is not LINE's; check channel_secret")

// Verify checks a webhook's X-Line-Signature over its body exactly as it came; any of the secrets may have signed it. Without a
// secret nothing is believed. The error is ErrSignature.
func Verify(secrets []notify.Secret, body []byte, signature string) error {
	for _, s := range secrets {
		if s != "" && webhook.ValidateSignature(s.Reveal(), signature, body) {
			return nil
		}
	}
	return ErrSignature
}

// Receive reads a webhook that Verify has let through: friends won and lost, text that people wrote to the account
// in person, and that notification messages arrived. Other events are passed over, since LINE adds new ones unannounced. When single events cannot be read,
// the error counts them and the signals of all others are returned beside it; LINE would only send the same again.
func Receive(body []byte, now time.Time) ([]channels.Signal, error) {
	var envelope struct {
		Events []json.RawMessage `json:"events"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return nil, errors.New("read webhook: the body is not LINE's")
	}
	var signals []channels.Signal
	unread := 0
	for _, raw := range envelope.Events {
		event, err := webhook.UnmarshalEvent(raw)
		if err != nil {
			unread++
			continue
		}
		if s, ok := signal(event, now); ok {
			signals = append(signals, s)
		}
	}
	if unread > 0 {
		return signals, fmt.Errorf("read webhook: %d of %d events are not in LINE's form", unread, len(envelope.Events))
	}
	return signals, nil
}

// signal turns an event into a signal; the second result is false for one that says nothing to us.
func signal(event webhook.EventInterface, now time.Time) (channels.Signal, bool) {
	switch e := event.(type) {
	case webhook.FollowEvent:
		return consent(e.Source, notify.ConsentEvent{ID: e.WebhookEventId, OccurredAt: instant(e.Timestamp), ReceivedAt: now,
			// Adding an account as a friend asks for order news, not for advertising.
			Purpose: notify.OrderStatus, Action: notify.Granted, Actor: notify.ActorSubject, Method: "friend_add"})
	case webhook.UnfollowEvent:
		return consent(e.Source, notify.ConsentEvent{ID: e.WebhookEventId, OccurredAt: instant(e.Timestamp), ReceivedAt: now,
			Action: notify.Blocked, Actor: "provider", Method: "block_event"})
	case webhook.MessageEvent:
		return reply(e)
	case webhook.PnpDeliveryCompletionEvent:
		return arrival(e)
	default:
		return channels.Signal{}, false
	}
}

func consent(from webhook.SourceInterface, c notify.ConsentEvent) (channels.Signal, bool) {
	c.Channel, c.Source = notify.LINE, c.ID
	to, ok := person(from)
	return channels.Signal{From: to, Consent: &c}, ok && c.ID != ""
}

// reply passes on text. In standby another service answers for the account, and nothing else may.
func reply(e webhook.MessageEvent) (channels.Signal, bool) {
	text, isText := e.Message.(webhook.TextMessageContent)
	to, ok := person(e.Source)
	if !isText || !ok || e.Mode == webhook.EventMode_STANDBY || e.WebhookEventId == "" {
		return channels.Signal{}, false
	}
	return channels.Signal{From: to, Reply: &channels.Reply{
		ID: e.WebhookEventId, Token: notify.Secret(e.ReplyToken), Text: text.Text, At: instant(e.Timestamp)}}, true
}

// arrival is the receipt of a notification message, which names its delivery by the tag it was sent with.
func arrival(e webhook.PnpDeliveryCompletionEvent) (channels.Signal, bool) {
	if e.Delivery == nil || e.Delivery.Data == "" || e.WebhookEventId == "" {
		return channels.Signal{}, false
	}
	return channels.Signal{Receipt: &notify.Receipt{
		ID: e.WebhookEventId, Delivery: notify.DeliveryID(e.Delivery.Data), Channel: notify.LINE, State: notify.Arrived, At: instant(e.Timestamp)}}, true
}

// person returns who an event comes from; groups and rooms are nobody in particular.
func person(from webhook.SourceInterface) (notify.Address, bool) {
	user, ok := from.(webhook.UserSource)
	return notify.Address{Channel: notify.LINE, Value: notify.Secret(user.UserId)}, ok && user.UserId != ""
}

func instant(milliseconds int64) time.Time { return time.UnixMilli(milliseconds).UTC() }
