package e2e

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"landfall/internal/play"
)

// figure is what the metrics say now; -1 when they say nothing.
func (s *stage) figure(name string) float64 {
	s.t.Helper()
	res, err := http.Get(s.App.URL() + "/metrics")
	s.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	s.must(err)
	_, rest, found := strings.Cut(string(text), "\n"+name+" ")
	if !found {
		return -1
	}
	line, _, _ := strings.Cut(rest, "\n")
	value, err := strconv.ParseFloat(line, 64)
	s.must(err)
	return value
}

// The queue takes nothing. The metrics say what waits and for how long, and that sweeps go on in vain.
func TestMetricsSayWhatWaits(t *testing.T) {
	t.Parallel()
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z"), BeforeEnqueue: func() error { return errors.New("the queue is away") }})
	s.mei()
	if n, age := s.figure("landfall_deliveries_due"), s.figure("landfall_oldest_due_seconds"); n != 0 || age != 0 {
		t.Errorf("before anything happens %v have waited for %v s", n, age)
	}
	s.tell("e1", "2026-12-01T09:59:00Z", "departed_origin")
	s.Clock.Set(s.Clock.Now().Add(10 * time.Minute))
	if n, age := s.figure("landfall_deliveries_due"), s.figure("landfall_oldest_due_seconds"); n != 1 || age < 600 || age > 660 {
		t.Errorf("%v have waited for %v s, want 1 for 600", n, age)
	}
	_, err := s.App.Dispatcher.Sweep(t.Context())
	if late, n := s.figure("landfall_sweep_lag_seconds_sum"), s.figure("landfall_sweep_lag_seconds_count"); err == nil || n < 1 || late < 600 {
		t.Errorf("a sweep in vain (%v): %v deliveries, %v s late", err, n, late)
	}
}
