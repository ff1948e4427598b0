package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"landfall/internal/notify"
)

// webhook is an address of the merchant's own that is called, signed as Standard Webhooks asks for (standardwebhooks.com): what is the same has the same webhook-id.
type webhook struct {
	Config
	caller
}

// Open posts the packet.
func (w webhook) Open(ctx context.Context, p Packet, _ bool) (notify.DeskPlace, error) {
	return notify.DeskPlace{}, w.post(ctx, p.Handoff, "handoff.opened", p)
}

// Say posts the message.
func (w webhook) Say(ctx context.Context, at notify.DeskPlace, m Message, _ bool) (notify.DeskPlace, error) {
	return at, w.post(ctx, m.Handoff+"/"+m.ID, "handoff.message", m)
}

func (w webhook) post(ctx context.Context, id, kind string, data any) error {
	body, err := json.Marshal(map[string]any{"type": kind, "timestamp": w.now().UTC(), "data": data})
	if err != nil {
		return fmt.Errorf("write for the desk: %w", err)
	}
	at := strconv.FormatInt(w.now().Unix(), 10)
	h := http.Header{}
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", at)
	h.Set("Webhook-Signature", "v1,"+seal(key(w.Secret.Reveal()), id+"."+at+"."+string(body)))
	return w.send(ctx, http.MethodPost, w.URL, h, body, nil)
}

// key is what a secret signs with: what is written as whsec_ and base64 is that, anything else is taken as it is.
func key(secret string) []byte {
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if k, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			return k
		}
	}
	return []byte(secret)
}

func seal(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// fresh is how far the time on a signed call may be from ours.
const fresh = 5 * time.Minute

// recent reports whether seconds since 1970, or a time as RFC 3339 has it, is about now.
func recent(s string, now time.Time) bool {
	at, err := time.Parse(time.RFC3339, s)
	if seconds, plain := strconv.ParseInt(s, 10, 64); plain == nil {
		at, err = time.Unix(seconds, 0), nil
	}
	return err == nil && now.Sub(at).Abs() < fresh
}
