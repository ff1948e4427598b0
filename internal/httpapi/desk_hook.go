package httpapi

import (
	"context"
	"errors"
	"net/http"

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

// fromDesk takes what a desk says: the agent's words go to the customer on their channel, and the end of the conversation gives it back to the assistant. What is about no open
// handoff is passed over, so that the desk does not call for ever.
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
	if said != nil {
		if err := a.obey(r.Context(), t, *said); err != nil {
			a.broken(w, r, err)
			return
		}
	}
	a.Count(r.Pattern, "accepted")
	w.WriteHeader(http.StatusOK)
}

func (a *api) obey(ctx context.Context, t *Tenant, said desk.Said) error {
	id := said.Handoff
	if id == "" {
		h, err := a.Ledger.HandoffAt(ctx, t.ID, said.Ref)
		if err != nil || h == nil {
			return err
		}
		id = h.ID
	}
	if said.Text != "" {
		if _, err := a.Dispatcher.SayAs(ctx, t.Merchant, id, said.ID, said.Text); err != nil {
			return err
		}
	}
	if !said.Close {
		return nil
	}
	_, err := a.Ledger.CloseHandoff(ctx, t.ID, id, a.Now())
	return err
}
