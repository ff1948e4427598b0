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

// zendesk makes a ticket of each handoff, and comments of what is written since. Source: Zendesk's API reference, "Tickets".
type zendesk struct {
	Config
	caller
}

// Open makes the ticket, once: the same Idempotency-Key finds the one that was made.
func (z zendesk) Open(ctx context.Context, p Packet) (string, error) {
	var made struct {
		Ticket struct {
			ID int64 `json:"id"`
		} `json:"ticket"`
	}
	subject := p.Reason
	if p.Order != nil {
		subject += ": " + p.Order.Title + " (" + string(p.Order.ID) + ")"
	}
	err := z.call(ctx, http.MethodPost, "tickets.json", p.Handoff, map[string]any{"ticket": map[string]any{
		"subject": subject, "external_id": p.Handoff, "tags": []string{"landfall", p.Reason, string(p.Channel)}, "comment": map[string]any{"body": p.Text(), "public": false}, // a public one is mailed to the customer
	}}, &made)
	if err != nil || made.Ticket.ID == 0 {
		return "", missing(err, made.Ticket.ID == 0)
	}
	return strconv.FormatInt(made.Ticket.ID, 10), nil
}

// Say adds what the customer wrote to the ticket, for the merchant's people alone: Zendesk would send a public one to somebody.
func (z zendesk) Say(ctx context.Context, ref string, m Message) error {
	return z.call(ctx, http.MethodPut, "tickets/"+url.PathEscape(ref)+".json", "", map[string]any{"ticket": map[string]any{
		"status": "open", "comment": map[string]any{"body": m.Text, "public": false}}}, nil)
}

func (z zendesk) call(ctx context.Context, method, path, once string, body, out any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write for the desk: %w", err)
	}
	h := http.Header{}
	r := http.Request{Header: h}
	r.SetBasicAuth(string(z.Email)+"/token", z.Token.Reveal())
	if once != "" {
		h.Set("Idempotency-Key", once)
	}
	return z.send(ctx, method, strings.TrimSuffix(z.URL, "/")+"/api/v2/"+path, h, b, out)
}
