package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"landfall/internal/notify"
)

// zendesk makes a ticket of each handoff, and comments of what is written since. Source: Zendesk's API reference, "Tickets" and "Ticket Comments".
type zendesk struct {
	Config
	caller
}

// ticket is one there.
type ticket struct {
	ID       int64  `json:"id"`
	External string `json:"external_id"`
}

// change is Zendesk's answer to a ticket that is made or changed. Comments name the audit they came with.
type change struct {
	Ticket ticket `json:"ticket"`
	Audit  struct {
		ID int64 `json:"id"`
	} `json:"audit"`
}

// place is where the ticket is after a change.
func (c change) place() notify.DeskPlace {
	at := notify.DeskPlace{Ref: strconv.FormatInt(c.Ticket.ID, 10)}
	if c.Audit.ID != 0 {
		at.Last = strconv.FormatInt(c.Audit.ID, 10)
	}
	return at
}

// Open makes the ticket, once: the same Idempotency-Key finds the one that was made a moment ago, and an attempt after the first looks for the handoff's.
func (z zendesk) Open(ctx context.Context, p Packet, again bool) (notify.DeskPlace, error) {
	if again {
		at, err := z.find(ctx, p.Handoff)
		if err != nil || at.Ref != "" {
			return at, err
		}
	}
	var made change
	subject := p.Reason
	if p.Order != nil {
		subject += ": " + p.Order.Title + " (" + string(p.Order.ID) + ")"
	}
	err := z.call(ctx, http.MethodPost, "tickets.json", p.Handoff, map[string]any{"ticket": map[string]any{
		"subject": subject, "external_id": p.Handoff, "tags": []string{"landfall", p.Reason, string(p.Channel)}, "comment": map[string]any{"body": p.Text(), "public": false}, // a public one is mailed to the customer
	}}, &made)
	return made.place(), missing(err, made.Ticket.ID == 0)
}

// find returns where a handoff's ticket is; nowhere when there is none.
func (z zendesk) find(ctx context.Context, handoff string) (notify.DeskPlace, error) {
	var there struct {
		Tickets []ticket `json:"tickets"`
	}
	if err := z.call(ctx, http.MethodGet, "tickets.json?external_id="+url.QueryEscape(handoff), "", nil, &there); err != nil {
		return notify.DeskPlace{}, err
	}
	i := slices.IndexFunc(there.Tickets, func(t ticket) bool { return t.External == handoff && t.ID != 0 })
	if i < 0 {
		return notify.DeskPlace{}, nil
	}
	return change{Ticket: there.Tickets[i]}.place(), nil
}

// Say adds what the customer wrote to the ticket, for the merchant's people alone: Zendesk would send a public one to somebody.
func (z zendesk) Say(ctx context.Context, at notify.DeskPlace, m Message, again bool) (notify.DeskPlace, error) {
	path := "tickets/" + url.PathEscape(at.Ref)
	if again {
		given, err := z.comments(ctx, path)
		if err != nil {
			return at, err
		}
		if name := already(given, at.Last, m.Text); name != "" {
			at.Last = name
			return at, nil
		}
	}
	var made change
	err := z.call(ctx, http.MethodPut, path+".json", "", map[string]any{"ticket": map[string]any{
		"status": "open", "comment": map[string]any{"body": m.Text, "public": false}}}, &made)
	at.Last = made.place().Last
	return at, err
}

// comments reads the newest internal comments of a ticket.
func (z zendesk) comments(ctx context.Context, path string) ([]entry, error) {
	var there struct {
		Comments []struct {
			ID     int64  `json:"id"`
			Audit  int64  `json:"audit_id"`
			Body   string `json:"body"`
			Public bool   `json:"public"`
		} `json:"comments"`
	}
	err := z.call(ctx, http.MethodGet, path+"/comments.json?sort_order=desc", "", nil, &there)
	var out []entry
	for _, c := range there.Comments {
		if !c.Public {
			out = append(out, entry{c.ID, strconv.FormatInt(c.Audit, 10), c.Body})
		}
	}
	return out, err
}

func (z zendesk) call(ctx context.Context, method, path, once string, body, out any) error {
	b, err := encode(body)
	if err != nil {
		return err
	}
	h := http.Header{}
	r := http.Request{Header: h}
	r.SetBasicAuth(string(z.Email)+"/token", z.Token.Reveal())
	if once != "" {
		h.Set("Idempotency-Key", once)
	}
	return z.send(ctx, method, strings.TrimSuffix(z.URL, "/")+"/api/v2/"+path, h, b, out)
}
