package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"landfall/internal/httpapi"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/sandbox"
)

// Whose credentials are refused rests, and is shown so, to the merchant alone; the metrics say the same.
func TestSenders(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	works := func() map[notify.Channel]httpapi.SenderState {
		var out struct{ Senders []httpapi.SenderState }
		s.read("/v1/senders", &out)
		by := map[notify.Channel]httpapi.SenderState{}
		for _, one := range out.Senders {
			by[one.Channel] = one
		}
		return by
	}
	for c, one := range works() {
		if !one.Works || one.Failures != 0 || one.Code != "" {
			t.Errorf("%s does not work before anything was sent: %+v", c, one)
		}
	}
	s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusUnauthorized})
	s.good(request{method: http.MethodPost, path: "/v1/events", key: play.APIKey, body: event("e1", "departed_origin", "2026-12-01T09:59:00Z")}, http.StatusAccepted)
	s.must(s.Settle(t.Context()))
	got := works()
	if w := got[notify.WhatsApp]; w.Works || w.Failures != 1 || w.Since.IsZero() || !w.RestsUntil.After(w.Since) || w.Code == "" {
		t.Errorf("whatsapp = %+v, want it to rest", w)
	}
	if !got[notify.SMS].Works || len(got) != len(notify.Channels()) {
		t.Errorf("the others = %+v", got)
	}
	metrics := s.good(request{method: http.MethodGet, path: "/metrics"}, http.StatusOK)
	for _, line := range []string{`landfall_sender_works{channel="whatsapp",merchant="acme",sender=""} 0`, `landfall_sender_works{channel="sms",merchant="acme",sender=""} 1`} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if other := s.good(request{method: http.MethodGet, path: "/v1/senders", key: strangerKey}, http.StatusOK); strings.Contains(other, "whatsapp") {
		t.Errorf("another merchant sees %s", other)
	}
}
