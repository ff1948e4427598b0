package app

import (
	"context"
	"time"

	"landfall/dispatcher"
	"landfall/internal/notify"
)

const (
	// firstQuota is how long after the start the senders' quotas are looked at first, and quotaPause how often from then on.
	firstQuota = time.Minute
	quotaPause = time.Hour
	// quotaWarning is the share of a quota from which on the log speaks of it.
	quotaWarning = 0.8
)

// limited is a sender whose provider takes so many messages a month.
type limited interface {
	Quota(ctx context.Context) (used float64, limited bool, err error)
}

// quotas looks every hour at how much of their monthly quotas the LINE senders have used.
func (a *App) quotas(ctx context.Context) {
	next := time.NewTimer(firstQuota)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			a.lookAtQuotas(ctx)
			next.Reset(quotaPause)
		}
	}
}

// lookAtQuotas measures anew: a sender that is gone, or cannot be asked, shows no share.
func (a *App) lookAtQuotas(ctx context.Context) {
	a.metrics.quota.Reset()
	for id, t := range *a.directory.now.Load() {
		for _, s := range t.Senders[notify.LINE] {
			a.lookAtQuota(ctx, id, s)
		}
	}
}

func (a *App) lookAtQuota(ctx context.Context, m notify.MerchantID, s dispatcher.Sender) {
	l, ok := s.Sender.(limited)
	if !ok {
		return
	}
	used, capped, err := l.Quota(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		a.Log.Warn("a sender's monthly quota is not known; it is asked for again in an hour", "merchant", m, "channel", notify.LINE, "sender", s.Name, "error", err)
	case err != nil || !capped:
		return
	default:
		a.metrics.quota.WithLabelValues(string(m), string(notify.LINE), s.Name).Set(used)
	}
	if used >= quotaWarning {
		a.Log.Warn("a sender's monthly quota is nearly used up; raise its plan", "merchant", m, "channel", notify.LINE, "sender", s.Name, "used", used)
	}
}
