package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/dispatcher"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// dead mounts the dead letters: what could not be delivered and will not be tried further, and the button that sends it again.
func (a *api) dead() {
	huma.Register(a.huma, a.route("list-dead", http.MethodGet, "/v1/dead", "What could not be delivered, the latest first"), a.listDead)
	huma.Register(a.huma, a.route("retry-dead", http.MethodPost, "/v1/dead/retry", "Send dead letters again, through every gate"), a.retryDead)
}

// Which narrows the dead letters; what is left out does not.
type Which struct {
	Channel notify.Channel `query:"channel" json:"channel,omitempty" required:"false"`
	Reason  notify.Reason  `query:"reason" json:"reason,omitempty" required:"false" doc:"A reason's code, with or without the provider's."`
	Person  string         `query:"person" json:"person,omitempty" required:"false"`
	Order   string         `query:"order" json:"order,omitempty" required:"false"`
	Since   time.Time      `query:"since" json:"since,omitzero" required:"false" doc:"Ended since."`
}

func (w Which) filter() ledger.DeadFilter {
	return ledger.DeadFilter{Channel: w.Channel, Reason: w.Reason, Person: notify.PersonID(w.Person), Order: parcel.OrderID(w.Order), Since: w.Since}
}

type deadSearch struct {
	Key
	Which
	After string `query:"after" doc:"The last page's next."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// DeadList is a part of the dead letters, with all their deliveries, one row each.
type DeadList struct {
	Body struct {
		Notifications []report.Row `json:"notifications"`
		Next          string       `json:"next,omitempty" doc:"Give it as after for the next page."`
	}
}

func (a *api) listDead(ctx context.Context, in *deadSearch) (*DeadList, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	f := in.filter()
	f.After, f.Limit = in.After, in.Limit
	page, err := a.Ledger.Dead(ctx, t.ID, f, a.Now())
	if err != nil {
		return nil, a.fault("read dead letters", err)
	}
	var out DeadList
	out.Body.Notifications = append([]report.Row{}, report.Rows(page.Letters)...)
	out.Body.Next = page.Next
	return &out, nil
}

// retryInput names dead letters, or says which.
type retryInput struct {
	Key
	Body struct {
		IDs []notify.NotificationID `json:"ids,omitempty" maxItems:"1000" required:"false" doc:"Notifications. Without any, the latest 1,000 of which."`
		Of  *Which                  `json:"which,omitempty" required:"false" doc:"Which of all dead letters; an empty one stands for all."`
		// EvenInDoubt accepts that somebody may get a message twice.
		EvenInDoubt bool `json:"even_in_doubt,omitempty" required:"false" doc:"Also what the provider may have taken: it may reach the person twice."`
	}
}

// RetryList says what became of each.
type RetryList struct {
	Body struct {
		Retried []dispatcher.Retried `json:"retried"`
		More    bool                 `json:"more" doc:"There are more of these dead letters; ask again."`
	}
}

// maxRetries bounds one request.
const maxRetries = 1000

func (a *api) retryDead(ctx context.Context, in *retryInput) (*RetryList, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	if (len(in.Body.IDs) == 0) == (in.Body.Of == nil) {
		return nil, huma.Error422UnprocessableEntity("name the notifications in ids, or say which; {\"which\": {}} stands for all")
	}
	var out RetryList
	ids := in.Body.IDs
	if in.Body.Of != nil {
		f := in.Body.Of.filter()
		f.Limit = maxRetries
		page, err := a.Ledger.Dead(ctx, t.ID, f, a.Now())
		if err != nil {
			return nil, a.fault("read dead letters", err)
		}
		for _, l := range page.Letters {
			ids = append(ids, l.Notification.ID)
		}
		out.Body.More = page.Next != ""
	}
	out.Body.Retried = []dispatcher.Retried{}
	for _, id := range ids {
		one, err := a.Dispatcher.Retry(ctx, t.Merchant, id, in.Body.EvenInDoubt, "by the API")
		if err != nil {
			return nil, a.fault("send a dead letter again", err)
		}
		out.Body.Retried = append(out.Body.Retried, one)
	}
	return &out, nil
}
