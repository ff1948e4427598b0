package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"landfall/internal/notify"
)

// chatwoot speaks to an API channel of Chatwoot's, by its public API: a contact for the customer, a conversation for the handoff, and what was said in it. Source: Chatwoot's API
// reference, "Contacts API", "Conversations API" and "Messages API" of the client.
type chatwoot struct {
	Config
	caller
}

// talk is a conversation there.
type talk struct {
	ID       int64     `json:"id"`
	Messages []message `json:"messages"`
}

type message struct {
	ID      int64  `json:"id"`
	Content string `json:"content"`
	Type    any    `json:"message_type"`
}

// name is what Chatwoot calls a message; "" when its answer named none.
func (m message) name() string {
	if m.ID == 0 {
		return ""
	}
	return strconv.FormatInt(m.ID, 10)
}

// given leaves what we wrote: in an API channel nobody else writes as the customer.
func given(all []message) []entry {
	var out []entry
	for _, m := range all {
		if m.Type == "incoming" || m.Type == 0.0 {
			out = append(out, entry{m.ID, m.name(), m.Content})
		}
	}
	return out
}

// Open makes the conversation. Its name is that of the contact's door and of the conversation there. Each handoff has a door of its own, so that a conversation behind it is this
// handoff's, and what it holds is what was handed over.
func (c chatwoot) Open(ctx context.Context, p Packet, again bool) (notify.DeskPlace, error) {
	source, err := c.contact(ctx, p)
	if err != nil {
		return notify.DeskPlace{}, err
	}
	t, err := c.talk(ctx, source, p, again)
	if err != nil {
		return notify.DeskPlace{}, err
	}
	at := notify.DeskPlace{Ref: source + "|" + strconv.FormatInt(t.ID, 10)}
	if was := given(t.Messages); len(was) > 0 {
		at.Last = was[len(was)-1].name
		return at, nil
	}
	return c.Say(ctx, at, Message{Handoff: p.Handoff, ID: p.Handoff, Text: p.Text()}, false)
}

// contact makes a door for the customer's contact, which is made as well unless it is there, and returns what it is called.
func (c chatwoot) contact(ctx context.Context, p Packet) (string, error) {
	var contact struct {
		Source string `json:"source_id"`
	}
	err := c.call(ctx, http.MethodPost, "contacts", map[string]any{"source_id": c.source(p.Handoff), "identifier": string(p.Person), "name": p.Name,
		"custom_attributes": map[string]any{"address": p.Address, "locale": p.Locale, "channel": p.Channel}}, &contact)
	return contact.Source, missing(err, contact.Source == "")
}

// source names a handoff's door, the same at every attempt. Whoever knows it may read and write there: it cannot be guessed without the desk's secret.
func (c chatwoot) source(handoff string) string {
	h := hmac.New(sha256.New, []byte(c.Secret.Reveal()))
	h.Write([]byte("landfall: the source_id of handoff " + handoff))
	return hex.EncodeToString(h.Sum(nil))
}

// talk makes the conversation; an attempt after the first finds the one that is there.
func (c chatwoot) talk(ctx context.Context, source string, p Packet, again bool) (talk, error) {
	path := "contacts/" + url.PathEscape(source) + "/conversations"
	if again {
		var there []talk
		if err := c.call(ctx, http.MethodGet, path, nil, &there); err != nil {
			return talk{}, err
		}
		if len(there) > 0 && there[0].ID != 0 {
			return there[0], nil
		}
	}
	var t talk
	err := c.call(ctx, http.MethodPost, path, map[string]any{"custom_attributes": map[string]any{"handoff": p.Handoff, "reason": p.Reason}}, &t)
	t.Messages = nil
	return t, missing(err, t.ID == 0)
}

func missing(err error, none bool) error {
	if err == nil && none {
		return errors.New("the desk's answer has no name for what it made")
	}
	return err
}

// Say writes as the customer.
func (c chatwoot) Say(ctx context.Context, at notify.DeskPlace, m Message, again bool) (notify.DeskPlace, error) {
	source, id, ok := strings.Cut(at.Ref, "|")
	if !ok {
		return at, ErrRefused
	}
	path := "contacts/" + url.PathEscape(source) + "/conversations/" + id + "/messages"
	if again {
		var there []message
		if err := c.call(ctx, http.MethodGet, path, nil, &there); err != nil {
			return at, err
		}
		if name := already(given(there), at.Last, m.Text); name != "" {
			at.Last = name
			return at, nil
		}
	}
	var made message
	err := c.call(ctx, http.MethodPost, path, map[string]any{"content": m.Text, "echo_id": m.ID}, &made)
	at.Last = made.name()
	return at, err
}

func (c chatwoot) call(ctx context.Context, method, path string, body, out any) error {
	b, err := encode(body)
	if err != nil {
		return err
	}
	return c.send(ctx, method, strings.TrimSuffix(c.URL, "/")+"/public/api/v1/inboxes/"+url.PathEscape(c.Inbox)+"/"+path, nil, b, out)
}

// encode writes what is sent; nil is nothing.
func encode(body any) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write for the desk: %w", err)
	}
	return b, nil
}
