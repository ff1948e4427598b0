package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/notify"
)

// senders mounts the list of the merchant's accounts.
func (a *api) senders() {
	huma.Register(a.huma, a.route("list-senders", http.MethodGet, "/v1/senders", "The accounts messages go by, and whether each works"), a.listSenders)
}

// SenderState is one account of the merchant's, as messages find it now.
type SenderState struct {
	Channel    notify.Channel `json:"channel"`
	Name       string         `json:"name,omitempty" doc:"Tells the accounts of one channel apart."`
	Markets    []string       `json:"markets,omitempty" doc:"Whose people it writes to; none: everybody's."`
	Rate       float64        `json:"rate,omitempty" doc:"Messages a second that it may send; none: no limit."`
	Works      bool           `json:"works" doc:"Messages go by it. Otherwise it rests, and is tried by one message at a time."`
	Failures   int            `json:"failures,omitempty" doc:"In a row, that are the account's or its provider's."`
	Since      time.Time      `json:"since,omitzero" doc:"The first of them."`
	RestsUntil time.Time      `json:"rests_until,omitzero"`
	Code       string         `json:"code,omitempty" doc:"The provider's, of the last failure."`
}

// SenderList is all accounts, channel by channel in the order they are tried.
type SenderList struct {
	Body struct {
		Senders []SenderState `json:"senders"`
	}
}

func (a *api) listSenders(ctx context.Context, in *struct{ Key }) (*SenderList, error) {
	t, err := a.tenant(in.Key)
	if err != nil {
		return nil, err
	}
	parked, err := a.Ledger.Parked(ctx, t.ID)
	if err != nil {
		return nil, a.fault("read senders", err)
	}
	var out SenderList
	out.Body.Senders = []SenderState{}
	for _, c := range notify.Channels() {
		for _, s := range t.Senders[c] {
			p := parked[notify.Account{Channel: c, Sender: s.Name}]
			out.Body.Senders = append(out.Body.Senders, SenderState{Channel: c, Name: s.Name, Markets: s.Markets, Rate: s.Rate,
				Works: p.Until.IsZero(), Failures: p.Failures, Since: p.Since, RestsUntil: p.Until, Code: p.Code})
		}
	}
	return &out, nil
}
