package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"landfall/internal/app"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/sandbox"
)

// shared is ground that several processes may stand on; false where the machine has no Redis or no PostgreSQL.
func shared(t *testing.T) (play.Options, bool) {
	if redisURL == "" || pg == nil {
		t.Log("there is no Redis or no PostgreSQL on this machine; CI has both")
		return play.Options{}, false
	}
	o := ground(t, "redis")
	o.Start = instant(t, "2026-12-01T10:00:00Z")
	return o, true
}

// hand starts a worker beside a stage whose own process only takes requests.
func (s *stage) hand() *app.App {
	s.t.Helper()
	settings := s.Settings()
	settings.Listen, settings.PublicURL, settings.BounceOn = "127.0.0.1:0", s.App.URL(), ""
	a, err := app.New(s.t.Context(), app.Options{Settings: settings, SampleKey: true, Getenv: play.Getenv, Now: s.Clock.Now, Log: play.Silence(),
		Role: app.Worker})
	s.must(err)
	s.must(a.Start())
	return a
}

// An API takes what a shop says while no worker runs. Workers come, one goes, and every message is sent once.
func TestRoles_APIAndWorkers(t *testing.T) {
	t.Parallel()
	o, ok := shared(t)
	if !ok {
		return
	}
	o.Role = app.API
	s := begin(t, o)
	s.mei()
	s.tell("e1", "2026-12-01T10:00:00Z", "departed_origin")
	s.silent()
	first, second := s.hand(), s.hand()
	s.eventually(1)
	s.must(first.Close())
	s.Clock.Set(instant(t, "2026-12-01T12:00:00Z"))
	s.tell("e2", "2026-12-01T12:00:00Z", "out_for_delivery")
	s.eventually(2)
	s.must(second.Close())
	for _, m := range s.Sandbox.Received() {
		if m.Channel != sandbox.WhatsApp {
			t.Errorf("a message went by %s", m.Channel)
		}
	}
	if r := s.row("departed", notify.WhatsApp); r.Outcome != "sent" {
		t.Errorf("the first message ended %s %s", r.Outcome, r.Reason)
	}
}

// eventually waits until so many messages have arrived, and no more.
func (s *stage) eventually(n int) {
	s.t.Helper()
	for range 2000 {
		if len(s.Sandbox.Received()) >= n && s.Busy() == 0 {
			break
		}
		pause := time.NewTimer(5 * time.Millisecond)
		<-pause.C
	}
	if got := s.Sandbox.Received(); len(got) != n {
		s.t.Fatalf("%d messages arrived, want %d", len(got), n)
	}
}

// Busy is how much is still to be done.
func (s *stage) Busy() int {
	s.t.Helper()
	n, err := s.App.Ledger.Busy(s.t.Context(), s.Clock.Now())
	s.must(err)
	return n
}

func TestRoles_AWorkerTakesNoRequests(t *testing.T) {
	t.Parallel()
	o, ok := shared(t)
	if !ok {
		return
	}
	o.Role = app.API
	s := begin(t, o)
	worker := s.hand()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/v1/notifications": 404, "/openapi.json": 404, "/inbox/landfall-inbox.js": 404} {
		res, err := http.Get(worker.URL() + path)
		s.must(err)
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, res.StatusCode, want)
		}
	}
	s.must(worker.Close())
}

func TestRoles_NeedWhatIsShared(t *testing.T) {
	t.Parallel()
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z")})
	_, err := app.New(t.Context(), app.Options{Settings: s.Settings(), Getenv: play.Getenv, Log: play.Silence(), Role: app.Worker})
	for _, want := range []string{"--role=worker shares the ledger", "set LANDFALL_DATABASE to a PostgreSQL", "set LANDFALL_REDIS to a Redis"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it says %v, want %q", err, want)
		}
	}
}
