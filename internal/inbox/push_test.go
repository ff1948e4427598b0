package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"landfall/channels"
	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/notify"
)

// doors keeps knocks without a database, and answers each push as it is told to.
type doors struct {
	inbox.Browsers
	mu      sync.Mutex
	knocks  []inbox.Knock
	due     []time.Time
	answers []error // for the pushes to come; none is a yes
	pushed  []string
	gone    []string
	results []inbox.PushResult
	begun   time.Time
}

func (d *doors) Key() string                 { return "key" }
func (d *doors) Check(_ inapp.Browser) error { return nil }

func (d *doors) Push(_ context.Context, _ inapp.Browser, p inapp.Push) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pushed = append(d.pushed, fmt.Sprintf("%s at %s for %s", p.Card, time.Since(d.begun), p.TTL))
	if len(d.answers) == 0 {
		return nil
	}
	next := d.answers[0]
	d.answers = d.answers[1:]
	return next
}

func (d *doors) TakeKnocks(_ context.Context, now time.Time, limit int) ([]inbox.Knock, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []inbox.Knock
	for i := len(d.knocks) - 1; i >= 0; i-- {
		if !d.due[i].After(now) && len(out) < limit {
			out = append(out, d.knocks[i])
			d.knocks, d.due = slices.Delete(d.knocks, i, i+1), slices.Delete(d.due, i, i+1)
		}
	}
	return out, nil
}

func (d *doors) KnockAgain(_ context.Context, k inbox.Knock, due time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.knocks, d.due = append(d.knocks, k), append(d.due, due)
	return nil
}

func (d *doors) ForgetBrowser(_ context.Context, _ notify.MerchantID, id string) error {
	d.gone = append(d.gone, id)
	return nil
}

func (d *doors) result(r inbox.PushResult) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.results = append(d.results, r)
}

func failed(k channels.Kind, wait time.Duration) error {
	return &channels.Error{Kind: k, RetryAfter: wait}
}

func TestPush_TriesABoundedNumberOfTimes(t *testing.T) {
	t.Parallel()
	no := failed(channels.Temporary, 0)
	for name, c := range map[string]struct {
		answers []error
		worth   time.Duration
		pushed  string // when, since the beginning
		results string
	}{
		"at once":             {nil, time.Hour, "0s", "taken"},
		"gone":                {[]error{failed(channels.Unreachable, 0)}, time.Hour, "0s", "gone"},
		"refused":             {[]error{failed(channels.Rejected, 0)}, time.Hour, "0s", "refused"},
		"the key is":          {[]error{failed(channels.Misconfigured, 0)}, time.Hour, "0s", "refused"},
		"once more":           {[]error{no}, time.Hour, "0s 10s", "put_off taken"},
		"never":               {[]error{no, no, no, no, no}, time.Hour, "0s 10s 1m10s 6m10s", "put_off put_off put_off failed"},
		"as long as it says":  {[]error{failed(channels.Throttled, 2*time.Minute)}, time.Hour, "0s 2m0s", "put_off taken"},
		"longer than is good": {[]error{failed(channels.Throttled, 2*time.Hour)}, time.Hour, "0s", "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				d := &doors{answers: c.answers, begun: now, due: []time.Time{now},
					knocks: []inbox.Knock{{Merchant: "acme", Browser: "b1", Card: "d1", Until: now.Add(c.worth)}}}
				b := inbox.New(inbox.Config{Store: &memory{}, Now: time.Now, Pusher: d, Browsers: d, Pushed: d.result})
				ctx, stop := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { b.Run(ctx) })
				<-time.After(time.Hour)
				stop()
				running.Wait()
				var at []string
				for _, p := range d.pushed {
					at = append(at, strings.Fields(p)[2])
				}
				var results []string
				for _, r := range d.results {
					results = append(results, string(r))
				}
				if strings.Join(at, " ") != c.pushed || strings.Join(results, " ") != c.results {
					t.Errorf("pushed at %v: %v, want %s: %s", at, results, c.pushed, c.results)
				}
				if gone := c.results == "gone"; gone != slices.Equal(d.gone, []string{"b1"}) {
					t.Errorf("forgotten: %v", d.gone)
				}
			})
		})
	}
}

// A crowd is told without a pause between, and an end waits for the calls under way.
func TestPush_TellsACrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		d := &doors{begun: now}
		for i := range 300 {
			d.knocks = append(d.knocks, inbox.Knock{Merchant: "acme", Browser: "b1", Card: notify.DeliveryID(fmt.Sprint("d", i)), Until: now.Add(time.Hour)})
			d.due = append(d.due, now)
		}
		b := inbox.New(inbox.Config{Store: &memory{}, Now: time.Now, Pusher: d, Browsers: d, Pushed: d.result})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { b.Run(ctx) })
		synctest.Wait()
		stop()
		running.Wait()
		if len(d.pushed) != 300 || !strings.HasSuffix(d.pushed[0], "at 0s for 1h0m0s") {
			t.Errorf("%d were told, the first: %v", len(d.pushed), d.pushed[:1])
		}
	})
}
