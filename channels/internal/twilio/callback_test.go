package twilio_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/internal/twilio"
	"landfall/internal/notify"
)

// The signatures here were computed apart from this code and the SDK, with Python's hmac and hashlib.
const (
	token    = notify.Secret("12345678901234567890123456789012")
	tokenOld = notify.Secret("abcdefabcdefabcdefabcdefabcdefab")

	hook     = "https://hooks.acme.example/v1/hooks/twilio/acme/status?delivery=d1"
	hookBody = "MessageSid=SM00000000000000000000000000000001&MessageStatus=delivered&To=whatsapp%3A%2B4915112345678&ErrorCode=&Body=Gr%C3%BC%C3%9Fe+%26+mehr"
	hookSig  = "7JwFQ9vlEMf1B+wEvc0buDDZWew="

	jsonHook = "https://hooks.acme.example/json?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
	jsonSig  = "qBRLWI3+/FGIZDBrJDSGB2MmhV4="
)

func TestVerify(t *testing.T) {
	t.Parallel()
	both := []notify.Secret{token, tokenOld}
	for name, c := range map[string]struct {
		tokens         []notify.Secret
		url, body, sig string
		good           bool
	}{
		"current token":         {both, hook, hookBody, hookSig, true},
		"old token":             {both, hook, hookBody, "arHfyOT76gu8yHmQmckWpy1N4EU=", true},
		"old token withdrawn":   {both[:1], hook, hookBody, "arHfyOT76gu8yHmQmckWpy1N4EU=", false},
		"signed with a port":    {both, hook, hookBody, "PXdurOiLv3+IV3kgITHTCN27ex4=", true},
		"fragment is not part":  {both, hook + "#rc=5&rp=all", hookBody, hookSig, true},
		"json":                  {both, jsonHook, `{"a":1}`, jsonSig, true},
		"json changed":          {both, jsonHook, `{"a":2}`, jsonSig, false},
		"other delivery":        {both, strings.Replace(hook, "d1", "d2", 1), hookBody, hookSig, false},
		"other status":          {both, hook, strings.Replace(hookBody, "delivered", "read", 1), hookSig, false},
		"field added":           {both, hook, hookBody + "&OptOutType=STOP", hookSig, false},
		"no signature":          {both, hook, hookBody, "", false},
		"no token":              {nil, hook, hookBody, hookSig, false},
		"empty token":           {[]notify.Secret{""}, hook, hookBody, "zAeEVx7J8EYbZf3ZJfMUf2IR09g=", false},
		"signature of others":   {both, hook, hookBody, "zAeEVx7J8EYbZf3ZJfMUf2IR09g=", false},
		"not even an address":   {both, ":", hookBody, hookSig, false},
		"body that is no form":  {both, hook, "%zz", hookSig, false},
		"signature of the JSON": {both, hook, hookBody, jsonSig, false},
	} {
		err := twilio.Verify(c.tokens, c.url, []byte(c.body), c.sig)
		if (err == nil) != c.good {
			t.Errorf("%s: Verify = %v, want good: %v", name, err, c.good)
		}
	}
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestReceive_Status(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]notify.State{
		"accepted": notify.Sent, "queued": notify.Sent, "sending": notify.Sent, "sent": notify.Sent, "scheduled": notify.Sent,
		"delivered": notify.Arrived, "read": notify.Read,
		"failed": notify.Failed, "undelivered": notify.Failed, "canceled": notify.Failed,
	} {
		body := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {status}, "To": {"whatsapp:+4915112345678"}, "ErrorCode": {"63016"}, "New": {"x"}}
		got, err := twilio.Receive(hook, []byte(body.Encode()), noon)
		if err != nil {
			t.Errorf("%s: %v", status, err)
		}
		receipt := []channels.Signal{{Receipt: &notify.Receipt{ID: "SM1:" + status, Delivery: "d1", ProviderID: "SM1",
			Channel: notify.WhatsApp, State: want, Code: "63016", At: noon}}}
		if want == notify.Failed {
			receipt[0].Failure = &channels.Error{Kind: channels.NotAllowedNow, Code: "63016",
				Detail: "the 24 hours after the person's last message are over; only a template may be sent"}
		}
		if diff := cmp.Diff(receipt, got); diff != "" {
			t.Errorf("%s: %s", status, diff)
		}
	}
}

func TestReceive_StatusThatSettlesNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"partially_delivered", "receiving", "brand_new", ""} {
		got, err := twilio.Receive(hook, []byte("MessageSid=SM1&To=%2B49151&MessageStatus="+status), noon)
		if err != nil || len(got) != 0 {
			t.Errorf("%q: got %v, %v; want nothing", status, got, err)
		}
	}
}

func TestReceive_Message(t *testing.T) {
	t.Parallel()
	sms := notify.Address{Channel: notify.SMS, Value: "+4915112345678"}
	chat := notify.Address{Channel: notify.WhatsApp, Value: "+4915112345678"}
	reply := func(from notify.Address, text string, handled bool) channels.Signal {
		return channels.Signal{From: from, Reply: &channels.Reply{ID: "SM2", To: []string{"+493012345678", "MG1"}, Text: text, At: noon, Handled: handled}}
	}
	consent := func(from notify.Address, e notify.ConsentEvent) channels.Signal {
		e.Channel, e.OccurredAt, e.ReceivedAt, e.Actor, e.Source = from.Channel, noon, noon, "subject", "SM2"
		return channels.Signal{From: from, Consent: &e, Answered: true}
	}
	for name, c := range map[string]struct {
		form url.Values
		want []channels.Signal
	}{
		"text": {url.Values{"From": {"+4915112345678"}, "Body": {"Wo ist es?"}, "SmsStatus": {"received"}},
			[]channels.Signal{reply(sms, "Wo ist es?", false)}},
		"whatsapp": {url.Values{"From": {"whatsapp:+4915112345678"}, "Body": {"どこ"}},
			[]channels.Signal{reply(chat, "どこ", false)}},
		"picture": {url.Values{"From": {"whatsapp:+4915112345678"}, "Body": {""}, "NumMedia": {"1"}},
			[]channels.Signal{reply(chat, "", false)}},
		"stop": {url.Values{"From": {"+4915112345678"}, "Body": {"BASTA"}, "OptOutType": {"STOP"}},
			[]channels.Signal{
				consent(sms, notify.ConsentEvent{ID: "SM2:STOP", Action: notify.Withdrawn, Method: "stop_keyword", Text: "BASTA"}),
				reply(sms, "BASTA", true)}},
		"start": {url.Values{"From": {"+4915112345678"}, "Body": {"START"}, "OptOutType": {"START"}},
			[]channels.Signal{
				consent(sms, notify.ConsentEvent{ID: "SM2:START", Action: notify.Granted, Purpose: notify.OrderStatus, Method: "start_keyword", Text: "START"}),
				reply(sms, "START", true)}},
		"help": {url.Values{"From": {"+4915112345678"}, "Body": {"HELP"}, "OptOutType": {"HELP"}},
			[]channels.Signal{reply(sms, "HELP", true)}},
	} {
		c.form.Set("MessageSid", "SM2")
		c.form.Set("MessagingServiceSid", "MG1")
		c.form.Set("To", strings.TrimSuffix(c.form.Get("From"), "+4915112345678")+"+493012345678")
		got, err := twilio.Receive("https://hooks.acme.example/inbound", []byte(c.form.Encode()), noon)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestReceive_Nonsense(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "%zz", "MessageStatus=sent", "MessageSid=SM1", "MessageSid=SM1&To=%2B4915112345678", `{"a":1}`} {
		got, err := twilio.Receive(hook, []byte(body), noon)
		if err == nil || got != nil || strings.Contains(err.Error(), "4915112345678") {
			t.Errorf("%q: got %v, %v; want an error that names nobody", body, got, err)
		}
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(hook, hookBody)
	f.Add(hook, "MessageSid=SM1&From=whatsapp%3A%2B49151&Body=hi&OptOutType=STOP")
	f.Add("::", "MessageSid=SM1&From=x&From=y&Body=%00")
	f.Fuzz(func(t *testing.T, address, body string) {
		signals, err := twilio.Receive(address, []byte(body), noon)
		if err != nil && signals != nil {
			t.Error("signals beside an error")
		}
		for _, s := range signals {
			checkSignal(t, s)
		}
	})
}

// checkSignal fails unless exactly one part is set, and has the id that keeps it from being applied twice.
func checkSignal(t *testing.T, s channels.Signal) {
	t.Helper()
	ids := 0
	if s.Receipt != nil && s.Receipt.ID != ":" && s.Receipt.ProviderID != "" {
		ids++
	}
	if s.Reply != nil && s.Reply.ID != "" {
		ids++
	}
	if s.Consent != nil && s.Consent.ID != "" && s.Consent.Action != "" {
		ids++
	}
	if ids != 1 {
		t.Errorf("signal %+v has %d parts with an id, want 1", s, ids)
	}
}
