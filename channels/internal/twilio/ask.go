package twilio

import (
	"context"
	"slices"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"landfall/channels"
	"landfall/internal/notify"
)

// maxAsked is how many of a number's latest messages are looked through.
const maxAsked = 50

// Ask lists the messages that Twilio took since an instant to t's number, from t's sender, in t's words; the oldest first. A queued
// message has no date of sending yet, so the list is not narrowed by it. A template's words are Twilio's, so of them only the
// values are looked for; without words at all, any will do. An error is always a *channels.Error.
func (c *Client) Ask(ctx context.Context, t Text, since time.Time) ([]channels.Accepted, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	p := &openapi.ListMessageParams{}
	p.SetTo(t.To)
	p.SetPageSize(maxAsked)
	p.SetLimit(maxAsked)
	one := newCall(ctx, c.base, c.next)
	page, err := c.api(one).PageMessage(p, "", "")
	if err != nil || one.status >= 300 {
		return nil, one.failure(err)
	}
	var out []channels.Accepted
	for _, m := range slices.Backward(page.Messages) {
		if m.Sid != nil && c.may(t, m, since) {
			out = append(out, channels.Accepted{ProviderID: *m.Sid, State: notify.Sent})
		}
	}
	return out, nil
}

// may reports whether m may be t.
func (c *Client) may(t Text, m openapi.ApiV2010Message, since time.Time) bool {
	created, err := time.Parse(time.RFC1123Z, text(m.DateCreated))
	switch {
	case err == nil && created.Before(since.Truncate(time.Second)), text(m.Direction) == "inbound":
		return false
	case c.cfg.MessagingServiceSID != "":
		return text(m.MessagingServiceSid) == c.cfg.MessagingServiceSID && says(t, text(m.Body))
	}
	return text(m.From) == t.From && says(t, text(m.Body))
}

// says reports whether a body may be what t's words became.
func says(t Text, body string) bool {
	if t.Content == nil {
		return t.Body == "" || t.Body == body
	}
	for _, v := range t.Content.Variables {
		if !strings.Contains(body, v) {
			return false
		}
	}
	return true
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
