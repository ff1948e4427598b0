package desk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// shelf is a ledger with one thing in its outbox, which keeps what is recorded.
type shelf struct {
	item   notify.DeskItem
	counts bool // whether the attempt is the latest
	jitter float64

	mu      sync.Mutex
	records []string
	again   time.Time
}

func (s *shelf) Person(context.Context, notify.MerchantID, notify.PersonID) (*notify.Person, error) {
	return nil, nil
}

func (s *shelf) History(context.Context, notify.MerchantID, parcel.OrderID) (*report.History, error) {
	return nil, nil
}

func (s *shelf) Turns(context.Context, notify.MerchantID, notify.PersonID, notify.Channel, int) ([]notify.Turn, error) {
	return nil, nil
}

func (s *shelf) DeskDue(context.Context, time.Time, time.Time, int) ([]notify.DeskItem, error) {
	return []notify.DeskItem{s.item}, nil
}

func (s *shelf) record(what string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, what)
	return s.counts, nil
}

func (s *shelf) DeskDone(context.Context, notify.DeskItem, time.Time, notify.DeskPlace) (bool, error) {
	return s.record("done")
}

func (s *shelf) DeskRefused(context.Context, notify.DeskItem, time.Time) (bool, error) {
	return s.record("refused")
}

func (s *shelf) DeskFailed(_ context.Context, _ notify.DeskItem, _, again time.Time) (bool, error) {
	s.again = again
	return s.record("failed")
}

// clerk is a desk that always answers the same, and keeps whether it was asked again.
type clerk struct {
	err   error
	again *bool
}

func (c clerk) Open(_ context.Context, _ Packet, again bool) (notify.DeskPlace, error) {
	if c.again != nil {
		*c.again = again
	}
	return notify.DeskPlace{}, c.err
}

func (c clerk) Say(_ context.Context, at notify.DeskPlace, _ Message, again bool) (notify.DeskPlace, error) {
	return c.Open(context.Background(), Packet{}, again)
}

func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// swept sweeps once at noon, and counts how often the customer is told that nobody can be reached.
func swept(t *testing.T, s *shelf, d Desk) (told int) {
	t.Helper()
	o := NewOutbox(OutboxConfig{Ledger: s, Desk: func(notify.MerchantID) Desk { return d }, Now: noon, Jitter: func() float64 { return s.jitter }, Log: slog.New(slog.DiscardHandler),
		Late: func(context.Context, notify.MerchantID, string) error { told++; return nil }})
	if _, err := o.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return told
}

// failing is a handoff at its third attempt, whose desk has been out of reach for an hour.
func failing() notify.DeskItem {
	return notify.DeskItem{Merchant: "acme", Handoff: notify.DeskHandoff{ID: "h1", Failing: noon().Add(-time.Hour)}, Since: noon().Add(-time.Hour), Attempts: 3}
}

// Whoever is late records nothing, and does not tell the customer what the other process knows better.
func TestSweep_Late(t *testing.T) {
	t.Parallel()
	for counts, want := range map[bool]int{true: 1, false: 0} {
		s := &shelf{item: failing(), counts: counts}
		if told := swept(t, s, clerk{err: errors.New("away")}); told != want || !slices.Equal(s.records, []string{"failed"}) {
			t.Errorf("counts %t: told %d times, records %v", counts, told, s.records)
		}
	}
}

// Each failure doubles the pause, up to the longest; chance takes up to half of it.
func TestSweep_Pause(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 3: 20 * time.Second, 9: 10 * time.Minute, 500: 10 * time.Minute} {
		for jitter, of := range map[float64]time.Duration{0: want / 2, 0.5: want / 4 * 3, 1: want} {
			s := &shelf{item: failing(), counts: true, jitter: jitter}
			s.item.Attempts = attempt
			swept(t, s, clerk{err: errors.New("away")})
			if got := s.again.Sub(noon()); got != of {
				t.Errorf("after attempt %d with jitter %v: %s, want %s", attempt, jitter, got, of)
			}
		}
	}
}

// A desk that says how long it is busy is left alone for as long, but not for ever; what waits for it does not come all at once then.
func TestSweep_RetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		header string
		jitter float64
		want   time.Duration
	}{
		{429, "120", 0, 2 * time.Minute},
		{429, "120", 1, 2*time.Minute + 5*time.Second},
		{503, noon().Add(3 * time.Minute).Format(http.TimeFormat), 0, 3 * time.Minute},
		{503, noon().Add(-time.Minute).Format(http.TimeFormat), 0, 10 * time.Second},
		{429, "9999999999", 0, time.Hour},
		{429, "1", 0, 10 * time.Second},
		{429, "-5", 0, 10 * time.Second},
		{429, "soon", 0, 10 * time.Second},
		{500, "120", 0, 10 * time.Second},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.header)
			w.WriteHeader(c.status)
		}))
		s := &shelf{item: failing(), counts: true, jitter: c.jitter}
		swept(t, s, New(Config{Kind: Webhook, URL: srv.URL, Secret: "0123456789abcdef"}, NewClient(true), noon))
		if got := s.again.Sub(noon()); got != c.want {
			t.Errorf("%d, Retry-After %q: again in %s, want %s", c.status, c.header, got, c.want)
		}
		srv.Close()
	}
}

// A message that the desk does not take is left out. A handoff is tried for its day, and so is everything while the desk does not know who calls.
func TestSweep_Refused(t *testing.T) {
	t.Parallel()
	message := &notify.Message{ID: "m1", Text: "hello?"}
	for _, c := range []struct {
		status int
		m      *notify.Message
		want   string
	}{
		{422, message, "refused"}, {400, message, "refused"}, {413, message, "refused"},
		{422, nil, "failed"}, {401, message, "failed"}, {404, message, "failed"}, {302, message, "failed"}, {409, message, "failed"}, {429, message, "failed"}, {500, message, "failed"},
	} {
		s := &shelf{item: failing(), counts: true}
		s.item.Message = c.m
		swept(t, s, clerk{err: &answer{status: c.status}})
		if !slices.Equal(s.records, []string{c.want}) {
			t.Errorf("%d to a message (%t): %v, want %s", c.status, c.m != nil, s.records, c.want)
		}
	}
}

// Only a first attempt may take it that the desk has nothing yet, also where the one before was cut off and recorded nothing.
func TestSweep_Again(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]bool{1: false, 2: true, 3: true} {
		for _, m := range []*notify.Message{nil, {ID: "m1"}} {
			var again bool
			s := &shelf{item: failing(), counts: true}
			s.item.Attempts, s.item.Message = attempt, m
			swept(t, s, clerk{again: &again})
			if again != want || !slices.Equal(s.records, []string{"done"}) {
				t.Errorf("attempt %d: again %t, records %v", attempt, again, s.records)
			}
		}
	}
}
