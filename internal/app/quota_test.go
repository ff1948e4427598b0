package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/httpapi"
	"landfall/internal/notify"
)

// metered is an account of which so much is used.
type metered struct {
	channels.Sender
	used   float64
	capped bool
	err    error
}

func (m metered) Quota(context.Context) (float64, bool, error) { return m.used, m.capped, m.err }

// shares are the used shares that the metrics show.
func shares(t *testing.T, m *metrics) []float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, f := range families {
		if f.GetName() != "landfall_quota_used_ratio" {
			continue
		}
		for _, one := range f.GetMetric() {
			out = append(out, one.GetGauge().GetValue())
		}
	}
	return out
}

func TestLookAtQuotas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account metered
		shown   []float64
		said    string // "" for nothing
	}{
		"little used":  {metered{used: 0.79, capped: true}, []float64{0.79}, ""},
		"nearly all":   {metered{used: 0.8, capped: true}, []float64{0.8}, "nearly used up"},
		"no limit":     {metered{}, nil, ""},
		"does not say": {metered{err: errors.New("no")}, nil, "not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			a := &App{Options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, metrics: newMetrics("1"), directory: &directory{}}
			shop := &dispatcher.Merchant{ID: "acme", Senders: dispatcher.Senders{notify.LINE: {{Sender: c.account, Name: "tokyo"}}}}
			a.directory.now.Store(&map[notify.MerchantID]*httpapi.Tenant{"acme": {Merchant: shop}})
			a.lookAtQuotas(t.Context())
			if got := shares(t, a.metrics); !slices.Equal(got, c.shown) {
				t.Errorf("shown is %v, want %v", got, c.shown)
			}
			if said := log.String(); (said == "") != (c.said == "") || !strings.Contains(said, c.said) {
				t.Errorf("the log says %q, want %q", said, c.said)
			}
		})
	}
}
