package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

func (a *api) notifications() {
	huma.Register(a.huma, a.route("list-notifications", http.MethodGet, "/v1/notifications", "Search what was told to whom, newest first"), a.list)
	huma.Register(a.huma, a.route("notification", http.MethodGet, "/v1/notifications/{id}", "One notification with every decision about it"), a.notification)
}

const unknownNotification = "no notification has this id; GET /v1/notifications lists them"

type search struct {
	Key
	Person string    `query:"person"`
	Order  string    `query:"order"`
	Before time.Time `query:"before" doc:"Created before; give the oldest one's time to read on."`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// NotificationList is what was told, one row a delivery.
type NotificationList struct {
	Body struct {
		Notifications []report.Row `json:"notifications"`
	}
}

func (a *api) list(ctx context.Context, in *search) (*NotificationList, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	return a.told(ctx, t, ledger.Filter{Person: notify.PersonID(in.Person), Order: parcel.OrderID(in.Order), Before: in.Before, Limit: in.Limit})
}

func (a *api) notification(ctx context.Context, in *byID) (*NotificationList, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	out, err := a.told(ctx, t, ledger.Filter{ID: notify.NotificationID(in.ID)})
	if err == nil && len(out.Body.Notifications) == 0 {
		return nil, huma.Error404NotFound(unknownNotification)
	}
	return out, err
}

func (a *api) told(ctx context.Context, t *Tenant, f ledger.Filter) (*NotificationList, error) {
	told, err := a.Ledger.Notifications(ctx, t.ID, f)
	if err != nil {
		return nil, a.fault("read notifications", err)
	}
	var out NotificationList
	out.Body.Notifications = append([]report.Row{}, report.Rows(told)...) // an empty list is a list
	return &out, nil
}
