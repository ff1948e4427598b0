package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"landfall/internal/play"
	"landfall/internal/queue"
	"landfall/internal/queue/redistest"
)

// A Redis that is full answers and takes nothing: an event is accepted all the same, the process says that it is not ready, and when there
// is room the message goes.
func TestFullRedis(t *testing.T) {
	t.Parallel()
	if there, err := redistest.Available(); err != nil {
		t.Fatal(err)
	} else if !there {
		return
	}
	port := freePort(t)
	startServer(t, port)
	url := "redis://127.0.0.1:" + port
	client, stop, err := queue.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stop() }()
	ctx := t.Context()
	w, err := play.New(ctx, play.Options{Dir: t.TempDir(), Start: time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), Redis: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Put(ctx, "people/mei", map[string]any{"market": "DE", "locale": "de", "email": "mei@example.com"}))
	must(w.Put(ctx, "orders/A1", map[string]any{"person": "mei", "items": []any{map[string]any{"title": "Wollmantel"}}, "parcels": []any{map[string]any{"carrier": "dhl", "number": "0034"}}}))
	must(client.ConfigSet(ctx, "maxmemory", "1").Err())
	must(w.Post(ctx, "events", map[string]any{"id": "e1", "parcel": "0034", "carrier": "dhl", "kind": "departed_origin", "happened_at": "2026-12-01T09:59:00Z"}))
	if status, body := get(t, w.App.URL()+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "redis takes no writes") {
		t.Errorf("with a full Redis: %d %s", status, body)
	}
	must(client.ConfigSet(ctx, "maxmemory", "0").Err())
	must(w.Work(ctx))
	if got := w.Sandbox.Received(); len(got) != 1 || !strings.Contains(got[0].Text, "Wollmantel") {
		t.Errorf("when there was room, there came %+v", got)
	}
	if status, body := get(t, w.App.URL()+"/readyz"); status != http.StatusOK {
		t.Errorf("with room: %d %s", status, body)
	}
}
