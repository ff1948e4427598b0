package httpapi

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/desk"
)

// HandoffPacket is a conversation with all that whoever answers needs to know.
type HandoffPacket struct {
	Body desk.Packet
}

func (a *api) readHandoff(ctx context.Context, in *handoffInput) (*HandoffPacket, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	h, err := a.Ledger.Handoff(ctx, t.ID, in.ID)
	if err != nil {
		return nil, a.fault("read a handoff", err)
	}
	if h == nil {
		return nil, huma.Error404NotFound("there is no such handoff; GET /v1/handoffs lists them")
	}
	p, err := desk.Pack(ctx, a.Ledger, t.ID, *h)
	if err != nil {
		return nil, a.fault("read a handoff", err)
	}
	return &HandoffPacket{p}, nil
}

// fromDesk takes what a desk says: the agent's words go to the customer on their channel, and the end of the conversation gives it back to the assistant. Words that reach nobody are
// refused, so that the desk shows it; the end of what is over already is no news.
func (a *api) fromDesk(w http.ResponseWriter, r *http.Request, t *Tenant, body []byte) {
	if t.Desk == nil {
		a.Count(r.Pattern, "unknown_feed")
		a.problem(w, http.StatusNotFound, "this merchant has no desk; name one under 'desk' in merchant.yaml")
		return
	}
	said, err := desk.Receive(*t.Desk, r.Header.Get, body, a.Now())
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, desk.ErrSignature) {
			status = http.StatusUnauthorized
		}
		a.refuse(w, r, t, status, len(body), err.Error())
		return
	}
	if said == nil {
		said = &desk.Said{}
	}
	status, reason, err := a.obey(r.Context(), t, *said)
	switch {
	case err != nil:
		a.broken(w, r, err)
	case status != http.StatusOK:
		a.refuse(w, r, t, status, len(body), reason)
	default:
		a.Count(r.Pattern, "accepted")
		w.WriteHeader(http.StatusOK)
	}
}

// obey does what a desk says, and answers with a status and, where that is no success, its reason.
func (a *api) obey(ctx context.Context, t *Tenant, said desk.Said) (int, string, error) {
	if utf8.RuneCountInString(said.Text) > longestText {
		return http.StatusRequestEntityTooLarge, tooLong, nil
	}
	id, err := a.handoffOf(ctx, t, said)
	if err != nil {
		return 0, "", err
	}
	if said.Text != "" {
		ok, err := a.Dispatcher.SayAs(ctx, t.Merchant, id, said.ID, said.Text)
		if err != nil || !ok {
			return http.StatusNotFound, nobodyHears, err
		}
	}
	if said.Close && id != "" {
		_, err = a.Ledger.CloseHandoff(ctx, t.ID, id, a.Now())
	}
	return http.StatusOK, "", err
}

const (
	// longestText is how many characters an agent's message has at most, as POST /v1/handoffs/{id}/messages has it.
	longestText = 1000
	tooLong     = "the message has more than 1000 characters and was not sent; write it in several"
	nobodyHears = "the message was not sent: there is no such open handoff, since the conversation is the assistant's again; GET /v1/handoffs lists those that are open"
)

// handoffOf is the id of the handoff that a desk speaks of; "" when it is none of ours.
func (a *api) handoffOf(ctx context.Context, t *Tenant, said desk.Said) (string, error) {
	if said.Handoff != "" || said.Ref == "" {
		return said.Handoff, nil
	}
	h, err := a.Ledger.HandoffAt(ctx, t.ID, said.Ref)
	if err != nil || h == nil {
		return "", err
	}
	return h.ID, nil
}
