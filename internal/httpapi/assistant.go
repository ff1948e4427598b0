package httpapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/notify"
)

type assistantSearch struct {
	Key
	Since time.Time `query:"since" required:"false" doc:"Messages since; default: 30 days before until."`
	Until time.Time `query:"until" required:"false" doc:"Messages before; default: now."`
}

// AssistantReport is how the assistant did.
type AssistantReport struct {
	Body struct {
		Since time.Time `json:"since"`
		Until time.Time `json:"until"`
		notify.HeardReport
	}
}

// reported is how far back a report goes that names no beginning.
const reported = 30 * 24 * time.Hour

func (a *api) reportAssistant(ctx context.Context, in *assistantSearch) (*AssistantReport, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	until, since := in.Until, in.Since
	if until.IsZero() {
		until = a.Now()
	}
	if since.IsZero() {
		since = until.Add(-reported)
	}
	if !since.Before(until) {
		return nil, huma.Error422UnprocessableEntity("query.since is not before until; give two instants in order, or leave them out")
	}
	var out AssistantReport
	out.Body.Since, out.Body.Until = since, until
	if out.Body.HeardReport, err = a.Ledger.Heard(ctx, t.ID, since, until, a.Now()); err != nil {
		return nil, a.fault("report on the assistant", err)
	}
	return &out, nil
}
