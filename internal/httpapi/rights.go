package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/notify"
)

// rights mounts what a customer may ask of the shop: to be forgotten.
func (a *api) rights() {
	huma.Register(a.huma, a.route("erase-person", http.MethodDelete, "/v1/people/{id}", "Erase a customer, as they asked"), a.erase)
}

// Erased says what became of a customer who was erased.
type Erased struct {
	Body notify.Erasure
}

func (a *api) erase(ctx context.Context, in *byID) (*Erased, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	out, err := a.Ledger.Erase(ctx, t.ID, notify.PersonID(in.ID), a.Now())
	if err != nil {
		return nil, a.fault("erase person", err)
	}
	if out.Pseudonym == "" {
		return nil, huma.Error404NotFound(unknownPerson)
	}
	return &Erased{Body: out}, nil
}
