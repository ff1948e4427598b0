package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Said is what a desk tells us: what an agent wrote, or that the conversation is over. It names the conversation by our id or by the desk's own.
type Said struct {
	Handoff string
	Ref     string
	ID      string // names the message within the handoff
	Text    string
	Close   bool
}

// ErrSignature is the answer to a call that the desk did not sign, or that is old.
var ErrSignature = errors.New("verify the desk's call: the signature is not the desk's, or it is older than five minutes; check 'secret' under 'desk' in merchant.yaml")

// errForm is the answer to a signed call that cannot be read.
var errForm = errors.New("read the desk's call: it is not in the form that docs/desk.md names")

// Receive reads a call of a desk's: what it says is checked against its signature over the body as it came. nil is a call that says nothing to us, such as a note among agents.
func Receive(c Config, header func(string) string, body []byte, now time.Time) (*Said, error) {
	switch c.Kind {
	case Chatwoot:
		at := header("X-Chatwoot-Timestamp")
		h := hmac.New(sha256.New, []byte(c.Secret.Reveal()))
		h.Write([]byte(at + "." + string(body)))
		if !equal("sha256="+hex.EncodeToString(h.Sum(nil)), header("X-Chatwoot-Signature")) || !recent(at, now) {
			return nil, ErrSignature
		}
		return fromChatwoot(body)
	case Zendesk:
		at := header("X-Zendesk-Webhook-Signature-Timestamp")
		if !equal(seal([]byte(c.Secret.Reveal()), at+string(body)), header("X-Zendesk-Webhook-Signature")) || !recent(at, now) {
			return nil, ErrSignature
		}
		return fromZendesk(body)
	}
	id, at := header("Webhook-Id"), header("Webhook-Timestamp")
	want := "v1," + seal(key(c.Secret.Reveal()), id+"."+at+"."+string(body))
	for given := range strings.FieldsSeq(header("Webhook-Signature")) {
		if equal(want, given) && recent(at, now) {
			return fromWebhook(body)
		}
	}
	return nil, ErrSignature
}

func equal(want, given string) bool { return hmac.Equal([]byte(want), []byte(given)) }

func fromWebhook(body []byte) (*Said, error) {
	var call struct {
		Type string `json:"type"`
		Data struct {
			Handoff string `json:"handoff"`
			ID      string `json:"id"`
			Text    string `json:"text"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &call) != nil || call.Data.Handoff == "" {
		return nil, errForm
	}
	switch s := (Said{Handoff: call.Data.Handoff, ID: call.Data.ID, Text: call.Data.Text}); {
	case call.Type == "handoff.close":
		return &Said{Handoff: s.Handoff, Close: true}, nil
	case call.Type == "handoff.reply" && s.ID != "" && s.Text != "":
		return &s, nil
	}
	return nil, errForm
}

// fromChatwoot reads agents' messages and the end of conversations. What we wrote comes back as incoming, notes are private: neither is for the customer.
func fromChatwoot(body []byte) (*Said, error) {
	var call struct {
		Event        string          `json:"event"`
		ID           json.RawMessage `json:"id"`
		Content      string          `json:"content"`
		Type         any             `json:"message_type"`
		Private      bool            `json:"private"`
		Status       string          `json:"status"`
		Conversation struct {
			ID     int64 `json:"id"`
			Source struct {
				ID string `json:"source_id"`
			} `json:"contact_inbox"`
		} `json:"conversation"`
		Source struct {
			ID string `json:"source_id"`
		} `json:"contact_inbox"`
	}
	if json.Unmarshal(body, &call) != nil {
		return nil, errForm
	}
	switch {
	case call.Event == "message_created" && (call.Type == "outgoing" || call.Type == 1.0) && !call.Private && call.Content != "":
		ref := call.Conversation.Source.ID + "|" + strconv.FormatInt(call.Conversation.ID, 10)
		return &Said{Ref: ref, ID: string(call.ID), Text: call.Content}, nil
	case (call.Event == "conversation_status_changed" || call.Event == "conversation_resolved") && call.Status == "resolved":
		return &Said{Ref: call.Source.ID + "|" + string(call.ID), Close: true}, nil
	}
	return nil, nil
}

// fromZendesk reads what a trigger of the merchant's posts, in the form of docs/desk.md.
func fromZendesk(body []byte) (*Said, error) {
	var call struct {
		Handoff string `json:"handoff"`
		ID      string `json:"id"`
		Text    string `json:"text"`
		Status  string `json:"status"`
	}
	if json.Unmarshal(body, &call) != nil || call.Handoff == "" {
		return nil, errForm
	}
	switch status := strings.ToLower(call.Status); {
	case call.Text != "" && call.ID != "":
		return &Said{Handoff: call.Handoff, ID: call.ID, Text: call.Text, Close: status == "solved" || status == "closed"}, nil
	case status == "solved" || status == "closed":
		return &Said{Handoff: call.Handoff, Close: true}, nil
	}
	return nil, nil
}
