// Package e2e holds scenarios that read as a story: the whole of Landfall in one process, stand-in providers, a clock that
// is set. Each runs on SQLite with the embedded Redis, and on PostgreSQL with a real one. A machine without redis-server runs them on
// the first ground alone, one without PostgreSQL on SQLite; CI insists on both.
package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"landfall/internal/app"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/ledger/postgrestest"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/queue/redistest"
	"landfall/internal/report"
	"landfall/internal/sandbox"
)

// redisURL is the real Redis of this test run; empty without one.
var redisURL string

// databases counts the scenarios that use it: each gets a database of its own.
var databases atomic.Int32

// pg is the PostgreSQL of this test run; nil without one.
var pg *ledgertest.Postgres

func TestMain(m *testing.M) {
	if os.Getenv(crashVariable) != "" {
		os.Exit(crash())
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	url, stop, err := redistest.Shared()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer stop()
	redisURL = url
	server, err := postgrestest.Shared()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	if server != nil {
		defer server.Stop()
		pg = &ledgertest.Postgres{Server: server}
	}
	return m.Run()
}

// everywhere plays a scenario on each kind of ground.
func everywhere(t *testing.T, start string, scenario func(*stage)) {
	t.Parallel()
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			o := ground(t, kind)
			o.Start = instant(t, start)
			scenario(begin(t, o))
		})
	}
}

// kinds are the kinds of ground there are.
func kinds() []string {
	if redisURL == "" {
		return []string{"embedded"}
	}
	return []string{"embedded", "redis"}
}

// ground is what a world of a kind stands on: nothing that another has.
func ground(t *testing.T, kind string) play.Options {
	if kind == "embedded" {
		return play.Options{Redis: "embedded"}
	}
	o := play.Options{Redis: fmt.Sprintf("%s/%d", redisURL, databases.Add(1))}
	if pg != nil {
		o.Database = pg.New(t)
	}
	return o
}

// stage is a world in a test.
type stage struct {
	*play.World
	t       *testing.T
	options play.Options
	events  int
}

func begin(t *testing.T, o play.Options) *stage {
	t.Helper()
	o.Dir = t.TempDir()
	s := &stage{t: t, options: o}
	s.enter()
	t.Cleanup(func() {
		if err := s.World.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		s.Sandbox.Close()
	})
	return s
}

// enter sets up a world, or another one after the first on the same ground.
func (s *stage) enter() {
	s.t.Helper()
	w, err := play.New(s.t.Context(), s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.World, s.options.Sandbox, s.options.Clock = w, w.Sandbox, w.Clock
}

// reconfigured starts again with another text in merchant.yaml in the place of one.
func (s *stage) reconfigured(old, text string) {
	s.t.Helper()
	file := filepath.Join(s.options.Dir, "merchants", "acme", "merchant.yaml")
	before, err := os.ReadFile(file)
	s.must(err)
	if !strings.Contains(string(before), old) {
		s.t.Fatalf("merchant.yaml has no %q", old)
	}
	s.must(s.Leave())
	s.must(os.WriteFile(file, []byte(strings.Replace(string(before), old, text, 1)), 0o600))
	s.enter()
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

const (
	phone = "+4915112345678"
	mail  = "mei@example.com"
)

// mei is a customer in Berlin who agreed to WhatsApp and is waiting for a coat.
func (s *stage) mei() {
	s.t.Helper()
	s.must(s.Put(s.t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "phone": phone, "email": mail,
		"address": map[string]any{"country": "DE"}}))
	s.must(s.Post(s.t.Context(), "people/mei/consents", []any{map[string]any{"channel": "whatsapp", "action": "granted", "occurred_at": "2026-11-01T10:00:00Z"}}))
	s.coat()
}

func (s *stage) coat() {
	s.t.Helper()
	s.must(s.Put(s.t.Context(), "orders/A1", map[string]any{"person": "mei", "value": map[string]any{"amount": 120, "currency": "EUR"},
		"items": []any{map[string]any{"title": "Wollmantel"}}, "parcels": []any{map[string]any{"carrier": "dhl", "number": "0034"}}}))
}

// until lets time pass.
func (s *stage) until(at string) *stage {
	s.t.Helper()
	s.must(s.Until(s.t.Context(), instant(s.t, at)))
	return s
}

// hear tells Landfall at an instant that something happened to the coat just then.
func (s *stage) hear(at, kind string) {
	s.t.Helper()
	s.until(at)
	s.events++
	s.tell(fmt.Sprintf("e%d", s.events), at, kind)
	s.must(s.Work(s.t.Context()))
}

// tell posts an event.
func (s *stage) tell(id, happened, kind string) {
	s.t.Helper()
	s.must(s.Post(s.t.Context(), "events", event(id, happened, kind)))
}

func event(id, happened, kind string) map[string]any {
	return map[string]any{"id": id, "parcel": "0034", "carrier": "dhl", "kind": kind, "happened_at": happened}
}

// arrived is what reached a customer: without what the provider took and failed to deliver.
func (s *stage) arrived() []sandbox.Received {
	return slices.DeleteFunc(s.Sandbox.Received(), func(m sandbox.Received) bool {
		return m.Status == "failed" || m.Status == "undelivered" || m.To == staff
	})
}

// staff is where the merchant's own people read, alarmed is what they have read there.
const staff = "logistics@acme.example"

func (s *stage) alarmed() (out []string) {
	for _, m := range s.Sandbox.Received() {
		if m.To == staff {
			out = append(out, m.Title)
		}
	}
	return out
}

// attempts is how many calls were made for the only delivery on a channel.
func (s *stage) attempts(c notify.Channel) int {
	s.t.Helper()
	told, err := s.App.Ledger.Notifications(s.t.Context(), "acme", ledger.Filter{})
	s.must(err)
	for _, d := range told[0].Deliveries {
		if d.Channel == c {
			return d.Attempts
		}
	}
	s.t.Fatalf("nothing was planned on %s", c)
	return 0
}

// silent insists that nothing has reached the person on any channel.
func (s *stage) silent() {
	s.t.Helper()
	if got := s.arrived(); len(got) > 0 {
		s.t.Fatalf("at %s there are %d messages: %+v", s.Clock.Now(), len(got), got)
	}
}

// one insists that exactly one message reached the person, on this channel, within a minute of an instant, and that it
// holds certain words.
func (s *stage) one(c sandbox.Channel, at, words string) {
	s.t.Helper()
	s.last(1, c, at, words)
}

// last insists the same of the last of n messages.
func (s *stage) last(n int, c sandbox.Channel, at, words string) {
	s.t.Helper()
	got := s.arrived()
	if len(got) != n || got[n-1].Channel != c {
		s.t.Fatalf("want %d, the last on %s, got %d: %+v", n, c, len(got), got)
	}
	m := got[n-1]
	if late := m.At.Sub(instant(s.t, at)); late < 0 || late > time.Minute {
		s.t.Errorf("it came %s after %s", late, at)
	}
	if !strings.Contains(m.Text, words) {
		s.t.Errorf("it does not say %q: %s", words, m.Text)
	}
}

// row finds the delivery of a notice on a channel.
func (s *stage) row(say notify.TemplateKey, c notify.Channel) report.Row {
	s.t.Helper()
	rows, err := s.Rows(s.t.Context())
	s.must(err)
	i := slices.IndexFunc(rows, func(r report.Row) bool { return r.Say == say && r.Channel == c })
	if i < 0 {
		s.t.Fatalf("nothing was planned for %s on %s: %+v", say, c, rows)
	}
	return rows[i]
}

// ended insists on how the delivery of a notice ended.
func (s *stage) ended(say notify.TemplateKey, c notify.Channel, outcome string, reason notify.Reason) {
	s.t.Helper()
	if r := s.row(say, c); r.Outcome != outcome || r.Reason.Code() != reason {
		s.t.Errorf("%s on %s ended %s %s, want %s %s", say, c, r.Outcome, r.Reason, outcome, reason)
	}
}

// content insists that no provider found fault with anything.
func (s *stage) content() {
	s.t.Helper()
	for _, p := range s.Sandbox.Problems() {
		s.t.Error("a provider objects: " + p)
	}
}

// crashVariable names the folder in which this test binary plays the process that is killed.
const crashVariable = "LANDFALL_E2E_CRASH"

// crash runs Landfall until it is about to enqueue, and is killed there.
func crash() int {
	settings, err := readSettings(filepath.Join(os.Getenv(crashVariable), "settings.json"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a, err := app.New(context.Background(), app.Options{Settings: settings.Settings, SampleKey: true, Getenv: play.Getenv, Now: play.NewClock(settings.Start).Now,
		Log: play.Silence(), BeforeEnqueue: killed})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := a.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(a.URL())
	select {}
}
