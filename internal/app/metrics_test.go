package app

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
)

// registered lists what a process shows, by name, with its labels.
func registered(m *metrics) map[string]string {
	m.watch(&App{})
	described := make(chan *prometheus.Desc)
	go func() {
		m.registry.Describe(described)
		close(described)
	}()
	out := map[string]string{}
	for d := range described {
		_, name, _ := strings.Cut(d.String(), `fqName: "`)
		name, rest, _ := strings.Cut(name, `"`)
		_, labels, _ := strings.Cut(rest, "variableLabels: {")
		labels, _, _ = strings.Cut(labels, "}")
		if strings.HasPrefix(name, "landfall_") {
			out[name] = labels
		}
	}
	return out
}

func TestEveryMetricHasItsRow(t *testing.T) {
	t.Parallel()
	rows := map[string]string{}
	for _, m := range Metrics() {
		rows[m.Name] = strings.Join(m.Labels, ",")
		if m.help() == "" || strings.ContainsAny(m.help(), "`[]") {
			t.Errorf("%s: help is %q", m.Name, m.help())
		}
	}
	if got := registered(newMetrics("1")); !maps.Equal(got, rows) {
		t.Errorf("registered %v\nthe table has %v", got, rows)
	}
}

// A label that is a person, an address, an order or a text would make a series for each, and show it to whoever may read metrics.
func TestLabelsAreOfFewValues(t *testing.T) {
	t.Parallel()
	few := []string{"kind", "result", "channel", "state", "reason", "call", "code", "intent", "outcome", "merchant", "sender", "route", "queue", "write", "version"}
	for _, m := range Metrics() {
		for _, l := range m.Labels {
			if !slices.Contains(few, l) {
				t.Errorf("%s: label %s; say here why it has few values", m.Name, l)
			}
		}
	}
}

// shown is the value of a metric with the given labels, or how many values a histogram has seen.
func shown(t *testing.T, m *metrics, name string, labels ...string) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			var has []string
			for _, l := range one.GetLabel() {
				has = append(has, l.GetValue())
			}
			if f.GetName() == name && slices.Equal(has, labels) {
				return one.GetCounter().GetValue() + one.GetGauge().GetValue() + float64(one.GetHistogram().GetSampleCount())
			}
		}
	}
	return 0
}

func TestCallsAreTimedByWhatCameOfThem(t *testing.T) {
	t.Parallel()
	a := &App{metrics: newMetrics("1")}
	for _, err := range []error{nil, &channels.Error{Kind: channels.Throttled, Code: "429"}, errors.New("mei@example.com")} {
		_, ended := a.call(t.Context(), dispatcher.Call{Delivery: notify.Delivery{Channel: notify.SMS}})
		ended(err)
	}
	_, ended := a.call(t.Context(), dispatcher.Call{Delivery: notify.Delivery{Channel: notify.SMS}, Asks: true})
	ended(nil)
	for _, labels := range [][]string{{"send", "sms", "accepted"}, {"send", "sms", "throttled"}, {"send", "sms", "ambiguous"}, {"ask", "sms", "accepted"}} {
		if n := shown(t, a.metrics, "landfall_provider_call_seconds", labels...); n != 1 {
			t.Errorf("%v: %v calls", labels, n)
		}
	}
}

func TestDesksAndDeadLettersAreCounted(t *testing.T) {
	t.Parallel()
	m, now := newMetrics("1"), time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	book := timed{ledgertest.New(t), m, func() time.Time { return now }}
	_, done := book.DeskDone(t.Context(), notify.DeskItem{}, now, notify.DeskPlace{})
	_, refused := book.DeskRefused(t.Context(), notify.DeskItem{}, now)
	_, failed := book.DeskFailed(t.Context(), notify.DeskItem{}, now, now.Add(time.Minute))
	_, givenUp := book.DeskFailed(t.Context(), notify.DeskItem{}, now, time.Time{})
	if err := errors.Join(done, refused, failed, givenUp); err != nil {
		t.Fatal(err)
	}
	m.died(notify.Delivery{Channel: notify.SMS, Reason: notify.ProviderRejected.With("21211")})
	for _, result := range []string{"reached", "refused", "failed", "given_up"} {
		if n := shown(t, m, "landfall_desk_calls_total", result); n != 1 {
			t.Errorf("%s: %v", result, n)
		}
	}
	if n := shown(t, m, "landfall_dead_letters_total", "sms", "PROVIDER_REJECTED"); n != 1 {
		t.Errorf("%v dead letters", n)
	}
	if n := shown(t, m, "landfall_last_sweep_timestamp_seconds"); n != 0 {
		t.Errorf("swept at %v", n)
	}
	if _, err := book.Due(t.Context(), now, now, 1); err != nil || shown(t, m, "landfall_last_sweep_timestamp_seconds") != float64(now.Unix()) {
		t.Errorf("the sweep is not noted: %v", err)
	}
}
