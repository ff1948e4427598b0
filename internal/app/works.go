package app

import (
	"context"
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"landfall/internal/notify"
)

// works shows, when somebody looks, which of the merchants' senders work and which rest.
type works struct {
	app *App
	up  *prometheus.Desc
}

// Describe tells the collector's one metric.
func (w works) Describe(ch chan<- *prometheus.Desc) { ch <- w.up }

// Collect reads the ledger. One that does not answer gives no figure rather than a wrong one.
func (w works) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(w.app.stopping, glance)
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
				ch <- figure(w.up, up, string(id), string(c), s.Name)
			}
		}
	}
}
