package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// chatwoot speaks to an API channel of Chatwoot's, by its public API: a contact for the customer, a conversation for the handoff, and what was said in it. Source: Chatwoot's API
// reference, "Contacts API", "Conversations API" and "Messages API" of the client.
type chatwoot struct {
	Config
	caller
}

// Open makes the conversation. Its name is that of the contact and of the conversation there.
func (c chatwoot) Open(ctx context.Context, p Packet) (string, error) {
	var contact struct {
		Source string `json:"source_id"`
	}
	err := c.post(ctx, "contacts", map[string]any{"identifier": string(p.Person), "name": p.Name,
		"custom_attributes": map[string]any{"address": p.Address, "locale": p.Locale, "channel": p.Channel}}, &contact)
	if err != nil || contact.Source == "" {
		return "", missing(err, contact.Source == "")
	}
	var conversation struct {
		ID int64 `json:"id"`
	}
	err = c.post(ctx, "contacts/"+url.PathEscape(contact.Source)+"/conversations", map[string]any{"custom_attributes": map[string]any{"handoff": p.Handoff, "reason": p.Reason}}, &conversation)
	if err != nil || conversation.ID == 0 {
		return "", missing(err, conversation.ID == 0)
	}
	ref := contact.Source + "|" + strconv.FormatInt(conversation.ID, 10)
	return ref, c.Say(ctx, ref, Message{Handoff: p.Handoff, ID: p.Handoff, Text: p.Text()})
}

func missing(err error, none bool) error {
	if err == nil && none {
		return fmt.Errorf("the desk's answer has no name for what it made")
	}
	return err
}

// Say writes as the customer.
func (c chatwoot) Say(ctx context.Context, ref string, m Message) error {
	source, id, ok := strings.Cut(ref, "|")
	if !ok {
		return ErrRefused
	}
	return c.post(ctx, "contacts/"+url.PathEscape(source)+"/conversations/"+id+"/messages", map[string]any{"content": m.Text, "echo_id": m.ID}, nil)
}

func (c chatwoot) post(ctx context.Context, path string, body, out any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write for the desk: %w", err)
	}
	return c.send(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+"/public/api/v1/inboxes/"+url.PathEscape(c.Inbox)+"/"+path, nil, b, out)
}
