package dispatcher

import (
	"context"
	"time"

	"landfall/internal/notify"
)

// Retried is what became of a dead letter that somebody sent again.
type Retried struct {
	Notification notify.NotificationID `json:"notification"`
	Outcome      string                `json:"outcome" enum:"queued,held,refused,not_dead" doc:"refused: the gates said no; not_dead: there is no such dead letter, or it was sent again a moment ago"`
	Channel      notify.Channel        `json:"channel,omitempty"`
	Reason       notify.Reason         `json:"reason,omitempty"`
	Until        time.Time             `json:"until,omitzero" doc:"When a held one goes."`
}

// The outcomes of a retry.
const (
	RetryQueued  = "queued"
	RetryHeld    = "held"
	RetryRefused = "refused"
	RetryNotDead = "not_dead"
)

// Retry sends a dead letter again: every gate is asked anew, all channels are open once more, and it is worth sending for as long as when
// it was new. One that may have been taken is refused unless doubtful says that a second copy is accepted. by says who asked.
func (d *Dispatcher) Retry(ctx context.Context, m *Merchant, id notify.NotificationID, doubtful bool, by string) (Retried, error) {
	now := d.Now()
	out := Retried{Notification: id, Outcome: RetryNotDead}
	ready, ok, err := d.Ledger.Revive(ctx, m.ID, id, now, func(j notify.Job) notify.Planning {
		p := d.again(j, doubtful, by, now)
		out = retried(p)
		return p
	})
	if err != nil || !ok {
		return Retried{Notification: id, Outcome: RetryNotDead}, err
	}
	_, err = d.handOver(ctx, notify.Intake{Ready: ready}, nil)
	return out, err
}

// again plans a dead letter's next round.
func (d *Dispatcher) again(j notify.Job, doubtful bool, by string, now time.Time) notify.Planning {
	before := j.Notification
	j.Notification.ExpiresAt = now.Add(before.Notice.TTL)
	c, gone := d.choice(j, now)
	c.phase, c.attempts, c.round = notify.AtPlan, 0, j.Delivery.Round+1
	c.remark(notify.Note, notify.SentAgain, nil)
	c.decisions[0].Detail = by
	p := notify.Planning{Notification: j.Notification, Reason: gone}
	switch {
	case gone != "":
		c.remark(notify.Drop, gone, nil)
	case j.Delivery.State == notify.UnknownSt && !doubtful:
		p.Reason = notify.InDoubt
		c.remark(notify.Drop, p.Reason, nil)
	default:
		next, reason := c.pick(c.channels(), nil)
		if p.Reason = reason; next != nil {
			p.Deliveries = []notify.Delivery{*next}
		}
	}
	p.Decisions = c.decisions
	if len(p.Deliveries) == 0 { // it stays as it is
		p.Notification = before
	}
	return p
}

func retried(p notify.Planning) Retried {
	out := Retried{Notification: p.Notification.ID, Outcome: RetryRefused, Reason: p.Reason}
	if len(p.Deliveries) == 0 {
		return out
	}
	one := p.Deliveries[0]
	out.Outcome, out.Channel, out.Reason = RetryQueued, one.Channel, one.Reason
	if one.State == notify.Held {
		out.Outcome, out.Until = RetryHeld, one.Due
	}
	return out
}
