package line_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/line"
	"landfall/internal/notify"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	// Computed apart from this code and the SDK, with Python's hmac and hashlib.
	const body, signature = `{"destination":"Uxx","events":[]}`, "JnBBnHSLLI224OAlVgYciXdgZJkClaVDZYnsrneEmmY="
	for name, c := range map[string]struct {
		secret          notify.Secret
		body, signature string
		good            bool
	}{
		"good":          {secret, body, signature, true},
		"other secret":  {"channelsecret0124", body, signature, false},
		"no secret":     {"", body, "oRC/FZgJVk7H1gTql7yhXbAIhITyiZERn8aZSEMwES4=", false}, // signed with nothing
		"changed body":  {secret, body + " ", signature, false},
		"no signature":  {secret, body, "", false},
		"not base64":    {secret, body, "!!", false},
		"cut signature": {secret, body, signature[:20], false},
	} {
		err := line.Verify([]notify.Secret{"other", c.secret}, []byte(c.body), c.signature)
		if (err == nil) != c.good || err != nil && !errors.Is(err, line.ErrSignature) {
			t.Errorf("%s: Verify = %v, want good: %v", name, err, c.good)
		}
	}
}

const (
	fromUser  = `"source":{"type":"user","userId":"` + user + `"},"timestamp":1796126400000,"mode":"active","deliveryContext":{"isRedelivery":false}`
	follow    = `{"type":"follow","webhookEventId":"E1",` + fromUser + `,"replyToken":"r","follow":{"isUnblocked":true}}`
	unfollow  = `{"type":"unfollow","webhookEventId":"E2",` + fromUser + `}`
	text      = `{"type":"message","webhookEventId":"E3",` + fromUser + `,"replyToken":"r","message":{"id":"46","type":"text","text":"どこですか","quoteToken":"q"}}`
	sticker   = `{"type":"message","webhookEventId":"E4",` + fromUser + `,"message":{"id":"47","type":"sticker","packageId":"1","stickerId":"2","stickerResourceType":"STATIC"}}`
	brandNew  = `{"type":"teleport","webhookEventId":"E5",` + fromUser + `,"teleport":{"to":[1,2]}}`
	newSort   = `{"type":"message","webhookEventId":"E6",` + fromUser + `,"message":{"id":"48","type":"hologram","depth":3}}`
	inGroup   = `{"type":"message","webhookEventId":"E7","source":{"type":"group","groupId":"C1","userId":"` + user + `"},"timestamp":1796126400000,"mode":"active","message":{"id":"46","type":"text","text":"hi"}}`
	noID      = `{"type":"unfollow",` + fromUser + `}`
	malformed = `{"type":"message","webhookEventId":"E8","source":null,"message":{"text":"` + user + `"}}`
)

var (
	noon  = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	heard = noon.Add(time.Second)
	from  = notify.Address{Channel: notify.LINE, Value: user}
)

func envelope(events ...string) []byte {
	return []byte(`{"destination":"Uxx","events":[` + strings.Join(events, ",") + `]}`)
}

func TestReceive(t *testing.T) {
	t.Parallel()
	followed := channels.Signal{From: from, Consent: &notify.ConsentEvent{ID: "E1", Channel: notify.LINE, Purpose: notify.OrderStatus,
		Action: notify.Granted, OccurredAt: noon, ReceivedAt: heard, Actor: "subject", Method: "friend_add", Source: "E1"}}
	unfollowed := channels.Signal{From: from, Consent: &notify.ConsentEvent{ID: "E2", Channel: notify.LINE,
		Action: notify.Blocked, OccurredAt: noon, ReceivedAt: heard, Actor: "provider", Method: "block_event", Source: "E2"}}
	wrote := channels.Signal{From: from, Reply: &channels.Reply{ID: "E3", Token: "r", Text: "どこですか", At: noon}}
	for name, c := range map[string]struct {
		events []string
		want   []channels.Signal
		err    string
	}{
		"check of the address": {nil, nil, ""},
		"follow":               {[]string{follow}, []channels.Signal{followed}, ""},
		"unfollow":             {[]string{unfollow}, []channels.Signal{unfollowed}, ""},
		"text":                 {[]string{text}, []channels.Signal{wrote}, ""},
		"all, and what is new": {[]string{follow, brandNew, sticker, newSort, text, unfollow}, []channels.Signal{followed, wrote, unfollowed}, ""},
		"standby":              {[]string{strings.Replace(text, "active", "standby", 1), strings.Replace(unfollow, "active", "standby", 1)}, []channels.Signal{unfollowed}, ""},
		"group":                {[]string{inGroup}, nil, ""},
		"no id":                {[]string{noID}, nil, ""},
		"one of three broken":  {[]string{follow, malformed, text}, []channels.Signal{followed, wrote}, "1 of 3 events"},
	} {
		got, err := line.Receive(envelope(c.events...), heard)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if (err == nil) != (c.err == "") || err != nil && (!strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), user)) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
	}
}

func TestReceive_Nonsense(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<html>", "[]", `{"events":{}}`, `{"events":["` + user + `"]}`} {
		got, err := line.Receive([]byte(body), heard)
		if err == nil || got != nil || strings.Contains(err.Error(), user) {
			t.Errorf("%q: got %v, %v; want an error that names nobody", body, got, err)
		}
	}
}

func FuzzReceive(f *testing.F) {
	for _, event := range []string{follow, unfollow, text, sticker, brandNew, newSort, inGroup, noID, malformed} {
		f.Add(envelope(event))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		signals, _ := line.Receive(body, heard)
		for _, s := range signals {
			if s.Receipt != nil { // it names its delivery and nobody
				continue
			}
			good := s.Consent != nil && s.Consent.ID != "" && s.Consent.Action != "" || s.Reply != nil && s.Reply.ID != ""
			if !good || (s.Consent != nil) == (s.Reply != nil) || s.From.Value == "" || s.From.Channel != notify.LINE {
				t.Errorf("signal %+v: want one part with an id, and who it is from", s)
			}
		}
	})
}
