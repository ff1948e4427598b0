package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"landfall/internal/inbox"
	"landfall/internal/notify"
	"landfall/internal/queue"
)

// metrics are one process's own: no global registry, so that tests can run many.
type metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.CounterVec
	intakes    *prometheus.CounterVec
	unlisted   *prometheus.CounterVec
	quota      *prometheus.GaugeVec
	heard      *prometheus.CounterVec
	advice     *prometheus.CounterVec
	pushes     *prometheus.CounterVec
	crowded    *prometheus.CounterVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "landfall_delivery_steps_total", Help: "Steps of deliveries by channel, the state they led to, and the reason.",
		}, []string{"channel", "state", "reason"}),
		intakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "landfall_intake_total", Help: "Events and callbacks taken or refused, by route.",
		}, []string{"route", "result"}),
	}
	m.unlisted = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "landfall_unlisted_codes_total", Help: "Answers of providers with a code that Landfall does not know.",
	}, []string{"channel", "code"})
	m.quota = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "landfall_quota_used_ratio", Help: "Share of a sender's monthly quota that is used.",
	}, []string{"merchant", "channel", "sender"})
	m.heard = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "landfall_conversation_messages_total", Help: "Messages of customers by what they want and what became of them.",
	}, []string{"intent", "outcome"})
	m.advice = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "landfall_model_questions_total", Help: "Questions to the language model by what came of them.",
	}, []string{"result"})
	m.pushes = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "landfall_pushes_total", Help: "Tries to tell a browser of a new message in the inbox, by what came of them.",
	}, []string{"result"})
	m.crowded = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "landfall_messages_dropped_total", Help: "Messages of customers who wrote more than are kept of one person, by channel.",
	}, []string{"channel"})
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "landfall_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	m.registry.MustRegister(m.deliveries, m.intakes, m.unlisted, m.quota, m.heard, m.advice, m.pushes, m.crowded, info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) delivery(d notify.Delivery) {
	m.deliveries.WithLabelValues(string(d.Channel), string(d.State), string(d.Reason.Code())).Inc()
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

// watch adds the queue's depth and the senders, read when somebody looks.
func (m *metrics) watch(q *queue.Queue, w works) { m.registry.MustRegister(depth{q}, w) }

type depth struct{ queue *queue.Queue }

func (depth) desc() *prometheus.Desc {
	return prometheus.NewDesc("landfall_queue_tasks", "Deliveries with the queue, by channel and what they are doing there.", []string{"queue", "state"}, nil)
}

// Describe tells the collector's one metric.
func (d depth) Describe(ch chan<- *prometheus.Desc) { ch <- d.desc() }

// Collect reads the queue. A Redis that does not answer gives no figure rather than a wrong one.
func (d depth) Collect(ch chan<- prometheus.Metric) {
	depths, err := d.queue.Depths()
	if err != nil {
		return
	}
	for _, q := range depths {
		ch <- prometheus.MustNewConstMetric(d.desc(), prometheus.GaugeValue, float64(q.Waiting), q.Queue, "waiting")
		ch <- prometheus.MustNewConstMetric(d.desc(), prometheus.GaugeValue, float64(q.Active), q.Queue, "active")
	}
}
