// Package inbound applies what providers tell us of their own accord: receipts, replies, opt-ins and opt-outs. The channels
// verify and parse; this package decides whom it concerns and writes it down. It sends nothing.
package inbound

import (
	"context"
	"fmt"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/policy"
)

// Ledger is where signals are written.
type Ledger interface {
	AddReceipt(ctx context.Context, m notify.MerchantID, r notify.Receipt, d notify.Decision) (notify.State, error)
	PeopleAt(ctx context.Context, m notify.MerchantID, a notify.Address) ([]notify.PersonID, error)
	AddReply(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, id, body string, at time.Time) (bool, error)
}

// Inbound applies signals. All fields are required.
type Inbound struct {
	Ledger Ledger
	// Act records what whoever is behind an address did there, and has a STOP confirmed unless answered is set.
	Act func(ctx context.Context, m notify.MerchantID, a notify.Address, e notify.ConsentEvent, answered bool) error
	Now func() time.Time
}

// Apply writes down what a provider told us. A reply of nobody we know is dropped: it creates no one. An act of consent
// is kept under its address all the same: the STOP holds for whoever is reached there, now or later. Applying the same
// signal twice changes nothing.
func (in Inbound) Apply(ctx context.Context, m notify.MerchantID, signals []channels.Signal) error {
	for _, s := range signals {
		if err := in.apply(ctx, m, s); err != nil {
			return fmt.Errorf("apply signal: %w", err)
		}
	}
	return nil
}

func (in Inbound) apply(ctx context.Context, m notify.MerchantID, s channels.Signal) error {
	switch {
	case s.Receipt != nil:
		return in.receipt(ctx, m, *s.Receipt)
	case s.Consent != nil:
		return in.consent(ctx, m, s.From, *s.Consent, s.Answered)
	case s.Reply != nil:
		return in.reply(ctx, m, s.From, *s.Reply)
	}
	return nil
}

func (in Inbound) receipt(ctx context.Context, m notify.MerchantID, r notify.Receipt) error {
	d := notify.Decision{At: in.Now(), Phase: notify.AfterSend, Verdict: notify.Note, Reason: said(r)}
	if r.Code != "" {
		d.Detail = "provider code " + r.Code
	}
	_, err := in.Ledger.AddReceipt(ctx, m, r, d)
	return err
}

func said(r notify.Receipt) notify.Reason {
	switch r.State {
	case notify.Arrived:
		return notify.SaidDelivered
	case notify.Read:
		return notify.SaidRead
	case notify.Failed:
		return notify.SaidFailed.With(r.Code)
	}
	return notify.WasSent
}

// consent records an act of whoever is behind an address.
func (in Inbound) consent(ctx context.Context, m notify.MerchantID, from notify.Address, e notify.ConsentEvent, answered bool) error {
	e.Channel, e.ReceivedAt = from.Channel, in.Now()
	return in.Act(ctx, m, from, e, answered)
}

// reply keeps what somebody wrote; a message that is nothing but STOP or START is an act of consent too, and holds for
// that channel and every purpose.
func (in Inbound) reply(ctx context.Context, m notify.MerchantID, from notify.Address, r channels.Reply) error {
	people, err := in.Ledger.PeopleAt(ctx, m, from)
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, err := in.Ledger.AddReply(ctx, m, p, from.Channel, r.ID+":"+string(p), r.Text, r.At); err != nil {
			return err
		}
	}
	act := notify.ConsentEvent{ID: "reply:" + r.ID, OccurredAt: r.At, Actor: "subject", Source: r.ID}
	switch {
	case r.Handled: // the provider's own reading of it comes as a signal of its own
		return nil
	case policy.StopWord(r.Text):
		act.Action, act.Method = notify.Withdrawn, policy.MethodStop
	case policy.StartWord(r.Text):
		act.Action, act.Method, act.Purpose = notify.Granted, "start_keyword", notify.OrderStatus
	default:
		return nil
	}
	return in.consent(ctx, m, from, act, false)
}
