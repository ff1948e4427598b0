package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"landfall/internal/queue"
)

// glance is how long reading a figure may take.
const glance = 2 * time.Second

func figure(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

// depth shows what is with the queue.
type depth struct {
	queue *queue.Queue
	tasks *prometheus.Desc
}

// Describe tells the collector's one metric.
func (d depth) Describe(ch chan<- *prometheus.Desc) { ch <- d.tasks }

// Collect reads the queue. A Redis that does not answer gives no figure rather than a wrong one.
func (d depth) Collect(ch chan<- prometheus.Metric) {
	depths, err := d.queue.Depths()
	if err != nil {
		return
	}
	for _, q := range depths {
		ch <- figure(d.tasks, float64(q.Waiting), q.Queue, "waiting")
		ch <- figure(d.tasks, float64(q.Active), q.Queue, "active")
	}
}

// due shows what the ledger waits to have done.
type due struct {
	app           *App
	count, oldest *prometheus.Desc
}

// Describe tells the collector's metrics.
func (d due) Describe(ch chan<- *prometheus.Desc) { ch <- d.count; ch <- d.oldest }

// Collect reads the ledger. One that does not answer gives no figure rather than a wrong one.
func (d due) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(d.app.stopping, glance)
	defer cancel()
	now := d.app.Now()
	n, err := d.app.Ledger.Busy(ctx, now)
	if err != nil {
		return
	}
	ch <- figure(d.count, float64(n))
	first, err := d.app.Ledger.NextDue(ctx, time.Time{})
	if err != nil {
		return
	}
	age := time.Duration(0)
	if !first.IsZero() {
		age = max(now.Sub(first), 0)
	}
	ch <- figure(d.oldest, age.Seconds())
}

// handoffs shows how many customers wait for a person, and how long.
type handoffs struct {
	app          *App
	open, oldest *prometheus.Desc
}

// Describe tells the collector's metrics.
func (h handoffs) Describe(ch chan<- *prometheus.Desc) { ch <- h.open; ch <- h.oldest }

// most bounds what is read to count handoffs.
const most = 1000

// Collect reads the ledger.
func (h handoffs) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(h.app.stopping, glance)
	defer cancel()
	for _, m := range slices.Sorted(maps.Keys(*h.app.directory.now.Load())) {
		open, err := h.app.Ledger.Handoffs(ctx, m, most)
		if err != nil {
			return
		}
		age := time.Duration(0)
		if len(open) > 0 {
			age = max(h.app.Now().Sub(open[0].CreatedAt), 0)
		}
		ch <- figure(h.open, float64(len(open)), string(m))
		ch <- figure(h.oldest, age.Seconds(), string(m))
	}
}
