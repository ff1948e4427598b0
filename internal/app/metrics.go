package app

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"landfall/internal/inbox"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// metrics are one process's own: no global registry, so that tests can run many.
type metrics struct {
	registry *prometheus.Registry

	events, deliveries, dead, intakes, unlisted, heard, desk, advice, pushes, crowded *prometheus.CounterVec
	pickup, calls, commits, lag                                                       *prometheus.HistogramVec
	quota, swept                                                                      *prometheus.GaugeVec
}

func newMetrics(version string) *metrics {
	c := newCatalogue()
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		events:     c.counter("landfall_events_total"),
		deliveries: c.counter("landfall_delivery_steps_total"),
		dead:       c.counter("landfall_dead_letters_total"),
		intakes:    c.counter("landfall_intake_total"),
		unlisted:   c.counter("landfall_unlisted_codes_total"),
		heard:      c.counter("landfall_conversation_messages_total"),
		desk:       c.counter("landfall_desk_calls_total"),
		advice:     c.counter("landfall_model_questions_total"),
		pushes:     c.counter("landfall_pushes_total"),
		crowded:    c.counter("landfall_messages_dropped_total"),
		pickup:     c.histogram("landfall_pickup_seconds", .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
		calls:      c.histogram("landfall_provider_call_seconds", .05, .1, .25, .5, 1, 2.5, 5, 10, 30),
		commits:    c.histogram("landfall_ledger_commit_seconds", .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5),
		lag:        c.histogram("landfall_sweep_lag_seconds", .1, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
		quota:      c.gauge("landfall_quota_used_ratio"),
		swept:      c.gauge("landfall_last_sweep_timestamp_seconds"),
	}
	info := c.gauge("landfall_info")
	info.WithLabelValues(version).Set(1)
	m.swept.WithLabelValues() // these two are there before the first sweep: that there is none is what an alert looks for
	m.lag.WithLabelValues()
	m.registry.MustRegister(m.events, m.deliveries, m.dead, m.intakes, m.unlisted, m.heard, m.desk, m.advice, m.pushes, m.crowded, m.pickup, m.calls, m.commits, m.lag, m.quota, m.swept, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// delivery counts a step. What a worker has just taken to send tells how long it had waited for one.
func (m *metrics) delivery(d notify.Delivery) {
	m.deliveries.WithLabelValues(string(d.Channel), string(d.State), string(d.Reason.Code())).Inc()
	if d.State == notify.Sending {
		m.pickup.WithLabelValues(string(d.Channel)).Observe(max(d.UpdatedAt.Sub(d.Due), 0).Seconds())
	}
}

func (m *metrics) died(d notify.Delivery) {
	m.dead.WithLabelValues(string(d.Channel), string(d.Reason.Code())).Inc()
}

// accepted counts events that are durable now.
func (m *metrics) accepted(events []parcel.Event, repeated []parcel.EventID) {
	again := map[parcel.EventID]bool{}
	for _, id := range repeated {
		again[id] = true
	}
	for _, e := range events {
		result := "new"
		if again[e.ID] {
			result = "repeated"
		}
		m.events.WithLabelValues(string(e.Kind), result).Inc()
	}
}

func (m *metrics) called(c notify.Channel, call, result string, took time.Duration) {
	m.calls.WithLabelValues(string(c), call, result).Observe(took.Seconds())
}

func (m *metrics) intake(route, result string) { m.intakes.WithLabelValues(route, result).Inc() }

func (m *metrics) unknown(c notify.Channel, code string) {
	m.unlisted.WithLabelValues(string(c), code).Inc()
}

func (m *metrics) answered(h notify.Heard) {
	m.heard.WithLabelValues(h.Intent, string(h.Outcome)).Inc()
}

func (m *metrics) asked(result string)     { m.advice.WithLabelValues(result).Inc() }
func (m *metrics) push(r inbox.PushResult) { m.pushes.WithLabelValues(string(r)).Inc() }

func (m *metrics) dropped(c notify.Channel) { m.crowded.WithLabelValues(string(c)).Inc() }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// watch adds what is read when somebody looks: the queue's depth, the senders, what is due, and who waits for a person.
func (m *metrics) watch(a *App) {
	c := newCatalogue()
	m.registry.MustRegister(depth{a.queue, c.desc("landfall_queue_tasks")}, works{a, c.desc("landfall_sender_works")},
		due{a, c.desc("landfall_deliveries_due"), c.desc("landfall_oldest_due_seconds")},
		handoffs{a, c.desc("landfall_handoffs_open"), c.desc("landfall_handoff_oldest_seconds")})
}
