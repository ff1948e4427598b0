package app

import (
	"regexp"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// The kinds of metrics.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// Metric is a row of the table of metrics. There is none that has no row; the documentation is made from them.
type Metric struct {
	Name, Kind string
	Labels     []string // each of few values: what somebody wrote, or somebody's id, is none
	Means      string
}

// Metrics lists every metric of Landfall's own.
func Metrics() []Metric {
	return append(messageMetrics(), operationMetrics()...)
}

// messageMetrics are about what becomes of events and messages.
func messageMetrics() []Metric {
	return []Metric{
		{"landfall_events_total", counter, []string{"kind", "result"}, "events that were taken, by [kind](merchants.md): `new` for those stored now, `repeated` for those heard before"},
		{"landfall_delivery_steps_total", counter, []string{"channel", "state", "reason"}, "steps of deliveries: the state each led to, and why ([the tables](architecture.md#states)); what a provider reports later is a step too"},
		{"landfall_dead_letters_total", counter, []string{"channel", "reason"}, "messages that failed with no channel left, by the last one ([dead letters](#dead-letters)); what stays `unknown`, or was answered with an opt-out, is not among them"},
		{"landfall_pickup_seconds", histogram, []string{"channel"}, "from when a delivery was due until a worker took it to send it"},
		{"landfall_provider_call_seconds", histogram, []string{"channel", "call", "result"}, "calls to providers, `send` and `ask`, by what came of them: `accepted`, or a [kind of failure](providers.md)"},
		{"landfall_unlisted_codes_total", counter, []string{"channel", "code"}, "answers of providers with a code that is in no [table](providers.md)"},
		{"landfall_conversation_messages_total", counter, []string{"intent", "outcome"}, "what customers wrote to the assistant: what they want, and what became of it, `answered`, `asked`, `handed_over`, `not_understood`, `attack`, `left_alone`"},
		{"landfall_handoffs_open", gauge, []string{"merchant"}, "conversations that wait for a person of the merchant's; 1000 stands for that many or more"},
		{"landfall_handoff_oldest_seconds", gauge, []string{"merchant"}, "how long the oldest of them has been open; 0 when there is none"},
		{"landfall_desk_calls_total", counter, []string{"result"}, "tries to tell a [desk](desk.md) of a conversation: `reached`, `refused` (the message is passed over), `failed` (tried again), `given_up`"},
		{"landfall_model_questions_total", counter, []string{"result"}, "questions to the language model: `advised`, `unsure`, `invalid` (not of the form that was asked for), `failed`, `capped`, `resting`"},
		{"landfall_pushes_total", counter, []string{"result"}, "tries to tell a browser of a new message: `taken`, `gone` (forgotten since), `put_off` (tried again), `failed` (tried often enough), `refused` (by the push service: if all are, the VAPID keys are wrong)"},
		{"landfall_messages_dropped_total", counter, []string{"channel"}, "messages of customers who wrote more than is [kept of one person](#limits)"},
	}
}

// operationMetrics are about how Landfall itself fares.
func operationMetrics() []Metric {
	return []Metric{
		{"landfall_intake_total", counter, []string{"route", "result"}, "requests with events, callbacks, and returned mails (routes `SMTP` and `IMAP`) by result: `accepted`, `refused`, `failed`, `unknown_merchant`, `unknown_feed`; and of every route the requests that came too often, `too_many`"},
		{"landfall_queue_tasks", gauge, []string{"queue", "state"}, "deliveries with Redis by the channel's queue, `waiting` and `active`; absent while Redis does not answer"},
		{"landfall_deliveries_due", gauge, nil, "deliveries in the ledger that are due, under way or asked about; absent while the ledger does not answer"},
		{"landfall_oldest_due_seconds", gauge, nil, "how long the oldest delivery that is due has been so; 0 when none is"},
		{"landfall_sweep_lag_seconds", histogram, nil, "how late a delivery was when a sweep handed it over; one that is handed over anew, since nobody took it within 30 seconds, is at least as late"},
		{"landfall_last_sweep_timestamp_seconds", gauge, nil, "when a sweep last read the ledger; 0 before the first"},
		{"landfall_ledger_commit_seconds", histogram, []string{"write"}, "how long a write to the ledger took until it was durable, with its wait for the one commit that many share: `accept`, `order`, `person`, `claim`, `record`, `receipt`, `converse`, `due`"},
		{"landfall_sender_works", gauge, []string{"merchant", "channel", "sender"}, "1 for a sender that messages go by, 0 for one that rests"},
		{"landfall_quota_used_ratio", gauge, []string{"merchant", "channel", "sender"}, "share of the LINE sender's monthly quota that is used, 1 for all; looked at every hour, absent where the plan has no limit or LINE does not say. From 0.8 on the log speaks of it"},
		{"landfall_info", gauge, []string{"version"}, "always 1"},
	}
}

// catalogue finds metrics by their names.
type catalogue map[string]Metric

func newCatalogue() catalogue {
	out := catalogue{}
	for _, m := range Metrics() {
		out[m.Name] = m
	}
	return out
}

// help is what a metric means, without the marks of the documentation.
func (m Metric) help() string {
	return strings.ReplaceAll(regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(m.Means, "$1"), "`", "")
}

func (c catalogue) counter(name string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: c[name].help()}, c[name].Labels)
}

func (c catalogue) gauge(name string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: c[name].help()}, c[name].Labels)
}

func (c catalogue) histogram(name string, buckets ...float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: c[name].help(), Buckets: buckets}, c[name].Labels)
}

// desc describes a metric that is read when somebody looks.
func (c catalogue) desc(name string) *prometheus.Desc {
	return prometheus.NewDesc(name, c[name].help(), c[name].Labels, nil)
}
