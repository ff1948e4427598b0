package app_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/play"
	"landfall/internal/queue/redistest"
)

// settings are those of a small Landfall of its own.
func settings(t *testing.T) config.Settings {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "merchants", "acme"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "merchants", "acme", "merchant.yaml"), []byte("name: Acme\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Settings{Listen: "127.0.0.1:0", Database: "sqlite:" + filepath.Join(dir, "l.db"), Redis: "embedded", Merchants: filepath.Join(dir, "merchants"),
		PublicURL: "http://127.0.0.1:0", SecretKey: "0123456789abcdef0123456789abcdef"}
}

func open(t *testing.T, s config.Settings) (*app.App, error) {
	t.Helper()
	return app.New(t.Context(), app.Options{Settings: s, Getenv: os.Getenv, Log: play.Silence(), Version: "1"})
}

// get asks on a connection of its own, which leaves nothing behind.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// It runs alone, before the parallel tests: it counts goroutines.
func TestStopLeavesNothingRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	a, err := open(t, settings(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, a.URL()+"/readyz"); status != http.StatusOK {
		t.Errorf("it is not ready: %d %s", status, body)
	}
	if err := a.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	goleak.VerifyNone(t, before)
}

func TestFailedStartLeavesNothingRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := settings(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Listen = taken.Addr().String()
	if _, err := open(t, s); err == nil {
		t.Error("it started on a port that is taken")
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
	a, err := open(t, s) // the ledger was closed too
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil { // never started
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
	again, err := net.Listen("tcp", s.Listen)
	if err != nil {
		t.Fatalf("the port is still held: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestNew_Mistakes(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	dir := t.TempDir()
	tests := map[string]struct {
		change func(*config.Settings)
		want   string
	}{
		"port taken":           {func(s *config.Settings) { s.Listen = taken.Addr().String() }, "listen on " + taken.Addr().String() + ": bind: address already in use; set LANDFALL_LISTEN to a free address"},
		"no address":           {func(s *config.Settings) { s.Listen = "nonsense" }, "listen on nonsense: address nonsense: missing port in address; set LANDFALL_LISTEN to a free address"},
		"no folder":            {func(s *config.Settings) { s.Database = "sqlite:" + dir + "/none/l.db" }, "open ledger " + dir + "/none/l.db: migrate: failed to initialize: unable to open database file (14); set LANDFALL_DATABASE to a file in a folder that exists and may be written"},
		"database is a folder": {func(s *config.Settings) { s.Database = "sqlite:" + dir }, "open ledger " + dir + ": migrate: failed to initialize: unable to open database file (14); set LANDFALL_DATABASE to a file in a folder that exists and may be written"},
		"database is unknown":  {func(s *config.Settings) { s.Database = "mysql://u:hunter2@x" }, `LANDFALL_DATABASE "mysql://…" is not supported; use sqlite:PATH, such as sqlite:landfall.db, or postgres://USER:PASSWORD@HOST/NAME`},
		"no Redis address":     {func(s *config.Settings) { s.Redis = "memcached://x" }, `LANDFALL_REDIS with scheme "memcached" cannot be used; use embedded, redis://, rediss:// or redis-sentinel://`},
		"no merchants":         {func(s *config.Settings) { s.Merchants = dir + "/none" }, "LANDFALL_MERCHANTS names " + dir + "/none, which cannot be read; make the folder and put one folder a merchant into it"},
		"no key":               {func(s *config.Settings) { s.SecretKey = "" }, "LANDFALL_SECRET_KEY is not set; set it to at least 32 random characters, for example from: openssl rand -hex 32"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settings(t)
			tt.change(&s)
			_, err := open(t, s)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// Redis is not there at first. Landfall starts all the same, takes events and says what is missing; when Redis comes, what
// was taken is sent.
func TestRedisComesLater(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(t *testing.T, port string){"in memory": startMemory, "redis-server": startServer}
	if there, err := redistest.Available(); err != nil {
		t.Fatal(err)
	} else if !there {
		delete(kinds, "redis-server")
	}
	for name, start := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withoutRedis(t, freePort(t), start)
		})
	}
}

func withoutRedis(t *testing.T, port string, startRedis func(*testing.T, string)) {
	ctx := t.Context()
	w, err := play.New(ctx, play.Options{Dir: t.TempDir(), Start: time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), Redis: "redis://127.0.0.1:" + port})
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
	must(w.Post(ctx, "events", map[string]any{"id": "e1", "parcel": "0034", "carrier": "dhl", "kind": "departed_origin", "happened_at": "2026-12-01T09:59:00Z"}))
	if status, body := get(t, w.App.URL()+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "redis does not answer; check LANDFALL_REDIS") {
		t.Errorf("ready without Redis: %d %s", status, body)
	}
	startRedis(t, port)
	late := time.After(30 * time.Second)
	for status := 0; status != http.StatusOK; status, _ = get(t, w.App.URL()+"/readyz") { // the client tries again once a second
		select {
		case <-late:
			t.Fatalf("not ready with Redis: %d", status)
		case <-time.After(20 * time.Millisecond):
		}
	}
	must(w.Work(ctx))
	if got := w.Sandbox.Received(); len(got) != 1 || !strings.Contains(got[0].Text, "Wollmantel") {
		t.Errorf("after Redis came, there is %+v", got)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := redistest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func startMemory(t *testing.T, port string) {
	t.Helper()
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr("127.0.0.1:" + port); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
}

func startServer(t *testing.T, port string) {
	t.Helper()
	_, stop, err := redistest.Start(port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
}
