package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"landfall/internal/notify"
)

// works shows, when somebody looks, which of the merchants' senders work and which rest.
type works struct{ app *App }

func (works) desc() *prometheus.Desc {
	return prometheus.NewDesc("landfall_sender_works", "1 for a sender that messages go by, 0 for one that rests.", []string{"merchant", "channel", "sender"}, nil)
}

// Describe tells the collector's one metric.
func (w works) Describe(ch chan<- *prometheus.Desc) { ch <- w.desc() }

// Collect reads the ledger. One that does not answer gives no figure rather than a wrong one.
func (w works) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(w.app.stopping, 2*time.Second)
	defer cancel()
	tenants := *w.app.directory.now.Load()
	for _, id := range slices.Sorted(maps.Keys(tenants)) {
		parked, err := w.app.Ledger.Parked(ctx, id)
		if err != nil {
			return
		}
		for c, accounts := range tenants[id].Senders {
			for _, s := range accounts {
				up := 0.0
				if parked[notify.Account{Channel: c, Sender: s.Name}].Until.IsZero() {
					up = 1
				}
				ch <- prometheus.MustNewConstMetric(w.desc(), prometheus.GaugeValue, up, string(id), string(c), s.Name)
			}
		}
	}
}
