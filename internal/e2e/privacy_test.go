package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/internal/notify"
	"landfall/internal/sandbox"
)

// secrets are what gives Mei away. Her name and what she bought are unlike anything else in the files.
var secrets = [...]string{"+4915112345678", "4915112345678", "mei@privat.example", "Meike-Tanaka", "Wollmantel-4711", "An der Stadtmauer"}

// kept collects what is logged.
type kept struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps a line.
func (k *kept) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.Write(p)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.String()
}

// meike is a customer whose every trait can be told from anything else.
func (s *stage) meike() {
	s.t.Helper()
	s.must(s.Put(s.t.Context(), "people/m1", map[string]any{"name": "Meike-Tanaka", "market": "DE", "locale": "de", "phone": secrets[0], "email": secrets[2],
		"address": map[string]any{"country": "DE", "city": "An der Stadtmauer"}, "in_app": true}))
	s.must(s.Post(s.t.Context(), "people/m1/consents", []any{map[string]any{"channel": "whatsapp", "action": "granted", "occurred_at": "2026-11-01T10:00:00Z",
		"source": "form of Meike-Tanaka"}}))
	s.must(s.Put(s.t.Context(), "orders/A1", map[string]any{"person": "m1", "items": []any{map[string]any{"title": "Wollmantel-4711"}},
		"parcels": []any{map[string]any{"carrier": "dhl", "number": "0034"}}}))
}

// forget erases a customer.
func (s *stage) forget(id string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodDelete, s.App.URL()+"/v1/people/"+id, nil)
	s.must(err)
	req.Header.Set("Authorization", "Bearer acme-try-key")
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	s.must(err)
	if res.StatusCode != http.StatusOK || bytes.Contains(body, []byte("lingers")) {
		s.t.Fatalf("erasure ends with %d %s", res.StatusCode, body)
	}
}

// everything is all that is kept anywhere: the ledger's files, or its rows on PostgreSQL, Redis, the log, the figures.
func (s *stage) everything(log *kept) map[string]string {
	s.t.Helper()
	out := map[string]string{"the log": log.String(), "redis": dump(s.t, s.App.Redis)}
	files, err := filepath.Glob(filepath.Join(s.options.Dir, "landfall.db*"))
	s.must(err)
	for _, f := range files {
		data, err := os.ReadFile(f)
		s.must(err)
		out[filepath.Base(f)] = string(data)
	}
	if s.options.Database != "" {
		out["the database"], err = pg.Dump(s.t.Context(), s.options.Database)
		s.must(err)
	}
	res, err := http.Get(s.App.URL() + "/metrics")
	s.must(err)
	defer res.Body.Close()
	figures, err := io.ReadAll(res.Body)
	s.must(err)
	out["the figures"] = string(figures)
	return out
}

// dump writes out every key of Redis with its value, whatever its type.
func dump(t *testing.T, r redis.UniversalClient) string {
	t.Helper()
	ctx := context.Background()
	keys, err := r.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, k := range keys {
		kind := r.Type(ctx, k).Val()
		read, known := map[string]func() any{
			"none":   func() any { return "gone since it was listed" },
			"string": func() any { return r.Get(ctx, k).Val() },
			"hash":   func() any { return r.HGetAll(ctx, k).Val() },
			"list":   func() any { return r.LRange(ctx, k, 0, -1).Val() },
			"set":    func() any { return r.SMembers(ctx, k).Val() },
			"zset":   func() any { return r.ZRangeWithScores(ctx, k, 0, -1).Val() },
		}[kind]
		if !known {
			t.Fatalf("%s is a %s, which nothing here reads", k, kind)
		}
		fmt.Fprintln(&b, k, kind, read())
	}
	return b.String()
}

// clean insists that nothing of Mei is to be found in some places.
func clean(t *testing.T, when string, places map[string]string) {
	t.Helper()
	for place, text := range places {
		for _, s := range secrets {
			if i := strings.Index(text, s); i >= 0 {
				t.Errorf("%s %s holds %s: %q", when, place, s, text[max(0, i-80):min(len(text), i+80)])
			}
		}
	}
}

// A provider is out of order and echoes the number it was given; a retry waits. Then the customer asks to be forgotten.
func TestErasureWhileARetryWaits(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			log := &kept{}
			debug := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o := ground(t, kind)
			o.Start, o.Log = instant(t, "2026-12-01T10:00:00Z"), debug
			erasureWhileARetryWaits(begin(t, o), log)
		})
	}
}

func erasureWhileARetryWaits(s *stage, log *kept) {
	t := s.t
	s.meike()
	s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusTooManyRequests, Code: 20429, Message: "too many to +4915112345678", RetryAfter: time.Minute, Times: 1})
	s.hear("2026-12-01T10:01:00Z", "departed_origin")
	s.silent()
	s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "I am Meike-Tanaka, write to mei@privat.example"))
	s.must(s.Settle(t.Context()))
	if r := s.row("departed", notify.WhatsApp); r.State != notify.Queued {
		t.Fatalf("no retry waits: %+v", r)
	}
	before := s.everything(log)
	if !strings.Contains(before["landfall.db-wal"]+before["the database"], secrets[2]) {
		t.Fatal("there is nothing to be erased")
	}
	for _, ledger := range []string{"landfall.db", "landfall.db-wal", "the database"} {
		delete(before, ledger)
	}
	clean(t, "before the erasure", before)
	s.forget("m1")
	clean(t, "after the erasure", s.everything(log))
	answered := func() { // what she wrote before, and nothing else
		t.Helper()
		s.last(1, sandbox.WhatsApp, "2026-12-01T10:01:00Z", "nicht verstanden")
	}
	s.until("2026-12-01T12:00:00Z")
	answered()
	s.ended("departed", notify.WhatsApp, "dropped", notify.SubjectErased)
	s.hear("2026-12-01T12:01:00Z", "delivered")
	s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "STOP writing to mei@privat.example"))
	s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "STOP"))
	s.must(s.Settle(t.Context()))
	answered()
	clean(t, "in the end", s.everything(log))
}
