package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/report"
)

func (s *stage) post(path, body string, status int) string {
	s.t.Helper()
	return strings.TrimSpace(s.good(request{method: http.MethodPost, path: path, body: body, key: play.APIKey}, status))
}

func TestEvents_RepeatedIDIsANoOpThatSaysSo(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	first, second := event("e1", "picked_up", "2026-12-01T09:00:00Z"), event("e2", "departed_origin", "2026-12-01T09:30:00Z")
	if got := s.post("/v1/events", first, http.StatusAccepted); got != `{"accepted":1}` {
		t.Errorf("the first time: %s", got)
	}
	before := s.rows()
	if got := s.post("/v1/events", first, http.StatusAccepted); got != `{"accepted":0,"repeated":["api:e1"]}` {
		t.Errorf("the second time: %s", got)
	}
	if before["events"] != 1 || s.rows()["events"] != 1 {
		t.Errorf("before %v, after %v", before, s.rows())
	}
	if got := s.post("/v1/events", "["+first+","+second+"]", http.StatusAccepted); got != `{"accepted":1,"repeated":["api:e1"]}` {
		t.Errorf("both: %s", got)
	}
}

func TestUpserts(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	before := s.rows()
	s.put("people/mei", `{"name":"Mei","market":"DE","locale":"fr","in_app":true}`)
	s.put("orders/A1", `{"person":"mei","items":[{"title":"Manteau"}],"parcels":[{"carrier":"dhl","number":"0034"}]}`)
	after := s.rows()
	for _, table := range []string{"people", "orders", "labels"} {
		if after[table] != before[table] {
			t.Errorf("%s: %d rows became %d", table, before[table], after[table])
		}
	}
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.must(s.Work(t.Context()))
	rows, err := s.Rows(t.Context())
	s.must(err)
	if len(rows) == 0 || rows[0].Locale != "fr" || !strings.Contains(rows[0].Text, "Manteau") {
		t.Errorf("the newer person and order are not used: %+v", rows)
	}
}

func TestConsents_AppendAndList(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	withdrawn := `[{"id":"c2","channel":"whatsapp","purpose":"order_status","action":"withdrawn","occurred_at":"2026-11-20T10:00:00Z","method":"form",
		"source":"https://acme.example/privacy","text":"No more."}]`
	s.post("/v1/people/mei/consents", withdrawn, http.StatusOK)
	s.post("/v1/people/mei/consents", withdrawn, http.StatusOK) // sent again, it is still one act
	s.post("/v1/people/mei/consents", strings.ReplaceAll(withdrawn, "withdrawn", "granted"), http.StatusConflict)
	var got struct{ Consents []notify.ConsentEvent }
	s.read("/v1/people/mei/consents", &got)
	var acts []string
	for _, c := range got.Consents {
		acts = append(acts, c.ID+" "+string(c.Action)+" "+c.Method+" "+c.Actor)
		if c.ReceivedAt.IsZero() {
			t.Errorf("%s does not say when it was received", c.ID)
		}
	}
	if diff := cmp.Diff([]string{"c1 granted checkbox merchant", "c2 withdrawn form merchant"}, acts); diff != "" {
		t.Errorf("consents (-want +got):\n%s", diff)
	}
	if c := got.Consents[1]; c.Source != "https://acme.example/privacy" || c.Text != "No more." {
		t.Errorf("the proof is lost: %+v", c)
	}
}

// Late in the evening a parcel departs; the timeline tells everything until the provider's receipt the next morning.
func TestTimeline_TellsAllInOrderOfTime(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.until("2026-12-01T21:15:00Z")
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T20:00:00Z"), http.StatusAccepted)
	s.until("2026-12-02T07:10:00Z")
	var got struct{ Entries []report.Entry }
	s.read("/v1/orders/A1/timeline", &got)
	for i := 1; i < len(got.Entries); i++ {
		if got.Entries[i].At.Before(got.Entries[i-1].At) {
			t.Errorf("entry %d is older than the one before it", i)
		}
	}
	steps := []struct {
		what string
		is   func(report.Entry) bool
	}{
		{"the scan", func(e report.Entry) bool { return e.What == "scan" && e.Event == "api:e1" && !e.Happened.IsZero() }},
		{"rule and verdict", func(e report.Entry) bool { return e.What == "verdict" && e.Rule == "departed" && e.Why != "" }},
		{"the hold", func(e report.Entry) bool {
			return e.Verdict == notify.Hold && e.Until.Equal(instant(t, "2026-12-02T07:00:00Z")) && e.Reason == notify.QuietCourtesy
		}},
		{"the words", func(e report.Entry) bool {
			return e.What == "sent" && e.Channel == notify.WhatsApp && strings.Contains(e.Text, "Wollmantel")
		}},
		{"the receipt", func(e report.Entry) bool {
			return e.What == "receipt" && e.Channel == notify.WhatsApp && e.Reason == notify.SaidRead
		}},
	}
	at := 0
	for _, step := range steps {
		for at < len(got.Entries) && !step.is(got.Entries[at]) {
			at++
		}
		if at == len(got.Entries) {
			b, _ := json.MarshalIndent(got.Entries, "", " ")
			t.Fatalf("%s is missing, or not after what comes before it, in:\n%s", step.what, b)
		}
	}
}

func TestNotifications_ListAndDetail(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.must(s.Work(t.Context()))
	type list struct{ Notifications []report.Row }
	var all, detail, none list
	s.read("/v1/notifications?person=mei&order=A1", &all)
	s.read("/v1/notifications/"+string(all.Notifications[0].Notification), &detail)
	if diff := cmp.Diff(all, detail); diff != "" || len(all.Notifications) != 2 {
		t.Errorf("list and detail differ, or are not WhatsApp and inbox (-list +detail):\n%s", diff)
	}
	for _, r := range detail.Notifications {
		if r.Outcome != "sent" || len(r.Decisions) == 0 || r.Text == "" || r.Rule != "departed" || r.Channel == notify.WhatsApp && r.ProviderID == "" {
			t.Errorf("it lacks something: %+v", r)
		}
	}
	s.read("/v1/notifications?before=2026-12-01T09:00:00Z", &none)
	if len(none.Notifications) != 0 {
		t.Errorf("before anything happened there is %+v", none)
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	s := beginOn(t, "redis://"+redis.Addr())
	get := func(path string) answer { return s.ask(request{method: http.MethodGet, path: path}) }
	for path, want := range map[string]string{"/healthz": `{"status":"alive"}`, "/readyz": `{"status":"ready"}`} {
		if a := get(path); a.status != http.StatusOK || strings.TrimSpace(a.body) != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	redis.SetError("LOADING Redis is loading the dataset in memory")
	if detail := s.problem(get("/readyz"), http.StatusServiceUnavailable); !strings.Contains(detail, "redis does not answer; check LANDFALL_REDIS") {
		t.Errorf("without Redis it says %q", detail)
	}
	if a := get("/healthz"); a.status != http.StatusOK {
		t.Errorf("without Redis it is not alive: %d", a.status)
	}
	redis.SetError("")
	if a := get("/readyz"); a.status != http.StatusOK {
		t.Errorf("with Redis again: %d %s", a.status, a.body)
	}
}

// shown is what the metrics say after an event that was sent twice, and one that nobody understands.
func shown() []string {
	return []string{
		`landfall_info{version="1.2.3"} 1`,
		`landfall_intake_total{result="accepted",route="POST /v1/events"} 2`,
		`landfall_events_total{kind="departed_origin",result="new"} 1`,
		`landfall_events_total{kind="departed_origin",result="repeated"} 1`,
		`landfall_pickup_seconds_count{channel="whatsapp"} 1`,
		`landfall_provider_call_seconds_count{call="send",channel="whatsapp",result="accepted"} 1`,
		`landfall_ledger_commit_seconds_count{write="accept"} 2`,
		`landfall_ledger_commit_seconds_count{write="order"} 1`,
		`landfall_ledger_commit_seconds_count{write="claim"}`,
		`landfall_ledger_commit_seconds_count{write="record"}`,
		`landfall_ledger_commit_seconds_count{write="receipt"}`,
		`landfall_ledger_commit_seconds_count{write="due"}`,
		`landfall_deliveries_due 0`,
		`landfall_oldest_due_seconds 0`,
		`landfall_last_sweep_timestamp_seconds 1.7`,
		`landfall_sweep_lag_seconds_count`,
		`landfall_handoffs_open{merchant="acme"} 0`,
		`landfall_handoff_oldest_seconds{merchant="acme"} 0`,
		`landfall_delivery_steps_total{channel="whatsapp",reason="DELIVERED",state="delivered"} 1`,
		`landfall_intake_total{result="refused",route="POST /v1/events"} 1`,
		`landfall_queue_tasks{queue="whatsapp",state="waiting"}`,
		"go_goroutines",
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.post("/v1/events", `{}`, http.StatusBadRequest)
	s.must(s.Work(t.Context()))
	text := s.ask(request{method: http.MethodGet, path: "/metrics"}).body
	for _, want := range shown() {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, personal := range []string{"mei", "4915112345678", "Wollmantel"} {
		if strings.Contains(text, personal) {
			t.Errorf("the metrics hold %s", personal)
		}
	}
}

func (s *stage) until(at string) {
	s.t.Helper()
	s.must(s.Until(s.t.Context(), instant(s.t, at)))
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
