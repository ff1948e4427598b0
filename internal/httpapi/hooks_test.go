package httpapi_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
)

// A callback that its sender did not sign is turned away, and leaves a row in refusals and a line in the log, both without
// its body.
func TestHooks_WrongSignature(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	const tracking, form = `{"note":"canary-value"}`, "MessageSid=SM1&From=canary-value&Body=canary-value"
	tests := []struct{ path, header, body string }{
		{"tracking/acme/aftership", "Aftership-Hmac-Sha256", tracking},
		{"tracking/acme/17track", "Sign", tracking},
		{"tracking/acme/easypost", "X-Hmac-Signature", tracking},
		{"twilio/acme/inbound", "X-Twilio-Signature", form},
		{"twilio/acme/status", "X-Twilio-Signature", form},
		{"line/acme", "X-Line-Signature", tracking},
		{"line/stranger", "X-Line-Signature", tracking}, // a merchant without LINE believes nobody
	}
	before := s.rows()
	for i, tt := range tests {
		for _, signature := range []string{"", "canary-value"} {
			a := s.ask(request{method: http.MethodPost, path: "/v1/hooks/" + tt.path, body: tt.body, header: http.Header{tt.header: {signature}}})
			detail := s.problem(a, http.StatusUnauthorized)
			if !strings.Contains(detail, "; ") || strings.Contains(detail, canary) {
				t.Errorf("%s says %q", tt.path, detail)
			}
		}
		if lines := strings.Count(s.log.String(), `msg="callback refused"`); lines != 2*(i+1) {
			t.Errorf("%s: %d lines in the log, want %d", tt.path, lines, 2*(i+1))
		}
	}
	for merchant, want := range map[notify.MerchantID]int{"acme": 12, "stranger": 2} {
		if n, err := s.App.Ledger.Refusals(t.Context(), merchant); err != nil || n != want {
			t.Errorf("%s: %d traces, want %d; %v", merchant, n, want, err)
		}
	}
	after := s.rows()
	before["refusals"] = after["refusals"] // how many rows they share is the ledger's business
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if strings.Contains(s.log.String(), canary) {
		t.Errorf("the log holds a body:\n%s", s.log)
	}
}

func TestHooks_Nowhere(t *testing.T) {
	t.Parallel()
	s := begin(t)
	before := s.rows()
	for path, says := range map[string]string{
		"tracking/nobody/aftership": "the address names the merchant's folder",
		"tracking/acme/ups":         "add it under 'feeds' in merchant.yaml",
		"tracking/stranger/17track": "add it under 'feeds' in merchant.yaml",
		"twilio/nobody/status":      "the address names the merchant's folder",
		"line/nobody":               "the address names the merchant's folder",
	} {
		a := s.ask(request{method: http.MethodPost, path: "/v1/hooks/" + path, body: `{}`})
		if detail := s.problem(a, http.StatusNotFound); !strings.Contains(detail, says) {
			t.Errorf("%s says %q", path, detail)
		}
	}
	if diff := cmp.Diff(before, s.rows()); diff != "" {
		t.Errorf("something was stored (-before +after):\n%s", diff)
	}
}

// A genuine webhook that cannot be read is refused with a trace too; a large one before it is looked at.
func TestHooks_SignedNonsense(t *testing.T) {
	t.Parallel()
	s := begin(t)
	before := s.rows()
	if err := s.Webhook(t.Context(), "aftership", []byte(`{"canary-value`)); err == nil || !strings.Contains(err.Error(), "400") || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
	a := s.ask(request{method: http.MethodPost, path: "/v1/hooks/tracking/acme/aftership", body: strings.Repeat("x", 1<<20)})
	s.problem(a, http.StatusRequestEntityTooLarge)
	before["refusals"] = 1
	if diff := cmp.Diff(before, s.rows()); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// A feed that sends the same webhook again hears that nothing was done.
func TestHooks_RepeatedWebhook(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	payload, err := os.ReadFile("../play/journeys/aftership_de_1_picked_up.json")
	s.must(err)
	s.must(s.Webhook(t.Context(), "aftership", payload))
	before := s.rows()
	s.must(s.Webhook(t.Context(), "aftership", payload))
	after := s.rows()
	if before["events"] == 0 || before["events"] != after["events"] || before["notifications"] != after["notifications"] {
		t.Errorf("before %v, after %v", before, after)
	}
	if metrics := s.ask(request{method: http.MethodGet, path: "/metrics"}).body; !strings.Contains(metrics, `route="POST /v1/hooks/tracking/{merchant}/{feed}"} 2`) {
		t.Errorf("the intake is not counted:\n%s", metrics)
	}
}
