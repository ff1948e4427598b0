package dispatcher

import (
	"context"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

// Receipt writes down what a provider said later about a message it took. A failure is treated as one at the call would have
// been: most of WhatsApp's and of SMS come minutes after the provider's yes. why says why, and may be nil.
func (d *Dispatcher) Receipt(ctx context.Context, m notify.MerchantID, r notify.Receipt, why *channels.Error) error {
	now := d.Now()
	var job notify.Job
	out, err := d.Ledger.AddReceipt(ctx, m, r, now, func(j notify.Job) notify.Outcome {
		job = j
		return d.reported(j, r, why, now)
	})
	if err != nil || out == nil {
		return err
	}
	d.observe(ctx, job, *out)
	return d.follow(ctx, out.Next)
}

// reported is what a receipt means for its delivery.
func (d *Dispatcher) reported(j notify.Job, r notify.Receipt, why *channels.Error, now time.Time) notify.Outcome {
	c, gone := d.choice(j, now)
	c.phase = notify.AfterSend
	out := notify.Outcome{Delivery: j.Delivery.ID, StartedAt: now, EndedAt: now, State: r.State, Reason: said(r), Code: r.Code,
		Alive: r.State == notify.Arrived || r.State == notify.Read}
	c.remark(notify.Note, out.Reason, &j.Delivery)
	if r.Code != "" {
		c.decisions[len(c.decisions)-1].Detail = "provider code " + r.Code
	}
	if r.State == notify.Failed && gone == "" && why != nil {
		d.settle(c, j, why, &out)
		if out.State == notify.Failed && out.Consent == nil { // a no of the person's own says more than that it failed
			out.Reason = said(r)
		}
	}
	out.Decisions = c.decisions
	return out
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
