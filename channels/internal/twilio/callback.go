package twilio

import (
	"errors"
	"net/url"
	"strings"
	"time"

	sdk "github.com/twilio/twilio-go/client"

	"landfall/channels"
	"landfall/internal/notify"
)

// WhatsAppPrefix stands before every number on WhatsApp.
const WhatsAppPrefix = "whatsapp:"

// ErrSignature is the answer to a callback that Twilio did not sign with any of the tokens.
var ErrSignature = errors.New("verify callback: the signature is not Twilio's; check auth_token and the public URL")

// errForm is the answer to a signed callback that is neither a status nor a message.
var errForm = errors.New("read callback: the form is neither a status report nor a message of Twilio's")

// Verify checks that a callback comes from Twilio. publicURL is the address Twilio called, as Twilio knows it, with its query;
// a fragment is ignored. Without a token nothing is believed. The error is ErrSignature.
func Verify(tokens []notify.Secret, publicURL string, body []byte, signature string) error {
	address, _, _ := strings.Cut(publicURL, "#")
	for _, token := range tokens {
		v := sdk.NewRequestValidator(token.Reveal())
		if token != "" && v.ValidateBody(address, body, signature) {
			return nil
		}
	}
	return ErrSignature
}

// Receive reads a callback that Verify has let through: a status report or an inbound message, of either channel.
// A status that settles nothing gives no signal. Words and numbers in the signals are as they came, untrusted.
func Receive(publicURL string, body []byte, now time.Time) ([]channels.Signal, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("MessageSid") == "" {
		return nil, errForm
	}
	switch {
	case form.Has("MessageStatus"):
		return status(form, deliveryOf(publicURL), now), nil
	case form.Get("From") != "":
		return inbound(form, now), nil
	default:
		return nil, errForm
	}
}

func deliveryOf(publicURL string) notify.DeliveryID {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return notify.DeliveryID(u.Query().Get(deliveryParam))
}

// states maps Twilio's message statuses to ours. Every status before delivery proves that Twilio took the message,
// which is what a delivery whose answer was lost waits to hear.
var states = map[string]notify.State{
	"accepted":    notify.Sent,
	"scheduled":   notify.Sent,
	"queued":      notify.Sent,
	"sending":     notify.Sent,
	"sent":        notify.Sent,
	"delivered":   notify.Arrived,
	"read":        notify.Read,
	"failed":      notify.Failed,
	"undelivered": notify.Failed,
	"canceled":    notify.Failed,
}

func status(form url.Values, delivery notify.DeliveryID, now time.Time) []channels.Signal {
	state, known := states[form.Get("MessageStatus")]
	if !known {
		return nil
	}
	sid := form.Get("MessageSid")
	s := channels.Signal{Receipt: &notify.Receipt{
		ID:         sid + ":" + form.Get("MessageStatus"),
		Delivery:   delivery,
		ProviderID: sid,
		Channel:    address(form.Get("To")).Channel,
		State:      state,
		Code:       form.Get("ErrorCode"),
		At:         now,
	}}
	if state == notify.Failed {
		s.Failure = reported(form.Get("ErrorCode"))
	}
	return []channels.Signal{s}
}

// inbound reads a message. When Twilio itself has acted on an opt-out word the consent comes first, since the word may be one
// that only the merchant's Twilio account knows; a START lifts the refusal for order news, never for marketing.
func inbound(form url.Values, now time.Time) []channels.Signal {
	from := address(form.Get("From"))
	sid, word := form.Get("MessageSid"), form.Get("OptOutType")
	reply := channels.Signal{From: from, Reply: &channels.Reply{
		ID: sid, To: writtenTo(form), Text: form.Get("Body"), At: now, Handled: word != ""}}
	consent := notify.ConsentEvent{ID: sid + ":" + word, Channel: from.Channel, OccurredAt: now, ReceivedAt: now,
		Actor: notify.ActorSubject, Source: sid, Text: form.Get("Body")}
	switch word {
	case "STOP":
		consent.Action, consent.Method = notify.Withdrawn, notify.MethodStop
	case "START":
		consent.Action, consent.Method, consent.Purpose = notify.Granted, "start_keyword", notify.OrderStatus
	default:
		return []channels.Signal{reply}
	}
	return []channels.Signal{{From: from, Consent: &consent, Answered: true}, reply}
}

// writtenTo is the number a message came to, and the pool that it is in.
func writtenTo(form url.Values) []string {
	to := []string{string(address(form.Get("To")).Value)}
	if pool := form.Get("MessagingServiceSid"); pool != "" {
		to = append(to, pool)
	}
	return to
}

// address tells the channel by the number's prefix and takes the prefix off.
func address(s string) notify.Address {
	if number, ok := strings.CutPrefix(s, WhatsAppPrefix); ok {
		return notify.Address{Channel: notify.WhatsApp, Value: notify.Secret(number)}
	}
	return notify.Address{Channel: notify.SMS, Value: notify.Secret(s)}
}
