package httpapi

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/subject"
)

// rights mounts what a customer may ask of the shop: what is kept about them, to be forgotten, and by which right they were
// written to.
func (a *api) rights() {
	huma.Register(a.huma, a.route("erase-person", http.MethodDelete, "/v1/people/{id}", "Erase a customer, as they asked"), a.erase)
	export := a.route("export-person", http.MethodGet, "/v1/people/{id}/export", "Everything about a customer, as a zip file for them")
	export.Responses = map[string]*huma.Response{"200": {Description: "The export", Content: map[string]*huma.MediaType{"application/zip": {}}}}
	huma.Register(a.huma, export, a.export)
	huma.Register(a.huma, a.route("notification-proof", http.MethodGet, "/v1/notifications/{id}/proof", "By which right a notification was sent"), a.proof)
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

// ExportFile is a zip file that nobody on the way may keep.
type ExportFile struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Cache       string `header:"Cache-Control"`
	Body        []byte
}

func (a *api) export(ctx context.Context, in *byID) (*ExportFile, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	d, err := a.Ledger.Dossier(ctx, t.ID, notify.PersonID(in.ID))
	if err != nil {
		return nil, a.fault("read person", err)
	}
	if d == nil {
		return nil, huma.Error404NotFound(unknownPerson)
	}
	var file bytes.Buffer
	if err := subject.Export(&file, *d, t.About(a.Now())); err != nil {
		return nil, a.fault("write export", err)
	}
	return &ExportFile{ContentType: "application/zip", Disposition: `attachment; filename="subject-export.zip"`, Cache: "no-store", Body: file.Bytes()}, nil
}

// ProofOf is a notification's proof.
type ProofOf struct {
	Body subject.Proof
}

func (a *api) proof(ctx context.Context, in *byID) (*ProofOf, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	told, err := a.Ledger.Notifications(ctx, t.ID, ledger.Filter{ID: notify.NotificationID(in.ID)})
	if err == nil && len(told) == 0 {
		return nil, huma.Error404NotFound(unknownNotification)
	}
	if err != nil {
		return nil, a.fault("read notification", err)
	}
	var out ProofOf
	out.Body, err = subject.Prove(told[0], func(event, hash string) ([]notify.ConsentEvent, error) {
		return a.Ledger.Chain(ctx, t.ID, told[0].Notification.Person, event, hash)
	})
	if err != nil {
		return nil, a.fault("prove notification", err)
	}
	return &out, nil
}
