package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/report"
	"landfall/internal/sandbox"
)

func TestDeadLettersAreListedAndSentAgain(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusBadRequest, Code: 21617})
	s.good(request{method: http.MethodPost, path: "/v1/events", key: play.APIKey, body: event("e1", "departed_origin", "2026-12-01T10:00:00Z")}, http.StatusAccepted)
	s.must(s.Work(t.Context()))
	var list struct {
		Notifications []report.Row
		Next          string
	}
	s.read("/v1/dead?channel=whatsapp&reason=PROVIDER_REJECTED&order=A1&person=mei&limit=1", &list)
	if rows := list.Notifications; len(rows) != 2 || rows[0].Reason != "PROVIDER_REJECTED:21617" || rows[1].Channel != notify.InApp || list.Next == "" {
		t.Fatalf("listed %d rows, next %q", len(rows), list.Next)
	}
	id := list.Notifications[0].Notification
	list.Notifications = nil
	s.read("/v1/dead?limit=1&after="+list.Next, &list)
	if len(list.Notifications) != 0 {
		t.Errorf("the second page holds %+v", list.Notifications)
	}
	for name, body := range map[string]string{"neither": `{}`, "both": fmt.Sprintf(`{"ids": [%q], "which": {}}`, id)} {
		if r := s.ask(request{method: http.MethodPost, path: "/v1/dead/retry", key: play.APIKey, body: body}); r.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
	retry := func(key, body string) (out struct {
		Retried []dispatcher.Retried
		More    bool
	}) {
		t.Helper()
		s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodPost, path: "/v1/dead/retry", key: key, body: body}, http.StatusOK)), &out))
		return out
	}
	if got := retry(strangerKey, fmt.Sprintf(`{"ids": [%q]}`, id)); len(got.Retried) != 1 || got.Retried[0].Outcome != dispatcher.RetryNotDead {
		t.Errorf("another merchant: %+v", got)
	}
	if got := retry(strangerKey, `{"which": {}}`); len(got.Retried) != 0 {
		t.Errorf("another merchant, all: %+v", got)
	}
	got := retry(play.APIKey, `{"which": {"channel": "whatsapp"}}`)
	if len(got.Retried) != 1 || got.Retried[0].Outcome != dispatcher.RetryQueued || got.Retried[0].Channel != notify.WhatsApp || got.More {
		t.Fatalf("retried %+v", got)
	}
	s.must(s.Work(t.Context()))
	list.Notifications = nil
	s.read("/v1/dead", &list)
	if n := len(s.Sandbox.Received()); n != 1 || len(list.Notifications) != 0 {
		t.Errorf("%d messages came, still dead: %+v", n, list.Notifications)
	}
}
